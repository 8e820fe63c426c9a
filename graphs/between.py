"""What lies between accounts: features that look further than an account's own payments.

They need few payments of all: who ever dealt with whom, and the payments of ties that do not last. So they are measured
for everybody together also where a ledger is larger than memory (`graphs.features.features_in_portions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from graphs.egonets import egonets
from graphs.fresh_ties import fresh_ties

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DAY: Final = 86_400_000_000
FLEETING: Final = 14 * DAY
"""A tie is fleeting if all payments between its two accounts lie within two weeks; ours, not weighed against labels.

A tie begun in the last two weeks is fleeting as well, though it may last yet: the ring of tonight is made of such ties
only, and to wait until they could have lasted would be to see it two weeks late. All accounts of a table end on the
same day, so peers are measured alike, and what is said of a tie is how long it was, not that it ended.
"""
RELAY_KEEPS: Final = 0.25
"""Most of a relayed payment that may be kept back; ours, wider than the 10 to 20 % commission that is reported."""
RELAY_LOOKS: Final = 1_000
"""Payments out looked at for one payment in."""
LEAST_CHANCE: Final = 1e-300


@dataclass(frozen=True, eq=False)
class Between:
    """Accounts by number, who dealt with whom, and what was paid in ties that do not last.

    Parameters
    ----------
    one, other : ndarray of int64, shape (ties,)
        The ends of each tie, whichever way it was paid.
    moved : ndarray of float64, shape (nodes,)
        Money each account moved, in multiples of the usual payment.
    life : ndarray of int64, shape (nodes,)
        Microseconds each account has been seen.
    payer, payee, at, amount, unit : ndarray of integers, shape (payments,)
        The payments of fleeting ties, in the order of a window.
    stands : ndarray of bool, shape (payments,)
        One for each direction of a tie, its first: so that counting payments counts accounts.
    """

    one: Ints
    other: Ints
    moved: Floats
    life: Ints
    payer: Ints
    payee: Ints
    at: Ints
    amount: Ints
    unit: NDArray[np.int16]
    stands: Flags

    @property
    def nodes(self) -> int:
        """Number of accounts."""
        return self.life.size

    def by_name(self) -> dict[str, Floats]:
        """Give the features, one number per account; NaN where one cannot be computed."""
        # numba is imported by whoever measures, not by whoever lists detectors.
        from graphs.kernels import legs as kernels

        stands = np.flatnonzero(self.stands)
        every = np.arange(self.at.size)
        into, out = self._rows(self.payee, stands), self._rows(self.payer, stands)
        gathered, scattered = self._surprise(self.payee, into), self._surprise(self.payer, out)
        goes_on, chain = kernels.relayed(
            *self._rows(self.payer, every),
            self.payee,
            self.at,
            self.amount,
            self.unit,
            np.ones(self.at.size, np.bool_),
            FLEETING,
            RELAY_KEEPS,
            RELAY_LOOKS,
        )
        return {
            **egonets(self.one, self.other, self.moved, self.nodes),
            "payers_burst": kernels.busiest(*into, self.at, FLEETING).astype(np.float64),
            "payees_burst": kernels.busiest(*out, self.at, FLEETING).astype(np.float64),
            "payers_surprise": self._most(self.payee, gathered),
            "payees_surprise": self._most(self.payer, scattered),
            "joined_payers": self._most(self.payer, gathered),
            "joined_payees": self._most(self.payee, scattered),
            "relays": np.bincount(self.payee[goes_on], minlength=self.nodes).astype(np.float64),
            "chain": np.maximum(self._most(self.payer, chain), self._most(self.payee, chain)),
            **fresh_ties(self.payer[stands], self.payee[stands], self.at[stands], self.life, self.nodes),
        }

    def _surprise(self, node: Ints, rows: tuple[Ints, Ints]) -> Floats:
        """Give, per payment, how unlikely so many new ties at its node in two weeks are at the node's usual pace.

        The pace is that of the node's other fleeting ties over its life, plus one, as a Poisson rate; the result is
        ``-log10`` of the chance of as many others beside this one.
        """
        # numba is imported by whoever measures, not by whoever lists detectors.
        from graphs.kernels import legs as kernels

        beside = kernels.company(*rows, self.at, FLEETING // 2, self.at.size)
        ties = np.diff(rows[0])
        pace = (ties[node] - beside + 1) * (FLEETING / self.life[node])
        # P(at least n) of a Poisson rate is the regularised incomplete gamma function; 1 for nobody beside it.
        others = np.maximum(beside - 1, 0)
        chance = np.where(others > 0, gammainc(np.maximum(others, 1), pace), 1.0)
        return np.where(beside > 0, -np.log10(np.maximum(chance, LEAST_CHANCE)), 0.0) + 0.0

    def _most(self, node: Ints, value: NDArray[Any]) -> Floats:
        most = np.zeros(self.nodes)
        np.maximum.at(most, node, value.astype(np.float64))
        return most

    def _rows(self, node: Ints, which: Ints) -> tuple[Ints, Ints]:
        start = np.zeros(self.nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(node[which], minlength=self.nodes), out=start[1:])
        return start, which[np.argsort(node[which], kind="stable")]
