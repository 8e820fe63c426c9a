"""First-in-first-out matching and its stretches, beside a plain queue and a search over all runs."""

from collections import Counter, deque
from fractions import Fraction

import numpy as np
import pytest

from graphs.kernels.blocks import THREADS
from graphs.kernels.pass_through import stretches
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import ids, random_window

HOUR = 3_600_000_000


def plain_matches(rows, within):
    """Match one account's payments with a queue; rows are (time, is_debit, order, amount, name), sorted."""
    queue, found = deque(), []
    for at, is_debit, _, amount, name in rows:
        if not is_debit:
            queue.append([name, at, amount])
            continue
        while amount and queue:
            lot = queue[0]
            if at - lot[1] > within:
                queue.popleft()
                continue
            taken = min(amount, lot[2])
            found.append((lot[0], name, taken))
            amount -= taken
            lot[2] -= taken
            if not lot[2]:
                queue.popleft()
    return found


def maximal_runs(scores):
    """Give the maximal scoring runs by their definition: the best run, then the same left and right of it."""

    def best(low, high):
        sums = [0]
        for score in scores[low:high]:
            sums.append(sums[-1] + score)
        runs = [
            (sums[j] - sums[i], -(j - i), -i, i, j) for i in range(high - low) for j in range(i + 1, high - low + 1)
        ]
        if not runs or max(runs)[0] <= 0:
            return []
        *_, i, j = max(runs)
        return [*best(low, low + i), (low + i, low + j), *best(low + j, high)]

    return best(0, len(scores))


def plain_stretches(window, within, share, quiet, least_credits, least_inflow):
    """Do the whole search account by account with lists."""
    rows = [
        (int(at.timestamp() * 1_000_000), payer, payee, amount, currency, name, order)
        for order, (at, payer, payee, amount, currency, name) in enumerate(
            zip(
                *(
                    window.payments[column].to_pylist()
                    for column in ("at", "payer", "payee", "amount_minor", "currency", "payment_id")
                ),
                strict=True,
            )
        )
    ]
    found = Counter()
    for account in {row[1] for row in rows} | {row[2] for row in rows}:
        for currency in {row[4] for row in rows}:
            legs = sorted(
                (at, payer == account, order, amount, name)
                for at, payer, payee, amount, unit, name, order in rows
                if unit == currency and payer != payee and account in (payer, payee)
            )
            matches = plain_matches(legs, within)
            received = [leg for leg in legs if not leg[1]]
            passed = Counter()
            for credit, _, taken in matches:
                passed[credit] += taken
            group = []
            for leg in [*received, None]:
                if group and (leg is None or leg[0] - group[-1][0] > quiet):
                    scores = [passed[each[4]] - int(share * each[3]) for each in group]
                    for low, high in maximal_runs(scores):
                        run = group[low:high]
                        if len(run) >= least_credits and sum(each[3] for each in run) >= least_inflow:
                            names = {each[4] for each in run}
                            kept = [match for match in matches if match[0] in names]
                            kept += [(name, None, 0) for name in names if not passed[name]]
                            found[account, currency, tuple(sorted(kept, key=str))] += 1
                    group = []
                if leg is not None:
                    group.append(leg)
    return found


def found_by_the_kernel(window, within, share, quiet, least_credits, least_inflow):
    graph = temporal_graph(window)
    allowed = np.ones(graph.nodes, np.bool_)
    limits = np.full(len(graph.currencies), least_inflow, np.int64)
    answer = stretches(
        graph,
        allowed,
        within=within,
        share=float(share),
        quiet=quiet,
        least_credits=least_credits,
        least_inflow=limits,
    )
    found = Counter()
    for number in range(len(answer.node)):
        span = slice(answer.start[number], answer.start[number + 1])
        matches = [
            (*ids(window, [credit]), ids(window, [debit])[0] if debit >= 0 else None, int(amount))
            for credit, debit, amount in zip(answer.credit[span], answer.debit[span], answer.amount[span], strict=True)
        ]
        name = graph.names[int(answer.node[number])].as_py()
        found[name, graph.currencies[answer.unit[number]], tuple(sorted(matches, key=str))] += 1
    return found


@pytest.mark.parametrize("chunk", range(10))
def test_it_finds_what_a_plain_queue_finds(chunk):
    several = 0
    for seed in range(chunk * 200, chunk * 200 + 200):
        rng = np.random.default_rng(seed)
        window = random_window(seed, most=50)
        asked = (
            int(rng.integers(0, 12)) * HOUR,
            Fraction(int(rng.integers(0, 21)), 20),
            int(rng.integers(1, 8)) * HOUR,
            int(rng.integers(1, 4)),
            int(rng.choice([0, 15_000, 30_000])),
        )
        expected = plain_stretches(window, *asked)
        assert found_by_the_kernel(window, *asked) == expected, f"seed {seed}, asked {asked}"
        several += bool(expected)
    assert several > 20, "the random windows are too poor to test anything"


def test_one_thread_and_two_give_the_same_bytes(monkeypatch):
    monkeypatch.setattr("graphs.kernels.blocks.SMALLEST", 3)
    answers = []
    for threads in (1, 2):
        token = THREADS.set(threads)
        graph = temporal_graph(random_window(5, most=300, hours=100))
        answers.append(
            stretches(
                graph,
                np.ones(graph.nodes, np.bool_),
                within=5 * HOUR,
                share=0.1,
                quiet=9 * HOUR,
                least_credits=1,
                least_inflow=np.zeros(len(graph.currencies), np.int64),
            )
        )
        THREADS.reset(token)
    assert answers[0].node.size > 3
    assert [part.tobytes() for part in answers[0]] == [part.tobytes() for part in answers[1]]
