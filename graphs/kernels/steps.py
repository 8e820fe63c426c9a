"""Compiled passes over the legs of purses: opening balances, an order that respects causes, and the steps themselves.

A *purse* is one account's money of one currency. A payment has two *legs*, numbered ``2 * row`` (it leaves the payer's
purse) and ``2 * row + 1`` (it reaches the payee's). Purses hold their legs in order as compressed sparse rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

OPENING, CREDIT, DRAWN, DEBIT, REPAID, CLOSING = range(6)
"""Kinds of step: the first three bring money into a purse, the last three take it out."""

NEVER = -(2**63)
"""Before every moment."""


@compiled
def openings(start: Ints, legs: Ints, amount: Ints, balance: Ints, told: Flags) -> tuple[Ints, Flags, int, int]:
    """Work out opening balances from balances that the bank reported after its payments.

    Parameters
    ----------
    start, legs : ndarray
        Legs of each purse in booked order.
    amount, balance : ndarray, shape (2 * payments,)
        By leg: minor units moved, and the balance reported after it.
    told : ndarray of bool, shape (2 * payments,)
        Whether a balance was reported.

    Returns
    -------
    opening : ndarray of int64, shape (purses,)
        Below zero for a purse that was overdrawn; zero where nothing was reported.
    known : ndarray of bool, shape (purses,)
        Whether anything was reported.
    reported, differing : int
        Balances reported, and those that do not follow from the first one and the payments since.
    """
    purses = start.size - 1
    opening = np.zeros(purses, np.int64)
    known = np.zeros(purses, np.bool_)
    reported = 0
    differing = 0
    for purse in range(purses):
        moved = np.int64(0)
        for place in range(start[purse], start[purse + 1]):
            leg = legs[place]
            moved += amount[leg] if leg & 1 else -amount[leg]
            if not told[leg]:
                continue
            reported += 1
            if not known[purse]:
                known[purse] = True
                opening[purse] = balance[leg] - moved
            elif opening[purse] + moved != balance[leg]:
                differing += 1
    return opening, known, reported, differing


@compiled
def unclear(start: Ints, legs: Ints, early: Ints, late: Ints) -> Flags:
    """Say of each purse whether times leave open which of some credit and some debit came first.

    Parameters
    ----------
    start, legs : ndarray
        Legs of each purse in booked order.
    early, late : ndarray of int64, shape (payments,)
        The first and the last moment at which each payment may have happened.
    """
    found = np.zeros(start.size - 1, np.bool_)
    latest = np.empty(2, np.int64)
    for purse in range(start.size - 1):
        latest[0] = latest[1] = NEVER
        for place in range(start[purse], start[purse + 1]):
            leg = legs[place]
            if latest[1 - (leg & 1)] >= early[leg >> 1]:
                found[purse] = True
                break
            latest[leg & 1] = max(latest[leg & 1], late[leg >> 1])
    return found


@compiled
def scheduled(start: Ints, legs: Ints, purse: Ints, cut: Flags) -> tuple[Ints, int]:
    """Put all legs in one order in which every purse keeps its own and every payment leaves before it arrives.

    Parameters
    ----------
    purse : ndarray of int64, shape (2 * payments,)
        Purse of each leg; -1 for a leg outside the bank.
    cut : ndarray of bool, shape (payments,)
        Payments that may arrive before they leave.

    Returns
    -------
    sequence : ndarray of int64
        Legs in order; those that wait for each other in a circle are missing.
    count : int
        How many are in it.
    """
    payments = purse.size // 2
    sequence = np.empty(purse.size, np.int64)
    count = 0
    left = np.zeros(payments, np.bool_)
    for row in range(payments):
        if purse[2 * row] < 0:
            sequence[count] = 2 * row
            count += 1
            left[row] = True
            if purse[2 * row + 1] < 0:
                sequence[count] = 2 * row + 1
                count += 1
    place = np.empty(start.size - 1, np.int64)
    for number in range(place.size):  # a slice would do the same and take longer to compile
        place[number] = start[number]
    waits = np.zeros(payments, np.bool_)
    purses = start.size - 1
    # A purse goes back on the stack once per payment it waited for.
    stack = np.empty(purses + payments, np.int64)
    for number in range(purses):
        stack[number] = purses - 1 - number
    top = purses
    while top > 0:
        top -= 1
        here = stack[top]
        while place[here] < start[here + 1]:
            leg = legs[place[here]]
            row = leg >> 1
            if leg & 1 and not left[row] and not cut[row]:
                waits[row] = True
                break
            sequence[count] = leg
            count += 1
            place[here] += 1
            if not leg & 1:
                left[row] = True
                if purse[leg + 1] < 0:
                    sequence[count] = leg + 1
                    count += 1
                elif waits[row]:
                    waits[row] = False
                    stack[top] = purse[leg + 1]
                    top += 1
    return sequence[:count], count


def laid_out(
    start: Ints, legs: Ints, amount: Ints, opening: Ints, known: Flags
) -> tuple[Ints, NDArray[np.int8], Ints, Ints, Ints, Ints, Ints]:
    """Turn the legs of each purse into steps whose running balance never falls below zero.

    A debit above the balance is preceded by a step that draws the shortfall from the bank; the next credits pay it back
    first. Where no balance was reported the opening is the least one that needs no overdraft.

    Returns
    -------
    first : ndarray of int64, shape (purses + 1,)
        Where the steps of each purse begin.
    kind : ndarray of int8, shape (steps,)
    leg : ndarray of int64
        The payment's leg; for a drawn or repaid overdraft the leg that caused it; -1 for opening and closing.
    moved, after : ndarray of int64
        Minor units of the step, and the balance after it.
    step_of_leg : ndarray of int64, shape (2 * payments,)
        -1 for legs outside the bank.
    opened : ndarray of int64, shape (purses,)
        The opening balance in use.
    """
    most = 2 * legs.size + 2 * (start.size - 1)
    kind = np.empty(most, np.int8)
    leg, moved, after = (np.empty(most, np.int64) for _ in range(3))
    step_of_leg = np.full(amount.size, -1, np.int64)
    opened = opening.copy()
    first = np.zeros(start.size, np.int64)
    steps = _lay_out(start, legs, amount, known, first, kind, leg, moved, after, step_of_leg, opened)
    return (
        first,
        kind[:steps].copy(),
        leg[:steps].copy(),
        moved[:steps].copy(),
        after[:steps].copy(),
        step_of_leg,
        opened,
    )


@compiled
def _lay_out(
    start: Ints,
    legs: Ints,
    amount: Ints,
    known: Flags,
    first: Ints,
    kind: NDArray[np.int8],
    leg_of: Ints,
    moved: Ints,
    after: Ints,
    step_of_leg: Ints,
    opened: Ints,
) -> int:
    """Fill the arrays that `laid_out` gives; gives how many steps there are."""
    purses = start.size - 1
    steps = 0
    for purse in range(purses):
        if not known[purse]:
            total = np.int64(0)
            lowest = np.int64(0)
            for place in range(start[purse], start[purse + 1]):
                leg = legs[place]
                total += amount[leg] if leg & 1 else -amount[leg]
                lowest = min(lowest, total)
            opened[purse] = -lowest
        balance = max(opened[purse], 0)
        owed = max(-opened[purse], 0)
        if balance > 0:
            kind[steps], leg_of[steps], moved[steps], after[steps] = OPENING, -1, balance, balance
            steps += 1
        for place in range(start[purse], start[purse + 1]):
            leg = legs[place]
            if amount[leg] == 0:
                continue
            if leg & 1:
                balance += amount[leg]
                kind[steps], leg_of[steps], moved[steps], after[steps] = CREDIT, leg, amount[leg], balance
                step_of_leg[leg] = steps
                steps += 1
                back = min(owed, amount[leg])
                if back > 0:
                    owed -= back
                    balance -= back
                    kind[steps], leg_of[steps], moved[steps], after[steps] = REPAID, leg, back, balance
                    steps += 1
            else:
                short = amount[leg] - balance
                if short > 0:
                    owed += short
                    balance += short
                    kind[steps], leg_of[steps], moved[steps], after[steps] = DRAWN, leg, short, balance
                    steps += 1
                balance -= amount[leg]
                kind[steps], leg_of[steps], moved[steps], after[steps] = DEBIT, leg, amount[leg], balance
                step_of_leg[leg] = steps
                steps += 1
        if balance > 0:
            kind[steps], leg_of[steps], moved[steps], after[steps] = CLOSING, -1, balance, 0
            steps += 1
        first[purse + 1] = steps
    return steps


@compiled
def reached(
    sequence: Ints,
    forward: bool,
    purse: Ints,
    step_of_leg: Ints,
    first: Ints,
    kind: NDArray[np.int8],
    after: Ints,
    moved: Ints,
    known: Flags,
    seed: Flags,
    stops: Flags,
) -> tuple[Flags, Ints]:
    """Find every payment that can carry any of the money at all, and the step at which each purse is first reached.

    Money may stay in a purse as long as the purse is not empty; where the opening balance is a guess, for ever.

    Parameters
    ----------
    sequence : ndarray of int64
        All legs in order (`scheduled`).
    seed, stops : ndarray of bool, shape (payments,)
        Payments the money starts in; payments it ends in wherever they go.

    Returns
    -------
    carried : ndarray of bool, shape (payments,)
    since : ndarray of int64, shape (purses,)
        First step with such money, in the direction of the trace; -1 if never.
    """
    payments = purse.size // 2
    carried = np.zeros(payments, np.bool_)
    since = np.full(first.size - 1, -1, np.int64)
    holds = np.zeros(first.size - 1, np.bool_)
    gives = 0 if forward else 1
    for number in range(sequence.size):
        leg = sequence[number] if forward else sequence[sequence.size - 1 - number]
        row = leg >> 1
        here = purse[leg]
        if leg & 1 == gives:
            if here >= 0 and step_of_leg[leg] >= 0 and holds[here]:
                carried[row] = True
                step = step_of_leg[leg]
                rest = after[step] if forward else after[step] - moved[step]
                if rest == 0 and known[here]:
                    holds[here] = False
            elif seed[row]:
                carried[row] = True
        elif here >= 0 and step_of_leg[leg] >= 0 and (seed[row] or carried[row]) and not stops[row]:
            step = step_of_leg[leg]
            if since[here] < 0:
                since[here] = step
            holds[here] = True
            # An overdraft that takes the whole of it leaves nothing to go on.
            if known[here] and forward:
                beyond = step + 1
                if beyond < first[here + 1] and kind[beyond] == REPAID and after[beyond] == 0:
                    holds[here] = False
            if known[here] and not forward:
                beyond = step - 1
                if beyond >= first[here] and kind[beyond] == DRAWN and after[beyond] == moved[beyond]:
                    holds[here] = False
    return carried, since
