"""The list of detectors and of the publications they cite."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from detectors.about import About
from flows.errors import PluginError
from flows.plugins import Shelf

SHELVES = ("detectors.motifs", "detectors.outliers")


@dataclass(frozen=True)
class Entry:
    """One detector as listed.

    Parameters
    ----------
    id : str
        File name with dashes.
    shelf : str
        Folder it lies in, dotted.
    kind : type
        Its class.
    """

    id: str
    shelf: str
    kind: type[Any]

    @property
    def about(self) -> About:
        """What it says of itself."""
        about: About = self.kind.about
        return about


def every_detector() -> list[Entry]:
    """List every detector of every shelf, by shelf and id."""
    return [Entry(id_, shelf, Shelf(shelf).load(id_)) for shelf in SHELVES for id_ in Shelf(shelf).ids()]


def about_of() -> dict[str, About]:
    """Give what each detector says of itself, by id."""
    return {entry.id: entry.about for entry in every_detector()}


@cache
def sources() -> dict[str, dict[str, Any]]:
    """Read `detectors/sources.toml`: title, year and addresses of each publication, by key."""
    return tomllib.loads(files("detectors").joinpath("sources.toml").read_text(encoding="utf-8"))


def source_title(key: str) -> str:
    """Give a publication's title and year.

    Raises
    ------
    PluginError
        If nobody entered the key in `detectors/sources.toml`.
    """
    if key not in sources():
        raise PluginError(f"unknown source {key!r}", where="detectors/sources.toml", try_="add the publication there")
    entry = sources()[key]
    return f"{entry['title']} ({entry['year']})" if "year" in entry else str(entry["title"])
