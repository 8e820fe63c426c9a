"""Every sentence a reader may be told, as the catalogues of other languages hold them.

Two kinds: what detectors, roles, tiers and words declare as data, and what code says through `flows.language.say`,
`flows.plural.told` and their like, found in the source. `python -m moneytrail.messages LANGUAGE` brings a catalogue up
to date: new sentences are added without a translation, those that nobody says any more are taken out.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from detectors import about, indicating, indicator, indicator_fields, notes, participation, peers, rarity, typology
from detectors.about import About
from detectors.catalogue import SHELVES, every_detector
from detectors.finding import one_of
from detectors.indicator import IndicatorAbout
from detectors.motifs import pass_through, structuring
from detectors.typology import TypologyAbout
from flows.check import REASONS
from flows.language import catalogue_file
from flows.quality import FIELDS
from graphs.hubs import RULES
from moneytrail import night_told
from moneytrail.scan import UNCOUNTED
from reports import axis, evidence, line, report, unusual, usual_table, weighing, wording
from reports.page_words import said_in_page
from reports.sections import changes, course, left_out, quality, words

PACKAGES: Final = ("flows", "graphs", "detectors", "reports", "moneytrail")
ENGLISH_ONLY: Final = (
    "case_page.py",
    "commands",
    "exports",
    "notebook",
    "planted.py",
    "trace_assumptions.py",
    "trace_page.py",
    "tracing.py",
)
"""Files and folders whose sentences are not part of a scan's report and alerts, nor of `moneytrail explain`."""

SAID: Final = {
    "say": (0,),
    "told": (0, 1),
    "plural": (0, 1),
    "Note": (1, 2),
    "note": (3, 4),
    "Reason": (0,),
    "reasons_of_each": (0,),
    "sums": (2,),
    "sums_of_each": (3,),
    "Wording": (),
}
"""Where in the arguments of a call its sentence stands: one form, or one for one and one for many."""

UNWRITTEN: Final = {"share", "amount", "powers of ten"}
"""Units of features that stand behind no number: they are told per cent, in a currency, and in cases."""

SAID_BESIDE: Final = ("1,234.5",)
"""How a number is written: what `flows.language.figures` takes its marks from."""

Message = tuple[str, str]
"""A sentence, and its form for many or nothing."""


def messages() -> tuple[Message, ...]:
    """Give every sentence once, sorted."""
    declared = ((sentence, "") for sentence in _declared())
    units = ((one_of(unit), unit) for unit in _units())
    said = {*declared, *units, *UNCOUNTED.values(), *pass_through.EXCLUDED.values(), *_in_code(), *said_in_page()} - {
        ("", "")
    }
    # What is also counted stands once: gettext finds its plain form there, and msgfmt takes no id twice.
    counted = {one for one, many in said if many}
    return tuple(sorted((one, many) for one, many in said if many or one not in counted))


def _declared() -> Iterator[str]:
    for entry in every_detector():
        yield from _of_typology(entry.about) if isinstance(entry.about, TypologyAbout) else _of_detector(entry.about)
    for words_of in (
        about.LEGS,
        about.SAME_DAY,
        indicating.LISTS,
        indicator.ROLES,
        indicator_fields.TIERS,
        notes.KINDS,
        typology.MITIGATIONS,
        weighing.TIERS,
        weighing.ROUTES,
        wording.PLACES,
        changes.STATES,
        rarity.AGAINST,
        night_told.BECAUSE,
        night_told.LOST_BECAUSE,
        night_told.LATE,
        course.FIGURES,
        axis.LANES,
        evidence.MORE,
        left_out.HUB_COLUMNS,
        line.PLACES,
        usual_table.TITLES,
        {name: name for name in (*FIELDS, *quality.WEEK)},
        words.WORDS,
        SHELVES,
    ):
        yield from words_of.values()
    yield from (*words.WORDS, *changes.STATES)
    yield from (name for _, name in wording.PATTERNS)
    yield from (
        report.BANNER,
        report.TEST,
        report.PROMISE,
        report.MASKED,
        *wording.MONTHS,
        *wording.DOES,
        *unusual.messages(),
        wording.SERVES_THE_PUBLIC,
    )
    yield from (section.title for section in map(report.SECTIONS.load, report.SECTIONS.ids()))
    yield from (column.says for column in participation.every_column())
    yield from (peers.EVERYONE, *peers.WORDS, *(f"{trait} unknown" for trait in peers.TRAITS))
    yield from (*structuring.COUNTED.values(), *REASONS.values(), *RULES, *SAID_BESIDE)


def _of_detector(told_of: About) -> Iterator[str]:
    yield from (told_of.title, told_of.question, told_of.meaning, told_of.status, *told_of.innocent, *told_of.clears)
    if isinstance(told_of, IndicatorAbout):
        yield from (told_of.sentence, told_of.safety, told_of.reliability, *told_of.of, *told_of.reduced.values())


def _of_typology(told_of: TypologyAbout) -> Iterator[str]:
    yield from (told_of.title, told_of.picture, told_of.route, told_of.caution)


def _units() -> Iterator[str]:
    """Give the units that stand behind numbers, in the form for many."""
    for entry in every_detector():
        if isinstance(entry.about, IndicatorAbout):
            yield from entry.about.numbers.values()
    yield from {*rarity.COUNTED, *(column.unit for column in participation.every_column())} - UNWRITTEN
    for call in _calls():
        if call.func.id in ("Reason", "reasons_of_each") and len(call.args) > 3:
            yield from _texts(call.args[3:4])


def _in_code() -> Iterator[Message]:
    for call in _calls():
        texts = [*_texts(call.args[place] for place in SAID[call.func.id] if place < len(call.args))]
        if call.func.id == "Reason":
            texts += call.named("many")
        elif call.func.id == "Wording":
            yield from ((says, "") for says in call.named("counted", "fresh", "money"))
            texts = call.named("alike_of_one") + call.named("alike")
        if texts:
            one, *many = texts
            yield one, "".join(many)


def _calls() -> Iterator[_Call]:
    for tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAID:
                yield _Call(node.func, node.args, node.keywords)


class _Call:
    """A call of a function by its plain name."""

    def __init__(self, func: ast.Name, args: list[ast.expr], keywords: list[ast.keyword]) -> None:
        self.func, self.args, self.keywords = func, args, keywords

    def named(self, *names: str) -> list[str]:
        """Give the texts of these keywords, in the order of the names."""
        return [text for name in names for word in self.keywords if word.arg == name for text in _texts([word.value])]


def _texts(arguments: Iterable[ast.expr]) -> Iterator[str]:
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _trees() -> Iterator[ast.Module]:
    for package in PACKAGES:
        for source in _sources(files(package)):
            yield ast.parse(source.read_text(encoding="utf-8"))


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for place in sorted(folder.iterdir(), key=lambda one: one.name):
        if place.name in ENGLISH_ONLY:
            continue
        if place.is_dir() and place.name != "locale":
            yield from _sources(place)
        elif place.name.endswith(".py"):
            yield place


def updated(text: str) -> str:
    """Give a catalogue with every sentence of today and no other, in one order."""
    import polib

    old = polib.pofile(text)
    known = {(entry.msgid, entry.msgid_plural): entry for entry in old}
    new = polib.POFile(wrapwidth=120)
    new.metadata = old.metadata
    for one, many in messages():
        blank = polib.POEntry(msgid=one, msgid_plural=many, msgstr_plural={0: "", 1: ""} if many else {})
        new.append(known.get((one, many), blank))
    return f"{new}\n" if not str(new).endswith("\n") else str(new)


def main() -> None:
    """Bring the catalogue of one language up to date, and say how much of it is still to be translated."""
    path = Path(str(catalogue_file(sys.argv[1])))
    text = updated(path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    import polib

    waiting = polib.pofile(text).untranslated_entries()
    sys.stdout.write(f"{len(waiting):,} of {len(messages()):,} sentences are not translated yet\n")


if __name__ == "__main__":
    main()
