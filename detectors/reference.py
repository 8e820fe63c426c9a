"""A fitted outlier detector kept from one night to the next: arrays and plain text, hashed, and no code.

A reference is a folder of three files: ``reference.json`` (what was fitted, on what, how), ``arrays.npz`` (numbers) and
``SHA256SUMS``. Nothing in them is run: a pickle from strangers is a program, these are tables. A file that was changed
since is refused. The hashes tell accidents and careless hands; who may write into the folder can write new hashes
as well, so the folder's own rights are what keeps strangers out.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from detectors.drift import Bins
from detectors.model import Learnt
from detectors.participation import every_column
from detectors.peers import EVERYONE, Merge, Peers, Uses
from detectors.rarity import Group, InPeers, Member
from detectors.tails import Tail
from flows.errors import StoreError
from flows.plugins import Shelf
from flows.window import SideTables

FORMAT: Final = 3
"""Raised whenever the files change their meaning."""
TEXT: Final = "reference.json"
NUMBERS: Final = "arrays.npz"
SUMS: Final = "SHA256SUMS"


def save(
    fitted: InPeers, folder: Path, *, then: Mapping[str, Bins] | None = None, made_with: Mapping[str, Any] | None = None
) -> None:
    """Write a fitted detector into a folder; files of these names are replaced.

    Parameters
    ----------
    fitted : InPeers
        What was learnt.
    folder : pathlib.Path
        Made if it is not there.
    then : mapping of str to Bins, optional
        How features and score were spread in the period, which drift is measured from (`detectors.drift`).
    made_with : mapping of str to plain values, optional
        What a reader should know besides, as the last day of the period.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = dict(_of_tail(fitted.rarity, "rarity/"))
    groups, first = [], dict[int, str]()
    for number, (name, group) in enumerate(sorted(fitted.groups.items())):
        here = f"{number}/"
        arrays |= {f"{here}used": group.used, f"{here}typical": group.typical, f"{here}spread": group.spread}
        arrays |= {f"{here}ordered/{place}": known for place, known in enumerate(group.ordered)}
        told_of = {}
        for member in group.members:
            arrays |= _of_tail(member.rarity, f"{here}{member.model}/rarity/")
            # What several groups share is written once, under the first of them.
            place = first.setdefault(id(member.learnt), f"{here}{member.model}/learnt/")
            arrays |= {f"{place}{key}": value for key, value in member.learnt.arrays().items()}
            told_of[member.model] = place
        groups.append({"name": name, "models": told_of})
    told = {
        "format": FORMAT,
        "columns": [column.name for column in fitted.columns],
        "scale": dict(sorted(fitted.scale.items())),
        "imputed": dict(sorted(fitted.imputed.items())),
        "groups": groups,
        "peers": {
            "levels": [list(level) for level in fitted.peers.levels],
            "groups": dict(sorted(fitted.peers.groups.items())),
            "merges": [asdict(merge) for merge in fitted.peers.merges],
            "uses": fitted.peers.uses and asdict(fitted.peers.uses),
        },
        "then": {name: asdict(one) for name, one in (then or {}).items()},
        "made_with": dict(made_with or {}),
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    files = {TEXT: json.dumps(told, indent=1, ensure_ascii=False).encode(), NUMBERS: packed.getvalue()}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The sums come last: a folder that was left half written is refused, not read.
        (folder / SUMS).unlink(missing_ok=True)
        for name, content in {**files, SUMS: sums.encode()}.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise StoreError(
            "the reference cannot be written", where=str(folder), try_="choose a folder that can be written"
        ) from error


@dataclass(frozen=True, eq=False)
class Kept:
    """What was read of a folder.

    Parameters
    ----------
    fitted : InPeers
        The detector; give its peers what is known of the accounts tonight (`Kept.knowing`).
    then : dict of str to Bins
        How features and score were spread in the period.
    """

    fitted: InPeers
    then: Mapping[str, Bins]

    def knowing(self, side: SideTables) -> InPeers:
        """Give the detector with newer tables of accounts and customers."""
        return replace(self.fitted, peers=self.fitted.peers.knowing(side))


def load(folder: Path) -> Kept:
    """Read a fitted detector.

    Parameters
    ----------
    folder : pathlib.Path
        As `save` wrote it.

    Raises
    ------
    StoreError
        If a file is missing or was changed, or was written for other features or by another version.
    """
    content = {name: _read(folder, name) for name in (SUMS, TEXT, NUMBERS)}
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in content[SUMS].decode().splitlines())}
    for name in (TEXT, NUMBERS):
        if sums.get(name) != hashlib.sha256(content[name]).hexdigest():
            raise _refused("a file of the reference was changed since it was written", folder / name)
    try:
        told = json.loads(content[TEXT])
        if told["format"] != FORMAT:
            raise _refused(f"a reference of format {told['format']}, not {FORMAT}", folder / TEXT)
        columns = every_column()
        if told["columns"] != [column.name for column in columns]:
            raise _refused("the reference was fitted on other features than are measured now", folder / TEXT)
        with np.load(io.BytesIO(content[NUMBERS]), allow_pickle=False) as packed:
            arrays = {name: packed[name] for name in packed.files}
        uses = told["peers"]["uses"]
        peers = Peers(
            tuple(tuple(level) for level in told["peers"]["levels"]),
            dict(told["peers"]["groups"]),
            tuple(Merge(**merge) for merge in told["peers"]["merges"]),
            SideTables(),
            uses and Uses(tuple(uses["middle"]), tuple(uses["width"]), tuple(map(tuple, uses["centres"]))),
        )
        groups = _groups(told["groups"], arrays)
        fitted = InPeers(columns, told["scale"], peers, groups, _tail(arrays, "rarity/"), told["imputed"])
        then = {name: Bins(tuple(one["edges"]), tuple(one["shares"])) for name, one in told["then"].items()}
        return Kept(fitted, then)
    except (AttributeError, KeyError, TypeError, ValueError, BadZipFile) as error:
        raise _refused("the reference cannot be read", folder) from error


def _groups(told: list[dict[str, Any]], arrays: Mapping[str, NDArray[Any]]) -> dict[str, Group]:
    shelf = Shelf("detectors.models")
    places = {place: model for group in told for model, place in group["models"].items()}
    learnt = {place: shelf.load(model)().restore(_below(arrays, place)) for place, model in places.items()}
    numbered = {group["name"]: (number, group["models"]) for number, group in enumerate(told)}
    wide = _group(EVERYONE, *numbered[EVERYONE], arrays, learnt, None)
    return {
        name: wide if name == EVERYONE else _group(name, number, models, arrays, learnt, wide)
        for name, (number, models) in numbered.items()
    }


def _group(
    name: str,
    number: int,
    models: Mapping[str, str],
    arrays: Mapping[str, NDArray[Any]],
    learnt: Mapping[str, Learnt],
    wide: Group | None,
) -> Group:
    here = f"{number}/"
    used = arrays[f"{here}used"]
    members = tuple(
        Member(model, learnt[place], _tail(arrays, f"{here}{model}/rarity/")) for model, place in models.items()
    )
    return Group(
        name,
        used,
        arrays[f"{here}typical"],
        arrays[f"{here}spread"],
        tuple(arrays[f"{here}ordered/{place}"] for place in range(used.size)),
        members,
        wide,
    )


def _below(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def _of_tail(tail: Tail, prefix: str) -> dict[str, NDArray[Any]]:
    return {
        f"{prefix}knots": tail.knots,
        f"{prefix}beyond": tail.beyond,
        f"{prefix}drawn": np.array([tail.start, tail.slope]),
    }


def _tail(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Tail:
    start, slope = arrays[f"{prefix}drawn"].tolist()
    return Tail(arrays[f"{prefix}knots"], arrays[f"{prefix}beyond"], start, slope)


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise _refused("a file of the reference cannot be read", folder / name) from error


def _refused(what: str, where: Path) -> StoreError:
    try_ = "learn it again with `moneytrail reference`, or put back the files that it wrote"
    return StoreError(what, where=str(where), try_=try_)
