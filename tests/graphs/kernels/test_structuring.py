"""Structuring against a slow search that asks every question of the definition anew."""

from math import sqrt

import numpy as np
import pytest

from graphs.kernels.structuring import stretches

NEAR, MOST = 80, 99


def random_pieces(rng, *, calendar):
    """Give the pieces and the payments just above of a few accounts, with ties and with places not known."""
    accounts = int(rng.integers(1, 4))
    count = rng.integers(0, 14, accounts)
    pieces = [
        {
            "account": account,
            "clock": int(clock),
            "amount": int(rng.choice([5, 30, 45, 79, 80, 85, 90, 99])),
            "place": int(rng.integers(0, 3)),
            "depositor": int(rng.integers(-1, 3)),
        }
        for account in range(accounts)
        for clock in np.sort(rng.integers(0, 12 if calendar else 60, count[account]))
    ]
    above = [(account, int(clock)) for account in range(accounts) for clock in np.sort(rng.integers(0, 60, 2))]
    return accounts, pieces, above[: int(rng.integers(0, len(above) + 1))]


def plain_windows(rows, span, most):
    """Give the near windows, and each near piece that is in none by itself, in order of time."""

    def together(first):
        return [row for row in rows[first:] if row["clock"] < rows[first]["clock"] + span]

    def total(group):
        return sum(row["amount"] for row in group)

    every = [together(first) for first in range(len(rows))]
    reported = [group for group in every if total(group) > most]
    groups, taken = [], 0
    for first, group in enumerate(every):
        near = len(group) >= 2 and NEAR <= total(group) <= most
        near = near and not any(all(any(row is other for other in over) for row in group) for over in reported)
        if first < taken:
            continue
        if near:
            groups.append((group, True))
            taken = first + len(group)
        elif rows[first]["amount"] >= NEAR:
            groups.append(([rows[first]], False))
    return groups


def lower_bound(near, above, z=1.2815515655446004):
    n = near + above
    share = near / n
    return (share + z * z / (2 * n) - z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))) / (1 + z * z / n)


def plain_stretches(accounts, pieces, above, *, span, within, most, least_near, least_pieces):
    found = set()
    for account in range(accounts):
        rows = [(number, row) for number, row in enumerate(pieces) if row["account"] == account]
        number_of = {id(row): number for number, row in rows}
        windows = []
        for group, near in plain_windows([row for _, row in rows], span, most):
            people = {row["depositor"] for row in group} - {-1}
            spread = near and (len({row["place"] for row in group}) > 1 or len(people) > 1)
            singles = [row for row in group if row["amount"] >= NEAR]
            windows.append((group[0]["clock"], len(singles), near, spread, [number_of[id(row)] for row in group]))
        scored = []
        for number, (begin, *_) in enumerate(windows):
            inside = [window for window in windows[number:] if window[0] < begin + within]
            singles = sum(window[1] for window in inside)
            over = sum(1 for who, clock in above if who == account and begin <= clock < begin + within)
            shows = [
                singles >= least_near,
                sum(window[2] for window in inside) >= 2,
                singles > 0 and lower_bound(singles, over) > 0.75,
                any(window[3] for window in inside),
            ]
            halves = sum(shows) if shows[1] or shows[3] else min(1, sum(shows))
            evidence = tuple(number for window in inside for number in window[4])
            if len(evidence) < least_pieces:
                halves = 0
            scored.append((begin, (halves, len(evidence)), sum(bit << k for k, bit in enumerate(shows)), evidence))
        for number, (begin, strength, shows, evidence) in enumerate(scored):
            before = [other for then, other, *_ in scored[:number] if begin - within < then]
            after = [other for then, other, *_ in scored[number + 1 :] if then < begin + within]
            if strength[0] and all(other < strength for other in before) and all(other <= strength for other in after):
                found.add((account, strength[0], shows, evidence))
    return found


def starts(accounts, owners):
    return np.searchsorted(np.array(owners, np.int64), np.arange(accounts + 1)).astype(np.int64)


@pytest.mark.parametrize("adds_up", [True, False])
@pytest.mark.parametrize("span", [1, 10])
def test_stretches_are_those_of_the_definition(span, adds_up):
    rng = np.random.default_rng(span + adds_up)
    hits = 0
    for _ in range(1_500):
        accounts, pieces, above = random_pieces(rng, calendar=span == 1)
        limits = {
            "span": span,
            "within": int(rng.integers(1, 4 * span + 8)),
            "most": MOST if adds_up else 2**62,
            "least_near": int(rng.integers(1, 4)),
            "least_pieces": int(rng.integers(1, 4)),
        }
        column = {
            name: np.array([row[name] for row in pieces], np.int64)
            for name in ("clock", "amount", "place", "depositor")
        }
        result = stretches(
            starts(accounts, [row["account"] for row in pieces]),
            column["clock"],
            column["amount"],
            column["place"].astype(np.int32),
            column["depositor"].astype(np.int32),
            starts(accounts, [account for account, _ in above]),
            np.array([clock for _, clock in above], np.int64),
            limits["span"],
            limits["within"],
            NEAR,
            limits["most"],
            limits["least_near"],
            limits["least_pieces"],
        )
        found = set()
        for k in range(len(result.account)):
            inside = np.arange(result.first[k], result.last[k])
            evidence = tuple(inside[result.hot[inside]].tolist())
            assert len(evidence) == result.pieces[k]
            found.add((int(result.account[k]), int(result.halves[k]), int(result.shows[k]), evidence))
        expected = plain_stretches(accounts, pieces, above, **limits)
        assert found == expected
        hits += len(expected)
    assert hits > 1_000, "the random accounts must hold enough stretches to mean anything"


def test_nearness_alone_counts_a_half_at_most():
    many = 40
    result = stretches(
        np.array([0, many]),
        np.arange(many, dtype=np.int64) * 3,
        np.full(many, 95, np.int64),
        np.zeros(many, np.int32),
        np.full(many, -1, np.int32),
        np.array([0, 0]),
        np.empty(0, np.int64),
        1,
        1_000,
        NEAR,
        MOST,
        3,
        3,
    )
    assert result.halves.tolist() == [1]
    assert result.near_pieces.tolist() == [many]
