"""First in, first out, looked up instead of replayed.

On the common axis of a purse (`graphs.trace_steps`) the money that came in at a place goes out at the same place, so a
trace follows intervals: a payment's credit is an interval of its payee's inflows, and the outflows over that interval
are the payments it went on in. Only payments that carry traced money are touched. Backward is the same lookup with the
two axes exchanged, hence the exact mirror.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from graphs.kernels.steps import CLOSING, CREDIT, DEBIT, OPENING
from graphs.trace_record import Record, Trail

Piece = tuple[int, int, int]
"""From, to (offsets within a payment), and its worth: how much of the money at the start of the trail it is."""


def fifo(trail: Trail, seeds: Mapping[int, int], smallest: int = 0) -> Record:
    """Trace first in, first out.

    Parameters
    ----------
    trail : Trail
        The ledger in the direction asked.
    seeds : mapping of int to int
        Minor units the trail begins with, by row of the payment: the front of what its payer paid.
    smallest : int
        See `Record`.

    Notes
    -----
    Some microseconds for each piece; a trail has at most one piece per seed and per boundary between payments that it
    crosses.
    """
    record = Record(trail, smallest)
    pieces: dict[int, list[Piece]] = {row: [] for row in seeds}
    waiting = sorted((trail.in_order(row), row) for row in seeds)
    while waiting:
        _, row = heappop(waiting)
        found = pieces.pop(row)
        worth = sum(piece[2] for piece in found)
        if row in seeds:
            record.again(row, worth)
            record.carried[row] += seeds[row]
            found = [(0, seeds[row], seeds[row])]
            if trail.forward:
                found = across(record, row, found)
        elif record.goes(row, worth):
            found = across(record, row, joined(found))
        else:
            continue
        for onward, piece in _arrive(record, row, found):
            if onward not in pieces:
                pieces[onward] = []
                heappush(waiting, (trail.in_order(onward), onward))
            pieces[onward].append(piece)
    return record


def _arrive(record: Record, row: int, found: list[Piece]) -> Iterable[tuple[int, Piece]]:
    """End what a payment brings where it ends, and yield the pieces of payments in which the rest goes on."""
    trail = record.trail
    index = trail.steps
    end = trail.end(row)
    if end is not None:
        worth = sum(piece[2] for piece in found)
        record.end(end, worth, [(row, worth)])
        return
    took, gave = (index.inflows, index.outflows) if trail.forward else (index.outflows, index.inflows)
    on, rest = (DEBIT, CLOSING) if trail.forward else (CREDIT, OPENING)
    leg = 2 * row + trail.taking
    purse = int(index.purse[leg])
    base = int(took.start[index.step_of_leg[leg]]) if found else 0
    for low, high, worth in found:
        place = int(gave.edge.searchsorted(base + low, "right")) - 1
        begin = low
        while begin < high:
            edge = int(gave.edge[place]) - base
            finish = min(high, int(gave.edge[place + 1]) - base)
            part = _share(worth, low, high, begin, finish)
            step = int(gave.step[place])
            kind = index.kind[step]
            if kind == on:
                yield int(index.leg[step]) >> 1, (begin - edge, finish - edge, part)
            else:
                key = trail.rest(purse) if kind == rest else trail.overdraft(purse)
                record.end(key, part, [(row, part)])
            begin = finish
            place += 1


def across(record: Record, row: int, found: list[Piece]) -> list[Piece]:
    """Carry pieces from the side a payment leaves to the side it arrives at.

    Less received than sent in the same currency is a fee, and falls on the end of the payment; an exchange of currency
    scales offsets, rounding down.
    """
    given, arrives = record.trail.sizes(row)
    if given == arrives:
        return found
    moved = []
    if record.trail.steps.exchanged[row]:
        for low, high, worth in found:
            low, high = low * arrives // given, high * arrives // given
            if low < high:
                moved.append((low, high, worth))
            else:
                record.dust(row, worth)
        return moved
    for low, high, worth in found:
        kept = _share(worth, low, high, low, max(low, min(high, arrives)))
        if low < arrives:
            moved.append((low, min(high, arrives), kept))
        record.fee(row, worth - kept)
    return moved


def joined(found: list[Piece]) -> list[Piece]:
    """Put neighbouring pieces of the same rate together."""
    whole: list[Piece] = []
    for low, high, worth in sorted(found):
        if whole and whole[-1][1] == low and whole[-1][2] == low - whole[-1][0] and worth == high - low:
            whole[-1] = (whole[-1][0], high, high - whole[-1][0])
        else:
            whole.append((low, high, worth))
    return whole


def _share(worth: int, low: int, high: int, begin: int, finish: int) -> int:
    """Give the worth of ``[begin, finish)`` within a piece; the shares of a cut piece sum to its worth."""
    if worth == high - low:
        return finish - begin
    return worth * (finish - low) // (high - low) - worth * (begin - low) // (high - low)
