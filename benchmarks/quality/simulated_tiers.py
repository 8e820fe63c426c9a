"""What is lost where a bank knows less: the simulated banks of `simulated.py` with fewer columns.

Run: ``python -m benchmarks.quality.simulated_tiers [--freeze] [--seeds 612]``. The same bank is looked at five times:
as it would come out of a statement (MT940, camt.053), and with one more tier of data at a time. docs/detectors_data.md
has the table. What is found and who is flagged is said as in `simulated.py`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from benchmarks.quality.freezing import freeze, looked_at, made_with, markdown, put, timed
from benchmarks.quality.simulated import (
    PLAN,
    SETTINGS,
    Planted,
    banks_in,
    holders,
    lived,
    of_alerts,
    of_cases,
    of_exploited,
    of_innocents,
    said,
    taken_in,
)
from flows.progress import progress_for
from moneytrail.scan import Scan

SEEDS = (612,)
PAGE = Path(__file__).parents[2] / "docs" / "detectors_data.md"

ADDS: Final = {
    "statement": (),
    "+ time": ("payments.sent_at", "payments.utc_offset_min", "payments.ts_quality"),
    "+ cards and machines": (
        "payments.mcc",
        "payments.merchant_name",
        "payments.terminal_id",
        "payments.city",
        "payments.country",
        "payments.card_id",
    ),
    "+ customers": ("accounts", "customers"),
    "+ links": (
        "payments.device_id",
        "payments.depositor_id",
        "accounts.opening_device_id",
        "accounts.introducer_id",
        "links",
    ),
}
"""What each tier adds to the one before: columns, or whole tables. What is named nowhere is in a statement."""


def lacking(tier: str) -> set[str]:
    """Give the columns and tables that a tier and those before it do not have."""
    tiers = list(ADDS)
    return {name for later in tiers[tiers.index(tier) + 1 :] for name in ADDS[later]}


def reduced(full: Path, out: Path, tier: str) -> Path:
    """Write the tables of a bank with what a tier has of them."""
    out.mkdir()
    gone = lacking(tier)
    payments = pq.read_table(full / "payments.parquet")
    if "payments.terminal_id" in gone:
        # A machine is a counterparty of its own; a statement says only that it was notes.
        for side in ("payer", "payee"):
            cash = pc.starts_with(payments[side], "cash:")
            anonymous = pc.if_else(cash, pa.scalar("cash:unnamed"), payments[side])
            payments = payments.set_column(payments.column_names.index(side), side, anonymous)
    pq.write_table(_without(payments, "payments", gone), out / "payments.parquet")
    for name in ("accounts", "customers", "links"):
        if name not in gone:
            pc_csv.write_csv(_without(pc_csv.read_csv(full / f"{name}.csv"), name, gone), out / f"{name}.csv")
    return out


def _without(rows: pa.Table, name: str, gone: set[str]) -> pa.Table:
    return rows.drop_columns([column for column in rows.column_names if f"{name}.{column}" in gone])


def of_tier(scan: Scan, stories: Sequence[Planted], holder: Mapping[str, str]) -> dict[str, Any]:
    """Count what one look found."""
    cases = [story for story in stories if not story.innocent]
    alerts = said(scan.facts)
    found = of_cases(alerts, cases)
    of_kind: dict[str, Counter[str]] = {}
    for case in found:
        own = of_kind.setdefault(case["code"], Counter())
        own["cases"] += 1
        own["found"] += case["place"] is not None
        own["as movement"] += case["as movement"]
    asked = next(step for step in scan.facts.run["steps"] if step["step"] == "asking indicators")
    return {
        "indicators": asked["indicators"],
        "cases": {code: dict(counts) for code, counts in of_kind.items()},
        "alerts": of_alerts(alerts, cases),
        "innocents": of_innocents(alerts, stories, holder),
        "exploited": of_exploited(alerts, cases),
    }


def together(banks: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Add the banks up, by tier."""
    told = {}
    for tier in ADDS:
        looks = [bank[tier] for bank in banks.values()]
        cases: Counter[str] = Counter()
        kinds: dict[str, Counter[str]] = {}
        for look in looks:
            for code, counts in look["cases"].items():
                kinds.setdefault(code, Counter()).update(counts)
                cases.update(counts if code.startswith("G-") else {})
        first = [look["alerts"]["tiers"][name] for look in looks for name in ("priority", "review")]
        innocents = [counts for look in looks for code, counts in look["innocents"].items() if code != "in no story"]
        told[tier] = {
            "indicators": looks[0]["indicators"],
            "cases": cases["cases"],
            "found": cases["found"],
            "as movement": cases["as movement"],
            "in priority or review": sum(one["alerts"] for one in first),
            "of them about a case": sum(one["about a case"] for one in first),
            "innocents flagged": sum(one["flagged"] for one in innocents),
            "customers in no story flagged": sum(look["innocents"]["in no story"]["flagged"] for look in looks),
            "exploited under suspicion": sum(look["exploited"].get("under suspicion", 0) for look in looks),
            "kinds": {code: dict(counts) for code, counts in sorted(kinds.items())},
        }
    return told


def page(every: Mapping[str, Mapping[str, Any]]) -> str:
    """Lay the figures out for the page about data."""
    first = next(iter(every.values()))
    rows = [{"": name, **{tier: told[name] for tier, told in every.items()}} for name in first if name != "kinds"]
    rows += [
        {
            "": f"{code}, found of {counts['cases']}",
            **{tier: told["kinds"][code]["found"] for tier, told in every.items()},
        }
        for code, counts in first["kinds"].items()
        if code.startswith("G-")
    ]
    return markdown(rows)


def measure(folder: Path, seed: int, seconds: dict[str, float]) -> dict[str, Any]:
    """Measure one bank as each tier of data shows it."""
    progress = progress_for()
    stories = lived(folder, seed, progress)
    told = {}
    for tier in ADDS:
        with tempfile.TemporaryDirectory() as fewer, timed(seconds, f"{seed}: {tier}"):
            ledger = taken_in(reduced(folder, Path(fewer) / "bank", tier), progress)
            told[tier] = of_tier(looked_at(ledger, SETTINGS), stories, holders(folder))
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="which banks (default: the one reported)")
    parser.add_argument("--freeze", action="store_true", help="write the result to frozen/ and into the page")
    parser.add_argument("--keep", type=Path, help="folder to keep the banks in, and to take them from again")
    given = parser.parse_args()
    seconds: dict[str, float] = {}
    with banks_in(given.keep) as folder:
        banks = {str(seed): measure(folder / str(seed), seed, seconds) for seed in given.seeds}
    every = together(banks)
    print(page(every))
    print(f"Seconds: {seconds}")
    if given.freeze:
        figures = {"together": every, "banks": banks, "settings": SETTINGS.hash}
        print(f"Frozen: {freeze('simulated_tiers', figures, made_with(PLAN), {'seconds': seconds}).name}")
        put(page(every), PAGE, "simulated_tiers")


if __name__ == "__main__":
    main()
