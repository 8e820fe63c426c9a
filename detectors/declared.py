"""What holders declared, and which holders are alike by it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.sight import Sight, rate
from graphs.legs import Floats, Ints


def declared(sight: Sight) -> Floats:
    """Give what the holder of each node declared to earn or turn over in a year, in u; NaN where nothing. Made once.

    The larger of income and turnover, in the money of the account.
    """

    def found() -> Floats:
        income, turnover = sight.customer_number("declared_income"), sight.customer_number("declared_turnover")
        per = np.array([rate(code or "") for code in sight.account_text("currency").to_pylist()])
        stated: Floats = np.fmax(income, turnover) * per
        return np.where(stated > 0, stated, np.nan)

    return sight.once("declared", found)


def kinds(sight: Sight) -> Ints:
    """Give each node the number of its holder's kind: 0 unknown, else that of person, sole trader, firm or npo."""
    kind = np.zeros(sight.graph.nodes, np.int64)
    for number, name in enumerate(("person", "sole_trader", "firm", "npo"), 1):
        kind[sight.is_kind(name)] = number
    return kind


def in_sector(sight: Sight) -> Ints:
    """Give each node the number of its holder's sector as declared, -1 where none is; the same in every window."""
    place = pc.index_in(sight.customer_text("sector"), value_set=sectors(sight)).fill_null(-1)
    return np.asarray(place.to_numpy(zero_copy_only=False)).astype(np.int64)


def sectors(sight: Sight) -> pa.Array:
    """Give the sectors that any customer declared, by number."""
    customers = sight.window.side.customers
    return pa.array([], pa.string()) if customers is None else pc.unique(customers["sector"].drop_null())
