"""A trace in plain words for a terminal: where the money ended, by which payments, what is left, what was assumed."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.compute as pc

from flows.money import spoken
from flows.plural import told
from graphs.trace import Bound, Endpoint, Trace
from graphs.trace_bounds import Place
from graphs.trace_questions import narrowest_cut, recoverable, time_to_exit
from moneytrail.tracing import Traced
from reports.trace_page import Asked, end_words
from reports.visible import visible
from reports.wording import day, span

WIDE = 100
"""Letters in a line."""

MOST_LINES = 20
"""Endpoints and other files that are named, the largest first; trace.json has all endpoints."""

MOST_NAMED = 3
"""Payments named for each endpoint, the largest first; trace.json has all."""

MOST_CUT = 2_000
"""Payments under one rule up to which the narrowest cut is searched for the terminal. Ours: it answers in a second."""


def spoken_trace(traced: Traced, out: Path | None) -> str:
    """Say in plain words what was found: a table per currency, what was assumed, and where the files are."""
    asked = traced.asked
    lines = [*_filled(asked.question), *_filled(f"{asked.basis}.")]
    for found in traced.traces:
        followed = spoken(found.total_minor, found.currency)
        lines += ["", told("{sum} in {count} payment", "{sum} in {count} payments", len(found.seeds), sum=followed)]
        lines += _table(found, asked, out)
        if asked.direction == "forward" and found.endpoints:
            lines += ["", *_questions(found, out)]
        if "poison" in asked.rules:
            lines += [
                "",
                "Any of it can have touched "
                + told("{count} payment", "{count} payments", found.reached_payments)
                + told(" and {count} node: poison.", " and {count} nodes: poison.", len(found.reached)),
            ]
    lines += ["", "Taken for granted"]
    for said in dict.fromkeys(said for found in traced.traces for said in found.assumptions):
        lines += textwrap.wrap(
            said, WIDE, initial_indent="  - ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
        )
    if out is not None:
        lines += ["", f"Picture and tables: {(out / 'trace.html').resolve()}"]
    if traced.others:
        named = ", ".join(traced.others[:MOST_LINES]) + (", ..." if len(traced.others) > MOST_LINES else "")
        lines += _filled(
            told(
                "{count} file in that folder is not of this trace: {names}. SHA256SUMS names those that are.",
                "{count} files in that folder are not of this trace: {names}. SHA256SUMS names those that are.",
                len(traced.others),
                names=named,
            )
        )
    return "\n".join(visible(line) for line in lines)


@dataclass(frozen=True)
class _Carried:
    """The most a payment carried of the money under any rule, and its day."""

    amount: int
    on: date


def _table(found: Trace, asked: Asked, out: Path | None) -> list[str]:
    """Set where it ended: a line of amounts for each endpoint, then its kind, its dates and its payments in words."""
    ends: dict[Place, dict[str, Endpoint]] = defaultdict(dict)
    for rule, of_rule in found.endpoints.items():
        for end in of_rule:
            ends[end.node, end.end_class][rule] = end
    within = {(bound.node, bound.end_class): bound for bound in found.bounds}
    amounts = {
        place: {rule: end.amount_minor for rule, end in ends.get(place, {}).items()} for place in ends.keys() | within
    }
    largest = sorted(amounts, key=lambda place: (-max(amounts[place].values(), default=0), place))
    shown = largest[:MOST_LINES]
    columns = [
        [*found.endpoints, "least", "most"],
        *(
            [
                *(_amount(amounts[place].get(rule, 0), found.currency) for rule in found.endpoints),
                *_bounded(within.get(place), found.currency),
            ]
            for place in shown
        ),
        [_amount(found.total_minor, found.currency)] * (len(found.endpoints) + 2),
    ]
    head = "Where it ended" if asked.direction == "forward" else "Where it began"
    rows = _beside([head, *(place[0] for place in shown), "all of it"], _right(columns))
    carried = _carried(found)
    lines = rows[0]
    for place, row in zip(shown, rows[1:-1], strict=True):
        lines += [*row, *_filled(_in_words(place, ends.get(place, {}), carried, found), "    ")]
    if len(largest) > MOST_LINES:
        lines.append(f"  and {len(largest) - MOST_LINES:,} more")
    if found.endpoints:
        lines += rows[-1]
    if len(largest) > MOST_LINES or any(len(_payments(ends.get(place, {}))) > MOST_NAMED for place in shown):
        lines.append(f"  Every endpoint and all its payments: {_files(out, 'trace.json')}")
    return lines


def _in_words(place: Place, ends: Mapping[str, Endpoint], carried: Mapping[str, _Carried], found: Trace) -> str:
    """Say what an endpoint is, when and by which payments the money got there, and what the order leaves open."""
    kind = end_words(found.direction, place[1])
    names = sorted(_payments(ends), key=lambda name: (-carried[name].amount if name in carried else 0, name))
    if not names:
        return f"{kind}; under no rule shown"
    days = sorted(carried[name].on for name in names if name in carried)
    when = "only if times were ordered otherwise"
    if days:
        when = day(days[0]) if days[0] == days[-1] else f"{day(days[0])} to {day(days[-1])}"
    said = f"{kind}; {told('{count} payment', '{count} payments', len(names))}, {when}: "
    said += ", ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        said += f" and {len(names) - MOST_NAMED:,} smaller"
    ranges: dict[tuple[int, int], list[str]] = defaultdict(list)
    for rule, end in ends.items():
        if end.least_minor != end.most_minor:
            ranges[end.least_minor, end.most_minor].append(rule)
    between = [
        f"{_figure(least, found.currency)} to {_figure(most, found.currency)} under {', '.join(rules)}"
        for (least, most), rules in ranges.items()
    ]
    return said + (f"; times leave the order open: {', '.join(between)}" if between else "")


def _questions(found: Trace, out: Path | None) -> list[str]:
    """Say rule by rule what is still in accounts, how fast the rest left, and through whom it had to pass."""
    rows = [["still in accounts", "left the bank", "first after", "half after", "last after"]]
    passed: dict[str, list[str]] = defaultdict(list)
    for rule in found.endpoints:
        left = sum(one.amount_minor for one in recoverable(found, rule))
        exits = time_to_exit(found, rule)
        hours = (exits.first_hours, exits.half_hours, exits.last_hours) if exits else ()
        rows.append(
            [
                _amount(left, found.currency),
                _amount(exits.amount_minor if exits else 0, found.currency),
                *(span(0, round(each * 3_600_000_000)) for each in hours),
                *["-"] * (3 - len(hours)),
            ]
        )
        passed[_narrowest(found, rule, out)].append(rule)
    lines = [
        line for row in _beside(["What is left, how fast it went", *found.endpoints], _right(rows)) for line in row
    ]
    lines.append("  Fewest accounts in between, that nine tenths of what did not go straight to its end passed")
    for said, rules in passed.items():
        lines += _filled(f"{', '.join(rules)}: {said}", "    ")
    return lines


def _narrowest(found: Trace, rule: str, out: Path | None) -> str:
    if pc.sum(pc.equal(found.payments["rule"], rule)).as_py() > MOST_CUT:
        return f"more than {MOST_CUT:,} payments; {_files(out, 'trace.html')}"
    cut = narrowest_cut(found, rule)
    if not cut.names:
        return "none"
    named = ", ".join(cut.names[:MOST_NAMED])
    if len(cut.names) > MOST_NAMED:
        named += f" and {len(cut.names) - MOST_NAMED:,} more ({_files(out, 'trace.html')})"
    return f"{named}; {_figure(cut.passed_minor, found.currency)} passed"


def _carried(found: Trace) -> dict[str, _Carried]:
    carried: dict[str, _Carried] = {}
    for row in found.payments.filter(pc.is_valid(found.payments["amount_minor"])).to_pylist():
        before = carried.get(row["payment_id"])
        if before is None or row["amount_minor"] > before.amount:
            carried[row["payment_id"]] = _Carried(row["amount_minor"], row["at"].date())
    return carried


def _payments(ends: Mapping[str, Endpoint]) -> set[str]:
    return {name for end in ends.values() for name in end.payments}


def _files(out: Path | None, name: str) -> str:
    return f"in {name}" if out is not None else "add --out DIR"


def _bounded(bound: Bound | None, currency: str) -> tuple[str, str]:
    if bound is None:
        return "?", "?"
    return _amount(bound.lo_minor, currency), _amount(bound.hi_minor, currency)


def _amount(minor: int, currency: str) -> str:
    return _figure(minor, currency) if minor else "-"


def _figure(minor: int, currency: str) -> str:
    return spoken(minor, currency).rpartition(" ")[0]


def _filled(text: str, indent: str = "") -> list[str]:
    """Break a text into lines; an id is never broken, nor hidden."""
    return textwrap.wrap(
        text, WIDE, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _right(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set columns to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows]


def _beside(names: Iterable[str], amounts: Sequence[str]) -> list[list[str]]:
    """Set names before amounts of equal width; one that leaves them no room stands on a line of its own."""
    room = max(0, WIDE - 4 - len(amounts[0]))
    names = list(names)
    wide = max((len(name) for name in names if len(name) <= room), default=0)
    return [
        [f"  {name.ljust(wide)}  {row}"] if len(name) <= wide else [f"  {name}", f"  {' ' * wide}  {row}"]
        for name, row in zip(names, amounts, strict=True)
    ]
