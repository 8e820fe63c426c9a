"""The words of a pattern written as text, and errors that point at them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from flows.errors import SettingsError

KEYWORDS = ("within", "keeps", "amount", "by", "or", "as", "in")
"""Words with a meaning of their own; no account can bear their names."""

CONDITIONS = ("within", "keeps", "amount", "by")
"""Keywords that begin a condition on a payment."""

_WORD = re.compile(
    r"(?P<blank>[ \t\r]+|\#[^\n]*)|(?P<end>[\n;])|(?P<arrow>->)|(?P<sign>\.\.|>=|<=|:)|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)|(?P<quoted>\"[^\"\n]*\")"
)

_INSTEAD = {
    ",": "write numbers without commas, and begin the next path on a new line or after ;",
    "%": "write shares as numbers: 0.9 is 90 %",
    "→": "write the arrow as ->",
    "-": "write the arrow as ->",
    "<": "arrows point to the account that is paid: write a -> b; bounds are <= and >=",
    ">": "bounds are >= and <=, arrows are ->",
    "≥": "write >=",
    "≤": "write <=",
    '"': "close the quotation mark on the same line",
    "*": "name every account: a -> c; b -> c",
    "(": "there are no brackets; begin a new path on a new line or after ;",
    ".": "write a range as 0.9..1 and a number as 0.9",
    "=": "write a bound as >= or <=, and one value as 100..100",
}

_JOINING = frozenset((*CONDITIONS, "or", "as"))


@dataclass(frozen=True)
class Word:
    """One word of a pattern.

    Parameters
    ----------
    kind : {"name", "number", "arrow", "sign", "quoted", "end", "stop"}
        ``"end"`` ends a statement, ``"stop"`` the text.
    text : str
        As written.
    place : int
        Where it begins in the text.
    """

    kind: str
    text: str
    place: int


class Words:
    """The words of a text, read one after the other.

    Parameters
    ----------
    text : str
        A pattern.
    where : str
        What to call it in an error, e.g. the section of the settings it stands in.

    Raises
    ------
    SettingsError
        At the first character that begins no word.
    """

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where
        self._words = self._cut()
        self._next = 0

    @property
    def next(self) -> Word:
        """The word that will be taken next."""
        return self._words[self._next]

    def take(self) -> Word:
        """Give the next word and go on; the last word stays the last."""
        word = self.next
        self._next += word.kind != "stop"
        return word

    def takes(self, *texts: str) -> bool:
        """Say whether the next word is one of these, and go on if so."""
        if self.next.kind in ("name", "sign", "arrow") and self.next.text in texts:
            self.take()
            return True
        return False

    def fail(self, word: Word, what: str, try_: str) -> NoReturn:
        """Raise an error that points at a word.

        Raises
        ------
        SettingsError
            Always: with line, column, the line itself and a caret below the word.
        """
        start = self.text.rfind("\n", 0, word.place) + 1
        line = self.text[start:].partition("\n")[0]
        column = word.place - start
        place = f"line {self.text.count(chr(10), 0, start) + 1}, column {column + 1}"
        # The caret stands right below a tab too if the space before it is written with the same tabs.
        margin = "".join(letter if letter == "\t" else " " for letter in line[:column])
        indent = " " * len("  where: ")
        raise SettingsError(
            what,
            where=f"{self.where}, {place}\n{indent}{line.rstrip()}\n{indent}{margin}{'^' * max(1, len(word.text))}",
            try_=try_,
        )

    def unknown(self, word: Word, what: str, known: Iterable[str], otherwise: str) -> NoReturn:
        """Raise an error that names the nearest known word, or says something else if none is near."""
        near = difflib.get_close_matches(word.text.lower(), list(known), n=1, cutoff=0.6)
        self.fail(word, what, f"did you mean {near[0]!r}?" if near else otherwise)

    def _cut(self) -> list[Word]:
        words: list[Word] = []
        place = 0
        while place < len(self.text):
            found = _WORD.match(self.text, place)
            if found is None:
                letter = self.text[place]
                self.fail(
                    Word("name", letter, place),
                    f"{letter!r} has no meaning in a pattern",
                    _INSTEAD.get(letter, "write accounts as names of letters and digits: payer -> payee"),
                )
            place = found.end()
            if found.lastgroup != "blank":
                words.append(Word(str(found.lastgroup), found[0], found.start()))
        words.append(Word("stop", "", len(self.text.rstrip())))
        return _continued(words)


def _continued(words: list[Word]) -> list[Word]:
    """Leave out line breaks inside a path: before or after an arrow, a condition, or a word that joins."""
    kept: list[Word] = []
    for number, word in enumerate(words):
        if word.text == "\n":
            after = next(other for other in words[number:] if other.text != "\n")
            before = kept[-1].text if kept else ""
            if after.text in _JOINING or "->" in (before, after.text) or before in _JOINING:
                continue
        kept.append(word)
    return kept
