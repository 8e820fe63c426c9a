"""What was looked at and what came of it, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flows.language import figures, say
from flows.plural import told
from reports.alert import Alert
from reports.blocks import Block, Paragraph, Tile, Tiles
from reports.facts import ScanFacts
from reports.weighing import TIERS
from reports.wording import day, sums


class Summary:
    """Page one begins with how much was read and how little of it needs a look."""

    rank = 10
    title = "In short"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """Say what was scanned and how many alerts there are."""
        scanned, alerts = facts.scanned, facts.alerts
        tiers = Counter(alert.tier for alert in alerts)
        by_tier = ", ".join(f"{tiers[tier]} {tier}" for tier in TIERS if tiers[tier])
        if facts.below_the_line:
            by_tier += say("; {count} are told in full", count=str(len(facts.to_read)))
        tiles = (
            Tile(say("Alerts"), figures(f"{len(alerts):,}"), by_tier or say("nothing needs a look")),
            Tile(say("Payments scanned"), figures(f"{scanned.payments:,}"), _period(facts)),
            Tile(
                say("Accounts"),
                figures(f"{scanned.accounts:,}"),
                say("{count} of this bank", count=figures(f"{scanned.own_accounts:,}")),
            ),
            Tile(say("Questions asked"), f"{len(facts.about_of) - len(facts.failures):,}", _failed(facts)),
        )
        return (Tiles(tiles), Paragraph(_said(facts), "lead"))


def _period(facts: ScanFacts) -> str:
    first, last = facts.scanned.first_day, facts.scanned.last_day
    if first is None or last is None:
        return say("no booked payment")
    return told("{count} day up to {last}", "{count} days up to {last}", (last - first).days + 1, last=day(last))


def _failed(facts: ScanFacts) -> str:
    if facts.failures:
        return say("{count} failed, see below", count=f"{len(facts.failures):,}")
    if any(note.kind in ("capped", "missing") for note in facts.notes):
        return say("answered as far as data and limits allow, see below")
    return say("all of them answered")


def _said(facts: ScanFacts) -> str:
    scanned, alerts = facts.scanned, facts.alerts
    if not scanned.payments:
        return say("There was no booked payment to look at.")
    said = told(
        "{count} payment of {sum} {between}was looked at",
        "{count} payments of {sum} {between}were looked at",
        scanned.payments,
        sum=sums(scanned.money),
        between=told("in {count} account ", "between {count} accounts ", scanned.accounts),
    )
    if scanned.files:
        said += told(", read from {count} file. ", ", read from {count} files. ", len(scanned.files))
        said += told(
            "{rejected} of {count} row was rejected. ",
            "{rejected} of {count} rows were rejected. ",
            sum(file.rows for file in scanned.files),
            rejected=f"{sum(facts.rejects.values()):,}",
        )
    else:
        said += ". "
    if not alerts:
        return said + say("No pattern came out that needs a look.")
    covered = {account.account_id for alert in alerts for account in alert.accounts}
    payments = {payment_id for alert in alerts for payment_id in alert.payments}
    said += told(
        "{count} alert covers {payments} of {accounts}. It describes",
        "{count} alerts cover {payments} of {accounts}. Each describes",
        len(alerts),
        payments=told("{count} payment", "{count} payments", len(payments)),
        accounts=told("{count} account", "{count} accounts", len(covered)),
    )
    return (
        said
        + say(
            " a movement of money; whether exploitation stands behind it is for a person to find out, and for most it "
            "will not."
        )
        + _pieces(alerts)
    )


def _pieces(alerts: Sequence[Alert]) -> str:
    """Count the alerts that are read together, so that many pieces of one group are not taken for many stories."""
    groups = Counter(alert.split_group for alert in alerts if alert.split_group is not None)
    sizes = [size for size in groups.values() if size > 1]
    if not sizes:
        return ""
    return " " + say(
        "{pieces} of the alerts are pieces of {groups} too large for one alert: those of the tier enquire are folded "
        "behind the first piece of their group.",
        pieces=figures(f"{sum(sizes):,}"),
        groups=told("{count} group", "{count} groups", len(sizes)),
    )
