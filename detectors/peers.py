"""Who is compared with whom: accounts of the same kind of customer, trade, tenure and activity.

Never an input: nationality, birthplace, sex, age, name, address or country. A group that is too small is compared with
the wider group it is part of, and every such step is listed (`Peers.merges`). Where it is not known who holds an
account, its peers are the accounts nearest to it in how they are used (`Uses`).
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

Floats = NDArray[np.float64]

UNKNOWN: Final = "unknown"
EVERYONE: Final = "all accounts"

TRAITS: Final = ("kind", "trade", "tenure", "use", "activity")
"""Kind of customer, sector or occupation group, time since opening, cluster by use, payments a month."""

LEVELS: Final = (
    ("kind", "trade", "tenure", "activity"),
    ("kind", "trade", "activity"),
    ("kind", "activity"),
    ("activity",),
    (),
)
"""From the finest group to everyone. Tenure is given up first, since few facts hang on it; activity last, since
nearly every feature does."""

UNKNOWN_LEVELS: Final = (("use",), ("activity",), ())
"""The same for accounts whose holder is unknown."""

CLUSTERS: Final = 5
"""Clusters by use; chosen on the first halves of AMLSim and AMLGentex, where eight were worse (`docs/outliers.md`)."""
MOST_CLUSTERED: Final = 50_000
"""Accounts that clusters are learnt from; ours: more move the centres no further."""

TENURE_YEARS: Final = ((1, "under 1 year"), (3, "1 to 3 years"))
ACTIVITY: Final = ((1, "less than 1"), (4, "1 to 4"), (16, "4 to 16"), (64, "16 to 64"))
"""Payments a month (30 days), in fourfold steps; ours, fixed so that a band does not depend on the other accounts."""

WORDS: Final = (
    *(name for _, name in TENURE_YEARS),
    "3 years up",
    *(f"{band} payments a month" for band in (*(name for _, name in ACTIVITY), "64 or more")),
    *(f"alike in use {number}" for number in range(1, CLUSTERS + 1)),
)
"""The words of tenure, activity and use in the names of groups; the others come from the tables of the bank."""

Traits = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Merge:
    """A finest group too small to compare with, and the smallest wider one its accounts are compared with instead."""

    group: str
    accounts: int
    into: str


@dataclass(frozen=True)
class Uses:
    """Clusters of accounts by how they are used: how often, more to pay or to be paid, and for which sums.

    Parameters
    ----------
    middle, width : tuple of float
        Mean and standard deviation of each measure in the reference.
    centres : tuple of tuple of float
        In these scales, the least active first.
    """

    middle: tuple[float, ...]
    width: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]

    def of(self, features: Features) -> tuple[str, ...]:
        """Give the cluster of each account: the nearest centre, whoever else is asked about."""
        scaled = (_use(features) - self.middle) / self.width
        nearest = ((scaled[:, np.newaxis] - np.array(self.centres)) ** 2).sum(axis=2).argmin(axis=1)
        return tuple(f"alike in use {number + 1}" for number in nearest.tolist())


def _use(features: Features) -> Floats:
    came, went = features.column("in_count"), features.column("out_count")
    moved = np.nan_to_num(features.column("in_amount")) + np.nan_to_num(features.column("out_amount"))
    payments = came + went
    return np.column_stack([np.log2(1 + payments), came / payments, np.log2(1 + moved / payments)])


def _clustered(features: Features) -> Uses:
    """Learn the clusters of some accounts; seeded, whatever their order."""
    # Not needed, nor its fraction of a second, where holders are known.
    from scipy.cluster.vq import kmeans

    measures = _use(features)
    measures = measures[np.lexsort(measures.T)]
    measures = measures[:: -(-len(measures) // MOST_CLUSTERED)]
    middle, width = measures.mean(axis=0), measures.std(axis=0)
    width[width == 0] = 1
    scaled = (measures - middle) / width
    most = min(CLUSTERS, len(np.unique(scaled, axis=0)))
    centres, _ = kmeans(scaled, most, rng=np.random.default_rng(0))
    centres = centres[np.lexsort(centres.T[::-1])]
    return Uses(tuple(middle.tolist()), tuple(width.tolist()), tuple(map(tuple, centres.tolist())))


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
    uses : Uses, optional
        Clusters of the accounts whose holder is unknown, where the reference has enough of them.
    """

    levels: tuple[tuple[str, ...], ...]
    groups: dict[str, int]
    merges: tuple[Merge, ...]
    side: SideTables
    uses: Uses | None = None

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
        combined, which = _combined(traits(features, self.side, self.uses), len(features.accounts))
        named = [next(name for name in _names(one, self.levels) if name in self.groups) for one in combined]
        return np.asarray(np.array([*named, ""], dtype=object)[which])

    def compared_with(self, features: Features, group: str) -> NDArray[np.bool_]:
        """Say which accounts of a table a group is compared with: all that share its traits."""
        combined, which = _combined(traits(features, self.side, self.uses), len(features.accounts))
        alike = [group in _names(one, self.levels) for one in combined]
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
        Accounts and customers. Accounts whose holder is unknown are clustered by use.
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
    uses, nobody = None, _holder_unknown(traits(features, side))
    if nobody.sum() >= least:
        uses = _clustered(features.of(np.flatnonzero(nobody)))
    known = traits(features, side, uses)
    levels = _levels(known)
    combined, which = _combined(known, len(features.accounts))
    count = np.bincount(which, minlength=len(combined)).tolist()
    size: Counter[str] = Counter({EVERYONE: 0})
    for one, accounts in zip(combined, count, strict=True):
        for name in _names(one, levels):
            size[name] += accounts
    groups = {name: accounts for name, accounts in sorted(size.items()) if accounts >= least or name == EVERYONE}
    merges = {
        Merge(finest, size[finest], next(wider for wider in names if wider in groups))
        for one in combined
        if (finest := (names := _names(one, levels))[0]) not in groups
    }
    return Peers(levels, groups, tuple(sorted(merges, key=lambda merge: merge.group)), side, uses)


def traits(features: Features, side: SideTables, uses: Uses | None = None) -> Traits:
    """Give what accounts are grouped by, per trait one word for each account; ``"unknown"`` where nothing is known.

    The use of an account is looked at only where its holder is unknown.
    """
    known = _known(features, side)
    if uses is not None:
        unknown = _holder_unknown(known)
        known["use"] = tuple(np.where(unknown, np.array(uses.of(features), dtype=object), UNKNOWN))
    return known


def _holder_unknown(known: Traits) -> NDArray[np.bool_]:
    return np.asarray((np.array(known["kind"]) == UNKNOWN) & (np.array(known["trade"]) == UNKNOWN))


def _known(features: Features, side: SideTables) -> Traits:
    accounts = pa.array(features.accounts, type=pa.string())
    a_month = (features.column("in_count") + features.column("out_count")) * 30 / features.days
    nobody = (UNKNOWN,) * len(features.accounts)
    result: Traits = {
        "kind": nobody,
        "trade": nobody,
        "tenure": nobody,
        "use": nobody,
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


def _names(one: dict[str, str], levels: Iterable[tuple[str, ...]]) -> list[str]:
    """Name the groups an account with these traits is part of, finest first."""
    return [_name(one, level) for level in (levels if one["use"] == UNKNOWN else UNKNOWN_LEVELS)]


def _name(one: dict[str, str], level: tuple[str, ...]) -> str:
    return ", ".join(one[trait] if one[trait] != UNKNOWN else f"{trait} unknown" for trait in level) or EVERYONE
