"""Sentences that hold a count: one form for exactly one, one for every other number.

Both forms are written out, in the order and sense of gettext's ``ngettext``, so that a translation (`flows.language`)
replaces them whole; no ending is ever glued to a word.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flows.language import chosen, figures, say

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)


def plural(one: str, many: str, count: int) -> str:
    """Choose the form of a sentence, and leave its braces to the caller.

    Examples
    --------
    >>> plural("{measured} shows it.", "{measured} show it.", 1), plural("it", "them", 0)
    ('{measured} shows it.', 'them')
    """
    return chosen(one, many, count)


def told(one: str, many: str, count: int, **values: str) -> str:
    """Write a sentence with its count.

    Parameters
    ----------
    one, many : str
        The sentence for exactly one and for every other number, with ``{count}`` in it.
    count : int
        The number.
    **values : str
        What else stands in braces.

    Examples
    --------
    >>> [told("{count} row came twice", "{count} rows came twice", count) for count in (0, 1, 1200)]
    ['0 rows came twice', '1 row came twice', '1,200 rows came twice']
    """
    return plural(one, many, count).format(count=figures(f"{count:,}"), **values)


def spoken(span: timedelta) -> str:
    """Write a span of time for a reader, in the largest unit that needs no fraction.

    Examples
    --------
    >>> spoken(timedelta(days=30)), spoken(timedelta(hours=36)), spoken(timedelta(minutes=1)), spoken(timedelta(days=1))
    ('30 days', '36 hours', '1 minute', '24 hours')
    """
    if span >= 2 * DAY and not span % DAY:
        return told("{count} day", "{count} days", span // DAY)
    if span >= HOUR and not span % HOUR:
        return told("{count} hour", "{count} hours", span // HOUR)
    if span % MINUTE:
        return say("{minutes} minutes", minutes=figures(f"{span / MINUTE:.1f}"))
    return told("{count} minute", "{count} minutes", span // MINUTE)
