"""How like life the simulator's payments are: their distributions beside those of a real bank and another simulator.

Run: ``python benchmarks/quality/ordinary_life.py [--data DIR] [--write]``. Real: Berka (PKDD'99), a Czech bank of 1993
to 1994. Simulated by others: AMLGentex. Of each the last 90 days are looked at, so that spans are alike; amounts are
told in multiples of each set's median, so that currencies are. ``--write`` puts the tables into docs/simulator.md.

Neither of the others has a time of day, so the hours are the simulator's own and can be compared with nothing here.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.quality.freezing import DATA, needed
from flows import duck
from flows.ingest import ingest
from flows.ledger import Ledger
from sample_data.simulation import simulate

CUSTOMERS, DAYS, SEED, SPAN = 3_000, 120, 7, 90
PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
BEGIN, END = "<!-- made by benchmarks/quality/ordinary_life.py -->\n", "<!-- end -->\n"
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)
AMOUNT_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = ("0-3", "3-6", "6-9", "9-12", "12-15", "15-18", "18-21", "21-24")
OUTSIDE = "'^(ext|cash|mer|fee|msb|vasp|gov):'"

# Every payment from the side of each of the bank's accounts it touches; what the bank books by itself is no habit.
SIDES = f"""
CREATE VIEW sides AS
SELECT payer AS account, payee AS other, amount_minor, booked_on FROM p
WHERE NOT regexp_matches(payer, {OUTSIDE}) AND channel <> 'fee'
UNION ALL
SELECT payee, payer, amount_minor, booked_on FROM p
WHERE NOT regexp_matches(payee, {OUTSIDE}) AND channel <> 'fee'"""

MEASURES: Mapping[str, tuple[str, tuple[float, ...]]] = {
    "Payments of an account in 30 days": (
        f"SELECT count(*) * 30 / {SPAN} AS value FROM sides GROUP BY account",
        QUANTILES,
    ),
    f"Counterparties of an account in {SPAN} days, where they are named": (
        "SELECT count(DISTINCT other) AS value FROM sides "
        "WHERE other NOT LIKE 'cash:%' AND other NOT LIKE '%unnamed%' GROUP BY account",
        QUANTILES,
    ),
    "Days between an account's payments": (
        "SELECT date_diff('day', lag(booked_on) OVER (PARTITION BY account ORDER BY booked_on), booked_on) AS value "
        "FROM sides QUALIFY value IS NOT NULL",
        QUANTILES,
    ),
    "Amount, in multiples of the median": (
        "SELECT amount_minor / (SELECT median(amount_minor) FROM p WHERE channel <> 'fee') AS value "
        "FROM p WHERE channel <> 'fee'",
        AMOUNT_QUANTILES,
    ),
}


def quantiles(opened: Any, query: str, wanted: Sequence[float]) -> list[float]:
    """Give the quantiles of a query's `value`."""
    listed = ", ".join(str(one) for one in wanted)
    ((found,),) = duck.rows(opened, f"SELECT quantile_cont(value::DOUBLE, [{listed}]) FROM ({query})")
    return [float(one) for one in found]


def shares(opened: Any, of: str, where: str = "true") -> dict[int, float]:
    """Give the share of payments by a number that SQL makes of each."""
    query = f"SELECT {of} AS part, count(*) / sum(count(*)) OVER () FROM p WHERE {where} GROUP BY part"
    return {int(part): float(share) for part, share in duck.rows(opened, query)}


def measured(ledger: Ledger) -> dict[str, Any]:
    """Measure the last days of a ledger."""
    last = max(ledger.days())
    with duck.connection() as opened:
        rows = duck.read_days(duck.files(ledger.files()))
        begin = last - timedelta(days=SPAN - 1)
        opened.execute(
            f"CREATE VIEW p AS SELECT * FROM {rows} WHERE status = 'booked' AND booked_on >= DATE '{begin}' "
            "AND received_minor IS NULL"
        )
        opened.execute(SIDES)
        found: dict[str, Any] = {name: quantiles(opened, *asked) for name, asked in MEASURES.items()}
        whole = shares(opened, "(amount_minor % 100 = 0)::INT", "channel <> 'fee'")
        round_ = shares(opened, "(amount_minor % 1000 = 0)::INT", "channel <> 'fee'")
        found["whole"], found["round"] = whole.get(1, 0.0), round_.get(1, 0.0)
        touched = "SELECT account, count(*) AS n FROM sides GROUP BY account"
        ((found["busiest"],),) = duck.rows(
            opened,
            "SELECT sum(n) FILTER (place <= greatest(1, many / 100)) / sum(n) "
            "FROM (SELECT n, count(*) OVER () AS many, "
            f"row_number() OVER (ORDER BY n DESC) AS place FROM ({touched}))",
        )
        found["weekdays"] = shares(opened, "isodow(booked_on)", "channel <> 'fee'")
        local = "(((epoch(sent_at)::BIGINT // 60 + coalesce(utc_offset_min, 0)) % 1440) // 180)"
        event = "sent_at IS NOT NULL AND ts_quality = 'event' AND channel"
        for name, channels in {
            "cards": "IN ('card_pos', 'card_cnp')",
            "transfers between people": "IN ('p2p', 'instant')",
            "notes out": "= 'atm_wd'",
            "notes in": "IN ('cash_adm', 'cash_branch')",
        }.items():
            found[f"hours of {name}"] = shares(opened, local, f"{event} {channels}")
        ((found["payments"],),) = duck.rows(opened, "SELECT count(*) FROM p")
        ((found["accounts"],),) = duck.rows(opened, "SELECT count(DISTINCT account) FROM sides")
    return found


def number(value: float) -> str:
    """Write a quantile: whole from ten on, else two digits that count."""
    return f"{value:,.0f}" if value >= 10 or value == round(value) else f"{value:.2g}"


def tables(sets: Mapping[str, dict[str, Any]]) -> str:
    """Write the section of the page."""
    out = []
    counts = "; ".join(f"{name}: {one['payments']:,} of {one['accounts']:,} accounts" for name, one in sets.items())
    out.append(f"Payments of the last {SPAN} days, fees left out below. {counts}.\n")
    for measure, (_, wanted) in MEASURES.items():
        heads = ["most" if one == 1 else f"{one * 100:g} %" for one in wanted]
        out += _table([measure, *heads], [[name, *(number(v) for v in one[measure])] for name, one in sets.items()])
    heads = ["Share of", "whole units", "tens", "payments that touch the busiest 1 % of accounts"]
    out += _table(
        heads,
        [[name, *(f"{100 * one[what]:.0f} %" for what in ("whole", "round", "busiest"))] for name, one in sets.items()],
    )
    rows = [[name, *(f"{100 * one['weekdays'].get(i + 1, 0):.0f} %" for i in range(7))] for name, one in sets.items()]
    out += _table(["Booked on", *WEEKDAYS], rows)
    ours = next(iter(sets.values()))
    rows = [
        [name[9:], *(f"{100 * part.get(i, 0):.0f} %" for i in range(8))]
        for name, part in ours.items()
        if name.startswith("hours of ")
    ]
    out += _table(["Simulator's local hours of", *HOURS], rows)
    return "\n".join(out)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    line = "|".join(["---", *["---:"] * (len(heads) - 1)])
    return ["| " + " | ".join(heads) + " |", f"|{line}|", *("| " + " | ".join(row) + " |" for row in rows), ""]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the three sets and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the public sets (default: ../shared/data)")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/simulator.md")
    asked = parser.parse_args(argv)
    berka, gentex = asked.data / "berka", asked.data / "amlgentex"
    needed(berka / "trans_1993_94.asc", gentex / "amlgentex_4k.parquet")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate(folder / "bank", customers=CUSTOMERS, days=DAYS, seed=SEED)
        files = {
            "the simulator": [folder / "bank" / "payments.parquet"],
            "Berka (real)": [berka / "trans_1993_94.asc"],
            "AMLGentex": [gentex / "amlgentex_4k.parquet"],
        }
        sets = {}
        for place, (what, paths) in enumerate(files.items()):
            ingest(folder / str(place), {"payments": paths})
            sets[what] = measured(Ledger.open(folder / str(place)))
    made = tables(sets)
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(BEGIN)
        PAGE.write_text(head + BEGIN + "\n" + made + "\n" + END + rest.split(END)[1], encoding="utf-8")
    else:
        sys.stdout.write(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
