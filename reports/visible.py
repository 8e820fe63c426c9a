"""Text from data made safe to look at: characters that hide or turn text around are shown, not obeyed."""

from __future__ import annotations

import re
import textwrap

# Control characters, zero-width characters, and marks that change the direction of what follows. Two ids that differ
# only in one of these would look alike, and an override could make an amount read backwards.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def visible(text: str) -> str:
    """Show hidden characters by their code.

    Examples
    --------
    >>> visible("acc" + chr(0x202E) + "1"), visible("plain text, even é or ש")
    ('acc⟨U+202E⟩1', 'plain text, even é or ש')
    """
    if text.isprintable():
        return text
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def clipped(text: str, most: int) -> str:
    """Cut the end off a text that does not fit; words are read from their beginning.

    Examples
    --------
    >>> clipped("collects and passes on", 12)
    'collects an…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def in_lines(text: str, most: int, lines: int) -> list[str]:
    """Break a text into lines that fit, and cut the end off what does not fit the last of them.

    Examples
    --------
    >>> in_lines("collects and passes on", 12, 2), in_lines("collects and passes on to somebody", 12, 2)
    (['collects and', 'passes on'], ['collects and', 'passes on t…'])
    """
    broken = textwrap.wrap(text, most) or [""]
    if len(broken) <= lines:
        return broken
    return [*broken[: lines - 1], clipped(" ".join(broken[lines - 1 :]), most)]


def shortened(text: str, most: int) -> str:
    """Cut the middle out of a text that does not fit; both ends of an account number tell accounts apart.

    Examples
    --------
    >>> shortened("DE89370400440532013000", 13), shortened("ACC-1", 13)
    ('DE8937…013000', 'ACC-1')
    """
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[: most - 1 - half]}…{text[-half:]}"
