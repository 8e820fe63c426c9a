"""The list of everything that is asked of a ledger, and of the publications it rests on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from detectors.about import About
from detectors.indicator import IndicatorAbout
from detectors.typology import TypologyAbout
from flows.errors import PluginError
from flows.plugins import Shelf

SHELVES = {
    "detectors.motifs": "Motifs: how money moves",
    "detectors.indicators": "Indicators: published red flags, measured",
    "detectors.typologies": "Typologies: indicators weighed as one story",
    "detectors.outliers": "Outliers: what is rare among its peers",
}
"""The shelves in the order they are read, and what lies on each."""


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
    def about(self) -> About | TypologyAbout:
        """What it says of itself."""
        about: About | TypologyAbout = self.kind.about
        return about

    @property
    def name(self) -> str:
        """Its id as an analyst reads it: that of the catalogue, where it has one."""
        about = self.about
        return about.id if isinstance(about, IndicatorAbout | TypologyAbout) else self.id

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the publications it rests on; those of its indicators, where it is a typology."""
        about = self.about
        if not isinstance(about, TypologyAbout):
            return about.sources
        shelf = Shelf("detectors.indicators")
        cited = [shelf.load(id_).about.sources for id_ in shelf.ids() if id_.upper() in about.indicators]
        return tuple(sorted({key for keys in cited for key in keys}))


def every_detector() -> list[Entry]:
    """List every detector of every shelf, by shelf and id."""
    return [Entry(id_, shelf, Shelf(shelf).load(id_)) for shelf in SHELVES for id_ in Shelf(shelf).ids()]


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
