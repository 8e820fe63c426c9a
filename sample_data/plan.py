"""What is to be planted: the plan of a bank's stories, from a TOML file or by how many customers there are."""

from __future__ import annotations

import difflib
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.errors import SettingsError
from flows.plugins import Shelf
from sample_data.scene import EVADING, PARTIAL, PLAIN

SHELVES = {"case": Shelf("sample_data.cases"), "innocent": Shelf("sample_data.innocent")}
"""The two shelves of stories, by their word in a plan."""

USUAL_SHARES = {PLAIN: 0.44, EVADING: 0.33, PARTIAL: 0.23}
"""Shares of variants where nothing is said: a little over what catalogue, section 8, asks for at least."""

KEYS = ("kind", "count", "variants", "start_day", "days")


@dataclass(frozen=True)
class Planned:
    """One instance of a story that is to be planted."""

    shelf: str
    kind: str
    copy: int
    variant: str
    start_day: tuple[int, int] | None
    days: int | None

    @property
    def name(self) -> str:
        """Its name in the truth tables."""
        return f"{self.kind}-{self.copy + 1}"


def usual_plan(customers: int) -> list[Planned]:
    """Plan every kind at least once, and larger banks oftener, as each kind's `customers_each` says."""
    asked = [
        {"shelf": shelf, "kind": kind, "count": max(1, customers // members.load(kind).about.customers_each)}
        for shelf, members in SHELVES.items()
        for kind in members.ids()
    ]
    return _laid_out(asked)


def read_plan(path: Path, days: int) -> list[Planned]:
    """Read a plan.

    ::

        [[case]]
        kind = "funnel-account"
        count = 3
        variants = {plain = 0.5, evading = 0.3, partial = 0.2}
        start_day = [0, 30]     # or one day; drawn in the first half of the period if not said
        days = 120              # how long it lasts; as long as the kind usually does if not said

        [[innocent]]
        kind = "savings-club"
        count = 2

    Parameters
    ----------
    path : Path
        The file.
    days : int
        Days of the bank, to tell a start beyond its end.

    Raises
    ------
    SettingsError
        If the file is missing, is no TOML, or says what no story knows.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError("there is no such plan", where=str(path), try_="name a TOML file after --cases") from None
    except OSError as error:
        raise SettingsError(
            f"the plan cannot be read: {error.strerror or type(error).__name__}",
            where=str(path),
            try_="name a TOML file after --cases",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the plan is no TOML: {error}", where=str(path), try_="see docs/simulator.md") from error
    for key in told:
        if key not in SHELVES:
            raise _unknown("table", key, tuple(SHELVES), str(path))
    asked: list[dict[str, Any]] = []
    for shelf in SHELVES:
        rows = told.get(shelf, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SettingsError(
                f"{shelf!r} is no list of tables", where=str(path), try_=f"write [[{shelf}]], with two brackets"
            )
        for number, row in enumerate(rows, start=1):
            asked.append(_checked(shelf, row, f"{path}, [[{shelf}]] number {number}", days))
    return _laid_out(asked)


def _checked(shelf: str, row: dict[str, Any], where: str, days: int) -> dict[str, Any]:
    """Check one table of a plan."""
    for key in row:
        if key not in KEYS:
            raise _unknown("key", key, KEYS, where)
    if "kind" not in row:
        raise SettingsError("a story without its kind", where=where, try_='write kind = "..."')
    kind = str(row["kind"]).replace("_", "-")
    known = SHELVES[shelf].ids()
    if kind not in known:
        raise _unknown("kind", kind, known, where)
    count = row.get("count", 1)
    if type(count) is not int or count < 1:
        raise SettingsError("count is no whole number from 1 on", where=where, try_="write count = 3")
    variants = row.get("variants")
    if variants is not None:
        can = SHELVES[shelf].load(kind).about.variants
        if not isinstance(variants, dict) or not variants:
            raise SettingsError(
                "variants are no table of shares", where=where, try_="write variants = {plain = 0.7, evading = 0.3}"
            )
        for name, share in variants.items():
            if name not in can:
                raise _unknown(f"variant of {kind}", name, can, where)
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
                raise SettingsError(
                    f"the share of {name} is no number from 0 to 1", where=where, try_=f"write {name} = 0.3"
                )
        if abs(sum(variants.values()) - 1) > 1e-6:
            raise SettingsError(
                "the shares of the variants do not sum to 1", where=where, try_="write e.g. plain = 0.7, evading = 0.3"
            )
    start = row.get("start_day")
    if start is not None:
        span = start if isinstance(start, list) else [start, start]
        if len(span) != 2 or any(type(day) is not int for day in span) or not 0 <= span[0] <= span[1] < days:
            raise SettingsError(
                f"start_day is no day, or pair of days, from 0 to {days - 1}",
                where=where,
                try_="write start_day = 10 or start_day = [0, 30]",
            )
        start = (span[0], span[1])
    lasts = row.get("days")
    if lasts is not None and (type(lasts) is not int or lasts < 1):
        raise SettingsError("days is no whole number from 1 on", where=where, try_="write days = 90")
    return {"shelf": shelf, "kind": kind, "count": count, "variants": variants, "start_day": start, "days": lasts}


def _unknown(what: str, name: str, known: tuple[str, ...], where: str) -> SettingsError:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.52)
    try_ = f"did you mean {near[0]!r}?" if near else "one of: " + ", ".join(known)
    return SettingsError(f"there is no {what} {name!r}", where=where, try_=try_)


def _laid_out(asked: list[dict[str, Any]]) -> list[Planned]:
    """Give each instance its variant, so that the shares come out right within one bank, not only over many."""
    planned: list[Planned] = []
    copies: Counter[tuple[str, str]] = Counter()
    # Kinds that can be seen in part settle their shares among themselves, and so do those that cannot.
    owed: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in asked:
        can = SHELVES[row["shelf"]].load(row["kind"]).about.variants
        own = row.get("variants")
        shares = own or {name: USUAL_SHARES[name] for name in can}
        # One that says its own shares settles them alone.
        debt: Counter[str] = Counter() if own else owed[can]
        for _ in range(row["count"]):
            for name, share in shares.items():
                debt[name] += share / sum(shares.values())
            variant = max(shares, key=lambda name: debt[name])
            debt[variant] -= 1
            copy = copies[row["shelf"], row["kind"]]
            copies[row["shelf"], row["kind"]] += 1
            planned.append(Planned(row["shelf"], row["kind"], copy, variant, row.get("start_day"), row.get("days")))
    return planned
