"""What goes wrong between the books and the file: hours, cities, balances get lost, some rows come twice.

Faults befall all payments alike, those of stories too, by a hash of the payment: they give nothing away and need no
memory.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from sample_data.chance import share_of


@dataclass(frozen=True)
class Faults:
    """Share of the rows that have each fault; ours, of the order seen in card and core banking extracts."""

    hour_lost: float = 0.03  # of transfers and counter cash: only the booking date is left
    mcc_lost: float = 0.005
    city_lost: float = 0.01
    city_shouted: float = 0.02  # in capitals, as some terminals print it
    country_lost: float = 0.02  # of the other end
    device_lost: float = 0.08
    words_lost: float = 0.05
    balance_lost: float = 0.005
    delivered_twice: float = 0.0002  # the same row again, as after a file that was sent again

    def hits(self, name: str, seed: int, serial: np.ndarray) -> np.ndarray:
        """Say which payments a fault befalls."""
        rates = asdict(self)
        hit: np.ndarray = share_of(seed * 131 + list(rates).index(name) + 1, serial) < rates[name]
        return hit
