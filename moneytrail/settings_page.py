"""The page on all settings, made from what the code declares: `python -m moneytrail.settings_page docs/settings.md`."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from detectors.about import settable
from detectors.catalogue import SHELVES as KINDS_OF_DETECTORS
from detectors.catalogue import every_detector
from detectors.declared_pattern import Declaration
from detectors.indicating import LISTS
from moneytrail.settings import KINDS, SECTIONS, spoken_value
from reports.exempting import Exemption

HEAD = """# Settings

One TOML file holds only what an institution changes; everything else is a default, and every default has its reason.
This page is written by `make messages` from what the code declares, and a test compares the two.

    moneytrail settings check bank.toml              what is wrong, and what to try
    moneytrail settings show bank.toml               every value in force, and where it came from
    moneytrail settings diff bank.toml other.toml    what differs, in words; a run.json will do for either

A key nobody knows is refused with the nearest one that somebody does; so is a value of another kind, unit or range.
Spans of time are written `"30 min"`, `"48 h"`, `"7 d"`. Paths are seen from the folder of the file. Secrets do not
belong here: a password of the database stands in the file that `PGPASSFILE` names, the key of the pseudonyms in the
one that `MONEYTRAIL_PSEUDONYM_KEY` names.
"""

DETECTORS = """## [detectors.ID]

One section for each detector of which something is changed. `enabled = false` does not ask its question; the report
then says that it was not asked. Its other keys, with unit, default and reason, are on the page of each
([all](detectors/README.md)), and `moneytrail settings show` prints them all.
"""

PATTERNS = """## [patterns.NAME]

A pattern of the institution's own, searched like the others ([patterns](patterns.md)); `enabled = false` leaves it
out.
"""

LISTED = """## [lists]

The institution's own lists of texts, which no public package may ship; empty unless given. What is on them is in no
report.

| key | what it holds |
|---|---|"""

EXEMPT = """
## [[exemptions]]

Of whom no alert is told: one entry each, and each key must be given. What they hide is counted on page one.

| key | what it means |
|---|---|"""


def page() -> str:
    """Write the page, as Markdown."""
    return "\n".join([HEAD, *_sections(), DETECTORS, *_detectors(), *_others()]).rstrip() + "\n"


def _sections() -> Iterator[str]:
    for name, kind in SECTIONS.items():
        summary = (inspect.getdoc(kind) or "").splitlines()[0]
        said = _marked(summary.removeprefix(f"The section ``[{name}]``").lstrip(":. "))
        yield f"## [{name}]\n"
        if said:
            yield said[0].upper() + said[1:] + "\n"
        yield from _table(kind)


def _table(kind: type[Any]) -> Iterator[str]:
    """Write the keys of a section; each says what it means, if only by why it is as it is."""
    meaning = _meanings(kind)
    yield _row("key", "kind", "unit", "default", "what it means", "why this default")
    yield "|---" * 6 + "|"
    for name, field in settable(kind).items():
        unit, why = field.metadata["unit"], field.metadata["why"]
        yield _row(f"`{name}`", _kind(field), unit, _default(field), meaning.get(name, ""), why)
    yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(_marked(cell) for cell in cells)} |"


def _marked(text: str) -> str:
    """Write text of a docstring as Markdown, where one back-tick is what reST has two of."""
    return text.replace("``", "`").replace("|", "\\|")


def _kind(field: dataclasses.Field[Any]) -> str:
    return KINDS.get(type(field.default), "a span of time")


def _default(field: dataclasses.Field[Any]) -> str:
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if isinstance(field.default, tuple):
        return "`[]`" if not field.default else f"`{list(field.default)}`"
    return f"`{spoken_value(field.default)}`" if field.default != "" else "empty"


def _meanings(kind: type[Any]) -> dict[str, str]:
    """Read what each field means from the docstring (numpydoc)."""
    found = re.findall(r"^([\w, ]+) : [^\n]+\n((?:    [^\n]+\n?)+)", inspect.getdoc(kind) or "", re.MULTILINE)
    return {name: " ".join(text.split()) for names, text in found for name in names.split(", ")}


def _detectors() -> Iterator[str]:
    for shelf, what in KINDS_OF_DETECTORS.items():
        links = (f"[{one.id}](detectors/{one.id}.md)" for one in every_detector() if one.shelf == shelf)
        yield f"{what}: {', '.join(links)}\n"


def _others() -> Iterator[str]:
    yield PATTERNS
    yield from _table(Declaration)
    yield LISTED
    yield from (_row(f"`{name}`", what) for name, what in LISTS.items())
    yield EXEMPT
    meaning = _meanings(Exemption)
    yield from (_row(f"`{field.name}`", meaning[field.name]) for field in dataclasses.fields(Exemption))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
