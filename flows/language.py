"""The language people are told things in: each sentence is looked up by its English text, at the moment it is said.

Detectors and pages are written in English. `flows/locale/LANGUAGE/LC_MESSAGES/moneytrail.po` holds the same sentences
in another language; what is not in it is said in English. Only sentences are looked up: names of columns, files and
tiers, ids and whatever came out of the data stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Final

from flows.errors import SettingsError

ENGLISH: Final = "en"
_FOLDER: Final = files("flows").joinpath("locale")

_AS_WRITTEN: Final = NullTranslations()
_spoken: ContextVar[NullTranslations | None] = ContextVar("spoken", default=None)


def languages() -> tuple[str, ...]:
    """List the languages there are."""
    return (ENGLISH, *sorted(folder.name for folder in _FOLDER.iterdir() if folder.is_dir()))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in one language until the block ends.

    Raises
    ------
    SettingsError
        If there is no such language.

    Examples
    --------
    >>> with speaking("fr"):
    ...     say("Alert")
    'Alerte'
    """
    before = _spoken.set(_catalogue(language))
    try:
        yield
    finally:
        _spoken.reset(before)


def say(message: str, /, **values: str) -> str:
    """Say a sentence in the language of the moment.

    Parameters
    ----------
    message : str
        The English sentence, with names of `values` in braces; without values its braces are left to the caller.

    Examples
    --------
    >>> say("over {span}", span="3 days"), say("{measured} came in.")
    ('over 3 days', '{measured} came in.')
    """
    catalogue = _spoken.get() or _AS_WRITTEN
    text = catalogue.gettext(message) if message else ""
    if message and text == message:
        # The form for one of a sentence that has several: Python 3.11.2 does not find it by itself, 3.11.7 does.
        text = catalogue.ngettext(message, message, 1)
    return text.format(**values) if values else text


def spoken_language() -> str:
    """Give the code of the language of the moment, as pages declare it."""
    return (_spoken.get() or _AS_WRITTEN).info().get("language", ENGLISH)


def chosen(one: str, many: str, count: int) -> str:
    """Choose the form of a sentence for a count, in the language of the moment; braces are left to the caller."""
    return (_spoken.get() or _AS_WRITTEN).ngettext(one, many, count)


def figures(text: str) -> str:
    """Write the digits of a number as the language of the moment does: its marks for thousands and for the fraction.

    Examples
    --------
    >>> with speaking("fr"):
    ...     figures("1,250.75")
    '1\u202f250,75'
    """
    thousands, fraction = _marks()
    return text if (thousands, fraction) == (",", ".") else text.translate({44: thousands, 46: fraction})


def _marks() -> tuple[str, str]:
    example = say("1,234.5")
    return example[1], example[5]


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == ENGLISH:
        return _AS_WRITTEN
    if language not in languages():
        raise SettingsError(
            f"there is no catalogue of the language {language!r}",
            where="--lang",
            try_="one of: " + ", ".join(languages()),
        )
    # Only who speaks another language pays for it.
    import polib

    text = catalogue_file(language).read_text(encoding="utf-8")
    return GNUTranslations(BytesIO(polib.pofile(text).to_binary()))


def catalogue_file(language: str) -> Traversable:
    """Give the place of a language's catalogue."""
    return _FOLDER.joinpath(language, "LC_MESSAGES", "moneytrail.po")
