"""What differs between two settings, in words: for whoever reads the first page of a night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flows.language import say


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what differs, one sentence for each key, in the order of the sections.

    Parameters
    ----------
    before, after : mapping
        Settings in force as a run sheet has them (`moneytrail.settings.Settings.as_dict`).

    Returns
    -------
    tuple of str
        Empty where all that was set is the same.

    Examples
    --------
    >>> differences({"scan": {"capacity": 40}, "x": {}}, {"scan": {"capacity": 60, "new": "48 h"}})
    ('[scan] capacity was 40 and is 60.', '[scan] new was not set and is 48 h.')
    >>> differences({"detectors": {"chain": {"enabled": True}}}, {"detectors": {"chain": {"enabled": False}}})
    ('[detectors.chain] enabled was true and is false.',)
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    return tuple(
        say(
            "[{section}] {key} was {before} and is {after}.",
            section=section,
            key=key,
            before=_spoken(old.get((section, key))),
            after=_spoken(new.get((section, key))),
        )
        for section, key in sorted(old.keys() | new.keys())
        if old.get((section, key)) != new.get((section, key))
    )


def _flat(settings: Mapping[str, Any], section: str = "") -> Iterator[tuple[tuple[str, str], Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{section}.{key}" if section else key)
        else:
            yield (section or key, key), value


def _spoken(value: Any) -> str:
    if value is None:
        return say("not set")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or say("empty")
    return str(value) if value != "" else say("empty")
