"""How seldom as strong a finding would occur by chance: the same payments dealt out anew over the same times.

An account that is paid by thirty people a month, every month, is strong but no surprise; thirty in a week after a year
of silence is. To tell them apart, the payments around a finding keep their payer, payee and amount, and exchange their
times: among all payments of the account it is about, or, for a pattern of several accounts, among the payments that
each of them makes. So the rhythm of every account stays exactly what it was (how many payments, on which days, at
which hours), and only which payment came when is left to chance. The detector is then asked again. An account that
does nothing but what was found has no rhythm of its own to compare with; its surprise is not measured.

The share of shuffles with as strong a finding is taken as ``(k + 1) / (n + 1)``, which never says that chance is
impossible (Phipson and Smyth 2010, "Permutation p-values should never be zero"). Most findings are settled by a few
shuffles: those that chance reaches easily are not shuffled further.

Shuffles of many findings are searched together, as one window in which each shuffle has accounts of its own names.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.finding import Finding, Reason
from detectors.interface import Detector, Weighing
from flows.memory import Memory, content_of
from flows.progress import Stage
from flows.window import BEGINNING, END, SideTables, Window
from graphs.temporal import TemporalGraph, copies, temporal_graph

Edges = NDArray[np.int64]

SHUFFLES: Final = 2_000
"""Most shuffles of one finding: enough to say "1 in 2,000"."""
ENOUGH: Final = 5
"""So many shuffles with as strong a finding settle it: chance does this."""
STEPS: Final = (20, 100, 500)
"""Shuffles after which those that are settled are left; ours."""
MOST_LEGS: Final = 1_000
"""Payments around a finding that are shuffled, the nearest in time; bounds the work at accounts with many."""
PAYMENTS: Final = 40_000
"""Payments that the shuffles of one finding may make in all; an account with more legs is shuffled less often."""
ALL_PAYMENTS: Final = 8_000_000
"""Payments that the shuffles of all findings may make; of many findings, each is shuffled less often."""
MOST_FINDINGS: Final = 1_000
"""Findings that are shuffled, the strongest; with `ALL_PAYMENTS` it bounds the time at about a minute of one core."""
MOST_SHARE: Final = 0.8
"""With more of the payments around it in the finding itself, there is no rhythm to compare with; ours."""
AT_ONCE: Final = 250_000
"""Payments searched at once by each thread; bounds memory."""
THREADS: Final = min(2, os.cpu_count() or 1)
"""Detectors asked side by side: two as in `flows.engines.local.Local`, since each holds payments of its own."""

_TIMES: Final = ("at", "booked_on", "utc_offset_min", "ts_quality")
UNREAD: Final = (
    *("mcc", "merchant_name", "city", "country", "payer_country", "payee_country", "narrative"),
    *("card_id", "device_id", "depositor_id", "employee_ref", "claimant_ref"),
    *("sent_at", "received_minor", "received_currency", "payee_balance_after_minor"),
    *("status", "reversal_of", "source_file", "source_line"),
)
"""Columns that no detector whose findings depend on times reads; left out of shuffles, of which they are two thirds."""

# Whatever ties payments together must tie those of one shuffle only.
_NAMES: Final = ("terminal_id",)
_APART: Final = "\x1f"  # stands in no account's name: control characters are rejected


@dataclass
class _Trial:
    """A finding under test."""

    finding: Finding
    bar: float
    edges: Edges
    group: Edges
    most: int
    random: np.random.Generator
    shuffles: int = 0
    strong: list[int] = field(default_factory=list)  # the numbers of the shuffles with as strong a finding

    @property
    def settled(self) -> bool:
        return self.shuffles >= self.most or len(self.strong) >= ENOUGH

    def recall(self, done: int, strong: Sequence[int], shuffles: int) -> None:
        """Take over what was shuffled before, as far as this trial would have come by the same steps.

        How often a finding may be shuffled depends on how many others there are; its n-th shuffle does not.
        """
        for step in _steps(shuffles):
            until = min(step, self.most)
            if self.settled or until > done:
                break
            self.shuffles, self.strong = until, [number for number in strong if number < until]
        # Those that follow draw what they would have drawn.
        self.random.random((self.shuffles, self.edges.size))


def with_surprise(
    findings: Iterable[Finding],
    window: Window,
    detectors: Mapping[str, Detector],
    *,
    shuffles: int = SHUFFLES,
    seed: int = 0,
    stage: Stage | None = None,
    memory: Memory | None = None,
    program: str = "",
) -> tuple[Finding, ...]:
    """Measure the surprise of findings.

    Parameters
    ----------
    findings : iterable of Finding
        Of these detectors and this window; findings of other detectors are given back as they are.
    window : Window
        The uncut window, or one with at least every payment of the accounts `looked_at`. A finding's surprise depends
        on its accounts' payments in it, not on how it was searched.
    detectors : mapping of str to Detector
        By id. One whose findings do not depend on when payments were made (`About.shuffled` is False) is passed over.
    shuffles : int
        Most shuffles of one finding; 0 measures nothing.
    seed : int
        The same seed gives the same surprise; each finding has its own stream, whatever others there are.
    stage : Stage, optional
        Told of every shuffle.
    memory : Memory, optional
        What was measured before: a finding around which nothing changed is not shuffled again.
    program : str
        What else a measurement depends on: the versions of the program and its libraries.

    Returns
    -------
    tuple of Finding
        In the order given, with `Finding.surprise` and one more reason where it was measured. Of more than
        `MOST_FINDINGS`, the weakest are given back as they are.
    """
    findings = tuple(findings)
    if not shuffles:
        return findings
    graph = temporal_graph(window)
    trials: dict[str, _Trial] = {}
    bars: dict[str, dict[tuple[str, int], float]] = {}
    room = min(PAYMENTS, ALL_PAYMENTS // max(1, min(len(findings), MOST_FINDINGS)))
    for finding in _strongest(findings):
        detector = detectors.get(finding.detector)
        if detector is not None and detector.about.shuffled:
            bar = finding.strength
            if isinstance(detector, Weighing):
                if finding.detector not in bars:
                    told = detector.strengths(window)
                    bars[finding.detector] = {(centre, first_at): strength for centre, first_at, strength in told}
                bar = bars[finding.detector][finding.centre, finding.first_at]
            trial = _trial(finding, bar, detector, graph, shuffles, seed, room)
            if len(finding.payments) <= MOST_SHARE * trial.edges.size:
                trials[finding.finding_id] = trial
    around = _around(trials.values(), window)
    names = {} if memory is None else _contents(trials, around, detectors, f"{program} {shuffles} {seed}")
    recalled: dict[str, int] = {}
    for id_, name in names.items():
        text = memory.get(name) if memory is not None else None
        if text is not None:
            recalled[id_], strong = json.loads(text)
            trials[id_].recall(recalled[id_], strong, shuffles)
    by_detector: dict[str, list[_Trial]] = defaultdict(list)
    for id_ in sorted(trials):
        by_detector[trials[id_].finding.detector].append(trials[id_])
    one_at_a_time = Lock()

    def shuffle(id_: str) -> None:
        for step in _steps(shuffles):
            for batch in _batches([trial for trial in by_detector[id_] if not trial.settled], step):
                _shuffle(batch, around, detectors[id_])
                if stage is not None:
                    with one_at_a_time:
                        stage.advance(sum(count for _, count in batch))

    # A trial belongs to one detector and draws for itself, so nothing depends on what runs beside it. Those with most
    # to do come first: no core waits for them at the end.
    ids = sorted(by_detector, key=lambda id_: -sum(trial.edges.size * trial.most for trial in by_detector[id_]))
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(shuffle, id_) for id_ in ids]:
            done.result()
    if memory is not None:
        for id_, name in names.items():
            # What is known of more shuffles than were wanted tonight is kept for a night that wants them.
            if trials[id_].shuffles > recalled.get(id_, 0):
                memory.put(name, json.dumps([trials[id_].shuffles, trials[id_].strong]))
    return tuple(
        _measured(trials[finding.finding_id]) if finding.finding_id in trials else finding for finding in findings
    )


def _steps(shuffles: int) -> tuple[int, ...]:
    return (*(step for step in STEPS if step < shuffles), shuffles)


def _around(trials: Collection[_Trial], window: Window) -> Window:
    """Give a window of the payments around the trials only, and number their payments by it.

    Every shuffle takes rows from it, which is many times faster from a small table in one piece.
    """
    if not trials:
        return window
    edges = np.unique(np.concatenate([trial.edges for trial in trials]))
    for trial in trials:
        trial.edges = np.searchsorted(edges, trial.edges)
    payments = window.payments.take(edges).combine_chunks()
    for name in UNREAD:
        payments = _with(payments, name, pa.nulls(edges.size))
    return replace(window, payments=payments, _memo={})


def looked_at(findings: Iterable[Finding], detectors: Mapping[str, Detector]) -> tuple[set[str], set[str]]:
    """Give the accounts of which `with_surprise` reads every payment, and those of which it reads what they pay.

    Payments of others change nothing.
    """
    accounts: set[str] = set()
    payers: set[str] = set()
    for finding in _strongest(tuple(findings)):
        detector = detectors.get(finding.detector)
        if detector is not None and detector.about.shuffled:
            if detector.about.level == "account":
                accounts.add(finding.centre)
            else:
                payers.update(finding.accounts)
    return accounts, payers


def _strongest(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (-finding.strength, finding.order))[:MOST_FINDINGS]


def _contents(
    trials: Mapping[str, _Trial], window: Window, detectors: Mapping[str, Detector], told: str
) -> dict[str, str]:
    """Name each trial by all that its shuffles are made from: finding, payments around it, who is behind them."""
    around = {id_: _names(trial, window) for id_, trial in trials.items()}
    # Once for all, so that each looks for its own among few.
    known = _side(window.side, [set().union(*around.values())], [[""]])
    made = {}
    for id_, trial in trials.items():
        detector = detectors[trial.finding.detector]
        side = _side(known, [around[id_]], [[""]])
        tables = [window.payments.take(trial.edges), side.accounts, side.customers, side.links]
        made[id_] = Memory.name(
            told,
            f"{trial.finding!r} {trial.bar!r}",
            f"{detector.about.version}: {detector!r}",
            trial.group.tobytes(),
            "\n".join(sorted(window.hubs & around[id_])),
            *(b"-" if table is None else content_of(table) for table in tables),
        )
    return made


def _strengths(detector: Detector, window: Window) -> Iterator[tuple[str, int, float]]:
    if isinstance(detector, Weighing):
        return detector.strengths(window)
    return ((found.centre, found.first_at, found.strength) for found in detector.find(window))


def _measured(trial: _Trial) -> Finding:
    reason = Reason(
        "With the same payments at shuffled times it came out as strongly in {measured} of {limit} shuffle.",
        len(trial.strong),
        trial.shuffles,
        "",
        many="With the same payments at shuffled times it came out as strongly in {measured} of {limit} shuffles.",
        count=trial.shuffles,
    )
    surprise = -math.log10((len(trial.strong) + 1) / (trial.shuffles + 1))
    return replace(trial.finding, reasons=(*trial.finding.reasons, reason), surprise=surprise)


def _trial(
    finding: Finding, bar: float, detector: Detector, graph: TemporalGraph, shuffles: int, seed: int, room: int
) -> _Trial:
    if detector.about.level == "account":
        node = graph.number[finding.centre]
        edges = np.unique(np.concatenate([graph.out.of(node), graph.into.of(node)])).astype(np.int64)
    else:
        nodes = np.array([graph.number[name] for name in finding.accounts], dtype=np.int64)
        inside = np.zeros(graph.nodes, np.bool_)
        inside[nodes] = True
        edges = np.sort(np.concatenate([graph.out.of(int(node)) for node in nodes])).astype(np.int64)
        # What a hub pays to others is not its rhythm in this pattern, and there may be millions.
        edges = edges[~graph.hub[graph.payer[edges]] | inside[graph.payee[edges]]]
    edges = _nearest(edges, graph, finding)
    of_account = detector.about.level == "account"
    group = np.zeros(edges.size, np.int64) if of_account else graph.payer[edges].astype(np.int64)
    stream = hashlib.sha256(f"{seed} {finding.finding_id}".encode()).digest()
    most = max(STEPS[0], min(shuffles, room // max(1, edges.size)))
    return _Trial(finding, bar, edges, group, most, np.random.default_rng(int.from_bytes(stream[:8], "big")))


def _nearest(edges: Edges, graph: TemporalGraph, finding: Finding) -> Edges:
    if edges.size <= MOST_LEGS:
        return edges
    at = graph.at[edges]
    away = np.maximum(np.maximum(finding.first_at - at, at - finding.last_at), 0)
    return np.sort(edges[np.argsort(away, kind="stable")[:MOST_LEGS]])


def _batches(trials: Sequence[_Trial], until: int) -> Iterator[list[tuple[_Trial, int]]]:
    """Give trials with how often to shuffle each, in batches of bounded size."""
    batch: list[tuple[_Trial, int]] = []
    size = 0
    for trial in trials:
        left = min(until, trial.most) - trial.shuffles
        while left > 0:
            room = max(1, (AT_ONCE - size) // max(1, trial.edges.size))
            if batch and (AT_ONCE - size) < trial.edges.size:
                yield batch
                batch, size = [], 0
                continue
            count = min(left, room)
            batch.append((trial, count))
            size += count * trial.edges.size
            left -= count
    if batch:
        yield batch


def _shuffle(batch: list[tuple[_Trial, int]], window: Window, detector: Detector) -> None:
    """Shuffle each trial so often, search all shuffles at once, and count those with as strong a finding."""
    kept = np.concatenate([np.tile(trial.edges, count) for trial, count in batch])
    moved = np.concatenate([trial.edges[_dealt(trial, count)].ravel() for trial, count in batch])
    marks = [[f"{_APART}{number}{_APART}{place}" for place in range(count)] for number, (_, count) in enumerate(batch)]
    lengths = np.concatenate([np.full(count, trial.edges.size) for trial, count in batch])
    every = pa.array([mark for own in marks for mark in own], pa.string())
    base = temporal_graph(window)
    # Rows of the window are in order of time and id already, so their numbers stand for ids and no text is sorted.
    order = _in_time(base, kept, moved)
    kept, moved = kept[order], moved[order]
    copy = np.repeat(np.arange(len(every)), lengths)[order]
    graph = copies(base, kept, base.at[moved], copy, every)
    names = [_names(trial, window) for trial, _ in batch]
    shuffled = replace(
        window,
        payments=_dealt_out(window.payments, graph, kept, moved, every.take(copy)),
        since=BEGINNING,
        until=END,
        bucket=0,
        buckets=1,
        hubs=frozenset(
            hub + mark for own, of in zip(marks, names, strict=True) for hub in window.hubs & of for mark in own
        ),
        side=_side(window.side, names, marks),
        # A shuffle knows no more than its name says (`_contents`).
        as_of=None,
        _memo={"temporal_graph": graph},
    )
    strongest: dict[tuple[int, int], float] = defaultdict(float)
    for name, _, strength in _strengths(detector, shuffled):
        centre, of_trial, of_shuffle = name.split(_APART)
        if detector.about.level == "network" or centre == batch[int(of_trial)][0].finding.centre:
            key = int(of_trial), int(of_shuffle)
            strongest[key] = max(strongest[key], strength)
    for number, (trial, count) in enumerate(batch):
        # Floats of another order of summing may differ in the last bit; that is not weaker.
        bar = trial.bar - 1e-9
        strong = (place for place in range(count) if strongest.get((number, place), -1.0) >= bar)
        trial.strong += [trial.shuffles + place for place in strong]
        trial.shuffles += count


def _in_time(graph: TemporalGraph, kept: Edges, moved: Edges) -> NDArray[np.int32]:
    """Order payments by the times of `moved` and then as `kept`, without a comparison: both are numbers of payments."""
    # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.rows import grouped

    by_kept = grouped(kept.astype(np.int32), graph.edges)[1]
    # What follows all payments of a moment stands for it: equal times stay equal.
    moment = graph.until(timedelta(0)) - np.int32(1)
    order: NDArray[np.int32] = by_kept[grouped(moment[moved[by_kept]], graph.edges)[1]]
    return order


def _dealt_out(payments: pa.Table, graph: TemporalGraph, kept: Edges, moved: Edges, suffix: pa.Array) -> pa.Table:
    """Give the payments of all shuffles: each with what it keeps, its new time, and the names of its own shuffle."""
    rows = {True: pa.array(moved), False: pa.array(kept)}
    made = {"payer": graph.names.take(pa.array(graph.payer)), "payee": graph.names.take(pa.array(graph.payee))}
    columns = []
    for name, column in zip(payments.column_names, payments.columns, strict=True):
        if name in made:
            column = made[name]
        elif column.null_count == len(column):
            column = pa.nulls(kept.size, column.type)
        else:
            column = column.take(rows[name in _TIMES])
            if name in _NAMES:
                column = pc.binary_join_element_wise(column, suffix, "")
        columns.append(column)
    return pa.table(columns, schema=payments.schema).combine_chunks()


def _dealt(trial: _Trial, count: int) -> NDArray[np.int64]:
    """Give, per shuffle (rows) and payment (columns), the payment whose time it takes: one of its own group."""
    by_group = np.argsort(trial.group, kind="stable")
    rank = np.unique(trial.group, return_inverse=True)[1]
    order = np.argsort(rank[np.newaxis] + trial.random.random((count, trial.edges.size)), axis=1, kind="stable")
    taken = np.empty_like(order)
    taken[:, by_group] = order
    return taken


def _names(trial: _Trial, window: Window) -> set[str]:
    rows = window.payments.select(["payer", "payee"]).take(trial.edges)
    return {*rows["payer"].to_pylist(), *rows["payee"].to_pylist()}


def _side(side: SideTables, names: Sequence[set[str]], marks: Sequence[Sequence[str]]) -> SideTables:
    """Give each shuffle its own copy of what is known of its accounts."""
    if side.accounts is None:
        return side
    accounts, customers, links = [], [], []
    for of, own in zip(names, marks, strict=True):
        some = side.accounts.filter(pc.is_in(side.accounts["account_id"], value_set=pa.array(sorted(of), pa.string())))
        holders = pc.unique(some["customer_id"].drop_null())
        accounts.append(_copied(some, own, "account_id", "customer_id"))
        customers.append(_copied(_of(side.customers, holders), own, "customer_id"))
        links.append(_copied(_of(side.links, holders), own, "customer_id", "value_hash"))
    return SideTables(pa.concat_tables(accounts), _joined(customers), _joined(links))


def _of(table: pa.Table | None, customers: pa.Array) -> pa.Table | None:
    return None if table is None else table.filter(pc.is_in(table["customer_id"], value_set=customers))


def _joined(tables: list[pa.Table | None]) -> pa.Table | None:
    return pa.concat_tables(tables) if tables and tables[0] is not None else None


def _copied(table: pa.Table | None, marks: Sequence[str], *columns: str) -> pa.Table | None:
    if table is None:
        return None
    copies = table.take(np.tile(np.arange(table.num_rows), len(marks)))
    suffix = pa.array(marks, pa.string()).take(np.repeat(np.arange(len(marks)), table.num_rows))
    for name in columns:
        copies = _with(copies, name, pc.binary_join_element_wise(copies[name], suffix, ""))
    return copies


def _with(table: pa.Table, name: str, column: Any) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), column.cast(table.schema.field(place).type))
