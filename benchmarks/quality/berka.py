"""How many alerts real, ordinary life raises: a Czech bank (Berka, PKDD'99), 49,102 bookings, at default settings.

Run: ``python benchmarks/quality/berka.py [--data DIR] [--freeze]``. There are no labels. Nobody knows whether an
account of this bank belonged to a case, so every alert is counted as one somebody would have to read.

What the set can show is bounded, and the figures say how: a booking has one side only, half of the bookings are cash,
one in five names the other side, which is always outside the bank, and none has a time of day. So who passes on whose
money can hardly be asked, and few alerts are a statement about the set as much as about the detectors.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.quality.freezing import Night, arguments, freeze, made_with, needed, night, table
from reports.weighing import TIERS

RANKED = 10
"""Accounts shown at the top of the ranking, for a reader to judge."""


def measure(data: Path, folder: Path) -> tuple[dict[str, Any], Night]:
    """Take the set in, look at it, count."""
    berka = data / "berka"
    looked = night(
        folder,
        {
            "payments": [berka / "trans_1993_94.asc"],
            "accounts": [berka / "account.asc"],
            "customers": [berka / "client.asc"],
        },
    )
    facts, ingested = looked.scan.facts, looked.ingested
    accounts = facts.scanned.own_accounts
    tiers = Counter(alert.tier for alert in facts.alerts)
    found = Counter(finding.detector for finding in facts.findings)
    raised = Counter(detector for alert in facts.alerts for detector in {i.id for i in alert.indicators})
    figures = {
        "rows": {what: ingested.rows(what) for what in ("rows", "kept", "duplicates", "rejected")},
        "money_minor": {currency: vars(money) for currency, money in ingested.money.items()},
        "balanced": all(
            money.came == money.kept + money.duplicates + money.rejected for money in ingested.money.values()
        ),
        "accounts": accounts,
        "days": (facts.scanned.last_day - facts.scanned.first_day).days + 1,
        "hubs": sorted(facts.hubs["account"].to_pylist()) if facts.hubs is not None else [],
        "alerts": len(facts.alerts),
        "alerts_per_1000_accounts": {tier: round(1000 * tiers[tier] / accounts, 2) for tier in TIERS},
        "by_detector": {
            detector: {"findings": found[detector], "alerts": raised[detector]} for detector in sorted(facts.about_of)
        },
        "what_the_set_can_show": _seen(looked.ledger.counted()),
    }
    return figures, looked


def _seen(payments: pa.Table) -> dict[str, int]:
    """Count the payments that tell who is on the other side."""
    named = {
        side: pc.and_(pc.starts_with(payments[side], "ext:"), pc.not_equal(payments[side], "ext:unnamed"))
        for side in ("payer", "payee")
    }
    return {
        "payments in by a named payer": pc.sum(named["payer"]).as_py(),
        "payments out to a named payee": pc.sum(named["payee"]).as_py(),
        "payments of cash": pc.sum(
            pc.or_(pc.starts_with(payments["payer"], "cash:"), pc.starts_with(payments["payee"], "cash:"))
        ).as_py(),
        "payments with a time of day": pc.sum(pc.not_equal(payments["ts_quality"], "date_only")).as_py(),
    }


def show(figures: dict[str, Any], looked: Night) -> None:
    """Print the figures, the alerts and the top of the ranking."""
    for name in ("rows", "money_minor", "balanced", "accounts", "days", "hubs", "alerts", "what_the_set_can_show"):
        print(f"{name}: {figures[name]}")
    per = figures["alerts_per_1000_accounts"]
    print(table([{"tier": tier, "alerts per 1,000 accounts": per[tier]} for tier in per], title="\nBy tier"))
    by = figures["by_detector"]
    print(table([{"detector": detector, **by[detector]} for detector in by], title="\nBy detector"))
    print("\nThe first alerts, for a reader to judge")
    for alert in looked.scan.facts.alerts[:RANKED]:
        print(f"  {alert.tier} {alert.score:.2f} {alert.title}")
        for indicator in alert.indicators:
            print(f"    {indicator.id}: {indicator.sentence}")
    scores = looked.scan.facts.account_scores
    if scores is not None:
        top = scores.sort_by([("rank_score", "descending"), ("account_id", "ascending")]).slice(0, RANKED)
        print(
            "\nThe top of the ranking: rank_score "
            + ", ".join(f"{score:.3f}" for score in top["rank_score"].to_pylist())
        )


def main() -> None:
    given = arguments(__doc__)
    paths = [given.data / "berka" / name for name in ("trans_1993_94.asc", "account.asc", "client.asc", "disp.asc")]
    needed(*paths)
    with tempfile.TemporaryDirectory() as folder:
        figures, looked = measure(given.data, Path(folder))
        show(figures, looked)
    print(f"\nSeconds: {looked.seconds}")
    if given.freeze:
        print(f"Frozen: {freeze('berka', figures, made_with(*paths), {'seconds': looked.seconds}).name}")


if __name__ == "__main__":
    main()
