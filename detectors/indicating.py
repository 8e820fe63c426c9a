"""Every indicator asked of a ledger: the scores, what could not be computed and for want of which column.

What the ledger *has* is asked once, of the whole, and told to every piece: an indicator that needs a merchant category
is not computable because the bank keeps none, never because a small piece happens to hold none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from detectors.finding import Finding
from detectors.indicator import Indicator, Score
from detectors.run import Engine, failed
from detectors.sight import Given, sight
from flows.cutting import Source
from flows.ledger import Ledger
from flows.payments import ACCOUNTS, CUSTOMERS, LINKS, PAYMENTS, with_values
from flows.progress import Progress
from flows.window import Reach, SideTables, Window

TABLES: Final = {"payments": PAYMENTS, "accounts": ACCOUNTS, "customers": CUSTOMERS, "links": LINKS}

LISTS: Final = {
    "adverts": "merchants that sell adverts for sexual services",
    "short-lets": "merchants that let rooms and flats by the night",
    "ride-hail": "merchants that carry passengers on call",
    "platforms": "adult-content platforms that pay out to creators",
    "crypto": "exchanges and crypto outlets",
    "gift-cards": "merchants that sell gift and prepaid cards",
    "private-networks": "merchants of private networks and anonymous mail",
    "capture": "merchants of software that records a screen or a camera",
    "hidden-storage": "merchants of encrypted or anonymous storage",
    "references": "words of references, from the financial intelligence unit or partners",
    "release": "words of references for a release, contract or visa payment",
    "exempt": "hashes of devices and addresses of institutions: halls, shelters, hospitals",
}
"""The institution's own lists, which no public package may ship, and what each holds."""


@dataclass(frozen=True)
class Measured:
    """What all indicators gave.

    Parameters
    ----------
    scores : tuple of Score
        In their one order.
    computed : frozenset of str
        Ids in the catalogue of the indicators that could be asked.
    not_computable : dict of str to tuple of str
        The others, with the columns, motifs or lists that they lack.
    degraded : dict of str to tuple of str
        Those that were measured in a reduced form, with what is then not seen.
    failures : dict of str to str
        Those that failed, with the error; they count as not computed.
    spent : tuple
        What each cost in each window, `flows.engines.local.Spent`.
    """

    scores: tuple[Score, ...]
    computed: frozenset[str]
    not_computable: Mapping[str, tuple[str, ...]]
    degraded: Mapping[str, tuple[str, ...]]
    failures: Mapping[str, str]
    spent: tuple[Any, ...] = ()


def measure(
    engine: Engine,
    window: Window,
    indicators: Iterable[Indicator],
    *,
    source: Ledger | Window | Source | None = None,
    findings: Iterable[Finding] = (),
    motifs: Collection[str] = (),
    lists: Mapping[str, tuple[str, ...]] | None = None,
    country: str = "",
    looks: int = 4,
    progress: Progress | None = None,
) -> Measured:
    """Ask every indicator of a window, which the engine cuts as it sees fit.

    Parameters
    ----------
    engine : Engine
        Where the work is done.
    window : Window
        Everything to be looked at, with its hubs and side tables; with a `source`, a specimen of it, from which is
        told what there is a value of.
    indicators : iterable of Indicator
        What to ask.
    source : Ledger, Window or Source, optional
        What windows are cut from, where that is not the window itself.
    findings : iterable of Finding
        What the motifs found in it.
    motifs : collection of str
        Ids of the motifs that were run to the end, whether they found anything or not.
    lists : mapping of str to tuple of str, optional
        The institution's own lists, keys of `LISTS`.
    country : str
        The jurisdiction, ISO 3166-1 alpha-2.
    looks : int
        How many stretches overlap at any time (`graphs.legs.Legs.over`).
    progress : Progress, optional
        Where to show how far it is.
    """
    lists = {name: tuple(part.casefold() for part in parts) for name, parts in (lists or {}).items()}
    found: dict[str, list[Finding]] = {id_: [] for id_ in motifs}
    for finding in findings:
        found.setdefault(finding.detector, []).append(finding)
    given = Given(
        columns=available(window, motifs, lists),
        end=end_of(last_day(window)),
        findings={id_: tuple(own) for id_, own in found.items()},
        lists=lists,
        looks=looks,
        country=country,
    )
    asked, not_computable, degraded = {}, {}, {}
    for indicator in indicators:
        about = indicator.about
        lacking = lacks(about.needs, given.columns)
        if lacking:
            not_computable[about.id] = lacking
            continue
        reduced = tuple(says for column, says in about.reduced.items() if lacks((column,), given.columns))
        if reduced:
            degraded[about.id] = reduced
        asked[about.id] = Asked(indicator, given)
    outcome = engine.run(window if source is None else source, asked, progress=progress)
    failures = failed(outcome)
    return Measured(
        scores=outcome.found,
        computed=frozenset(asked) - failures.keys(),
        not_computable=not_computable,
        degraded=degraded,
        failures=failures,
        spent=outcome.spent,
    )


@dataclass(frozen=True)
class Asked:
    """An indicator with what it is told, as a task of an engine."""

    indicator: Indicator
    given: Given

    @property
    def reach(self) -> Reach:
        """By account, or all at once."""
        return Reach(cut=self.indicator.about.sees)

    def find(self, window: Window) -> Iterator[Score]:
        """Measure, where there is anything to measure."""
        if window.payments.num_rows:
            yield from self.indicator.measure(sight(window, self.given))


def available(window: Window, motifs: Collection[str], lists: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Say what a ledger has a value of: ``table.column``, ``motif.id`` and ``list.name``."""
    side: SideTables = window.side
    tables = {"payments": window.payments, "accounts": side.accounts, "customers": side.customers, "links": side.links}
    here = frozenset().union(*(with_values(name, table) for name, table in tables.items() if table is not None))
    named = {f"list.{name}" for name, parts in lists.items() if parts}
    return frozenset(here | named | {f"motif.{id_}" for id_ in motifs})


def lacks(needs: Iterable[str], columns: Collection[str]) -> tuple[str, ...]:
    """Say which needs are not met; ``"a|b"`` is met by either.

    Examples
    --------
    >>> lacks(("payments.mcc", "payments.city|payments.terminal_id"), {"payments.city"})
    ('payments.mcc',)
    """
    return tuple(need for need in needs if not any(one in columns for one in need.split("|")))


def last_day(window: Window) -> date:
    """Give the last day looked at."""
    return window.as_of or pc.max(window.payments["booked_on"]).as_py() or date(1970, 1, 1)


def end_of(day: date) -> int:
    """Give the end of a day (UTC) in microseconds since 1970."""
    midnight = datetime.combine(day + timedelta(days=1), time(), UTC)
    return int(pa.scalar(midnight, pa.timestamp("us", "UTC")).value)
