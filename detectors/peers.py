"""Who is compared with whom: accounts of the same kind of customer, trade, tenure and activity.

Never an input: nationality, birthplace, sex, age, name, address or country. A group that is too small is compared with
the wider group it is part of, and every such step is listed (`Peers.merges`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.errors import SettingsError
from flows.window import SideTables
from graphs.features import Features

UNKNOWN: Final = "unknown"
EVERYONE: Final = "all accounts"

TRAITS: Final = ("kind", "trade", "tenure", "activity")
"""Kind of customer, sector or occupation group, time since opening, payments a month."""

LEVELS: Final = (TRAITS, ("kind", "trade", "activity"), ("kind", "activity"), ("activity",), ())
"""From the finest group to everyone. Tenure is given up first, since few facts hang on it; activity last, since
nearly every feature does."""

TENURE_YEARS: Final = ((1, "under 1 year"), (3, "1 to 3 years"))
ACTIVITY: Final = ((1, "less than 1"), (4, "1 to 4"), (16, "4 to 16"), (64, "16 to 64"))
"""Payments a month (30 days), in fourfold steps; ours, fixed so that a band does not depend on the other accounts."""

WORDS: Final = (
    *(name for _, name in TENURE_YEARS),
    "3 years up",
    *(f"{band} payments a month" for band in (*(name for _, name in ACTIVITY), "64 or more")),
)
"""The words of tenure and activity in the names of groups; the others come from the tables of the bank."""

Traits = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Merge:
    """A finest group too small to compare with, and the smallest wider one its accounts are compared with instead."""

    group: str
    accounts: int
    into: str


@dataclass(frozen=True)
class Peers:
    """A frozen rule that puts any account into a group, made on a reference table.

    Parameters
    ----------
    levels : tuple of tuple of str
        The traits of each level, finest first, without traits the reference knows of nobody.
    groups : dict of str to int
        Accounts of the reference that each group is compared with. The accounts of a finer group are compared with as
        part of the wider ones too.
    merges : tuple of Merge
        What was too small; each account stands in at most one.
    side : SideTables
        What is known of the accounts; replace it to place accounts that opened since.
    """

    levels: tuple[tuple[str, ...], ...]
    groups: dict[str, int]
    merges: tuple[Merge, ...]
    side: SideTables

    def of(self, features: Features) -> NDArray[np.object_]:
        """Give the group of each account.

        Parameters
        ----------
        features : Features
            Any table; an account's group depends on its own row and what is known of it, not on the other rows.

        Returns
        -------
        ndarray of str, shape (accounts,)
            Names out of `groups`.
        """
        combined, which = _combined(traits(features, self.side), len(features.accounts))
        named = [next(name for level in self.levels if (name := _name(one, level)) in self.groups) for one in combined]
        return np.asarray(np.array([*named, ""], dtype=object)[which])

    def compared_with(self, features: Features, group: str) -> NDArray[np.bool_]:
        """Say which accounts of a table a group is compared with: all that share its traits."""
        combined, which = _combined(traits(features, self.side), len(features.accounts))
        alike = [any(_name(one, level) == group for level in self.levels) for one in combined]
        return np.asarray(np.array([*alike, False])[which])

    def knowing(self, side: SideTables) -> Peers:
        """Give the same rule with newer tables of accounts and customers."""
        return replace(self, side=side)


def peer_groups(features: Features, side: SideTables | None = None, *, least: int = 50) -> Peers:
    """Group the accounts of a reference table.

    Parameters
    ----------
    features : Features
        The reference.
    side : SideTables, optional
        Accounts and customers. Without them, groups are bands of activity.
    least : int
        Fewest accounts to compare with; ours: under 50, a 99th percentile is a guess.

    Raises
    ------
    SettingsError
        If `least` is not positive.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> from graphs.features import account_features
    >>> table = account_features(whole(payments_from_arrows("day 0 anna -> bela 1.00 EUR")))
    >>> peers = peer_groups(table)
    >>> list(peers.of(table)), [merge.group for merge in peers.merges]
    (['all accounts', 'all accounts'], ['16 to 64 payments a month'])
    """
    if least < 1:
        raise SettingsError("a group of nobody", where=f"least = {least}", try_="ask for at least one account")
    side = side or SideTables()
    known = traits(features, side)
    levels = _levels(known)
    combined, which = _combined(known, len(features.accounts))
    count = np.bincount(which, minlength=len(combined)).tolist()
    size: Counter[str] = Counter({EVERYONE: 0})
    for one, accounts in zip(combined, count, strict=True):
        for level in levels:
            size[_name(one, level)] += accounts
    groups = {name: accounts for name, accounts in sorted(size.items()) if accounts >= least or name == EVERYONE}
    merges = {
        Merge(finest, size[finest], next(wider for level in levels if (wider := _name(one, level)) in groups))
        for one in combined
        if (finest := _name(one, levels[0])) not in groups
    }
    return Peers(levels, groups, tuple(sorted(merges, key=lambda merge: merge.group)), side)


def traits(features: Features, side: SideTables) -> Traits:
    """Give what accounts are grouped by, per trait one word for each account; ``"unknown"`` where nothing is known."""
    accounts = pa.array(features.accounts, type=pa.string())
    a_month = (features.column("in_count") + features.column("out_count")) * 30 / features.days
    nobody = (UNKNOWN,) * len(features.accounts)
    result: Traits = {
        "kind": nobody,
        "trade": nobody,
        "tenure": nobody,
        "activity": _banded(a_month, ACTIVITY, "64 or more"),
    }
    result["activity"] = tuple(f"{band} payments a month" for band in result["activity"])
    if side.accounts is None:
        return result
    held = side.accounts.take(pc.index_in(accounts, value_set=side.accounts["account_id"].combine_chunks()))
    as_of = np.datetime64(features.as_of, "D")
    years = (as_of - held["opened_on"].to_numpy().astype("datetime64[D]")).astype(np.float64) / 365.25
    years[np.isnat(held["opened_on"].to_numpy().astype("datetime64[D]"))] = np.nan
    result["tenure"] = _banded(years, TENURE_YEARS, "3 years up")
    return result | holder_traits(accounts, side)


def holder_traits(accounts: pa.Array, side: SideTables) -> Traits:
    """Give the kind and the trade of each account's holder; no traits where no customers are known."""
    if side.accounts is None or side.customers is None:
        return {}
    held = side.accounts.take(pc.index_in(accounts, value_set=side.accounts["account_id"].combine_chunks()))
    ids = side.customers["customer_id"].combine_chunks()
    holders = side.customers.take(pc.index_in(held["customer_id"], value_set=ids))
    occupation = pc.binary_join_element_wise("occupation group", holders["occupation_group"], " ")
    sector = pc.binary_join_element_wise("sector", holders["sector"], " ")
    return {"kind": _words(holders["kind"]), "trade": _words(pc.coalesce(sector, occupation))}


def _words(column: pa.ChunkedArray) -> tuple[str, ...]:
    return tuple(column.fill_null(UNKNOWN).to_pylist())


def _banded(value: NDArray[np.float64], steps: Iterable[tuple[float, str]], beyond: str) -> tuple[str, ...]:
    limits, names = zip(*steps, strict=True)
    bands = np.array([*names, beyond, UNKNOWN], dtype=object)
    place = np.where(np.isnan(value), len(names) + 1, np.searchsorted(limits, value, side="right"))
    return tuple(bands[place])


def _levels(known: Traits) -> tuple[tuple[str, ...], ...]:
    told = {trait for trait, words in known.items() if set(words) - {UNKNOWN}}
    levels = [tuple(trait for trait in level if trait in told) for level in LEVELS]
    return tuple(dict.fromkeys(levels))


def _combined(known: Traits, accounts: int) -> tuple[list[dict[str, str]], NDArray[Any]]:
    """Give the combinations of traits that occur, and which of them each account has."""
    key = np.zeros(accounts, np.int64)
    for trait in TRAITS:
        words = pa.array(known[trait], type=pa.string()).dictionary_encode()
        key = key * (len(words.dictionary) + 1) + words.indices.to_numpy(zero_copy_only=False)
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    return [{trait: known[trait][row] for trait in TRAITS} for row in first.tolist()], which


def _name(one: dict[str, str], level: tuple[str, ...]) -> str:
    return ", ".join(one[trait] if one[trait] != UNKNOWN else f"{trait} unknown" for trait in level) or EVERYONE
