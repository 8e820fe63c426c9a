"""Every end of a payment: own accounts, accounts elsewhere, merchants, machines, agencies; named at the end."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sample_data.chance import shuffled

COUNTRIES = ("FR", "GB", "GR", "TR", "MA", "US", "AE", "TH", "PH", "BE", "ES", "PT", "PL", "RO", "DE", "IT", "SN", "VN")
HOME = 0
CLASSES = ("A", "ext:", "mer:", "cash:", "msb:", "vasp:", "gov:", "fee:")
OWN, EXT, MER, CASH, MSB, VASP, GOV, FEE = range(len(CLASSES))
# All kinds of nodes draw from one range of numbers: a number says nothing about its holder.
DIGITS = 9


def numbered(prefix: str, numbers: np.ndarray, digits: int) -> pa.Array:
    """Write numbers behind a prefix, with leading zeros."""
    text = pc.utf8_lpad(pc.cast(pa.array(numbers, pa.int64()), pa.string()), digits, "0")
    return pc.binary_join_element_wise(prefix, text, "")


class Nodes:
    """The ends of payments as a growing table; rows are given out in ranges and never move.

    Parameters
    ----------
    seed : int
        Decides which number each gets.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._classes: list[np.ndarray] = []
        self._countries: list[np.ndarray] = []
        self._said: dict[int, str] = {}
        self.count = 0

    def add(self, kind: int, count: int, country: int | np.ndarray = HOME) -> np.ndarray:
        """Add nodes of a class and give their row numbers."""
        rows = np.arange(self.count, self.count + count)
        self._classes.append(np.full(count, kind, dtype=np.int8))
        self._countries.append(np.broadcast_to(np.asarray(country, dtype=np.int8), (count,)))
        self.count += count
        return rows

    def named(self, kind: int, name: str) -> int:
        """Add one node whose name everybody knows, as an office's; `name` without the class."""
        row = int(self.add(kind, 1)[0])
        self._said[row] = CLASSES[kind] + name
        return row

    @property
    def kinds(self) -> np.ndarray:
        """The class of each node, an index of `CLASSES`."""
        return np.concatenate(self._classes)

    @property
    def countries(self) -> np.ndarray:
        """The country of each node, an index of `COUNTRIES`."""
        return np.concatenate(self._countries)

    def names(self) -> pa.Array:
        """Give the name of each node as the payments table has it."""
        numbers = shuffled(np.arange(self.count), self._seed, DIGITS)
        digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), DIGITS, "0")
        names = pc.binary_join_element_wise(pa.array(CLASSES).take(pa.array(self.kinds)), digits, "")
        if not self._said:
            return names
        rows = np.zeros(self.count, dtype=bool)
        rows[list(self._said)] = True
        return pc.replace_with_mask(names, pa.array(rows), pa.array([self._said[row] for row in sorted(self._said)]))
