"""Build an invented bank with planted cases and innocent look-alikes, and write it as the tables of the contract.

Run from the repository root: ``python -m sample_data.first.bank --out DIR --customers 1200 --days 120 --seed 7``.
The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from sample_data.first import ordinary_life, ordinary_trade, tables
from sample_data.first.clock import Clock
from sample_data.first.journal import Entry, Journal, settle
from sample_data.first.places import Places
from sample_data.first.population import Population
from sample_data.first.story import Story

DEFAULT_CUSTOMERS, DEFAULT_DAYS, DEFAULT_SEED = 1_200, 120, 7
DEFAULT_START = date(2026, 2, 2)
# A bank of this many customers carries each variant of each story once; larger banks carry it more often.
CUSTOMERS_PER_ROUND = 1_200


@dataclass(frozen=True)
class Told:
    """A story that was planted: its file, its class, the variant and what it left behind."""

    case: bool
    plot: type
    story: Story


@dataclass(frozen=True)
class Bank:
    """The finished bank in memory."""

    seed: int
    clock: Clock
    population: Population
    places: Places
    told: list[Told]
    entries: list[Entry]


def plots(shelf: str) -> Iterator[tuple[str, type]]:
    """List the stories of a folder, `cases` or `innocent`, by file name; the class is the name in CamelCase."""
    for path in sorted((Path(__file__).parent.parent / f"first_{shelf}").glob("*.py")):
        module = importlib.import_module(f"sample_data.first_{shelf}.{path.stem}")
        yield path.stem, getattr(module, path.stem.title().replace("_", ""))


def build(
    customers: int = DEFAULT_CUSTOMERS,
    days: int = DEFAULT_DAYS,
    seed: int = DEFAULT_SEED,
    start: date = DEFAULT_START,
) -> Bank:
    """Build the bank in memory.

    Parameters
    ----------
    customers : int
        At least 500.
    days : int
        Length of the period, at least 60: the slower stories need two paydays.
    seed : int
        Decides every draw.
    start : datetime.date
        First day.

    Returns
    -------
    Bank
        Population, planted stories and settled payments in time order.

    Raises
    ------
    ValueError
        If the bank is too small or the period too short for its stories.
    """
    if days < 60:
        raise ValueError(f"{days} days are too short for the stories: ask for 60 or more")
    clock = Clock(start, days)
    population = Population(customers, clock, np.random.default_rng([seed, 1]))
    places = Places(np.random.default_rng([seed, 2]))
    journal = Journal()
    staged = {"population": population, "places": places, "journal": journal, "clock": clock}
    told = _tell_stories(seed, max(1, customers // CUSTOMERS_PER_ROUND), staged)
    _live_ordinarily(seed, staged)
    tail = np.random.default_rng([seed, 4])
    ordinary_life.fade_times(journal.entries, tail)
    entries = settle(journal, population, clock)
    ordinary_life.leave_pending(entries, clock.moment(days, 0), tail)
    width = len(str(5 * len(entries)))
    for entry, number in zip(entries, tail.choice(10**width, len(entries), replace=False), strict=True):
        entry.payment_id = f"P{number:0{width}d}"
    return Bank(seed, clock, population, places, told, entries)


def _tell_stories(seed: int, rounds: int, staged: dict) -> list[Told]:
    """Plant every variant of every story; each draws from a seed of its own name, so that stories do not disturb."""
    told: list[Told] = []
    for shelf in ("cases", "innocent"):
        for name, plot in plots(shelf):
            for copy, variant in enumerate(plot.variants * rounds):
                rng = np.random.default_rng([seed, 3, zlib.crc32(f"{name} {copy}".encode())])
                story = Story(len(told), name, variant, rng=rng, **staged)
                plot().plant(story)
                told.append(Told(shelf == "cases", plot, story))
    return told


def _live_ordinarily(seed: int, staged: dict) -> None:
    """Write down the ordinary life of everybody, cast or not."""
    population = staged["population"]
    staff: dict[int, list] = {}
    for person in population.people:
        if person.income == "wage" and person.employer is not None and not isinstance(person.employer, str):
            staff.setdefault(person.employer.index, []).append(person)
    for holder in population.holders:
        life = Story(-1, "ordinary life", "", rng=np.random.default_rng([seed, 5, holder.index]), **staged)
        if holder.kind in ("person", "sole_trader"):
            ordinary_life.live(holder, life)
        elif holder.story is None or holder.index in staff:
            ordinary_trade.trade(holder, life, staff.get(holder.index, []), population.firms)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 when the files are written, 2 when the arguments make no bank."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.first.bank", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into; made if missing")
    parser.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS)
    parser.add_argument("--days", type=int, default=DEFAULT_DAYS)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet", help="of the payments table")
    chosen = parser.parse_args(arguments)
    try:
        bank = build(chosen.customers, chosen.days, chosen.seed)
    except ValueError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    tables.write(bank, chosen.out, chosen.format)
    print(f"{len(bank.entries):,} payments, {len(bank.population.accounts):,} accounts, {len(bank.told)} stories")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
