"""What part each account has in the patterns that were found, as columns beside its other features.

Which patterns there are and how they are searched is not known here: who searched says, in a plain table, who stands in
which (`PARTS`). They must have been searched in payments up to the as-of date. What ends later is left out, but that
does not make up for a search that saw the future: a pattern grows with it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphs.feature_columns import Family, motif_columns
from graphs.features import Features

PARTS: Final = pa.schema(
    [
        pa.field("family", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("last_at", pa.int64(), nullable=False),
        pa.field("strength", pa.float64(), nullable=False),
        pa.field("surprise", pa.float64()),
    ]
)
"""One row for each account of each finding: the family, when the finding ended (microseconds since 1970), how strong it
is (0 to 1) and how surprising (powers of ten; missing where nobody measured)."""


def with_parts(
    features: Features,
    parts: pa.Table,
    families: Sequence[Family],
    *,
    searched: Collection[str],
    hubs: Collection[str] = (),
) -> Features:
    """Put the columns of all families behind those of a table.

    Parameters
    ----------
    features : Features
        Without such columns yet.
    parts : pyarrow.Table
        Rows of `PARTS` in any order; those of accounts that are no rows of `features`, as outside nodes, count nothing.
    families : sequence of Family
        Whose columns.
    searched : collection of str
        Ids of the families that were searched to the end; the columns of the others are missing (NaN), not zero.
    hubs : collection of str
        Accounts that serve the public. Patterns do not run through them, so what they would count is missing.

    Returns
    -------
    Features
        An account with no part in a family has zero in its columns; one whose findings were too many for surprise to be
        measured has none there.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> from graphs.features import account_features
    >>> table = account_features(whole(payments_from_arrows("day 0 anna -> bela 1.00 EUR")))
    >>> part = {"family": "chain", "account": "anna", "last_at": 0, "strength": 0.75, "surprise": None}
    >>> parts = pa.Table.from_pylist([part], schema=PARTS)
    >>> measured = with_parts(table, parts, [Family("chain", "Relayed in hours")], searched=["chain"])
    >>> [measured.column(f"chain_{what}").tolist() for what in ("findings", "strength", "surprise")]
    [[1.0, 0.0], [0.75, 0.0], [nan, 0.0]]
    """
    end = int(datetime.combine(features.as_of + timedelta(days=1), time(), UTC).timestamp()) * 1_000_000
    parts = parts.filter(pc.less(parts["last_at"], end))
    accounts = pa.array(features.accounts, pa.string())
    row = pc.index_in(parts["account"], value_set=accounts).fill_null(-1).to_numpy()
    place = pc.index_in(parts["family"], value_set=pa.array([family.id for family in families], pa.string()))
    of = place.fill_null(-1).to_numpy()
    known = (row >= 0) & (of >= 0)
    where = row[known], of[known]
    shape = len(accounts), len(families)
    findings, strength, surprise = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    np.add.at(findings, where, 1)
    np.maximum.at(strength, where, parts["strength"].to_numpy()[known])
    # The greatest of those that were measured.
    np.fmax.at(surprise, where, parts["surprise"].to_numpy()[known])
    surprise[findings == 0] = 0
    public = np.asarray(pc.is_in(accounts, value_set=pa.array(sorted(hubs), pa.string())))
    columns = []
    for number, family in enumerate(families):
        unknown = public | (family.id not in searched)
        measured = (findings, strength, surprise) if family.shuffled else (findings, strength)
        columns += [np.where(unknown, np.nan, values[:, number]) for values in measured]
    return replace(
        features,
        columns=(*features.columns, *motif_columns(families)),
        values=np.column_stack([features.values, *columns]),
    )
