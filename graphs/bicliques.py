"""Payers who share payees: bicliques of a bipartite graph of links.

A link says that a payer paid a payee. The biclique of two payees is made of all payers who paid both, and of all payees
whom every one of these payers paid; nobody can be added to either side. Of bicliques that have a link in common the
one with more links is kept, then the one whose links were seen first.

Payers and payees with very many links are left out: they would take quadratic work, and meeting there means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sides:
    """A biclique: payers who all paid the same payees.

    Parameters
    ----------
    payers, payees : tuple of int
        Ascending.
    """

    payers: tuple[int, ...]
    payees: tuple[int, ...]

    @property
    def links(self) -> Iterator[tuple[int, int]]:
        """Every payer with every payee."""
        return ((payer, payee) for payer in self.payers for payee in self.payees)


def modest(payer: Ints, payee: Ints, *, most_payees: int, most_payers: int) -> NDArray[np.bool_]:
    """Say which links have neither a payer of more than so many payees nor a payee of more than so many payers."""
    of_payer = np.bincount(payer, minlength=1)[payer]
    of_payee = np.bincount(payee, minlength=1)[payee]
    kept: NDArray[np.bool_] = (of_payer <= most_payees) & (of_payee <= most_payers)
    return kept


def bicliques(payer: Ints, payee: Ints, *, least_payers: int, least_payees: int) -> list[Sides]:
    """Find the bicliques of two payees, without a link in common, the largest first.

    Parameters
    ----------
    payer, payee : ndarray of int64, shape (links,)
        Each link once, in the order they were seen.
    least_payers : int
        Payers of a biclique, at least 1.
    least_payees : int
        Payees of a biclique, at least 2.

    Notes
    -----
    Linear in the links times the payees of a payer (`modest` bounds them).
    """
    pairs = _shared(payer, payee, least_payers)
    # Only what the payers of such pairs pay can be in a biclique.
    inside = np.isin(payer, payer[np.isin(payee, np.unique(pairs))]) if pairs else np.zeros(payer.size, np.bool_)
    links = list(zip(payer[inside].tolist(), payee[inside].tolist(), strict=True))
    pays: dict[int, set[int]] = {}
    paid_by: dict[int, set[int]] = {}
    for one, other in links:
        pays.setdefault(one, set()).add(other)
        paid_by.setdefault(other, set()).add(one)
    found = set()
    for one, other in pairs:
        payers = paid_by[one] & paid_by[other]
        payees = set.intersection(*(pays[each] for each in payers))
        if len(payees) >= least_payees:
            found.add(Sides(tuple(sorted(payers)), tuple(sorted(payees))))
    seen = {link: number for number, link in enumerate(links)}

    def rank(each: Sides) -> tuple[int, list[int]]:
        return -len(each.payers) * len(each.payees), sorted(seen[link] for link in each.links)

    kept = []
    taken: set[tuple[int, int]] = set()
    for each in sorted(found, key=rank):
        if taken.isdisjoint(each.links):
            taken.update(each.links)
            kept.append(each)
    return kept


def _shared(payer: Ints, payee: Ints, least_payers: int) -> list[tuple[int, int]]:
    """Give the pairs of payees that at least so many payers have in common."""
    width = int(payee.max(initial=0)) + 1
    enough = (np.bincount(payee, minlength=1) >= least_payers)[payee]
    payer, payee = payer[enough], payee[enough]
    order = np.lexsort((payee, payer))
    payer, payee = payer[order], payee[order]
    pairs = [np.empty(0, np.int64)]
    step = 1
    while step < payer.size:
        same = payer[step:] == payer[:-step]
        if not same.any():
            break
        pairs.append((payee[:-step] * width + payee[step:])[same])
        step += 1
    pair, count = np.unique(np.concatenate(pairs), return_counts=True)
    often = pair[count >= least_payers]
    return list(zip((often // width).tolist(), (often % width).tolist(), strict=True))


def by_chance(payer: Ints, payee: Ints, found: Sides, *, shuffles: int, seed: int) -> float:
    """Give the share of shuffles in which the payees of a biclique have as many payers in common.

    In a shuffle every payee of the biclique draws as many payers as it has, each as often as it pays anybody: whoever
    pays many is drawn often, and a payee of many draws many. The biclique itself counts as one shuffle, so the share is
    never 0.

    Parameters
    ----------
    payer, payee : ndarray of int64, shape (links,)
        All links, in the order they were seen.
    shuffles : int
        How many; 999 resolve one in a thousand.
    seed : int
        Fixed, so that the same links give the same answer.
    """
    rng = np.random.default_rng(seed)
    width = int(payer.max()) + 1
    times = [int(np.count_nonzero(payee == each)) for each in found.payees]
    as_many = done = 0
    while done < shuffles:
        # So many shuffles at once that the table of who was drawn stays small.
        rows = min(shuffles - done, max(1, TABLE // width))
        met = np.ones((rows, width), np.bool_)
        for number in times:
            drawn = np.zeros((rows, width), np.bool_)
            drawn[np.arange(rows)[:, None], payer[rng.integers(0, payer.size, (rows, number))]] = True
            met &= drawn
        as_many += int(np.count_nonzero(met.sum(axis=1) >= len(found.payers)))
        done += rows
    return (1 + as_many) / (1 + shuffles)


TABLE = 4_000_000
"""Cells of the table of who was drawn; ours, a few megabytes."""
