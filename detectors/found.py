"""Findings of motifs as indicators tell them: which nodes take part, and the strongest of several scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from detectors.indicator import Score
from detectors.sight import Sight
from graphs.legs import Ints


def nodes_of(sight: Sight, rows: Ints) -> dict[str, int]:
    """Give the nodes of some payments by name."""
    nodes = np.unique(np.concatenate([sight.payer[rows], sight.payee[rows]]))
    return dict(zip(sight.graph.names.take(pa.array(nodes)).to_pylist(), nodes.tolist(), strict=True))


def strongest(scores: Iterable[Score | None]) -> Iterator[Score]:
    """Give one score for each account: that with the highest value, the latest of equals."""
    best: dict[str, Score] = {}
    for score in scores:
        if score is not None and (score.centre not in best or _rank(score) > _rank(best[score.centre])):
            best[score.centre] = score
    yield from best.values()


def _rank(score: Score) -> tuple[float, int, tuple[str, ...]]:
    return (score.value, score.last_at, score.payments)
