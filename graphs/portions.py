"""Features of accounts looked at in portions, for a ledger larger than memory; equal to the bit to those of one window.

What an account's own payments tell is measured bucket by bucket. What lies between accounts takes who dealt with whom
and the payments of ties that do not last, which each bucket hands over (`graphs.between`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.window import Reach, Window
from graphs.between import DAY, Between
from graphs.feature_columns import COLUMNS
from graphs.features import Features, counting
from graphs.measures import Measures
from graphs.temporal import temporal_graph

Flags = NDArray[np.bool_]

ORDER: Final = [("at", "ascending"), ("payment_id", "ascending")]


@dataclass(frozen=True)
class Portion:
    """What one portion of the accounts gives.

    Parameters
    ----------
    centre : str
        One of its accounts.
    nodes : pyarrow.Table
        ``name``, ``life`` and ``moved`` of every account, the bank's own or not.
    rows : pyarrow.Table
        ``name``, ``currency`` and what can be told from their own payments of the bank's accounts.
    ties : pyarrow.Table
        ``one`` and ``other``: who dealt with whom; a pair may be in the portions of both ends.
    fleeting : pyarrow.Table
        The payments of ties that do not last, in the portion of the payer.
    """

    centre: str
    nodes: pa.Table
    rows: pa.Table
    ties: pa.Table
    fleeting: pa.Table
    first_at: int = 0

    @property
    def order(self) -> str:
        """The one order they are put in."""
        return self.centre


@dataclass(frozen=True)
class Measuring:
    """The features of a portion of the accounts, as a task of an engine.

    Parameters
    ----------
    as_of : datetime.date
        The last booking date that counts.
    begin : int
        When the first payment of all was made, microseconds since 1970.
    scale : mapping of str to int
        Minor units that count as 1, for every currency (`Features.scale`).
    """

    as_of: date
    begin: int
    scale: Mapping[str, int] = field(default_factory=dict)
    reach: ClassVar[Reach] = Reach(cut="account")
    columns: ClassVar[frozenset[str]] = frozenset(
        {
            "payment_id", "payer", "payee", "amount_minor", "currency", "booked_on", "at", "utc_offset_min",
            "ts_quality", "channel", "payer_country", "payee_country",
        }
    )  # fmt: skip

    def find(self, window: Window) -> Iterator[Portion]:
        """Measure the accounts that the window owns."""
        piece = counting(window, self.as_of)
        graph = temporal_graph(piece)
        owned = np.array([window.owns(name, 0) for name in graph.names.to_pylist()], np.bool_)
        if not owned.any():
            return
        measures = Measures(graph, piece.payments, self.as_of, self.scale, self.begin)
        between = measures.between()
        nodes, rows = np.flatnonzero(owned), np.flatnonzero(owned & measures.own & (measures.legs > 0))
        money = pa.array(graph.currencies, pa.string())
        of_accounts = {name: value[rows] for name, value in measures.of_accounts().items()}
        ties, paid = owned[between.one] | owned[between.other], owned[between.payer]
        ids = piece.payments["payment_id"].take(pa.array(measures.edges[measures.fleeting]))
        fleeting = {
            "payer": graph.names.take(pa.array(between.payer)),
            "payee": graph.names.take(pa.array(between.payee)),
            "at": between.at,
            "payment_id": ids,
            "amount": between.amount,
            "currency": money.take(pa.array(between.unit)),
            "stands": between.stands,
        }
        yield Portion(
            centre=graph.names[int(nodes[0])].as_py(),
            nodes=pa.table(
                {
                    "name": graph.names.take(pa.array(nodes)),
                    "life": between.life[nodes],
                    "moved": between.moved[nodes],
                }
            ),
            rows=pa.table(
                {
                    "name": graph.names.take(pa.array(rows)),
                    "currency": money.take(pa.array(measures.main_unit[rows])),
                    **of_accounts,
                }
            ),
            ties=pa.table(
                {
                    "one": graph.names.take(pa.array(between.one[ties])),
                    "other": graph.names.take(pa.array(between.other[ties])),
                }
            ),
            fleeting=pa.table(fleeting).filter(pa.array(paid)),
        )


def features_of(portions: Iterable[Portion], measuring: Measuring) -> Features:
    """Put the portions of all accounts together to the table of their features."""
    parts = list(portions)
    nodes, rows, ties, fleeting = (
        pa.concat_tables([getattr(part, name) for part in parts]) for name in ("nodes", "rows", "ties", "fleeting")
    )
    del parts
    names = nodes["name"].combine_chunks()
    one, other = (_numbers(ties[end], names) for end in ("one", "other"))
    pair = np.unique(np.column_stack([np.minimum(one, other), np.maximum(one, other)]), axis=0)
    fleeting = fleeting.sort_by(ORDER)
    between = Between(
        one=pair[:, 0],
        other=pair[:, 1],
        moved=nodes["moved"].to_numpy(),
        life=nodes["life"].to_numpy(),
        payer=_numbers(fleeting["payer"], names),
        payee=_numbers(fleeting["payee"], names),
        at=fleeting["at"].to_numpy(),
        amount=fleeting["amount"].to_numpy(),
        unit=fleeting["currency"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int16),
        stands=np.asarray(fleeting["stands"]),
    )
    rows = rows.sort_by("name")
    place = _numbers(rows["name"], names)
    measured = {name: value[place] for name, value in between.by_name().items()}
    measured |= {column.name: rows[column.name].to_numpy() for column in COLUMNS if column.name in rows.column_names}
    end = int(datetime.combine(measuring.as_of + timedelta(days=1), time(), UTC).timestamp()) * 1_000_000
    return Features(
        accounts=tuple(rows["name"].to_pylist()),
        columns=COLUMNS,
        values=np.column_stack([measured[column.name] for column in COLUMNS]),
        as_of=measuring.as_of,
        currencies=tuple(rows["currency"].to_pylist()),
        scale=dict(measuring.scale),
        days=max((end - measuring.begin + DAY - 1) // DAY, 1),
    )


def _numbers(of: pa.ChunkedArray, names: pa.Array) -> NDArray[np.int64]:
    place: NDArray[np.int64] = pc.index_in(of, value_set=names).to_numpy().astype(np.int64)
    return place
