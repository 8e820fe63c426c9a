"""What an outlier detector learnt, peer group by peer group: scores any account by itself and says what moved it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.finding import Reason, Value
from detectors.model import Learnt, Model
from detectors.peers import EVERYONE, Peers
from detectors.tails import Floats, Tail, tail
from flows.errors import PluginError, SettingsError
from graphs.feature_columns import Column
from graphs.features import Features

UPPER: Final = (0.99, 0.95, 0.9, 0.75, 0.5)
"""Shares of peers a reason may name, the most telling first."""
MOST_MOVES: Final = 4
"""Features named for one account; ours: more than an analyst reads."""
LEAST_FALL: Final = 0.1
"""A feature is named if it explains at least this share of what the first one does; ours."""
CASES: Final = "cases"
"""What a surprise is told in: once in so many."""
COUNTED: Final = ("payments", "accounts", "findings", "days", CASES)
"""Units of which there is no half."""
AGAINST: Final = {
    False: "{opening}; {share} % of similar accounts ({group}): at most {limit}.",
    True: "{opening}; {share} % of similar accounts ({group}): at least {limit}.",
}
"""What an account does against its peers, by whether it is unusually low."""


@dataclass(frozen=True)
class Move:
    """A feature that moved an account's score.

    Parameters
    ----------
    column : Column
        The feature.
    measured : float
        Its value.
    limit : float
        The value that the given share of peers does not exceed (or, if `below`, does not fall short of).
    share : float
        That share.
    below : bool
        Whether it is unusually low.
    fall : float
        How much the raw score falls when the feature, with those named before it, is what is typical of peers.
    """

    column: Column
    measured: float
    limit: float
    share: float
    below: bool
    fall: float


@dataclass(frozen=True, eq=False)
class Member:
    """What one model learnt, and how its scores are spread in one peer group.

    Parameters
    ----------
    model : str
        Id of the model.
    learnt : Learnt
        What it learnt: of this group, or of all groups together if it is a shared one.
    rarity : Tail
        Calibration of its raw scores among the accounts of the group.
    """

    model: str
    learnt: Learnt
    rarity: Tail


@dataclass(frozen=True, eq=False)
class Group:
    """What was learnt of one peer group.

    Parameters
    ----------
    name : str
        The group.
    used : ndarray of int64
        Columns that are fitted, the same in all groups.
    typical, spread : ndarray of float64, shape (used,)
        Median and a robust width of each; infinite where nobody differs, which so tells nobody apart.
    ordered : tuple of ndarray of float64
        The known values of each, ascending.
    members : tuple of Member
        The models, none where nobody differs.
    wide : Group, optional
        All accounts, which a group within them is held against as well.
    """

    name: str
    used: NDArray[np.int64]
    typical: Floats
    spread: Floats
    ordered: tuple[Floats, ...]
    members: tuple[Member, ...]
    wide: Group | None = None

    def score(self, values: Floats) -> Floats:
        """Give joined scores of rows of a whole feature table; what is missing counts as typical.

        The mean surprise (powers of ten) of the models, among the peers and among all accounts: who is rare in both
        stands above who is only the busiest of the quiet ones, or only unlike another trade.
        """
        own = self.surprise(values)
        return own if self.wide is None else (own + self.wide.surprise(values)) / 2

    def surprise(self, values: Floats) -> Floats:
        """Give the mean surprise of the models among the accounts of this group alone."""
        scaled = self.scaled(values[:, self.used])
        total = np.zeros(len(values))
        for member in self.members:
            total += member.rarity.surprise(member.learnt.score(scaled))
        return total / max(len(self.members), 1)

    def scaled(self, values: Floats) -> Floats:
        """Scale columns `used`: robust, and flattened far out, so that one huge value does not hide the large ones."""
        return np.arcsinh((np.where(np.isnan(values), self.typical, values) - self.typical) / self.spread)


@dataclass(frozen=True, eq=False)
class InPeers:
    """A fitted outlier detector: its models and one calibration for each peer group.

    Parameters
    ----------
    columns : tuple of Column
        The columns of the tables it can score.
    scale : mapping of str to int
        The `Features.scale` of the reference.
    peers : Peers
        Who is compared with whom.
    groups : dict of str to Group
        By name.
    rarity : Tail
        Calibration of the joined scores, over all accounts of the reference: each was held against its own peers.
    imputed : dict of str to int
        Values of the reference that were missing and counted as typical, by column.
    """

    columns: tuple[Column, ...]
    scale: Mapping[str, int]
    peers: Peers
    groups: dict[str, Group]
    rarity: Tail
    imputed: dict[str, int]

    def tail(self, features: Features) -> Floats:
        """Give, per account, the share of the reference that is at least as unusual for its peers.

        Raises
        ------
        SettingsError
            If the table was measured with other columns or another scale than the reference.
        """
        self._check(features)
        return self.rarity.probability(_joined(self.groups, self.peers, features))

    def score(self, features: Features) -> Floats:
        """Give, per account, the share of the reference that is less unusual: 0 to 1, high = rare."""
        return 1 - self.tail(features)

    def moves(self, features: Features, account: str) -> list[Move]:
        """Name the features that moved an account's score, strongest first.

        Each feature in turn is set to what is typical of the peers, and the one whose change lowers the score most is
        named and kept typical; so of two features that say the same, one is named. If no feature lowers it alone, the
        one farthest from typical is named.
        """
        self._check(features)
        row = features.row_of[account]
        table = features.of(np.array([row]))
        group = self.groups[str(self.peers.of(table)[0])]
        here = table.values[0].copy()
        unlike = np.abs(group.scaled(here[group.used][np.newaxis])[0])
        left = [place for place in range(group.used.size) if unlike[place] != 0]
        moves: list[Move] = []
        score = float(group.score(here[np.newaxis])[0])
        while left and len(moves) < MOST_MOVES:
            tried = np.repeat(here[np.newaxis], len(left), axis=0)
            tried[np.arange(len(left)), group.used[left]] = group.typical[left]
            falls = score - group.score(tried)
            best = int(np.argmax(falls))
            if not moves and falls[best] <= 0:
                best = int(np.argmax(unlike[left]))
            elif falls[best] <= (moves[0].fall * LEAST_FALL if moves else 0):
                break
            place, fall = left.pop(best), float(falls[best])
            column = group.used[place]
            moves.append(self._move(group, place, here[column], fall))
            here[column] = group.typical[place]
            score -= fall
        return moves

    def reasons(self, features: Features, account: str, moves: list[Move] | None = None) -> list[Reason]:
        """Say the moves of an account (found here unless given) in its own units against its peers.

        A sentence reads: "Within 14 days 41 accounts it dealt with for two weeks at most paid it; 99 % of similar
        accounts (4 to 16 payments a month): at most 12 accounts."
        """
        group = str(self.peers.of(features.of(np.array([features.row_of[account]])))[0])
        money = features.currencies[features.row_of[account]]
        moves = self.moves(features, account) if moves is None else moves
        return [self._reason(move, group, money) for move in moves]

    def _move(self, group: Group, place: int, measured: float, fall: float) -> Move:
        ordered = group.ordered[place]
        below = bool(measured < group.typical[place])
        for share in UPPER:
            limit = float(np.quantile(ordered, 1 - share if below else share, method="nearest"))
            if (measured < limit) if below else (measured > limit):
                break
        return Move(self.columns[group.used[place]], float(measured), limit, share, below, fall)

    def _reason(self, move: Move, group: str, money: str) -> Reason:
        column, measured, limit, unit = move.column, move.measured, move.limit, str(move.column.unit)
        if unit == "amount":
            measured, limit, unit = measured * self.scale[money], limit * self.scale[money], money
        if unit == "powers of ten":
            measured, limit, unit = _once_in(measured), _once_in(limit), CASES
        if unit in (*COUNTED, money):
            measured, limit = round(measured), round(limit)
        values: tuple[tuple[str, Value], ...]
        values = (("share", round(100 * move.share)), ("group", tuple(group.split(", "))), *column.values)
        return Reason(AGAINST[move.below], measured, limit, unit, values, opening=column.says)

    def _check(self, features: Features) -> None:
        if features.columns != self.columns:
            raise SettingsError(
                "other features than were fitted",
                where=f"{len(features.columns)} columns, fitted on {len(self.columns)}",
                try_="measure both tables with the same version, or fit again",
            )
        if any(self.scale.get(money) != features.scale[money] for money in set(features.currencies)):
            raise SettingsError(
                "amounts are scaled otherwise than in the reference",
                where="Features.scale",
                try_="measure with account_features(..., scale=reference.scale)",
            )


def _once_in(powers: float) -> int:
    """Say a surprise as "once in so many cases", to two digits; beyond 10^12 a number says no more.

    Examples
    --------
    >>> _once_in(0.0), _once_in(4.987), _once_in(40.0)
    (1, 97000, 1000000000000)
    """
    return int(float(f"{10 ** min(powers, 12.0):.1e}"))


def fit_in_peers(
    features: Features, peers: Peers, themes: Iterable[str], models: Mapping[str, Model], *, seed: int, detector: str
) -> InPeers:
    """Fit models for the peer groups of a reference, and for all accounts in one scale.

    A shared model is fitted once for all groups, on every account in the scale of its own; the others group by group.

    Parameters
    ----------
    features : Features
        The reference.
    peers : Peers
        Who is compared with whom.
    themes : iterable of str
        Themes of the columns to fit on; restricted columns are never fitted.
    models : mapping of str to Model
        Models by id. They are given rows sorted by their values, so that neither the order nor the names of accounts
        can change what a seeded model learns.
    seed : int
        Seed of all of them.
    detector : str
        Id of the detector, for messages.

    Raises
    ------
    PluginError
        If there is no account or no model to learn, or no column of these themes.
    """
    wanted = set(themes)
    chosen = np.array(
        [place for place, column in enumerate(features.columns) if column.theme in wanted and not column.restricted],
        dtype=np.int64,
    )
    if not chosen.size:
        raise PluginError("nothing to fit on", where=detector, try_=f"choose themes among {sorted(_themes(features))}")
    if not features.accounts:
        raise PluginError("no account to learn from", where=detector, try_="fit on a period with payments")
    if not models:
        raise PluginError("no model to fit", where=detector, try_="name at least one of the shelf detectors.models")
    missing = np.isnan(features.values[:, chosen]).sum(axis=0)
    imputed = {features.columns[place].name: int(count) for place, count in zip(chosen, missing, strict=True) if count}
    names = sorted({*peers.groups, EVERYONE})
    compared = {name: peers.compared_with(features, name) for name in names}
    plain = {name: _plain(name, features.values[compared[name]][:, chosen], chosen) for name in names}
    shared = {id_: model for id_, model in models.items() if model.shared}
    together = _learnt(_among_peers(plain, peers, features, chosen), shared, seed) if len(names) > 1 else {}

    def fitted(name: str, together: Mapping[str, Learnt]) -> Group:
        rows = plain[name].scaled(features.values[compared[name]][:, chosen])
        return _with_members(plain[name], rows, models, together, seed)

    wide = fitted(EVERYONE, {})
    groups = {name: wide if name == EVERYONE else replace(fitted(name, together), wide=wide) for name in peers.groups}
    rarity = tail(_joined(groups, peers, features))
    return InPeers(features.columns, dict(features.scale), peers, groups, rarity, imputed)


def _among_peers(plain: Mapping[str, Group], peers: Peers, features: Features, chosen: NDArray[np.int64]) -> Floats:
    """Give every account in the scale of its own group."""
    scaled = np.zeros((len(features.accounts), chosen.size))
    for name, rows in _by_group(peers, features):
        scaled[rows] = plain[name].scaled(features.values[rows][:, chosen])
    return scaled


def _joined(groups: Mapping[str, Group], peers: Peers, features: Features) -> Floats:
    joined = np.zeros(len(features.accounts))
    for name, rows in _by_group(peers, features):
        joined[rows] = groups[name].score(features.values[rows])
    return joined


def _by_group(peers: Peers, features: Features) -> Iterator[tuple[str, NDArray[np.int64]]]:
    group_of = peers.of(features)
    for name in sorted(set(group_of.tolist())):
        yield name, np.flatnonzero(group_of == name)


def _themes(features: Features) -> set[str]:
    return {column.theme for column in features.columns}


def _plain(name: str, values: Floats, chosen: NDArray[np.int64]) -> Group:
    """Give a group that knows what is typical in it, and no model yet."""
    ordered = tuple(np.sort(column[~np.isnan(column)]) for column in values.T)
    typical = np.array([np.median(column) if column.size else 0.0 for column in ordered])
    spread = np.array([_spread(column) for column in ordered])
    return Group(name, chosen, typical, spread, ordered, ())


def _with_members(
    group: Group, rows: Floats, models: Mapping[str, Model], together: Mapping[str, Learnt], seed: int
) -> Group:
    """Fit models on the scaled rows of a group, but for those learnt together, and calibrate all of them on them."""
    if len(rows) < 2 or not np.isfinite(group.spread).any():
        return group
    learnt = {**_learnt(rows, {id_: one for id_, one in models.items() if id_ not in together}, seed), **together}
    return replace(
        group, members=tuple(Member(id_, learnt[id_], tail(learnt[id_].score(rows))) for id_ in sorted(learnt))
    )


def _learnt(rows: Floats, models: Mapping[str, Model], seed: int) -> dict[str, Learnt]:
    ordered = rows[np.lexsort(rows.T)]
    return {id_: models[id_].learn(ordered, seed) for id_ in sorted(models)}


def _spread(column: Floats) -> float:
    """Give the interquartile range, or where more than half are equal, the standard deviation; infinite for equals."""
    if not column.size or column[0] == column[-1]:
        return np.inf
    low, high = np.quantile(column, [0.25, 0.75])
    return float(high - low) if high > low else float(column.std())
