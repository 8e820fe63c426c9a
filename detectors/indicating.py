"""Every indicator asked of a ledger: the scores, what could not be computed and for want of which column.

What the ledger *has* is asked once, of the whole, and told to every piece: an indicator that needs a merchant category
is not computable because the bank keeps none, never because a small piece happens to hold none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import repeat
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.finding import Finding
from detectors.indicator import Gathering, Indicator, Score
from detectors.run import Engine, failed
from detectors.sight import Given, Sight, sight
from detectors.survey import Survey, Unanswered
from flows.cutting import Source
from flows.errors import PluginError
from flows.language import say
from flows.ledger import Ledger
from flows.payments import ACCOUNTS, CUSTOMERS, LINKS, PAYMENTS, with_values
from flows.progress import Progress
from flows.window import END, Reach, SideTables, Window

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


def needed(need: str, mark: str = "") -> str:
    """Say what an indicator needs: columns, findings of a motif, or lists of the settings, of which one is enough.

    Parameters
    ----------
    need : str
        As an indicator declares it; alternatives are divided by ``|``.
    mark : str
        Put around names, for text that has marks for them.

    Examples
    --------
    >>> needed("motif.chain")
    'the motif chain'
    >>> needed("payments.mcc|list.crypto", mark="`")
    '`payments.mcc` or the list `crypto` (exchanges and crypto outlets)'
    """
    if "|" in need:
        return say(" or ").join(needed(one, mark) for one in need.split("|"))
    kind, _, name = need.partition(".")
    if kind == "motif":
        return say("the motif {name}", name=f"{mark}{name}{mark}")
    if kind == "list":
        return say("the list {name} ({what})", name=f"{mark}{name}{mark}", what=say(LISTS[name]))
    return f"{mark}{need}{mark}"


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
    spent: tuple[Any, ...] = field(default=(), compare=False)


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
    named: Callable[[Sequence[pa.Array]], Iterator[pa.Table]] | None = None,
    at_once: int = 1_000_000,
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
    named : callable, optional
        Gives, for each of several groups of ids, these payments in order; those of the window if not given.
    at_once : int
        About how many payments a group has, where indicators need different ones.
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
    everything: Ledger | Window | Source = window if source is None else source
    given_up: dict[str, str] = {}
    spent: list[Any] = []
    scores: list[Score] = []
    concerned: dict[str, list[pa.Array]] = {}

    def answered(where: Any, tasks: Mapping[str, Asked]) -> list[Any]:
        outcome = engine.run(where, tasks, progress=progress)
        given_up.update(failed(outcome))
        spent.extend(outcome.spent)
        return list(outcome.found)

    left = dict(asked)
    while left:
        every = answered(everything, left)
        waiting = {one.indicator for one in every if isinstance(one, Answered)}
        done = [one for one in every if one.indicator not in waiting]
        scores += [one for one in done if isinstance(one, Score)]
        for one in done:
            if isinstance(one, Concerned):
                concerned.setdefault(one.indicator, []).append(one.payments)
        given = replace(given, surveys={**given.surveys, **_together(every)})
        left = {id_: replace(left[id_], given=given) for id_ in sorted(waiting - given_up.keys())}
    wanted = {id_: pa.concat_arrays(concerned[id_]).unique() for id_ in sorted(concerned.keys() - given_up.keys())}
    del concerned
    groups = list(_in_groups(wanted, at_once))
    ids = [pa.concat_arrays([wanted[id_] for id_ in group]).unique() for group in groups]
    for group, held in zip(groups, named(ids) if named else repeat(window.payments), strict=False):
        for id_ in group:
            rows = held.filter(pc.is_in(held["payment_id"], value_set=wanted[id_]))
            # It owns all that is found in it, and yet does not hold everything.
            some = replace(window, payments=rows.combine_chunks(), until=END - 1, _memo={})
            scores += answered(some, {id_: replace(asked[id_], given=given, narrowed=True)})
            some.let_go()
    return Measured(
        scores=tuple(sorted(scores, key=lambda one: one.order)),
        computed=frozenset(asked) - given_up.keys(),
        not_computable=not_computable,
        degraded=degraded,
        failures=given_up,
        spent=tuple(spent),
    )


def _in_groups(wanted: Mapping[str, pa.Array], at_once: int) -> Iterator[list[str]]:
    """Put indicators that need payments of their own into groups that need about so many between them."""
    group: list[str] = []
    count = 0
    for id_, ids in wanted.items():
        if group and count + len(ids) > at_once:
            yield group
            group, count = [], 0
        group.append(id_)
        count += len(ids)
    if group:
        yield group


def _together(found: Iterable[Any]) -> dict[str, pa.Table]:
    """Put the answers to each survey together; several indicators may have asked the same accounts the same."""
    surveys: dict[str, Survey] = {}
    of_window: dict[str, dict[str, pa.Table]] = {}
    for one in found:
        if isinstance(one, Answered):
            surveys[one.survey.name] = one.survey
            of_window.setdefault(one.survey.name, {})[one.centre] = one.answers
    return {name: surveys[name].together(answers.values()) for name, answers in of_window.items()}


@dataclass(frozen=True)
class Answered:
    """What the accounts of one window answered to a survey, for an indicator that waits for everybody.

    Parameters
    ----------
    indicator : str
        Who asks.
    survey : Survey
        What.
    centre : str
        One of the accounts that the window owns.
    answers : pyarrow.Table
        Their answers (`detectors.sight.Sight.part`).
    """

    indicator: str
    survey: Survey
    centre: str
    answers: pa.Table
    first_at: int = 0

    @property
    def order(self) -> tuple[str, str, int]:
        """The one order they are put in."""
        return (self.centre, self.indicator, self.first_at)


@dataclass(frozen=True)
class Concerned:
    """The payments of one window that an indicator has to see together with those of others.

    Parameters
    ----------
    indicator : str
        Who looks at them.
    centre : str
        One of the accounts that the window owns.
    payments : pyarrow.Array of string
        Their ids.
    """

    indicator: str
    centre: str
    payments: pa.Array
    first_at: int = 0

    @property
    def order(self) -> tuple[str, str, int]:
        """The one order they are put in."""
        return (self.centre, self.indicator, self.first_at)


@dataclass(frozen=True)
class Asked:
    """An indicator with what it is told, as a task of an engine.

    Parameters
    ----------
    indicator : Indicator
        What to ask.
    given : Given
        What it is told.
    narrowed : bool
        Whether the window holds all that concerns the indicator, though not everything.
    """

    indicator: Indicator
    given: Given
    narrowed: bool = False

    @property
    def reach(self) -> Reach:
        """By account, or all at once where what concerns it was picked out."""
        return Reach(cut="whole") if self.narrowed else Reach(cut="account", whose="own")

    def find(self, window: Window) -> Iterator[Score | Answered | Concerned]:
        """Measure, where there is anything to measure; in a portion of the accounts, say what it takes to measure."""
        if not window.payments.num_rows:
            return
        seen, id_ = sight(window, self.given), self.indicator.about.id
        try:
            if isinstance(self.indicator, Gathering) and not self.narrowed and not window.everything:
                yield from _concerned(self.indicator, seen)
            else:
                # To the end, before anything is given: it may have to wait.
                yield from tuple(self.indicator.measure(seen))
        except Unanswered as wanted:
            if self.narrowed:
                raise PluginError(
                    f"measuring, it asks more of everybody ({wanted}) than when it says what concerns it",
                    where=id_,
                    try_="ask for the same surveys in `concerns`",
                ) from wanted
            for owner in _owner(seen):
                yield Answered(id_, wanted.survey, owner, seen.part(wanted.survey))


def _concerned(indicator: Gathering, seen: Sight) -> Iterator[Concerned]:
    wanted = np.zeros(seen.at.size, np.bool_)
    wanted[indicator.concerns(seen)] = True
    if wanted.any():
        # What else moved between the same two, either way, says whether they are strangers.
        pair = np.minimum(seen.payer, seen.payee) * seen.graph.nodes + np.maximum(seen.payer, seen.payee)
        rows = pa.array(np.flatnonzero(np.isin(pair, pair[wanted])))
        ids = seen.window.payments["payment_id"].take(rows).combine_chunks()
        for owner in _owner(seen):
            yield Concerned(indicator.about.id, owner, ids)


def _owner(seen: Sight) -> Iterator[str]:
    """Name one account that the window owns, if it owns any: what is found bears its name, and so belongs to it."""
    for node in np.flatnonzero(seen.owned)[:1].tolist():
        yield seen.graph.names[node].as_py()


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
