"""Settings told to a person: what is in force and where it came from, what differs, what is wrong with a file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from detectors.about import settable
from detectors.declared_pattern import Declaration
from flows.errors import SettingsError, ToolkitError
from flows.language import languages
from flows.plugins import Shelf
from moneytrail.settings import SECTIONS, SHELVES, Settings, load, resolve

NEVER_SHOWN = ("lists", "exemptions", "reference", "ranker")
"""What is the institution's secret, or too much to show: told as a count and a hash."""


@dataclass(frozen=True)
class InForce:
    """One setting in force.

    Parameters
    ----------
    section, key : str
        Where it stands in a settings file.
    value : object
        Its value, plain.
    origin : str
        The file and line it came from, or why it is the default.
    given : bool
        Whether a file gave it.
    """

    section: str
    key: str
    value: Any
    origin: str
    given: bool


def in_force(path: Path | None) -> tuple[InForce, ...]:
    """Resolve a settings file and say of each value where it came from.

    Parameters
    ----------
    path : pathlib.Path or None
        The file; without one, every default.
    """
    settings = load(path)
    written = "" if path is None else path.read_text(encoding="utf-8")
    given, lines = tomllib.loads(written), _lines(written)
    made = []
    for section, key, value in _values(settings.as_dict()):
        inside = _inside(given, section)
        if key in inside or section in NEVER_SHOWN:
            line = lines.get((section, key))
            origin = f"{path.name if path else ''}" + (f", line {line}" if line else "")
            made.append(InForce(section, key, value, origin, given=True))
        elif section.startswith("detectors.") and key == "jurisdiction" and value:
            made.append(InForce(section, key, value, "[scan] jurisdiction holds for the whole bank", given=False))
        elif section.startswith("detectors.") and key == "own_thresholds" and value:
            made.append(InForce(section, key, value, "[scan] thresholds hold for the whole bank", given=False))
        else:
            made.append(InForce(section, key, value, f"default: {_why(section, key)}", given=False))
    return tuple(made)


def as_toml(settings: tuple[InForce, ...]) -> str:
    """Write settings in force as a TOML file that could be one, each line with where its value came from."""
    lines: list[str] = []
    section = None
    for one in settings:
        # What is the institution's secret cannot be written back, so these lines are comments.
        hidden = "# " if one.section in NEVER_SHOWN else ""
        if one.section != section:
            section = one.section
            lines += ["", f"{hidden}[{section}]"]
        value = one.value if hidden else json.dumps(one.value, ensure_ascii=False)
        lines.append(f"{hidden}{one.key} = {value}  # {one.origin}")
    return "\n".join(lines).strip() + "\n"


def plain(path: Path) -> dict[str, Any]:
    """Read settings in force from a settings file, or from the run sheet of a scan (``run.json``).

    Raises
    ------
    SettingsError
        If it is neither.
    """
    if path.suffix != ".json":
        return load(path).as_dict()
    try:
        sheet = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError("not a run sheet", where=str(path), try_="name a TOML file or a run.json") from error
    settings = sheet.get("settings") if isinstance(sheet, dict) else None
    if not isinstance(settings, dict):
        raise SettingsError("this file holds no settings", where=str(path), try_="name a TOML file or a run.json")
    return settings


def wrong(path: Path) -> tuple[ToolkitError, ...]:
    """Find everything wrong with a settings file, not only the first of it.

    Returns
    -------
    tuple of ToolkitError
        Each with place and next step; empty where a run could start.
    """
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return (_refused(path),)
    found: list[ToolkitError] = []
    for part in _parts(text):
        try:
            resolve(part, str(path), path.parent)
        except ToolkitError as error:
            found.append(error)
    if found:
        return tuple(found)
    try:
        settings = load(path)
    except ToolkitError as error:
        return (error,)
    return tuple(_unusable(settings, path))


def _refused(path: Path) -> ToolkitError:
    """Give what `load` says of a file that is not there or is not TOML."""
    try:
        load(path)
    except ToolkitError as error:
        return error
    return SettingsError("the file changed while it was read", where=str(path), try_="run it again")


def _parts(text: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Cut a file into the smallest pieces that can be resolved alone."""
    for name, section in text.items():
        if name in ("detectors", "patterns") and isinstance(section, Mapping):
            for id_, inside in section.items():
                yield from ({name: {id_: piece}} for piece in _pieces(inside, whole=name == "patterns"))
        elif name in SECTIONS:
            yield from ({name: piece} for piece in _pieces(section))
        else:
            yield {name: section}


def _pieces(section: Any, *, whole: bool = False) -> Iterator[Any]:
    """Give the keys of a section one by one; a pattern only makes sense whole."""
    if whole or not isinstance(section, Mapping):
        yield section
    else:
        yield from ({key: value} for key, value in section.items())


def _unusable(settings: Settings, path: Path) -> Iterator[ToolkitError]:
    """Say what is well written and cannot be meant."""
    if settings.night.language not in languages():
        yield SettingsError(
            f"there is no language {settings.night.language!r}",
            where=f"{path} [night]",
            try_="one of: " + ", ".join(languages()),
        )
    inbox = path.parent / settings.night.inbox
    if "night" in tomllib.loads(path.read_text(encoding="utf-8")) and not inbox.is_dir():
        yield SettingsError("the inbox is not there", where=f"{path} [night]", try_=f"make the folder {inbox}")
    over = [number for number, one in enumerate(settings.exemptions, 1) if one.expires < date.today()]  # noqa: DTZ011 - days of a bank are local days
    if over:
        yield SettingsError(
            "exemptions have ended: their alerts are told again",
            where=f"{path} [[exemptions]] entry " + ", ".join(map(str, over)),
            try_="take them out, or let their owner decide again",
        )
    known = [id_ for shelf in SHELVES for id_ in Shelf(shelf).ids()]
    if len(settings.disabled) >= len(known):
        yield SettingsError("every detector is switched off", where=str(path), try_="switch one on")


def _values(settings: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, str, Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _values(value, f"{section}.{key}" if section else key)
        else:
            yield (section or key), key, value


def _inside(given: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    inside: Any = given
    for name in section.split("."):
        inside = inside.get(name, {}) if isinstance(inside, Mapping) else {}
    return inside if isinstance(inside, Mapping) else {}


def _why(section: str, key: str) -> str:
    if key == "enabled":
        return "every detector is asked unless switched off"
    shelf_name, _, id_ = section.partition(".")
    kind: Any = Declaration if shelf_name == "patterns" else SECTIONS.get(section)
    if kind is None:
        shelves = [Shelf(shelf) for shelf in SHELVES]
        kind = next((shelf.load(id_) for shelf in shelves if id_ in shelf.ids()), None)
    field = settable(kind).get(key) if kind is not None else None
    return str(field.metadata["why"]) if field is not None else "made from the others"


_SECTION = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Find the line on which each key of a file stands; one written otherwise (dotted, inline) is not found."""
    found: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if heading := _SECTION.fullmatch(line):
            section = heading[1]
        elif key := _KEY.match(line):
            found[section, key[1]] = number
    return found
