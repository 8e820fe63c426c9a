"""Amounts kept under a reporting level: stretches of an account's pieces that stay just below, alone or added up.

Pieces are the payments of one account that a rule looks at and that are not reported by themselves. They are grouped
into the rule's own windows: a day or month of the calendar, or a span that rolls, which may begin with any piece. A
piece is *near* if it alone is at least `near`; a window is near if it has two pieces or more, their sum is at least
`near` and at most `most`, and they do not all lie in one window whose sum is above it (that was reported: nothing was
kept under anything). Near windows share no piece: the earliest is taken, then the earliest that begins after it. One is
*spread* if its pieces were handed over at two places or by two depositors. A near piece that is in no near window is a
window by itself. Windows of either kind are hot.

For each hot window ``w`` take the hot windows that begin in ``[w, w + within)`` and count, with a half each:

- `least_near` or more near pieces;
- two or more near windows;
- near pieces much more frequent than amounts just above the level: the lower bound of their share (one-sided Wilson
  interval at 90 %) is above 3 : 1;
- a spread window.

Nearness alone (neither of two near windows and a spread one) counts one half at most. Of stretches that overlap the
one with the highest count is kept, then the one with more pieces, then the earlier: a stretch is kept if none that
begins in the `within` before it is as strong, and none that begins within it is stronger. Linear in an account's
pieces.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled, inner

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

MANY_NEAR, NEAR_WINDOWS, RARELY_ABOVE, SPREAD = 1, 2, 4, 8
"""Bits of `Stretches.shows`."""

COLUMNS = 8
"""Of a stretch, beside its hot pieces."""


class Stretches(NamedTuple):
    """Stretches of pieces that look kept under the level.

    Parameters
    ----------
    account : ndarray of int64, shape (stretches,)
        Row of each, ascending.
    halves : ndarray of int64
        How many halves it counts, 1 to 4.
    shows : ndarray of int64
        Which of the four it shows, as bits.
    near_pieces, near_windows, pieces : ndarray of int64
        Near pieces; near windows; all pieces that are near or in a near window.
    first, last : ndarray of int64
        Its pieces are the hot ones of ``first:last``.
    hot : ndarray of bool, shape (pieces,)
        Which pieces are near or in a near window.
    """

    account: Ints
    halves: Ints
    shows: Ints
    near_pieces: Ints
    near_windows: Ints
    pieces: Ints
    first: Ints
    last: Ints
    hot: Flags


def stretches(
    start: Ints,
    clock: Ints,
    amount: Ints,
    place: Numbers,
    depositor: Numbers,
    above_start: Ints,
    above_clock: Ints,
    span: int,
    within: int,
    near: int,
    most: int,
    least_near: int,
    least_pieces: int,
) -> Stretches:
    """Find the stretches of every account under one rule.

    Parameters
    ----------
    start : ndarray of int64, shape (accounts + 1,)
        Where the pieces of each account begin.
    clock : ndarray of int64, shape (pieces,)
        When each piece was, in the rule's own unit (a day, a month, or microseconds); ascending in each account.
    amount : ndarray of int64
        Minor units.
    place, depositor : ndarray of int32
        Where and by whom, as numbers; -1 where not known.
    above_start, above_clock : ndarray of int64
        The same for payments just above the level.
    span, within : int
        Length of a window (1 for a day or month) and of a stretch, on the clock.
    near, most : int
        Minor units: from where a piece or sum is near the level, and the largest sum that still is.
    least_near, least_pieces : int
        Near pieces that count a half; pieces a stretch must have.
    """
    hot = np.zeros(clock.size, np.bool_)
    asked = (span, within, near, most, least_near, least_pieces)
    rows, found = _search(start, clock, amount, place, depositor, above_start, above_clock, hot, *asked)
    columns = rows[: COLUMNS * found].reshape(-1, COLUMNS).T
    return Stretches._make([*np.ascontiguousarray(columns), hot])


@compiled
def _search(
    start: Ints,
    clock: Ints,
    amount: Ints,
    place: Numbers,
    depositor: Numbers,
    above_start: Ints,
    above_clock: Ints,
    hot: Flags,
    span: int,
    within: int,
    near: int,
    most: int,
    least_near: int,
    least_pieces: int,
) -> tuple[Ints, int]:
    """Mark the hot pieces, and give the other columns of the stretches, one after another, and how many there are."""
    total = clock.size
    # Hot windows of one account: first and last piece, clock, near pieces, whether near, whether spread.
    low = np.empty(total, np.int64)
    high = np.empty(total, np.int64)
    begins = np.empty(total, np.int64)
    near_of = np.empty(total, np.int64)
    near_window = np.empty(total, np.int64)
    spread_of = np.empty(total, np.int64)
    halves = np.empty(total, np.int64)
    shows = np.empty(total, np.int64)
    pieces = np.empty(total, np.int64)
    ends = np.empty(total, np.int64)
    nears = np.empty(total, np.int64)
    windows_near = np.empty(total, np.int64)
    strength = np.empty(total, np.int64)
    before = np.empty(total, np.int64)
    falling = np.empty(total, np.int64)
    kept = np.empty(total, np.bool_)
    rows = np.empty(COLUMNS * total, np.int64)
    found = 0
    for account in range(start.size - 1):
        windows = 0
        last = start[account]
        taken = last  # where the near window before ends
        reported = last  # where the furthest window that is above the level ends
        upper = np.int64(0)  # the sum in halves of 32 bits, which the sum of many large amounts does not leave
        lower = np.int64(0)
        for first in range(start[account], start[account + 1]):
            while last < start[account + 1] and clock[last] < clock[first] + span:
                upper += amount[last] >> 32
                lower += amount[last] & 0xFFFFFFFF
                last += 1
            high_half = upper + (lower >> 32)
            sum_ = np.int64(1) << 62 if high_half >= 1 << 30 else (high_half << 32) + (lower & 0xFFFFFFFF)
            is_near = first >= taken and last - first >= 2 and near <= sum_ <= most and last > reported
            if sum_ > most:
                reported = last
            if is_near or (first >= taken and amount[first] >= near):
                taken = last if is_near else first + 1
                singles = 0
                places = False
                people = False
                someone = np.int32(-1)
                for piece in range(first, taken):
                    singles += amount[piece] >= near
                    places = places or bool(place[piece] != place[first])
                    if depositor[piece] >= 0:
                        people = people or bool(someone >= 0 and someone != depositor[piece])
                        someone = depositor[piece]
                    hot[piece] = True
                low[windows] = first
                high[windows] = taken
                begins[windows] = clock[first]
                near_of[windows] = singles
                near_window[windows] = is_near
                spread_of[windows] = is_near and (places or people)
                windows += 1
            upper -= amount[first] >> 32
            lower -= amount[first] & 0xFFFFFFFF
        # Count over sliding stretches.
        end = 0
        single_sum = 0
        near_sum = 0
        spread_sum = 0
        piece_sum = 0
        above_low = above_start[account]
        above_high = above_start[account]
        for window in range(windows):
            until = begins[window] + within
            while end < windows and begins[end] < until:
                single_sum += near_of[end]
                near_sum += near_window[end]
                spread_sum += spread_of[end]
                for piece in range(low[end], high[end]):
                    piece_sum += hot[piece]
                end += 1
            while above_low < above_start[account + 1] and above_clock[above_low] < begins[window]:
                above_low += 1
            above_high = max(above_high, above_low)
            while above_high < above_start[account + 1] and above_clock[above_high] < until:
                above_high += 1
            bits = 0
            if single_sum >= least_near:
                bits |= 1
            if near_sum >= 2:
                bits |= 2
            if _rarely_above(single_sum, above_high - above_low):
                bits |= 4
            if spread_sum > 0:
                bits |= 8
            count = (bits & 1) + ((bits >> 1) & 1) + ((bits >> 2) & 1) + ((bits >> 3) & 1)
            if not bits & (2 | 8):
                count = min(count, 1)
            if piece_sum < least_pieces:
                count = 0
            halves[window] = count
            shows[window] = bits
            pieces[window] = piece_sum
            ends[window] = end
            nears[window] = single_sum
            windows_near[window] = near_sum
            single_sum -= near_of[window]
            near_sum -= near_window[window]
            spread_sum -= spread_of[window]
            for piece in range(low[window], high[window]):
                piece_sum -= hot[piece]
        # Keep the strongest of those that overlap: the most that went before is known from a row of falling numbers.
        for window in range(windows):
            strength[window] = halves[window] << 40 | pieces[window]
        head = 0
        tail = 0
        for window in range(windows):
            while head < tail and begins[falling[head]] <= begins[window] - within:
                head += 1
            before[window] = strength[falling[head]] if head < tail else -1
            while head < tail and strength[falling[tail - 1]] <= strength[window]:
                tail -= 1
            falling[tail] = window
            tail += 1
        head = 0
        tail = 0
        for window in range(windows - 1, -1, -1):
            while head < tail and falling[head] >= ends[window]:
                head += 1
            keep = halves[window] > 0 and before[window] < strength[window]
            keep = keep and (head == tail or strength[falling[head]] <= strength[window])
            kept[window] = keep
            while head < tail and strength[falling[tail - 1]] <= strength[window]:
                tail -= 1
            falling[tail] = window
            tail += 1
        for window in range(windows):
            if kept[window]:
                row = COLUMNS * found
                rows[row] = account
                rows[row + 1] = halves[window]
                rows[row + 2] = shows[window]
                rows[row + 3] = nears[window]
                rows[row + 4] = windows_near[window]
                rows[row + 5] = pieces[window]
                rows[row + 6] = low[window]
                rows[row + 7] = high[ends[window] - 1]
                found += 1
    return rows, found


@inner
def _rarely_above(near: int, above: int) -> bool:
    """Say whether near amounts are surely more than three times as frequent as those just above the level."""
    if near == 0:
        return False
    z = 1.2815515655446004  # one-sided 90 %
    n = near + above
    share = near / n
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return bool((centre - half) / (1 + z * z / n) > 0.75)
