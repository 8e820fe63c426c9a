"""Money in and out again: first-in-first-out matching of every account, and the stretches where most is passed on.

An account's credits of one currency queue as lots; a debit takes from the oldest lot that is not yet older than
`within`; what nobody took in that time has come to rest. Where a credit and a debit bear the same time, the credit is
first. Self-payments move nothing and are passed over. Linear in an account's payments.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.blocks import even_rows, in_blocks
from graphs.kernels.compiled import compiled, inner
from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]

MILLION = 1_000_000


class Stretches(NamedTuple):
    """Stretches of an account's credits that were mostly passed on.

    Parameters
    ----------
    node, unit : ndarray of int64, shape (stretches,)
        Account and currency, in order of account, currency and time.
    start : ndarray of int64, shape (stretches + 1,)
        Where the matches of each begin in the arrays below.
    credit, debit : ndarray of int32
        Edges of each match, in order of credit and debit; `debit` is -1 for a credit nobody took from.
    amount : ndarray of int64
        Minor units matched.
    """

    node: Ints
    unit: Ints
    start: Ints
    credit: Numbers
    debit: Numbers
    amount: Ints


def stretches(
    graph: TemporalGraph,
    allowed: NDArray[np.bool_],
    *,
    within: int,
    share: float,
    quiet: int,
    least_credits: int,
    least_inflow: Ints,
) -> Stretches:
    """Find the stretches of each account over which at least a share of what came in was passed on.

    A stretch is a run of credits, each at most `quiet` after the one before, that passes on more than `share` of its
    sum; so do all its beginnings and all its ends, and it cannot be made longer without losing that (the maximal
    scoring subsequences of Ruzzo and Tompa, 1999, of passed minus `share` times received).

    Parameters
    ----------
    allowed : ndarray of bool, shape (nodes,)
        Accounts to look at.
    within, quiet : int
        Microseconds.
    share : float
        Of the sum of the credits.
    least_credits : int
        Credits in a stretch.
    least_inflow : ndarray of int64, shape (units,)
        Sum of the credits in a stretch, minor units of each currency.
    """
    into, out = graph.into, graph.out
    share_ppm = round(share * MILLION)

    def work(_: None, low: int, high: int) -> tuple[Ints, Numbers, Numbers, Ints]:
        head, heads, credit, debit, amount, rows = _search(
            low,
            high,
            allowed,
            into.start,
            into.edge,
            into.neighbour,
            graph.in_amount,
            out.start,
            out.edge,
            out.neighbour,
            graph.out_amount,
            graph.at,
            graph.unit,
            within,
            quiet,
            share_ppm,
            least_credits,
            least_inflow,
        )
        return head[:heads].reshape(-1, 3).copy(), credit[:rows].copy(), debit[:rows].copy(), amount[:rows].copy()

    found = in_blocks(work, even_rows(into.start + out.start), lambda: None)
    head = np.concatenate([each[0] for each in found]) if found else np.empty((0, 3), np.int64)
    start = np.zeros(len(head) + 1, np.int64)
    np.cumsum(head[:, 2], out=start[1:])
    credit, debit = (np.concatenate([each[n] for each in found] or [np.empty(0, np.int32)]) for n in (1, 2))
    amount = np.concatenate([each[3] for each in found] or [np.empty(0, np.int64)])
    return Stretches(head[:, 0], head[:, 1], start, credit, debit, amount)


@compiled
def _search(
    low: int,
    high: int,
    allowed: NDArray[np.bool_],
    in_start: Ints,
    in_edge: Numbers,
    in_payer: Numbers,
    in_amount: Ints,
    out_start: Ints,
    out_edge: Numbers,
    out_payee: Numbers,
    out_amount: Ints,
    at: Ints,
    unit: NDArray[np.int16],
    within: int,
    quiet: int,
    share_ppm: int,
    least_credits: int,
    least_inflow: Ints,
) -> tuple[Ints, int, Numbers, Numbers, Ints, int]:
    """Search the accounts of one block: triples of (node, unit, matches), the matches, and how long both are."""
    head = np.empty(48, np.int64)
    heads = 0
    credit_of = np.empty(64, np.int32)
    debit_of = np.empty(64, np.int32)
    taken_of = np.empty(64, np.int64)
    rows = 0
    credits_, debits = 0, 0
    for node in range(low, high):
        credits_ = max(credits_, in_start[node + 1] - in_start[node])
        debits = max(debits, out_start[node + 1] - out_start[node])
    # Room for the credits of one account, and for the matches of each (together at most credits + debits).
    lots = np.empty(credits_, np.int32)
    lot_at = np.empty(credits_, np.int64)
    lot_amount = np.empty(credits_, np.int64)
    passed = np.empty(credits_, np.int64)
    first_match = np.empty(credits_ + 1, np.int64)
    match_debit = np.empty(credits_ + debits, np.int32)
    match_taken = np.empty(credits_ + debits, np.int64)
    runs_of = (
        np.empty(credits_, np.int64),
        np.empty(credits_, np.int64),
        np.empty(credits_, np.int64),
        np.empty(credits_, np.int64),
        np.empty(credits_, np.int64),
    )
    several = least_inflow.size > 1
    for node in range(low, high):
        if not allowed[node] or in_start[node + 1] - in_start[node] < least_credits:
            continue
        if out_start[node + 1] == out_start[node]:
            continue
        for currency in range(least_inflow.size):
            number = 0
            received = np.int64(0)
            for place in range(in_start[node], in_start[node + 1]):
                edge = in_edge[place]
                if in_payer[place] != node and (not several or unit[edge] == currency):
                    lots[number] = edge
                    lot_at[number] = at[edge]
                    lot_amount[number] = in_amount[place]
                    passed[number] = 0
                    # A sum that would leave int64 is large enough already.
                    received = min(received + in_amount[place], np.int64(1) << 62)
                    number += 1
            if number == 0 or number < least_credits or received < least_inflow[currency]:
                continue
            first_match[0] = 0
            matches = 0
            lot = 0
            left = lot_amount[0]
            for place in range(out_start[node], out_start[node + 1]):
                debit = out_edge[place]
                if out_payee[place] == node or (several and unit[debit] != currency):
                    continue
                owed = out_amount[place]
                when = at[debit]
                while owed > 0 and lot < number and lot_at[lot] <= when:
                    if when - lot_at[lot] <= within and left > 0:
                        taken = min(owed, left)
                        match_debit[matches] = debit
                        match_taken[matches] = taken
                        matches += 1
                        passed[lot] += taken
                        owed -= taken
                        left -= taken
                    else:
                        left = 0
                    if left == 0:
                        lot += 1
                        first_match[lot] = matches
                        if lot < number:
                            left = lot_amount[lot]
                if lot == number:
                    break
            for later in range(lot + 1, number + 1):
                first_match[later] = matches
            # Maximal scoring runs between silences.
            begin = 0
            while begin < number:
                end = begin + 1
                while end < number and lot_at[end] - lot_at[end - 1] <= quiet:
                    end += 1
                if end - begin >= least_credits:
                    runs = _maximal(begin, end, lot_amount, passed, share_ppm, *runs_of)
                    lefts, rights = runs_of[0], runs_of[1]
                    for run in range(runs):
                        inflow = np.int64(0)
                        for number_ in range(lefts[run], rights[run]):
                            inflow = min(inflow + lot_amount[number_], np.int64(1) << 62)
                        if rights[run] - lefts[run] < least_credits or inflow < least_inflow[currency]:
                            continue
                        before = rows
                        for number_ in range(lefts[run], rights[run]):
                            first, last = first_match[number_], first_match[number_ + 1]
                            need = rows + max(1, last - first)
                            if need > credit_of.size:
                                credit_of = _longer(credit_of, need)
                                debit_of = _longer(debit_of, need)
                                taken_of = _longer(taken_of, need)
                            if first == last:
                                credit_of[rows] = lots[number_]
                                debit_of[rows] = -1
                                taken_of[rows] = 0
                                rows += 1
                            for match in range(first, last):
                                credit_of[rows] = lots[number_]
                                debit_of[rows] = match_debit[match]
                                taken_of[rows] = match_taken[match]
                                rows += 1
                        if heads + 3 > head.size:
                            head = _longer(head, heads + 3)
                        head[heads] = node
                        head[heads + 1] = currency
                        head[heads + 2] = rows - before
                        heads += 3
                begin = end
    return head, heads, credit_of, debit_of, taken_of, rows


@inner
def _maximal(
    begin: int,
    end: int,
    amount: Ints,
    passed: Ints,
    share_ppm: int,
    lefts: Ints,
    rights: Ints,
    below: Ints,
    sum_left: Ints,
    sum_right: Ints,
) -> int:
    """Give how many maximal scoring runs credits ``begin .. end`` have; where each begins and ends is written.

    Parameters
    ----------
    lefts, rights : ndarray of int64
        Written: the first and the last-but-one credit of each run.
    below : ndarray of int64
        Written: the nearest run before that starts from a lower sum; -1 if none.
    sum_left, sum_right : ndarray of int64
        Written: the sum of scores before and after each run.
    """
    runs = 0
    total = np.int64(0)
    for number in range(begin, end):
        whole, rest = divmod(amount[number], 1_000_000)
        score = passed[number] - (whole * share_ppm + rest * share_ppm // 1_000_000)
        before = total
        total += score
        if score <= 0:
            continue
        left = number
        other = runs - 1
        while True:
            while other >= 0 and sum_left[other] >= before:
                other = below[other]
            if other < 0 or sum_right[other] >= total:
                break
            left = lefts[other]
            before = sum_left[other]
            runs = other
            other = below[other]
        lefts[runs] = left
        rights[runs] = number + 1
        below[runs] = other
        sum_left[runs] = before
        sum_right[runs] = total
        runs += 1
    return runs


@inner
def _longer(array: NDArray[Any], least: int) -> NDArray[Any]:
    """Copy an array into one of at least twice the length."""
    more = np.empty(max(2 * array.size, least), array.dtype)
    for place in range(array.size):  # a slice would do the same and take a second longer to compile
        more[place] = array[place]
    return more
