"""A ranker that learns from what people made of alerts, and is used only where it is shown to help.

It stands above the detectors: it reads their scores and changes none of them, so that no detector learns to please. It
is fitted on the earlier judgements, its line is drawn on the middle ones, and on the later ones, which nothing was
chosen by, it must rank better than what it would replace: the whole interval of the difference in average precision
lies above nothing, or it is not adopted.

Boosted trees (LightGBM, the extra ``learning``), because their model is a text that is read and not run, and because
what each feature added to a score is computed exactly (Shapley values of trees) by the same library. Fitting is
seeded, on one thread, and gives the same text for the same rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.drift import Bins, reference
from flows.errors import InputError, SettingsError, StoreError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MODEL: Final = "model.txt"
CARD: Final = "card.json"
CARD_PAGE: Final = "card.md"
SUMS: Final = "SHA256SUMS"
EARLIER: Final = 0.6
LATER: Final = 0.8
"""Where time is cut, in shares of the rows: fitted before the first, reported after the second."""
LEAST: Final = 10
"""Useful ones, and others, in each of the three parts; ours: with fewer the interval says nothing."""
RESAMPLES: Final = 1000
TREES: Final = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 7,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
"""Small trees, many of them: on the middle parts of AMLSim and AMLGentex (`benchmarks/quality`) 7 leaves ranked better
than 15 or 31, and the choice of the others made no difference beyond that of two seeds."""
ROUNDS: Final = 500


@dataclass(frozen=True)
class Interval:
    """A figure and the interval it lies in, 95 %, by resampling."""

    figure: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.figure:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class ModelCard:
    """What a ranker was made from, what it can do, and what must not be concluded.

    Parameters
    ----------
    what : str
        What it ranks.
    columns : tuple of str
        What it reads.
    rows, useful : dict of str to int
        How many rows, and useful ones among them, in the ``earlier``, ``middle`` and ``later`` part.
    cuts : tuple of int
        Where time was cut, microseconds since 1970: first row, middle from, later from, last row.
    line : float
        The score from which the middle part is best told apart, by F1.
    average_precision, before, gain : Interval
        On the later part: the ranker's, that of the rank it would replace, and the difference row by row resampled.
    f1, precision, recall : float
        On the later part, at the line.
    adopted : bool
        Whether the gain is above nothing in its whole interval.
    seed : int
        Of fitting and resampling.
    library : str
        What fitted it.
    sha256 : str
        Of `MODEL`.
    strongest : dict of str to float
        Mean weight (absolute Shapley value, in log odds) of the columns that moved scores most on the later part.
    then : dict of str to Bins
        How the columns and the score were spread when it was fitted; what drift is measured from.
    """

    what: str
    columns: tuple[str, ...]
    rows: Mapping[str, int]
    useful: Mapping[str, int]
    cuts: tuple[int, int, int, int]
    line: float
    average_precision: Interval
    before: Interval
    gain: Interval
    f1: float
    precision: float
    recall: float
    adopted: bool
    seed: int
    library: str
    sha256: str
    strongest: Mapping[str, float]
    then: Mapping[str, Bins] = field(repr=False)

    def as_page(self) -> str:
        """Write the card for people, in Markdown."""
        parts = "\n".join(f"| {part} | {self.rows[part]:,} | {self.useful[part]:,} |" for part in self.rows)
        moved = "\n".join(f"| {name} | {weight:.3f} |" for name, weight in self.strongest.items())
        verdict = (
            "**Adopted**: it ranked the later part better than the rank before it, in the whole interval."
            if self.adopted
            else "**Not adopted**: that it ranks better is not shown. The rank before it stays."
        )
        return f"""# Model card: {self.what}

{verdict}

| on the later part | average precision (95 % interval) |
|---|---|
| this ranker | {self.average_precision} |
| the rank before it | {self.before} |
| gain | {self.gain} |

At its line of {self.line:.3f}, chosen on the middle part: F1 {self.f1:.3f}, precision {self.precision:.3f}, recall
{self.recall:.3f}.

| part, by time | rows | useful |
|---|---:|---:|
{parts}

| what moved its scores most | mean weight |
|---|---:|
{moved}

It reads {len(self.columns)} numbers: {", ".join(f"`{name}`" for name in self.columns)}.

Made with {self.library}, seed {self.seed}; {MODEL} has SHA-256 `{self.sha256}`.

It learnt what people found worth a look, with their habits and blind spots; what was never looked at could not be
learnt. It orders alerts and accounts for people to look at, decides nothing, and is no probability of anything about a
person. Measure it again when `drift` says that a column has moved.
"""


@dataclass(frozen=True, eq=False)
class Ranker:
    """Boosted trees and their card.

    Parameters
    ----------
    text : str
        The trees as LightGBM writes them.
    card : ModelCard
        What is known of them.
    """

    text: str
    card: ModelCard

    def score(self, values: NDArray[Any]) -> Floats:
        """Give 0 to 1 per row, high = look sooner."""
        return scored(self.text, self._checked(values))

    def weights(self, values: NDArray[Any]) -> Floats:
        """Give what each column added to the log odds of each row: exact Shapley values, the last column the mean.

        A row of weights sums to the log odds of its score.
        """
        return weighed(self.text, self._checked(values))

    def save(self, folder: Path) -> None:
        """Write trees, card and its page, and the sums of all three."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            texts = {
                MODEL: self.text,
                CARD: json.dumps(asdict(self.card), indent=1) + "\n",
                CARD_PAGE: self.card.as_page(),
            }
            texts[SUMS] = "".join(f"{_sha256(text)}  {name}\n" for name, text in texts.items())
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise StoreError(
                "the ranker cannot be written", where=str(folder), try_="choose a folder that can be written"
            ) from error

    def _checked(self, values: NDArray[Any]) -> NDArray[Any]:
        if values.ndim != 2 or values.shape[1] != len(self.card.columns):
            raise SettingsError(
                "other columns than were learnt", where=self.card.what, try_="give the columns of the card, in order"
            )
        return values


def load(folder: Path) -> Ranker:
    """Read a saved ranker; nothing in it is run.

    Raises
    ------
    StoreError
        If a file is missing, is no ranker, or was changed since it was saved.
    """
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
        text, written = ((folder / name).read_text(encoding="utf-8") for name in (MODEL, CARD))
        changed = [name for name, held in ((MODEL, text), (CARD, written)) if sums[name] != _sha256(held)]
        if changed:
            raise StoreError(
                "the ranker was changed since it was saved", where=str(folder / changed[0]), try_="learn it again"
            )
        told = json.loads(written)
        for name in ("average_precision", "before", "gain"):
            told[name] = Interval(**told[name])
        told["then"] = {name: Bins(tuple(one["edges"]), tuple(one["shares"])) for name, one in told["then"].items()}
        told["columns"], told["cuts"] = tuple(told["columns"]), tuple(told["cuts"])
        card = ModelCard(**told)
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise StoreError("no ranker can be read", where=str(folder), try_="learn it again") from error
    return Ranker(text, card)


def learn(
    what: str,
    columns: Sequence[str],
    values: NDArray[Any],
    useful: Flags,
    at: NDArray[np.int64],
    before: Floats,
    *,
    tiers: Floats | None = None,
    cuts: tuple[int, int] | None = None,
    seed: int = 0,
    rounds: int = ROUNDS,
) -> Ranker:
    """Fit a ranker on the earlier rows and say whether it is better on the later ones.

    Parameters
    ----------
    what : str
        What it ranks, for the card.
    columns : sequence of str
        Names of the features and scores.
    values : ndarray, shape (rows, columns)
        As they were known at the time; NaN where unknown.
    useful : ndarray of bool
        What people, or labels, made of each row.
    at : ndarray of int64
        The time of each row, microseconds since 1970.
    before : ndarray of float64
        The rank it would replace.
    tiers : ndarray of float64, optional
        A coarser order that it may not change, in whole numbers, higher first: it then ranks inside each of them.
    cuts : (int, int), optional
        When the middle and the later part begin; else by `EARLIER` and `LATER`, in shares of the rows. Rows of one time
        are never cut apart.
    seed : int
        Of everything random.
    rounds : int
        Trees.

    Raises
    ------
    InputError
        If a part has too few rows to learn from or to judge by.
    """
    middle, later = cuts or _cuts(at)
    parts = {"earlier": at < middle, "middle": (at >= middle) & (at < later), "later": at >= later}
    for part, rows in parts.items():
        found = int(useful[rows].sum())
        others = int(rows.sum()) - found
        if min(found, others) < LEAST:
            raise InputError(
                f"too few judgements to learn from: the {part} part needs {LEAST} that were useful and {LEAST} others,"
                f" and has {found} and {others}",
                where=f"{what}, told at {np.unique(at).size} different times",
                try_="judge more alerts, of more nights: time is cut in three, and what one night told is never cut",
            )
    text = fitted(columns, values[parts["earlier"]], useful[parts["earlier"]], seed=seed, rounds=rounds)
    score = scored(text, values)
    line = best_line(useful[parts["middle"]], score[parts["middle"]])
    here, truth = score[parts["later"]], useful[parts["later"]]
    coarser = 0.0 if tiers is None else tiers[parts["later"]]
    ranked, replaced, gain = compared(truth, coarser + here, before[parts["later"]], seed=seed)
    told = here >= line
    right = int((told & truth).sum())
    mean = np.abs(weighed(text, values[parts["later"]])[:, :-1]).mean(axis=0)
    strongest = np.argsort(-mean, kind="stable")[:12]
    known = np.column_stack([values[parts["earlier"]], score[parts["earlier"]]])
    card = ModelCard(
        what=what,
        columns=tuple(columns),
        rows={part: int(rows.sum()) for part, rows in parts.items()},
        useful={part: int(useful[rows].sum()) for part, rows in parts.items()},
        cuts=(int(at.min()), int(middle), int(later), int(at.max())),
        line=line,
        average_precision=ranked,
        before=replaced,
        gain=gain,
        f1=2 * right / max(int(told.sum()) + int(truth.sum()), 1),
        precision=right / max(int(told.sum()), 1),
        recall=right / max(int(truth.sum()), 1),
        adopted=gain.low > 0,
        seed=seed,
        library=f"LightGBM {_lightgbm().__version__}",
        sha256=_sha256(text),
        strongest={columns[place]: round(float(mean[place]), 6) for place in strongest.tolist()},
        then=reference([*columns, SCORE], known),
    )
    return Ranker(text, card)


SCORE: Final = "score of the ranker"
"""Its name among the columns whose drift is watched."""


def compared(
    truth: Flags, one: Floats, other: Floats, *, seed: int, resamples: int = RESAMPLES
) -> tuple[Interval, Interval, Interval]:
    """Give the average precision of two ranks of the same rows and of their difference, resampled together.

    Useful and other rows are drawn apart, so that every draw has as many of each.
    """
    rng = np.random.default_rng(seed)
    found, others = np.flatnonzero(truth), np.flatnonzero(~truth)
    drawn = np.empty((resamples, 2))
    for number in range(resamples):
        rows = np.concatenate([rng.choice(found, found.size), rng.choice(others, others.size)])
        drawn[number] = average_precision(truth[rows], one[rows]), average_precision(truth[rows], other[rows])
    figures = average_precision(truth, one), average_precision(truth, other)
    return (
        _interval(figures[0], drawn[:, 0]),
        _interval(figures[1], drawn[:, 1]),
        _interval(figures[0] - figures[1], drawn[:, 0] - drawn[:, 1]),
    )


def average_precision(truth: Flags, score: Floats) -> float:
    """Give the average precision of a rank; equal scores are one step, as in scikit-learn.

    Examples
    --------
    >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7])).__round__(3)
    0.833
    """
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.diff(score[order], append=np.inf))
    right = np.cumsum(truth[order])[last]
    precision = right / (last + 1)
    return float(np.sum(np.diff(right, prepend=0) * precision) / max(int(right[-1]), 1)) if right.size else 0.0


def best_line(truth: Flags, score: Floats) -> float:
    """Give the score from which on F1 is largest; of equal ones the highest."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.diff(score[order], append=np.inf))
    right = np.cumsum(truth[order])[last]
    f1 = 2 * right / (last + 1 + int(truth.sum()))
    return float(score[order][last[int(np.argmax(f1))]])


def _interval(figure: float, drawn: Floats) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(round(figure, 6), round(float(low), 6), round(float(high), 6))


def _cuts(at: NDArray[np.int64]) -> tuple[int, int]:
    ascending = np.sort(at)
    if not at.size:
        return 0, 0
    return int(ascending[int(EARLIER * at.size)]), int(ascending[int(LATER * at.size)])


def fitted(columns: Sequence[str], values: NDArray[Any], useful: Flags, *, seed: int = 0, rounds: int = ROUNDS) -> str:
    """Fit trees on rows and give them as LightGBM writes them: the same text for the same rows and seed."""
    lightgbm = _lightgbm()
    # LightGBM takes no punctuation in names; the card has ours.
    names = [f"c{place}" for place in range(len(columns))]
    rows = lightgbm.Dataset(np.ascontiguousarray(values, np.float64), useful.astype(np.float64), feature_name=names)
    text: str = lightgbm.train({**TREES, "seed": seed}, rows, num_boost_round=rounds).model_to_string()
    return text


def scored(text: str, values: NDArray[Any]) -> Floats:
    """Give the score of trees for each row, 0 to 1."""
    trees = _lightgbm().Booster(model_str=text)
    return np.asarray(trees.predict(np.ascontiguousarray(values, np.float64), num_threads=1), np.float64)


def weighed(text: str, values: NDArray[Any]) -> Floats:
    """Give the Shapley values of trees for each row, and last the mean."""
    trees = _lightgbm().Booster(model_str=text)
    rows = np.ascontiguousarray(values, np.float64)
    return np.asarray(trees.predict(rows, pred_contrib=True, num_threads=1), np.float64)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _lightgbm() -> Any:
    try:
        import lightgbm
    except (ImportError, OSError) as error:
        raise SettingsError(
            "learning needs LightGBM, which is not installed or does not find libgomp",
            where="detectors.learning",
            try_="pip install 'moneytrail[learning]'",
        ) from error
    return lightgbm
