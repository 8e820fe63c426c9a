"""Sentences that hold a count: one form for exactly one, one for every other number.

Both forms are written out, in the order and sense of gettext's ``ngettext``, so that a translation (`flows.language`)
replaces them whole; no ending is ever glued to a word.
"""

from __future__ import annotations

from flows.language import chosen


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
    return plural(one, many, count).format(count=f"{count:,}", **values)
