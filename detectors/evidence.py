"""Evidence in words and sums: what the findings of several detectors say in the same way."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from detectors.finding import Reason
from graphs.temporal import TemporalGraph


def spoken(span: timedelta) -> str:
    """Write a span of time for a reader, in the largest unit that needs no fraction.

    Examples
    --------
    >>> spoken(timedelta(days=30)), spoken(timedelta(hours=36)), spoken(timedelta(minutes=1)), spoken(timedelta(days=1))
    ('30 days', '36 hours', '1 minute', '24 hours')
    """
    for name, unit, least in (("day", timedelta(days=1), 2), ("hour", timedelta(hours=1), 1)):
        if span >= least * unit and not span % unit:
            return _counted(span // unit, name)
    minutes = span / timedelta(minutes=1)
    return _counted(int(minutes) if minutes.is_integer() else round(minutes, 1), "minute")


def _counted(number: float, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def sums(graph: TemporalGraph, edges: NDArray[np.int32], says: str) -> tuple[Reason, ...]:
    """Give one reason per currency with the sum of these payments, currencies in alphabetical order.

    Parameters
    ----------
    says : str
        The sentence with ``{measured}`` in it.
    """
    by_currency: dict[str, int] = {}
    # Python integers: a sum of many large amounts may not fit into int64.
    for unit, amount in zip(graph.unit[edges].tolist(), graph.amount[edges].tolist(), strict=True):
        currency = graph.currencies[unit]
        by_currency[currency] = by_currency.get(currency, 0) + amount
    return tuple(Reason(says, amount, None, currency) for currency, amount in sorted(by_currency.items()))
