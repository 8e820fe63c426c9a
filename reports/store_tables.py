"""The tables of the alert store as they are today; `reports/migrations/` says how an older store becomes this.

Times are microseconds since 1970, UTC, as everywhere; lists and facts are JSON text, written one way only, since hashes
are made of it. Runs are counted from 1, and ``run`` is always that number. Evidence and findings hold for versions of
an alert, from ``first_version`` on to ``last_version``, which is null as long as they hold.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()

RUNS: Final = sa.Table(
    "runs",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run_id", sa.Text, nullable=False, unique=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("ledger_version", sa.BigInteger, nullable=False),
    sa.Column("settings_hash", sa.Text, nullable=False),
    sa.Column("program", sa.Text, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("recorded_at", sa.BigInteger, nullable=False),
    sa.Column("sheet", sa.Text, nullable=False),
    sa.Column("outputs", sa.Text, nullable=False),
)

ALERTS: Final = sa.Table(
    "alerts",
    METADATA,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("help", sa.Boolean, nullable=False),
    sa.Column("present", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("typology", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("subjects", sa.Text, nullable=False),
    sa.Column("first_at", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    sa.Column("evidence_hash", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # The version with which it last became more to look at; a judgement of an earlier one does not close it.
    sa.Column("grown_version", sa.Integer, nullable=False),
    sa.Column("first_run", sa.Integer, sa.ForeignKey("runs.number"), nullable=False),
    sa.Column("alerted_at", sa.BigInteger, nullable=False),
    # What people made of it. The day facts were detected is set by a person: clocks of law run from it.
    sa.Column("facts_on", sa.Date),
    sa.Column("assignee", sa.Text, nullable=False),
    sa.Column("escalated_by", sa.Text, nullable=False),
    sa.Index("alerts_by_evidence", "evidence_hash"),
)

VERSIONS: Final = sa.Table(
    "alert_versions",
    METADATA,
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), nullable=False),
    # The id that the scan gave it: the same in any store, where the lasting id depends on history.
    sa.Column("scan_id", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    # Of the account it is about, in the night that told this version; it changes every night and makes no new one.
    sa.Column("measured", sa.Text, nullable=False, server_default="{}"),
    sa.Index("versions_by_run", "run"),
)

CHANGES: Final = sa.Table(
    "changes",
    METADATA,
    sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), primary_key=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("tier_before", sa.Text, nullable=False),
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("lost", sa.Integer, nullable=False),
    sa.Column("into", sa.Text, nullable=False),
    sa.Column("split_from", sa.Text, nullable=False),
    sa.Index("changes_by_alert", "alert_id", "run"),
)

EVIDENCE: Final = sa.Table(
    "evidence",
    METADATA,
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), primary_key=True),
    sa.Column("payment_id", sa.Text, primary_key=True),
    sa.Column("first_version", sa.Integer, primary_key=True),
    sa.Column("last_version", sa.Integer),
    sa.Index("evidence_by_payment", "payment_id"),
)

FINDINGS: Final = sa.Table(
    "findings",
    METADATA,
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), primary_key=True),
    sa.Column("finding_id", sa.Text, primary_key=True),
    sa.Column("first_version", sa.Integer, primary_key=True),
    sa.Column("last_version", sa.Integer),
    sa.Column("detector", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)

JUDGEMENTS: Final = sa.Table(
    "judgements",
    METADATA,
    sa.Column("number", sa.Integer, sa.ForeignKey("audit.number"), primary_key=True, autoincrement=False),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("judgements_by_alert", "alert_id"),
)

NOTES: Final = sa.Table(
    "notes",
    METADATA,
    sa.Column("number", sa.Integer, sa.ForeignKey("audit.number"), primary_key=True, autoincrement=False),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index("notes_by_alert", "alert_id"),
)

SUPPRESSIONS: Final = sa.Table(
    "suppressions",
    METADATA,
    sa.Column("number", sa.Integer, sa.ForeignKey("audit.number"), primary_key=True, autoincrement=False),
    # What it covers; empty covers all, and one at least is not empty.
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("typology", sa.Text, nullable=False),
    sa.Column("alert_id", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("expires", sa.Date, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("lifted_by", sa.Text, nullable=False),
    sa.Column("lifted_at", sa.BigInteger),
)

SUPPRESSED: Final = sa.Table(
    "suppressed",
    METADATA,
    sa.Column("suppression", sa.Integer, sa.ForeignKey("suppressions.number"), primary_key=True, autoincrement=False),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alerts.alert_id"), primary_key=True),
    sa.Column("first_run", sa.Integer, sa.ForeignKey("runs.number"), nullable=False),
    sa.Column("last_run", sa.Integer, sa.ForeignKey("runs.number"), nullable=False),
)

EXEMPTIONS: Final = sa.Table(
    "exemptions",
    METADATA,
    # Alerts the settings' exemptions hid in a run. Who is exempt stands in the settings alone.
    sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), primary_key=True),
    sa.Column("scan_id", sa.Text, primary_key=True),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("owners", sa.Text, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
)

AUDIT: Final = sa.Table(
    "audit",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

HEAD: Final = sa.Table(
    "audit_head",
    METADATA,
    # One row: how long the chain is and how it ends, so that a chain cut short is found.
    sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1", name="one_head"), primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
)
