"""A window: a piece of the ledger, and what it owns.

Every detector is a pure function of a window. Windows are cut in two ways. By *time*, a window holds all payments in
``[since - back, until + ahead)`` and owns the findings whose first payment lies in ``[since, until)``. By *account*, it
holds all payments of the accounts in one hash bucket, over the whole look-back, and owns those accounts; all accounts
of one customer lie in the same bucket. A detector says which cut it needs and how far it looks (`Reach`), so that the
findings of all windows together are the findings of the uncut ledger: none lost, none found twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.payments import ACCOUNTS, CUSTOMERS, LINKS, NOT_MEANT, PAYMENTS, Whose
from flows.showing import Shown

BEGINNING = -(2**62)
"""Before every payment, in microseconds since 1970."""
END = 2**62
"""After every payment, in microseconds since 1970."""

Cut = Literal["time", "account", "whole"]

T = TypeVar("T")

REVERSING = ("booked", "reversed")
"""Statuses in which a row that names another by `reversal_of` undoes it."""


@dataclass(frozen=True)
class Reach:
    """How far from the first payment of a finding its detector looks.

    Parameters
    ----------
    cut : {"time", "account", "whole"}
        Which cut keeps the detector exact. ``"account"`` for detectors that need an account's whole past; the other
        two fields are then zero. ``"whole"``, where no cut does: everything is then looked at in one window.
    back : timedelta
        How long before the first payment a payment can still change the finding.
    ahead : timedelta
        How long after the first payment a payment can still belong to the finding or change it.
    links : bool
        Whether it looks at the table of links, which says something of customers who have no payment in the window.
    whose : {"own", "persons", "all"}
        Whose accounts a finding can be about, under an account cut: payments of others need not be brought together.
        What is found about others is left out, however payments are cut.
    """

    cut: Cut = "time"
    back: timedelta = timedelta(0)
    ahead: timedelta = timedelta(0)
    links: bool = False
    whose: Whose = "all"

    def meant(self, centre: str) -> bool:
        """Say whether a finding may be about this account."""
        return not centre.startswith(NOT_MEANT[self.whose])


@dataclass(frozen=True)
class SideTables:
    """The tables beside the payments; an absent table is None, never an empty one."""

    accounts: pa.Table | None = None
    customers: pa.Table | None = None
    links: pa.Table | None = None


@dataclass(frozen=True, eq=False)
class Window(Shown):
    """Payments to look at, and which findings to report.

    Parameters
    ----------
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS`, sorted by ``at`` and then ``payment_id``. Rows that do not count (not
        booked, reversed, or themselves a reversal) are left out by whoever cuts the window.
    since, until : int
        Microseconds since 1970. Under a time cut, a finding is owned if its first payment lies in ``[since, until)``.
    bucket, buckets : int
        Under an account cut, an account is owned if its hash falls in this bucket of so many.
    cut : {"time", "account"}
        Which of the two rules holds.
    hubs : frozenset of str
        Accounts that serve the public (utilities, tax, big employers); labels, not paths. Found on the whole ledger.
    side : SideTables
        Accounts, customers and links, whole.
    as_of : datetime.date or None
        The last booking date looked at.
    whose : {"own", "persons", "all"}
        Under an account cut, whose accounts are owned at all.
    """

    shown_as: ClassVar[str] = "window"

    payments: pa.Table
    since: int = BEGINNING
    until: int = END
    bucket: int = 0
    buckets: int = 1
    cut: Cut = "time"
    hubs: frozenset[str] = frozenset()
    side: SideTables = SideTables()
    as_of: date | None = None
    whose: Whose = "all"
    _memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def owns(self, centre: str, first_at: int) -> bool:
        """Say whether a finding belongs to this window.

        Parameters
        ----------
        centre : str
            The account the finding is about.
        first_at : int
            Time of its first payment, microseconds since 1970.
        """
        if self.cut == "time":
            return self.since <= first_at < self.until
        if centre.startswith(NOT_MEANT[self.whose]):
            return False
        if self.buckets == 1:
            return True
        together = self.memo("held_by", lambda: held_by(self.side))
        return bucket_of(together.get(centre, centre), self.buckets) == self.bucket

    @property
    def everything(self) -> bool:
        """Whether the window holds, and owns, all payments there are."""
        if self.cut == "time":
            return (self.since, self.until) == (BEGINNING, END)
        return self.buckets == 1 and self.whose == "all"

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what `make` made for this key, making it on the first call only.

        Views of a window (its temporal graph, its networkx graph) are asked for by several detectors.
        """
        if key not in self._memo:
            # Two threads may both have made it; whichever comes first, both go on with the same one.
            self._memo.setdefault(key, make())
        made: T = self._memo[key]
        return made

    def let_go(self) -> None:
        """Forget what was made of it.

        What an indicator sees of a window knows the window, and the window it: nothing would free the two, a gigabyte
        perhaps, before Python looks for circles, which it seldom does (`flows.garbage`).
        """
        self._memo.clear()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_memo": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def counted(payments: pa.Table) -> pa.Table:
    """Keep the payments that moved money and stayed moved, sorted by time and id.

    Leaves out everything not booked, reversals, and the payments they reversed. A reversal is a row with `reversal_of`
    that took effect: banks book it as ``booked`` or as ``reversed``.
    """
    booked = payments.filter(pc.and_(pc.equal(payments["status"], "booked"), pc.is_null(payments["reversal_of"])))
    took_effect = pc.is_in(payments["status"], value_set=pa.array(REVERSING))
    undone = payments["reversal_of"].filter(pc.and_(took_effect, pc.is_valid(payments["reversal_of"])))
    if len(undone):
        booked = booked.filter(pc.invert(pc.is_in(booked["payment_id"], value_set=undone.combine_chunks())))
    return in_order(booked)


def left_out(payments: pa.Table) -> dict[str, int]:
    """Count the rows that `counted` leaves out, by reason.

    Parameters
    ----------
    payments : pyarrow.Table
        At least ``payment_id``, ``status`` and ``reversal_of``.
    """
    status, reversing = payments["status"], pc.is_valid(payments["reversal_of"])
    took_effect = pc.and_(reversing, pc.is_in(status, value_set=pa.array(REVERSING)))
    undone = payments.filter(took_effect)["reversal_of"].combine_chunks()
    booked = pc.and_(pc.equal(status, "booked"), pc.invert(reversing))
    rows = {
        "undone": pc.and_(booked, pc.is_in(payments["payment_id"], value_set=undone)),
        "reversal": took_effect,
        "marked as reversed": pc.and_(pc.equal(status, "reversed"), pc.invert(reversing)),
        "attempted": pc.equal(status, "attempted"),
        "pending": pc.equal(status, "pending"),
    }
    return {reason: pc.sum(which).as_py() or 0 for reason, which in rows.items()}


def in_order(payments: pa.Table) -> pa.Table:
    """Sort payments by time and, where times are equal, by id; the one order everything is computed in."""
    # One chunk a column: taking rows out of many chunks joins them anew each time.
    return payments.sort_by([("at", "ascending"), ("payment_id", "ascending")]).combine_chunks()


def whole(
    payments: pa.Table,
    *,
    cut: Cut = "time",
    hubs: Iterable[str] = (),
    side: SideTables = SideTables(),
    as_of: date | None = None,
) -> Window:
    """Make the one window that holds and owns everything.

    Parameters
    ----------
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS` in any order.
    """
    table = payments if payments.schema.equals(PAYMENTS) else payments.cast(PAYMENTS)
    return Window(counted(table), cut=cut, hubs=frozenset(hubs), side=side, as_of=as_of)


def cut_by_time(window: Window, reach: Reach, slice_: timedelta) -> Iterator[Window]:
    """Cut a window into slices of time that together find what it finds.

    Yields
    ------
    Window
        In order of time; slices with no payment to own are left out.
    """
    at = times(window.payments)
    if not at.size:
        return
    step, back, ahead = (int(span / timedelta(microseconds=1)) for span in (slice_, reach.back, reach.ahead))
    since = int(at[0])
    while since <= at[-1]:
        until = since + step
        if np.searchsorted(at, until, "left") > np.searchsorted(at, since, "left"):
            low, high = np.searchsorted(at, [since - back, until + ahead], "left")
            piece = window.payments.slice(low, high - low)
            yield replace(window, payments=piece, since=since, until=until, cut="time", _memo={})
        since = until


def cut_by_account(window: Window, buckets: int, whose: Whose = "all") -> Iterator[Window]:
    """Cut a window into buckets of accounts; each holds every payment of its accounts, as far as they are meant."""
    payers = window.payments["payer"].combine_chunks().dictionary_encode()
    payees = window.payments["payee"].combine_chunks().dictionary_encode()
    together = held_by(window.side)
    payer_bucket = _buckets(payers, buckets, together, whose)
    payee_bucket = _buckets(payees, buckets, together, whose)
    for bucket in range(buckets):
        inside = (payer_bucket == bucket) | (payee_bucket == bucket)
        piece = window.payments.filter(pa.array(inside))
        yield replace(window, payments=piece, bucket=bucket, buckets=buckets, cut="account", whose=whose, _memo={})


def held_by(side: SideTables) -> dict[str, str]:
    """Give the customer of each account whose customer is known: what is hashed in the account's place."""
    if side.accounts is None:
        return {}
    pairs = zip(side.accounts["account_id"].to_pylist(), side.accounts["customer_id"].to_pylist(), strict=True)
    return {account: customer for account, customer in pairs if customer is not None}


def _buckets(encoded: pa.DictionaryArray, buckets: int, together: dict[str, str], whose: Whose) -> np.ndarray[Any, Any]:
    """Give the bucket of each row, -1 where its account is not meant."""
    names = encoded.dictionary.to_pylist()
    not_meant = NOT_MEANT[whose]
    of_name = np.array(
        [-1 if name.startswith(not_meant) else bucket_of(together.get(name, name), buckets) for name in names], np.int32
    )
    if not of_name.size:
        return np.empty(0, np.int32)
    of_row: np.ndarray[Any, Any] = of_name[encoded.indices.to_numpy(zero_copy_only=False)]
    return of_row


def bucket_of(account: str, buckets: int) -> int:
    """Give the bucket of an account: the same in every process and on every machine."""
    digest = hashlib.blake2b(account.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % buckets


def times(payments: pa.Table) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Give the ``at`` column as microseconds since 1970 (int64)."""
    at: np.ndarray[Any, np.dtype[np.int64]] = payments["at"].cast(pa.int64()).to_numpy()
    return at


def no_payments() -> pa.Table:
    """Give a table of payments without rows."""
    return PAYMENTS.empty_table()


def no_side_table(name: str) -> pa.Table:
    """Give an empty accounts, customers or links table."""
    return {"accounts": ACCOUNTS, "customers": CUSTOMERS, "links": LINKS}[name].empty_table()
