"""Where the followed money was at each moment, under one rule: what each account held of it, and when it moved on.

At every moment what the accounts hold of it is all of it, so the picture (`reports.picture_time`) is as thick anywhere
as at its beginning: nothing appears and nothing is lost on the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import pyarrow.compute as pc

from flows.money import spoken
from graphs.trace import Trace
from graphs.trace_assumptions import CONVENTIONS
from reports.blocks import Passing, Stay, Whereabouts

MOST_STAYS = 16
"""Accounts with a lane of their own, the most money first. Ours: more cannot be told apart on one page."""

MOST_PASSINGS = 300
"""Payments drawn between lanes, the largest first; what the lanes hold rests on all of them."""

START, PASSES, OTHERS = "the trail begins here", "passes it on", "(other accounts)"
BEGINS = "begins "
"""Before the name of an account the trail begins with: it is a place of its own, apart from what comes back to it."""


@dataclass(frozen=True)
class _Move:
    """Some of the money goes from one place to another: nodes, or nodes the trail begins with."""

    at: int
    payment_id: str
    giver: str
    taker: str
    amount: int


def whereabouts(found: Trace, rule: str) -> Whereabouts:
    """Tell where the money of a trace was under a rule.

    Parameters
    ----------
    found : Trace
        The trace.
    rule : str
        One of its rules that attribute amounts.
    """
    moves = _in_order(_moves(found, rule))
    joined, moves = _largest(moves)
    held = _held(moves)
    words = _ends(found, rule)
    kept = {end.node for end in found.endpoints[rule] if end.end_class == "balance"}
    givers = {move.giver for move in moves}
    # Where it begins on top, where it ends below where it passes: so it flows down and to the right.
    order = sorted(
        held,
        key=lambda place: (
            held[place][0][1] == 0,
            place not in givers,
            held[place][0][0],
            -max(amount for _, amount in held[place]),
            place,
        ),
    )
    number = {place: lane for lane, place in enumerate(order)}
    stays = tuple(
        Stay(
            place.removeprefix(BEGINS),
            START if place.startswith(BEGINS) else words.get(place, PASSES),
            tuple(held[place]),
            stays=place in kept,
        )
        for place in order
    )
    passings = _passings(moves, number)
    note = f"{CONVENTIONS[rule]}. As thick as the money; at every moment the bands together are all of it."
    if len(passings) < len(moves):
        note += f" Showing {len(passings):,} of {len(moves):,} payments between them, by amount."
    if joined:
        note += f" {joined:,} accounts with little of it are one band."
    lost = sum(
        end.amount_minor for end in found.endpoints[rule] if end.end_class in ("fee", "dust", "overdraft_repaid")
    )
    if lost:
        note += (
            f" {spoken(lost, found.currency)} of fees, overdrafts paid back and what is too small to follow are drawn "
            "where they fell off."
        )
    return Whereabouts(
        f"Where the money was, under the rule {rule}, {found.currency}", found.currency, stays, passings, note
    )


def _moves(found: Trace, rule: str) -> list[_Move]:
    """Read the payments of a rule; the accounts the trail begins with are places of their own.

    Money that comes back to them has ended, and must not look as if it went round once more.
    """
    seeds = {seed.payment_id for seed in found.seeds}
    forward = found.direction == "forward"
    moves = []
    for row in found.payments.filter(pc.equal(found.payments["rule"], rule)).to_pylist():
        begins = row["payment_id"] in seeds
        giver = BEGINS + row["payer"] if begins and forward else row["payer"]
        taker = BEGINS + row["payee"] if begins and not forward else row["payee"]
        if giver != taker and row["amount_minor"]:
            at = int(row["at"].timestamp())
            moves.append(_Move(at, row["payment_id"], giver, taker, row["amount_minor"]))
    return sorted(moves, key=lambda move: (move.at, move.payment_id))


def _in_order(moves: Sequence[_Move]) -> list[_Move]:
    """Put payments of one moment in an order in which nobody gives what has not come yet, where there is one."""
    made: list[_Move] = []
    balance = _opening(moves)
    for _, same in groupby(moves, key=lambda move: move.at):
        waiting = list(same)
        while waiting:
            move = next((move for move in waiting if balance[move.giver] >= move.amount), waiting[0])
            waiting.remove(move)
            balance[move.giver] -= move.amount
            balance[move.taker] += move.amount
            made.append(move)
    return made


def _opening(moves: Iterable[_Move]) -> dict[str, int]:
    """Give what each place held before the first payment: what it gives that never came."""
    balance: dict[str, int] = defaultdict(int)
    least: dict[str, int] = defaultdict(int)
    for _, same in groupby(moves, key=lambda move: move.at):
        for move in same:
            balance[move.giver] -= move.amount
            balance[move.taker] += move.amount
        for place, amount in balance.items():
            least[place] = min(least[place], amount)
    return defaultdict(int, {place: -amount for place, amount in least.items()})


def _held(moves: Sequence[_Move]) -> dict[str, list[tuple[int, int]]]:
    """Give what each place holds after each of its payments; the first entry is what it begins with."""
    begins = moves[0].at if moves else 0
    held: dict[str, list[tuple[int, int]]] = {}
    opening = _opening(moves)
    for move in moves:
        for place, change in ((move.giver, -move.amount), (move.taker, move.amount)):
            if place not in held:
                held[place] = [(begins if opening[place] else move.at, opening[place])]
            held[place].append((move.at, held[place][-1][1] + change))
    return held


def _passings(moves: Sequence[_Move], number: Mapping[str, int]) -> tuple[Passing, ...]:
    balance = _opening(moves)
    made = []
    for move in moves:
        balance[move.giver] -= move.amount
        made.append(
            Passing(
                at=move.at,
                giver=number[move.giver],
                taker=number[move.taker],
                amount_minor=move.amount,
                giver_keeps=balance[move.giver],
                taker_had=balance[move.taker],
                payment_id=move.payment_id,
            )
        )
        balance[move.taker] += move.amount
    largest = sorted(range(len(made)), key=lambda place: (-made[place].amount_minor, place))[:MOST_PASSINGS]
    return tuple(made[place] for place in sorted(largest))


def _largest(moves: Sequence[_Move]) -> tuple[int, list[_Move]]:
    """Join all but the largest places into one; what moves among those is not seen."""
    held = _held(moves)
    if len(held) <= MOST_STAYS:
        return 0, list(moves)
    most = {place: max(amount for _, amount in steps) for place, steps in held.items()}
    small = set(sorted(most, key=lambda place: (-most[place], place))[MOST_STAYS - 1 :])
    joined = [
        replace(
            move,
            giver=OTHERS if move.giver in small else move.giver,
            taker=OTHERS if move.taker in small else move.taker,
        )
        for move in moves
    ]
    return len(small), [move for move in joined if move.giver != move.taker]


def _ends(found: Trace, rule: str) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for end in found.endpoints[rule]:
        words.setdefault(end.node, end.what)
    return words
