"""Which alert of today is which alert of the nights before.

Two alerts can be the same thing to look at if they share payments, or, where settings changed what counts as evidence,
if they are of the same typology and about the same accounts. Help for somebody and a look at what was done to them are
never the same alert, however many payments they share. Among the pairs that are possible, the closest is taken first:

1. the very same payments before all others;
2. an alert that was there last night before one that had gone;
3. the more payments shared;
4. the same typology;
5. the more subjects shared;
6. the older alert, then the smaller id of yesterday, then the smaller id of today.

Each alert of yesterday gives its id to one of today at most, so no rule is needed beyond this order. An alert that
gave its id to none is *merged* if half of its payments or more are in alerts of today, into the one with most of them.
An alert of today that no alert of last night goes on in is *split* from the one that held half of its payments or more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Standing:
    """An alert as far as its identity goes.

    Parameters
    ----------
    id : str
        Lasting id of an alert of the nights before; the scan's own of one of today.
    help : bool
        Whether it is told to help somebody.
    typology : str
        Plain name of its pattern.
    subjects, payments : frozenset of str
        Whom it is about, and its evidence.
    present : bool
        Whether it was told last night.
    first_run : int
        Number of the run that told it first.
    """

    id: str
    help: bool
    typology: str
    subjects: frozenset[str]
    payments: frozenset[str]
    present: bool = True
    first_run: int = 0


@dataclass(frozen=True)
class Matched:
    """Who is who.

    Parameters
    ----------
    heirs : mapping of str to str
        Lasting id by id of today.
    merged : mapping of str to str
        Id of today by the lasting id of an alert of last night that went into it.
    split : mapping of str to str
        Lasting id of the alert it came out of, by id of today.
    """

    heirs: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)


def match(before: Iterable[Standing], today: Iterable[Standing]) -> Matched:
    """Find out which alert of today is which alert of the nights before.

    Parameters
    ----------
    before : iterable of Standing
        Alerts of the nights before, in any order, also those that had gone.
    today : iterable of Standing
        Alerts of this night, in any order.

    Examples
    --------
    >>> last = [Standing("A-1", False, "ring", frozenset("a"), frozenset({"p1", "p2"}))]
    >>> grown = Standing("A-9", False, "ring", frozenset("a"), frozenset({"p0", "p1", "p2"}))
    >>> match(last, [grown]).heirs
    {'A-9': 'A-1'}
    """
    earlier, now = list(before), list(today)
    heirs: dict[str, str] = {}
    given: set[str] = set()
    for *_, old, new in sorted(_pairs(earlier, now)):
        if old not in given and new not in heirs:
            heirs[new] = old
            given.add(old)
    left = [one for one in earlier if one.present and one.id not in given]
    there = [one for one in earlier if one.present]
    went_on = {one.id for one in there}
    fresh = [one for one in now if heirs.get(one.id) not in went_on]
    return Matched(heirs, _half_in(left, now), _half_in(fresh, there))


def _pairs(before: Sequence[Standing], today: Sequence[Standing]) -> list[tuple[Any, ...]]:
    """Give every possible pair, as it is ranked."""
    earlier = {one.id: one for one in before}
    holding = _holding(before)
    alike = defaultdict(list)
    for one in before:
        if one.subjects:
            alike[one.help, one.typology, one.subjects].append(one.id)
    pairs = []
    for new in today:
        shared = Counter(id_ for payment in new.payments for id_ in holding[new.help, payment])
        for id_ in {*shared, *alike[new.help, new.typology, new.subjects]}:
            old = earlier[id_]
            pairs.append(
                (
                    old.payments != new.payments,
                    not old.present,
                    -shared[id_],
                    old.typology != new.typology,
                    -len(old.subjects & new.subjects),
                    old.first_run,
                    old.id,
                    new.id,
                )
            )
    return pairs


def _half_in(ones: Iterable[Standing], others: Iterable[Standing]) -> dict[str, str]:
    """Give, for each that has half of its payments or more in others, the one with most of them."""
    holding = _holding(others)
    found = {}
    for one in ones:
        shared = Counter(id_ for payment in one.payments for id_ in holding[one.help, payment])
        inside = sum(1 for payment in one.payments if holding[one.help, payment])
        if shared and 2 * inside >= len(one.payments):
            found[one.id] = min(shared, key=lambda id_: (-shared[id_], id_))
    return found


def _holding(ones: Iterable[Standing]) -> dict[tuple[bool, str], list[str]]:
    """Give the alerts that each payment is in, help and inquiry apart."""
    holding: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for one in ones:
        for payment in one.payments:
            holding[one.help, payment].append(one.id)
    return holding
