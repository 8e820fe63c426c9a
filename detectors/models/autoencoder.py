"""Autoencoder (PyOD, with torch): rows that cannot be told again from the little that is kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from detectors.model import Arrays, Floats
from flows.errors import SettingsError

AT_ONCE: Final = 4_096
"""Rows that go through the network together; ours: what lies between two layers stays in the cache."""
EPSILON: Final = 1e-8
"""What PyOD adds to a feature's width."""


@dataclass(frozen=True, eq=False)
class Network:
    """The layers of a network, to be gone through without torch.

    Parameters
    ----------
    kept : Arrays
        ``middle`` and ``width`` of each feature, infinite where it tells nobody apart; of each layer its ``weight_0``,
        ... (in by out) and ``bias_0``, ... What is below zero after a layer counts as zero, but for the last.
    """

    kept: Arrays

    def score(self, rows: Floats) -> Floats:
        """Give how far each row lies from what the network makes of it, in widths of the features."""
        away = np.zeros(len(rows))
        for begin in range(0, len(rows), AT_ONCE):
            here = slice(begin, begin + AT_ONCE)
            given = (rows[here] - self.kept["middle"]) / self.kept["width"]
            told = self._through(given)
            for feature in range(given.shape[1]):
                away[here] += (given[:, feature] - told[:, feature]) ** 2
        return np.sqrt(away)

    def _through(self, rows: Floats) -> Floats:
        for layer in range(sum(name.startswith("weight_") for name in self.kept)):
            before = rows if layer == 0 else np.maximum(rows, 0)
            rows = np.repeat(self.kept[f"bias_{layer}"][np.newaxis], len(before), axis=0)
            # Term by term: a product of matrices adds in an order that depends on how many rows there are.
            for place, weight in enumerate(self.kept[f"weight_{layer}"]):
                rows += before[:, place, np.newaxis] * weight
        return rows

    def arrays(self) -> Arrays:
        """Give the layers."""
        return self.kept


@dataclass(frozen=True, kw_only=True)
class Autoencoder:
    """Score rows by how badly a narrow network tells them again.

    Notes
    -----
    PyOD's `AutoEncoder` with its defaults but for `epochs`: features to 64, 32, 64 and back, rectified, each layer but
    the last normalised by batch (folded into its weights once learnt). Wants torch to learn, the extra ``deep``; to
    score it does not. Learnt on one thread of the processor, so that a seed gives the same again on the same machine
    and versions. Not in the default: `docs/outliers.md`. Costs 20 times the rows to learn, 16 s for 5,000, and
    some 5,000 products for each row scored.

    Sources
    -------
    20 epochs: as measured in `docs/outliers.md`; 10 are PyOD's.
    At most 5,000 rows: ours; PyOD hands torch one row at a time, and it was measured on fewer.
    """

    shared: ClassVar[bool] = True
    epochs: int = 20
    batch: int = 32
    most: int = 5_000

    def ready(self) -> None:
        """Raise what `learn` would where torch is not installed."""
        _torch()

    def learn(self, rows: Floats, seed: int) -> Network:
        """Teach the network to tell rows again."""
        # Seconds to import: only who fits pays.
        torch = _torch()
        from pyod.models.auto_encoder import AutoEncoder

        if len(rows) > self.most:
            rows = rows[np.sort(np.random.default_rng(seed).choice(len(rows), self.most, replace=False))]
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            # PyOD seeds the states that all share: torch's is put back, and nothing of ours draws from the others.
            with torch.random.fork_rng(devices=[]):
                fitted = AutoEncoder(
                    random_state=seed,
                    epoch_num=self.epochs,
                    batch_size=min(self.batch, len(rows)),
                    device=torch.device("cpu"),
                    verbose=0,
                ).fit(rows)
        finally:
            torch.set_num_threads(threads)
        # Where all that was learnt from are equal, PyOD would divide what differs later by next to nothing.
        width = np.where(np.ptp(rows, axis=0) == 0, np.inf, fitted.X_std + EPSILON)
        kept: dict[str, Floats] = {"middle": fitted.X_mean, "width": width}
        for number, layer in enumerate([*fitted.model.encoder, *fitted.model.decoder]):
            kept[f"weight_{number}"], kept[f"bias_{number}"] = _folded(layer)
        return Network(kept)

    def restore(self, arrays: Arrays) -> Network:
        """Give the network back."""
        return Network(arrays)


def _folded(layer: Any) -> tuple[Floats, Floats]:
    """Give weights (in by out) and bias of a layer, with what its normalisation does to them once it is learnt."""
    linear = getattr(layer, "linear", layer)
    weight, bias = (one.detach().double().numpy() for one in (linear.weight.T, linear.bias))
    if linear is layer:
        return np.ascontiguousarray(weight), bias
    usual, spread, times, plus = (
        one.detach().double().numpy()
        for one in (layer.bn.running_mean, layer.bn.running_var, layer.bn.weight, layer.bn.bias)
    )
    scale = times / np.sqrt(spread + layer.bn.eps)
    return np.ascontiguousarray(weight * scale), (bias - usual) * scale + plus


def _torch() -> Any:
    try:
        import torch
        import tqdm  # noqa: F401 - PyOD shows with it how far it is, and does not ask for it by itself
    except ImportError as error:
        raise SettingsError(
            "the model autoencoder needs torch to learn, which is not installed",
            where="[detectors.ensemble] models",
            try_="pip install 'moneytrail[deep]', or choose other models",
        ) from error
    return torch
