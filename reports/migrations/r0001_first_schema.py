"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ALTERATIONS = ("UPDATE", "DELETE")
"""What nobody may do to a line of the audit log."""


def upgrade() -> None:
    """Make every table, and see that the audit log only ever grows."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ledger_version", sa.BigInteger(), nullable=False),
        sa.Column("settings_hash", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("outputs", sa.Text(), nullable=False),
        sa.UniqueConstraint("run_id"),
    )
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), primary_key=True),
        sa.Column("help", sa.Boolean(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("typology", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grown_version", sa.Integer(), nullable=False),
        sa.Column("first_run", sa.Integer(), sa.ForeignKey("runs.number"), nullable=False),
        sa.Column("alerted_at", sa.BigInteger(), nullable=False),
        sa.Column("facts_on", sa.Date()),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("escalated_by", sa.Text(), nullable=False),
    )
    op.create_index("alerts_by_evidence", "alerts", ["evidence_hash"])
    op.create_table(
        "exemptions",
        sa.Column("run", sa.Integer(), sa.ForeignKey("runs.number"), primary_key=True),
        sa.Column("scan_id", sa.Text(), primary_key=True),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("owners", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
    )
    op.create_table(
        "suppressions",
        sa.Column("number", sa.Integer(), sa.ForeignKey("audit.number"), primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("typology", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger()),
    )
    op.create_table(
        "alert_versions",
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alerts.alert_id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("run", sa.Integer(), sa.ForeignKey("runs.number"), nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_index("versions_by_run", "alert_versions", ["run"])
    op.create_table(
        "changes",
        sa.Column("run", sa.Integer(), sa.ForeignKey("runs.number"), primary_key=True),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alerts.alert_id"), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("tier_before", sa.Text(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("into", sa.Text(), nullable=False),
        sa.Column("split_from", sa.Text(), nullable=False),
    )
    op.create_index("changes_by_alert", "changes", ["alert_id", "run"])
    op.create_table(
        "evidence",
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alerts.alert_id"), primary_key=True),
        sa.Column("payment_id", sa.Text(), primary_key=True),
        sa.Column("first_version", sa.Integer(), primary_key=True),
        sa.Column("last_version", sa.Integer()),
    )
    op.create_index("evidence_by_payment", "evidence", ["payment_id"])
    op.create_table(
        "findings",
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alerts.alert_id"), primary_key=True),
        sa.Column("finding_id", sa.Text(), primary_key=True),
        sa.Column("first_version", sa.Integer(), primary_key=True),
        sa.Column("last_version", sa.Integer()),
        sa.Column("detector", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "judgements",
        sa.Column("number", sa.Integer(), sa.ForeignKey("audit.number"), primary_key=True, autoincrement=False),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alerts.alert_id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("judgements_by_alert", "judgements", ["alert_id"])
    op.create_table(
        "notes",
        sa.Column("number", sa.Integer(), sa.ForeignKey("audit.number"), primary_key=True, autoincrement=False),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alerts.alert_id"), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_index("notes_by_alert", "notes", ["alert_id"])
    op.create_table(
        "suppressed",
        sa.Column(
            "suppression", sa.Integer(), sa.ForeignKey("suppressions.number"), primary_key=True, autoincrement=False
        ),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alerts.alert_id"), primary_key=True),
        sa.Column("first_run", sa.Integer(), sa.ForeignKey("runs.number"), nullable=False),
        sa.Column("last_run", sa.Integer(), sa.ForeignKey("runs.number"), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
        )
        return
    for done in ALTERATIONS:
        op.execute(
            f"CREATE TRIGGER audit_no_{done.lower()} BEFORE {done} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        )
