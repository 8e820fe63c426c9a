"""A fitted detector kept in a folder scores as before, and is refused once anybody touched it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from detectors.models.autoencoder import Autoencoder
from detectors.outliers.ensemble import Ensemble
from detectors.participation import with_motifs
from detectors.peers import peer_groups
from detectors.reference import load, save
from flows.arrows import payments_from_arrows
from flows.errors import StoreError
from flows.plugins import Shelf
from flows.window import whole
from graphs.features import account_features


@pytest.fixture(scope="module")
def features():
    draw = np.random.default_rng(0)
    lines = [
        f"day {draw.integers(90)} {draw.integers(7, 24):02d}:00 p{draw.integers(80)} -> q{draw.integers(40)} "
        f"{draw.integers(5, 200)}.00 EUR sct"
        for _ in range(700)
    ]
    window = whole(payments_from_arrows("\n".join(lines)))
    found = [one for id_ in ("fan-in", "fan-out") for one in Shelf("detectors.motifs").load(id_)().find(window)]
    return with_motifs(account_features(window), found, searched=["fan-in", "fan-out"])


@pytest.fixture(scope="module")
def fitted(features):
    return Ensemble().fit(features, peer_groups(features, least=30))


@pytest.fixture
def kept(fitted, tmp_path):
    save(fitted, tmp_path / "reference", made_with={"as_of": "2026-03-31"})
    return tmp_path / "reference"


def test_what_is_read_scores_and_explains_as_what_was_written(fitted, kept, features):
    again = load(kept).fitted
    assert len(again.groups) > 1
    assert again.score(features).tobytes() == fitted.score(features).tobytes()
    rarest = features.accounts[int(fitted.score(features).argmax())]
    assert again.reasons(features, rarest) == fitted.reasons(features, rarest)
    assert again.peers.uses is not None
    assert again.peers.uses == fitted.peers.uses
    assert (again.peers.levels, again.peers.groups, again.peers.merges, again.scale, again.imputed) == (
        fitted.peers.levels,
        fitted.peers.groups,
        fitted.peers.merges,
        fitted.scale,
        fitted.imputed,
    )


def test_the_same_fit_is_written_as_the_same_text(fitted, kept, tmp_path):
    save(fitted, tmp_path / "again", made_with={"as_of": "2026-03-31"})
    assert (kept / "reference.json").read_bytes() == (tmp_path / "again" / "reference.json").read_bytes()


@pytest.mark.parametrize("name", ["reference.json", "arrays.npz"])
def test_a_file_with_one_other_byte_is_refused(kept, name):
    content = bytearray((kept / name).read_bytes())
    content[len(content) // 2] ^= 1
    (kept / name).write_bytes(content)
    with pytest.raises(StoreError, match="changed since it was written") as refused:
        load(kept)
    assert name in str(refused.value)


@pytest.mark.parametrize("name", ["reference.json", "arrays.npz", "SHA256SUMS"])
def test_a_missing_file_is_refused(kept, name):
    (kept / name).unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        load(kept)


def rewritten(kept, change):
    """Change the text and its sum, as another version of the tool would have written it."""
    import hashlib

    told = json.loads((kept / "reference.json").read_bytes())
    change(told)
    text = json.dumps(told).encode()
    (kept / "reference.json").write_bytes(text)
    numbers = hashlib.sha256((kept / "arrays.npz").read_bytes()).hexdigest()
    sums = f"{numbers}  arrays.npz\n{hashlib.sha256(text).hexdigest()}  reference.json\n"
    (kept / "SHA256SUMS").write_text(sums)


def test_a_reference_of_other_features_or_another_format_is_refused(kept):
    rewritten(kept, lambda told: told["columns"].pop())
    with pytest.raises(StoreError, match="other features"):
        load(kept)
    # Format 2 knew nothing of motifs.
    rewritten(kept, lambda told: told.update(format=2))
    with pytest.raises(StoreError, match="format 2, not 3") as refused:
        load(kept)
    assert "moneytrail reference" in str(refused.value)


def test_parts_in_motifs_that_were_fitted_score_and_are_told_as_before(features, tmp_path):
    fitted = Ensemble(themes=("together", "motifs")).fit(features, peer_groups(features, least=30))
    save(fitted, tmp_path / "reference")
    again = load(tmp_path / "reference").fitted
    assert {again.columns[place].theme for place in again.groups["all accounts"].used} == {"together", "motifs"}
    assert again.score(features).tobytes() == fitted.score(features).tobytes()
    rarest = features.accounts[int(fitted.score(features).argmax())]
    assert again.reasons(features, rarest) == fitted.reasons(features, rarest)


def test_a_network_is_kept_as_numbers_and_scores_without_what_learnt_it(fitted, features, tmp_path):
    columns = fitted.groups["all accounts"].used.size
    weight = np.random.default_rng(6).normal(size=(columns, columns))
    arrays = {"middle": np.zeros(columns), "width": np.ones(columns), "weight_0": weight, "bias_0": np.ones(columns)}
    network = Autoencoder().restore(arrays)

    def deep(group):
        members = tuple(replace(member, model="autoencoder", learnt=network) for member in group.members[:1])
        return replace(group, members=members, wide=group.wide and deep(group.wide))

    known = replace(fitted, groups={name: deep(group) for name, group in fitted.groups.items()})
    save(known, tmp_path / "reference")
    again = load(tmp_path / "reference").fitted
    assert again.score(features).tobytes() == known.score(features).tobytes() != fitted.score(features).tobytes()


def test_arrays_of_objects_are_not_read(kept):
    np.savez(kept / "arrays.npz", **{"rarity/knots": np.array([object()])})
    rewritten(kept, lambda told: None)
    with pytest.raises(StoreError, match="cannot be read"):
        load(kept)


def test_scoring_with_what_was_kept_needs_no_pyod(kept):
    asked = (
        "import sys; from pathlib import Path; from detectors.reference import load; "
        f"load(Path({str(kept)!r})); sys.exit('pyod' in sys.modules or 'sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
