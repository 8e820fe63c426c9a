"""Isolation forest (PyOD): rows that few random questions tell apart from all the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from detectors.model import Arrays, Floats


@dataclass(frozen=True, eq=False)
class Trees:
    """The trees of a forest, one after the other.

    Parameters
    ----------
    kept : Arrays
        ``root`` of each tree; of each node its ``feature`` (-1 in a leaf), ``threshold``, ``left`` and ``right``, and
        in a leaf the ``steps`` to it, with those that its rows would still need; ``usual``, the steps of a usual row.
    """

    kept: Arrays

    def score(self, rows: Floats) -> Floats:
        """Give 0 to 1: near 1 where a row is soon alone, a half for a usual one."""
        # Seconds to import where nothing compiled was used yet: only who scores pays.
        from graphs.kernels.trees import steps_down

        kept = self.kept
        nodes = (kept[name] for name in ("feature", "threshold", "left", "right", "steps"))
        # As the trees were grown: the features in single, the thresholds in double precision.
        total = steps_down(np.ascontiguousarray(rows, np.float32), kept["root"], *nodes)
        return np.asarray(2.0 ** (-total / (kept["root"].size * float(kept["usual"][0]))))

    def arrays(self) -> Arrays:
        """Give the trees."""
        return self.kept


@dataclass(frozen=True, kw_only=True)
class IsolationForest:
    """Score rows by how soon random cuts isolate them.

    Notes
    -----
    Liu, Ting and Zhou 2008, as PyOD's `IForest`. Cuts are random between the least and the largest value, so monotone
    changes of a feature do matter: see `detectors.rarity.Group.scaled`. It finds single rare rows; many equal ones hide
    each other. Costs trees x log(sample) for each row, and trees x sample x log(sample) to learn.

    Sources
    -------
    100 trees: PyOD's default; twice as many cost twice the time, and ranks of two seeds agree at 0.991, not 0.985.
    256 rows a tree: Liu et al. 2008; more hides clusters of outliers.
    At most 50,000 rows to draw them from: ours; twice what all trees draw, and PyOD scores whatever it is fitted on.
    """

    shared: ClassVar[bool] = True
    trees: int = 100
    sample: int = 256
    most: int = 50_000

    def ready(self) -> None:
        """Do nothing: what it wants is always there."""

    def learn(self, rows: Floats, seed: int) -> Trees:
        """Grow the trees."""
        # Seconds to import: only who fits pays.
        from pyod.models.iforest import IForest

        if len(rows) > self.most:
            rows = rows[np.sort(np.random.default_rng(seed).choice(len(rows), self.most, replace=False))]
        sample = min(self.sample, len(rows))
        forest = IForest(n_estimators=self.trees, max_samples=sample, random_state=seed, n_jobs=1).fit(rows)
        kept: dict[str, list[np.ndarray]] = {name: [] for name in ("feature", "threshold", "left", "right", "steps")}
        roots, nodes = [], 0
        for estimator, chosen in zip(forest.estimators_, forest.estimators_features_, strict=True):
            tree = estimator.tree_
            leaf = tree.children_left < 0
            kept["feature"].append(np.where(leaf, -1, np.asarray(chosen)[np.maximum(tree.feature, 0)]))
            kept["threshold"].append(tree.threshold)
            kept["left"].append(tree.children_left + nodes)
            kept["right"].append(tree.children_right + nodes)
            kept["steps"].append(np.where(leaf, _depths(tree) + _usual(tree.n_node_samples), 0.0))
            roots.append(nodes)
            nodes += tree.node_count
        return Trees(
            {
                **{name: np.concatenate(parts) for name, parts in kept.items()},
                "root": np.array(roots, np.int64),
                "usual": _usual(np.array([sample])),
            }
        )

    def restore(self, arrays: Arrays) -> Trees:
        """Give the trees back."""
        return Trees(arrays)


def _depths(tree: Any) -> Floats:
    left, right = tree.children_left.tolist(), tree.children_right.tolist()
    depth = [0.0] * len(left)
    for node, child in enumerate(left):  # children come after their parent
        if child >= 0:
            depth[child] = depth[right[node]] = depth[node] + 1
    return np.array(depth)


def _usual(rows: np.ndarray) -> Floats:
    """Give the usual steps to a row among so many: the mean depth of an unsuccessful search in a binary tree."""
    count = np.asarray(rows, dtype=np.float64)
    many = np.maximum(count, 3)
    steps = 2 * (np.log(many - 1) + np.euler_gamma) - 2 * (many - 1) / many
    return np.where(count <= 1, 0.0, np.where(count == 2, 1.0, steps))
