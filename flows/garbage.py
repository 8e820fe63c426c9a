"""Memory that is free again: how often Python looks for it, seldom, and when Arrow gives it back, after reading.

A search makes millions of small objects that stay until the report is written and hold each other in no circle. By
default Python goes through all young ones after every 700 new ones, and through the older ones again and again: a fifth
of the time of a search, and a sixth of the time of compiling one. What no circle holds is freed at once all the same.
"""

from __future__ import annotations

import gc
from typing import Final

SELDOM: Final = (200_000, 10, 20)
"""New objects until the young are looked through, and how often that is done until older and all are: ours. Circles,
which come from compiling above all, wait for the last: half a gigabyte of them where everything is compiled."""


def look_seldom() -> None:
    """Look seldom from now on, in this process."""
    gc.set_threshold(*SELDOM)


def give_back() -> None:
    """Give back to the machine what Arrow keeps for later: reading and sorting take as much again as is then held."""
    import pyarrow as pa  # a command that reads nothing looks seldom too, and waits for no Arrow

    pa.default_memory_pool().release_unused()
