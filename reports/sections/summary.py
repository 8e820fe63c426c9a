"""What was looked at and what came of it, in plain words."""

from __future__ import annotations

from collections import Counter

from reports.blocks import Block, Paragraph, Tile, Tiles
from reports.facts import ScanFacts
from reports.weighing import TIERS
from reports.wording import day, many, sums


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
            by_tier += f"; the first {len(facts.to_read)} are shown"
        tiles = (
            Tile("Alerts", f"{len(alerts):,}", by_tier or "nothing needs a look"),
            Tile("Payments scanned", f"{scanned.payments:,}", _period(facts)),
            Tile("Accounts", f"{scanned.accounts:,}", f"{scanned.own_accounts:,} of this bank"),
            Tile("Questions asked", f"{len(facts.about_of) - len(facts.failures):,}", _failed(facts)),
        )
        return (Tiles(tiles), Paragraph(_told(facts), "lead"))


def _period(facts: ScanFacts) -> str:
    first, last = facts.scanned.first_day, facts.scanned.last_day
    if first is None or last is None:
        return "no booked payment"
    return f"{many((last - first).days + 1, 'day')} up to {day(last)}"


def _failed(facts: ScanFacts) -> str:
    return f"{len(facts.failures)} failed, see below" if facts.failures else "all of them answered"


def _told(facts: ScanFacts) -> str:
    scanned, alerts = facts.scanned, facts.alerts
    if not scanned.payments:
        return "There was no booked payment to look at."
    told = (
        f"{many(scanned.payments, 'payment')} of {sums(scanned.money)} between {many(scanned.accounts, 'account')} "
        f"were looked at"
    )
    told += f", read from {many(len(scanned.files), 'file')}. " if scanned.files else ". "
    if scanned.files:
        told += f"{sum(facts.rejects.values()):,} of {sum(file.rows for file in scanned.files):,} rows were rejected. "
    if not alerts:
        return told + "No pattern came out that needs a look."
    covered = {account.account_id for alert in alerts for account in alert.accounts}
    payments = {payment_id for alert in alerts for payment_id in alert.payments}
    return told + (
        f"{many(len(alerts), 'alert')} {'covers' if len(alerts) == 1 else 'cover'} {many(len(payments), 'payment')} of "
        f"{many(len(covered), 'account')}. Each describes a movement of money; whether exploitation stands behind it "
        "is for a person to find out, and for most it will not."
    )
