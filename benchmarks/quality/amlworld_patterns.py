"""Which attempts of IBM AMLworld (HI-Small, 370 of eight shapes) are found on a background, and why the rest are not.

Run: ``python benchmarks/quality/amlworld_patterns.py [--data DIR] [--freeze]``. The pattern file holds the planted
payments only, so the background is ours: the seeded table of `benchmarks/speed/tables.py` with its own planted patterns
taken out, about 200,000 payments in US dollar over ten days. The accounts of the attempts take the place of accounts of
the background chosen by lot, so that they also lead its ordinary life.

An attempt is found by a motif if one of its findings holds at least half of the attempt's payments; where only a motif
of another shape does so, that is counted apart, since it tells of a part (the fan of a gather-scatter) or of chance.
For an attempt that the motif of its own shape does not find, the reason is not guessed: the motif is run on the attempt
by itself, with its limits on members, time and money loosened one after another and then together, and the smallest
loosening that finds it is the reason. Loosening money makes every payment 1,000 US dollar, so it asks for order and
shape alone.

The background is dense and short: its findings are a crowd to be found in, and no measure of anybody's workload.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.quality.freezing import arguments, freeze, made_with, needed, table, timed
from benchmarks.speed.tables import table as ordinary_table
from detectors.finding import Finding
from detectors.run import search
from flows.engines.local import Local
from flows.ingest import ingest
from flows.ledger import Ledger
from flows.payments import PAYMENTS
from flows.plugins import Shelf
from flows.window import Window, whole
from graphs.hubs import hubs, labels

FILE = "amlworld/HI-Small_Patterns.txt"
ASKED, SEED = 222_000, 20260101
"""Payments asked of the background (a tenth of them stay on one account and are dropped), and its seed."""

MOTIFS = Shelf("detectors.motifs")
LONG = timedelta(days=31)


@dataclass(frozen=True)
class Own:
    """The motif that asks for a shape, and its limits loosened: who takes part, how long it may take, what it moves."""

    motif: str
    members: Mapping[str, Any]
    time: Mapping[str, Any]
    money: Mapping[str, Any]


OWN = {
    "fan_in": Own("fan-in", {"min_payers": 2}, {"within": LONG}, {}),
    "fan_out": Own("fan-out", {"min_payees": 2}, {"within": LONG}, {}),
    "cycle": Own("round-trip", {"least_hops": 2, "most_hops": 8}, {"within": LONG}, {"keeps_least": 0.0}),
    "scatter_gather": Own("scatter-gather", {"least_middles": 2}, {"within": LONG, "spread": LONG}, {}),
    "gather_scatter": Own("gather-scatter", {"least": 2}, {"within": LONG, "held": LONG}, {"share": 0.0}),
    "random": Own("chain", {"least_hops": 2}, {"delay": timedelta(days=7)}, {}),
    "stack": Own("chain", {"least_hops": 2}, {"delay": timedelta(days=7)}, {}),
}
"""AMLworld's *random* is a walk from account to account and its *stack* walks of two payments side by side: chains. Its
*bipartite* is payments side by side that mostly share no account, for which no motif can ask."""

LEAST, MOST_HOPS = 3, 8
"""Fewer payments are no shape; more hops than this no motif follows."""
PATHS = ("cycle", "random")

TOO = {"members": "too few members", "time": "too slow", "money": "amounts not kept"}


@dataclass(frozen=True)
class Attempt:
    """A planted attempt."""

    id: int
    shape: str
    payments: pa.Table

    @property
    def ids(self) -> frozenset[str]:
        """Ids of its payments."""
        return frozenset(self.payments["payment_id"].to_pylist())


def attempts(path: Path, payments: pa.Table) -> list[Attempt]:
    """Put the payments of a pattern file back to their attempts, by the line they came from."""
    shape_of: list[str] = []
    attempt_of_line: dict[int, int] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        begun = re.match(r"BEGIN LAUNDERING ATTEMPT - ([A-Z-]+)", line)
        if begun:
            shape_of.append(begun[1].lower().replace("-", "_"))
        attempt_of_line[number] = len(shape_of) - 1
    of_row = pa.array([attempt_of_line[line] for line in payments["source_line"].to_pylist()])
    return [Attempt(number, shape, payments.filter(pc.equal(of_row, number))) for number, shape in enumerate(shape_of)]


def background(asked: int, seed: int) -> pa.Table:
    """Make ordinary payments with all the columns of the ledger."""
    made = ordinary_table(asked, seed=seed)
    keep = np.ones(made.payments.num_rows, np.bool_)
    for _, rows in made.planted:
        keep[rows] = False
    keep &= pc.not_equal(made.payments["payer"], made.payments["payee"]).to_numpy()
    rows = made.payments.filter(pa.array(keep))
    count = rows.num_rows
    given = {
        **dict(zip(rows.column_names, rows.columns, strict=True)),
        "booked_on": rows["at"].cast(pa.date32()),
        "sent_at": rows["at"],
        "ts_quality": pa.repeat("event", count),
        "status": pa.repeat("booked", count),
        "source_file": pa.repeat("background", count),
        "source_line": pa.array(np.arange(count)),
    }
    columns = [given.get(field.name, pa.nulls(count, field.type)) for field in PAYMENTS]
    return pa.table([column.cast(field.type) for column, field in zip(columns, PAYMENTS, strict=True)], schema=PAYMENTS)


def planted_among(ordinary: pa.Table, planted: pa.Table, seed: int) -> pa.Table:
    """Let the accounts of the attempts lead the ordinary life of accounts chosen by lot."""
    names = pc.unique(pa.chunked_array([*planted["payer"].chunks, *planted["payee"].chunks])).sort().to_pylist()
    living = pc.unique(pa.chunked_array([*ordinary["payer"].chunks, *ordinary["payee"].chunks])).sort().to_pylist()
    chosen = np.random.default_rng(seed).permutation(len(living))[: len(names)]
    # On a background with fewer accounts than the attempts have, the last of these do nothing but what was planted.
    renamed = dict(zip((living[place] for place in chosen), names, strict=False))
    for side in ("payer", "payee"):
        column = ordinary[side].combine_chunks().dictionary_encode()
        new = pa.array([renamed.get(name, name) for name in column.dictionary.to_pylist()])
        ordinary = ordinary.set_column(
            ordinary.column_names.index(side), PAYMENTS.field(side), new.take(column.indices)
        )
    return pa.concat_tables([ordinary, planted])


def finds(findings: Iterable[Finding], attempt: Attempt) -> bool:
    """Say whether one of these findings holds at least half of the attempt."""
    return any(2 * len(attempt.ids.intersection(finding.payments)) >= len(attempt.ids) for finding in findings)


def why_not(attempt: Attempt) -> str:
    """Say what keeps the motif of its own shape from finding an attempt on the background."""
    if attempt.payments.num_rows < LEAST:
        return f"fewer than {LEAST} payments"
    if 2 * _largest_part(attempt) < attempt.payments.num_rows:
        return "falls into parts that share no account"
    own = OWN.get(attempt.shape)
    if own is None:
        return "no motif for the shape"
    for many in range(4):
        for loosened in combinations(("members", "time", "money"), many):
            if finds(_alone(attempt, own, loosened), attempt):
                return _named(attempt, loosened)
    if attempt.shape in PATHS and attempt.payments.num_rows > MOST_HOPS:
        return f"more than {MOST_HOPS} hops"
    return "not in time order, or another shape"


def _largest_part(attempt: Attempt) -> int:
    """Count the payments of the largest part of an attempt whose accounts are joined by payments."""
    ends = zip(attempt.payments["payer"].to_pylist(), attempt.payments["payee"].to_pylist(), strict=True)
    graph = nx.MultiGraph(ends)
    return max(graph.subgraph(part).number_of_edges() for part in nx.connected_components(graph))


def _alone(attempt: Attempt, own: Own, loosened: tuple[str, ...]) -> Iterator[Finding]:
    """Run the motif on the attempt by itself."""
    kind = MOTIFS.load(own.motif)
    payments = attempt.payments
    changed: dict[str, Any] = {}
    for what in loosened:
        changed.update(getattr(own, what))
    if "money" in loosened:
        count = payments.num_rows
        same = {"amount_minor": pa.repeat(100_000, count), "currency": pa.repeat("USD", count)}
        for name, column in same.items():
            payments = payments.set_column(payments.column_names.index(name), PAYMENTS.field(name), column)
    motif = kind(**changed)
    found: Iterator[Finding] = motif.find(whole(payments, cut=motif.reach.cut))
    return found


def _named(attempt: Attempt, loosened: tuple[str, ...]) -> str:
    if not loosened:
        return "lost among other payments"
    exchanged = pc.count_distinct(attempt.payments["currency"]).as_py() > 1
    return " and ".join("currency changes" if what == "money" and exchanged else TOO[what] for what in loosened)


def measure(path: Path, folder: Path, *, asked: int = ASKED) -> tuple[dict[str, Any], dict[str, float]]:
    """Plant the attempts, search, and account for each of them."""
    seconds: dict[str, float] = {}
    ingest(folder / "ledger", {"payments": [path]})
    kept = Ledger.open(folder / "ledger").counted()
    every = attempts(path, kept)
    payments = planted_among(background(asked, SEED), kept, SEED)
    window = _window(payments)
    detectors = {id_: MOTIFS.load(id_)() for id_ in MOTIFS.ids()}
    with timed(seconds, "search"):
        searched = search(Local(), window, detectors)
    by_motif: dict[str, list[Finding]] = defaultdict(list)
    for finding in searched.findings:
        by_motif[finding.detector].append(finding)
    with timed(seconds, "reasons"):
        told = [_told(attempt, by_motif) for attempt in every]
    planted = {id_ for attempt in every for id_ in attempt.ids}
    return {
        "payments": {"background": payments.num_rows - kept.num_rows, "planted": kept.num_rows},
        "hubs": len(window.hubs),
        "attempts": len(every),
        "shapes": _by_shape(every, told),
        "findings": {
            motif: {
                "findings": len(found),
                "without a planted payment": sum(planted.isdisjoint(finding.payments) for finding in found),
            }
            for motif, found in sorted(by_motif.items())
        },
        "failed": searched.failures,
    }, seconds


def _window(payments: pa.Table) -> Window:
    found = whole(payments)
    return whole(payments, hubs=labels(hubs(found.payments)))


@dataclass(frozen=True)
class Told:
    """What became of an attempt: the motifs that found it, and why its own did not."""

    by_own: bool
    by_others: tuple[str, ...]
    why: str


def _told(attempt: Attempt, by_motif: Mapping[str, list[Finding]]) -> Told:
    by = [motif for motif, found in sorted(by_motif.items()) if finds(found, attempt)]
    own = OWN[attempt.shape].motif if attempt.shape in OWN else ""
    return Told(own in by, tuple(motif for motif in by if motif != own), "" if own in by else why_not(attempt))


def _by_shape(every: Iterable[Attempt], told: Iterable[Told]) -> dict[str, dict[str, Any]]:
    shapes: dict[str, list[Told]] = defaultdict(list)
    for attempt, what in zip(every, told, strict=True):
        shapes[attempt.shape].append(what)
    return {
        shape: {
            "attempts": len(each),
            "own motif": OWN[shape].motif if shape in OWN else None,
            "found by it": sum(what.by_own for what in each),
            "only by another": sum(bool(what.by_others) and not what.by_own for what in each),
            "others": dict(Counter(by for what in each if not what.by_own for by in what.by_others).most_common()),
            "why its own does not": dict(Counter(what.why for what in each if not what.by_own).most_common()),
        }
        for shape, each in sorted(shapes.items())
    }


def show(figures: Mapping[str, Any]) -> None:
    """Print the figures as tables."""
    print(f"{figures['payments']}, {figures['hubs']} hubs; failed: {figures['failed'] or 'none'}\n")
    shapes = figures["shapes"]
    counted = ("attempts", "own motif", "found by it", "only by another")
    print(table([{"shape": shape, **{what: told[what] for what in counted}} for shape, told in shapes.items()]))
    print("\nWhy the motif of the shape does not find the rest")
    rows = [
        {"shape": shape, "why": why, "attempts": count}
        for shape, told in shapes.items()
        for why, count in told["why its own does not"].items()
    ]
    print(table(rows))
    print(table([{"motif": motif, **counts} for motif, counts in figures["findings"].items()], title=""))


def main() -> None:
    given = arguments(__doc__)
    path = given.data / FILE
    needed(path)
    with tempfile.TemporaryDirectory() as folder:
        figures, seconds = measure(path, Path(folder))
    show(figures)
    print(f"\nSeconds: {seconds}")
    if given.freeze:
        print(f"Frozen: {freeze('amlworld_patterns', figures, made_with(path), {'seconds': seconds}).name}")


if __name__ == "__main__":
    main()
