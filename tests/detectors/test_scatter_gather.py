"""The evidence of scatter-gather: each payment used once, however often one middle is paid."""

from collections import Counter, defaultdict
from datetime import timedelta

import numpy as np
import pytest

from detectors.motifs.scatter_gather import ScatterGather
from graphs.kernels.scatter_gather import peaks
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import random_window

HOURS = timedelta(hours=20)
ASKED = ScatterGather(
    least_middles=2, within=HOURS, spread=HOURS, keeps_least=0.5, keeps_most=1.25, tolerance=1.0, most_steps=10**9
)


def paired_one_by_one(window):
    """Go through the payments to middles of every peak in order of time; each takes the first that is left and fits."""
    graph = temporal_graph(window)
    found = peaks(
        graph,
        np.ones(graph.nodes, np.bool_),
        after=graph.until(timedelta(0)),
        until=graph.until(HOURS),
        spread=HOURS // timedelta(microseconds=1),
        first=0,
        last=graph.edges,
        least=2,
        keeps_least=0.5,
        keeps_most=1.25,
        most_steps=10**9,
    )
    rows = window.payments.to_pylist()
    expected = Counter()
    for start, stop in zip(found.start.tolist(), found.stop.tolist(), strict=True):
        sink = rows[found.gathered[start]]["payee"]
        used: set[str] = set()
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for there in (rows[edge] for edge in found.scattered[start:stop].tolist()):
            for back in rows:
                if (
                    (back["payer"], back["payee"], back["currency"]) == (there["payee"], sink, there["currency"])
                    and there["at"] < back["at"] <= there["at"] + HOURS
                    and 0.5 * there["amount_minor"] <= back["amount_minor"] <= 1.25 * there["amount_minor"]
                    and back["payment_id"] not in used
                ):
                    used |= {there["payment_id"], back["payment_id"]}
                    sums[there["currency"]][0] += there["amount_minor"]
                    sums[there["currency"]][1] += back["amount_minor"]
                    break
        if all(abs(arrived - sent) <= sent for sent, arrived in sums.values()):
            expected[frozenset(used)] += 1
    return expected, any(
        np.unique(found.gathered[a:b]).size < b - a for a, b in zip(found.start, found.stop, strict=True)
    )


@pytest.mark.parametrize("chunk", range(4))
def test_each_payment_is_used_once_and_none_is_left_that_fits(chunk):
    crowded = 0
    for seed in range(chunk * 40, chunk * 40 + 40):
        window = random_window(seed, most=120)
        expected, twice = paired_one_by_one(window)
        crowded += twice
        assert Counter(frozenset(finding.payments) for finding in ASKED.find(window)) == expected, f"seed {seed}"
    assert crowded > 5, "in the random windows no payment out is wanted twice"
