"""How many payments fit into memory: what a scan was measured to need, turned round."""

from __future__ import annotations

import re
from typing import Final

from flows.errors import SettingsError

FIXED: Final = 900_000_000
"""Bytes a scan needs however few payments there are: the program, its libraries and the side tables of a small bank."""
A_PAYMENT: Final = 2_300
"""Bytes a payment of a window costs at the peak, while red flags are asked: measured on 74 thousand and on 678 thousand
simulated payments in one window (`docs/scale.md`); the search for motifs alone needs a third of it."""
LEAST: Final = 1_000

_UNITS: Final = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(MB|GB|TB)\s*", re.IGNORECASE)


def payments_within(memory: str, where: str) -> int:
    """Give how many payments a window may hold for a scan to stay within so much memory.

    Parameters
    ----------
    memory : str
        A size with its unit: ``"4GB"``, ``"800 MB"`` (powers of ten).
    where : str
        Who says so, for messages.

    Raises
    ------
    SettingsError
        If it is no size, or less than a scan needs without any payment.

    Examples
    --------
    >>> payments_within("4GB", "--memory")
    1347826
    """
    found = _SIZE.fullmatch(memory)
    if not found:
        raise SettingsError("not a size of memory", where=where, try_='write it as "4GB" or "800MB"')
    fits = int((float(found[1]) * _UNITS[found[2].upper()] - FIXED) / A_PAYMENT)
    if fits < LEAST:
        raise SettingsError(
            "so little memory does not hold the program itself",
            where=where,
            try_=f"at least {(FIXED + LEAST * A_PAYMENT) / 1e9:.1f}GB",
        )
    return fits
