"""The steps of a case: what each asks of the ledger, and the numbers it gives.

A step is a pure function of a window, of what is in view, and of what was asked in plain JSON values, so a step read
from a file gives what it gave when it was taken. What it found is kept as numbers and as one hash over every row behind
them: equal numbers over other payments do not pass for the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.errors import InputError
from flows.payments import CHANNELS
from flows.window import Window, times
from graphs.neighbourhood import neighbourhood
from graphs.trace import Trace, trace, trace_account

Plain = Mapping[str, Any]
"""JSON values by name."""


@dataclass(frozen=True)
class Answer:
    """What a step gave.

    Parameters
    ----------
    view : frozenset of str
        Ids of the payments in view after it.
    found : mapping
        Its numbers, as JSON values.
    traces : tuple of Trace
        What a trace gave, one per currency.
    """

    view: frozenset[str]
    found: Plain
    traces: tuple[Trace, ...] = ()


def open_(window: Window, view: frozenset[str], asked: Plain) -> Answer:
    """Put into view the neighbourhood of an account, or some payments, and nothing else."""
    if "payments" in asked:
        return _seen(window, _known(window, asked["payments"]))
    return _seen(window, _around(window, asked))


def expand(window: Window, view: frozenset[str], asked: Plain) -> Answer:
    """Add the neighbourhood of an account that is in view."""
    rows = within(window, view)
    if asked["account"] not in {*rows["payer"].to_pylist(), *rows["payee"].to_pylist()}:
        raise InputError(
            "the account to expand is not in view",
            where="account",
            try_="open it, or expand an account that a payment in view touches",
        )
    return _seen(window, view | _around(window, asked))


def filter_(window: Window, view: frozenset[str], asked: Plain) -> Answer:
    """Keep the payments in view that meet every condition."""
    rows = within(window, view)
    keep = np.ones(rows.num_rows, dtype=bool)
    at = times(rows)
    if "since" in asked:
        keep &= at >= midnight(asked["since"])
    if "until" in asked:
        keep &= at < midnight(asked["until"]) + _DAY
    if "channels" in asked:
        unknown = sorted(set(asked["channels"]) - set(CHANNELS))
        if unknown:
            raise InputError(
                f"no such channel: {unknown[0]!r}", where="channels", try_="one of: " + ", ".join(CHANNELS)
            )
        keep &= _is_in(rows["channel"], asked["channels"])
    if "currency" in asked:
        keep &= _is_in(rows["currency"], [asked["currency"]])
    if "least_minor" in asked:
        keep &= rows["amount_minor"].to_numpy() >= asked["least_minor"]
    if "without" in asked:
        keep &= ~(_is_in(rows["payer"], asked["without"]) | _is_in(rows["payee"], asked["without"]))
    return _seen(window, frozenset(rows.filter(pa.array(keep))["payment_id"].to_pylist()))


def follow(window: Window, view: frozenset[str], asked: Plain) -> Answer:
    """Follow the money of some payments, or of an account since a day; what is in view stays as it is."""
    way = {"direction": asked["direction"], "rules": tuple(asked["rules"])}
    if "payments" in asked:
        traces: tuple[Trace, ...] = (trace(window, asked["payments"], **way),)
    else:
        traces = trace_account(window, asked["account"], midnight(asked["since"]), **way)
    found = {"traces": [_totals(each) for each in traces], "sha256": _hash(_figures(each) for each in traces)}
    return Answer(view, found, traces)


def note(window: Window, view: frozenset[str], asked: Plain) -> Answer:
    """Write something down; it looks at nothing."""
    return Answer(view, {})


STEPS: Final[Mapping[str, Callable[[Window, frozenset[str], Plain], Answer]]] = {
    "open": open_,
    "expand": expand,
    "filter": filter_,
    "trace": follow,
    "note": note,
}
"""Every kind of step by the word that stands for it in a case file."""

_DAY: Final = 86_400_000_000


def within(window: Window, view: Iterable[str]) -> pa.Table:
    """Give the payments of these ids, in order of time and id."""
    return window.payments.filter(
        pc.is_in(window.payments["payment_id"], value_set=pa.array(sorted(view), pa.string()))
    )


def midnight(day: str) -> int:
    """Give the beginning of a day (UTC) in microseconds since 1970."""
    try:
        begins = datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError as error:
        raise InputError("not a date of the calendar", where="a step of the case", try_="write 2026-03-31") from error
    return (begins - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _around(window: Window, asked: Plain) -> frozenset[str]:
    graph = neighbourhood(window, asked["account"], hops=asked["hops"], days=asked["days"])
    return frozenset(name for *_, name in graph.edges(keys=True))


def _known(window: Window, names: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(names)
    found = within(window, wanted).num_rows
    if found != len(wanted):
        raise InputError(
            f"{len(wanted) - found:,} of {len(wanted):,} payments are not among the booked payments",
            where="payments",
            try_="check the ids, and that this version of the ledger and this day are meant; what was reversed moved "
            "no money",
        )
    return wanted


def _seen(window: Window, view: frozenset[str]) -> Answer:
    rows = within(window, view)
    if not rows.num_rows:
        raise InputError(
            "no payment would be left in view", where="the step", try_="look at more days, hops or payments"
        )
    money = rows.group_by("currency").aggregate([("amount_minor", "sum")]).sort_by("currency")
    found = {
        "accounts": len({*rows["payer"].to_pylist(), *rows["payee"].to_pylist()}),
        "payments": rows.num_rows,
        "amount_minor": dict(zip(money["currency"].to_pylist(), money["amount_minor_sum"].to_pylist(), strict=True)),
        "sha256": _hash(list(row.values()) for row in rows.to_pylist()),
    }
    return Answer(view, found)


def _is_in(column: pa.ChunkedArray, values: Iterable[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    chosen: np.ndarray[Any, np.dtype[np.bool_]] = pc.is_in(
        column, value_set=pa.array(list(values), pa.string())
    ).to_numpy()
    return chosen


def _totals(found: Trace) -> dict[str, Any]:
    """Give what a reader compares: sums by rule and class, and the bounds by class."""
    classes: dict[str, dict[str, int]] = {}
    for rule, ends in found.endpoints.items():
        sums = classes.setdefault(rule, {})
        for end in ends:
            sums[end.end_class] = sums.get(end.end_class, 0) + end.amount_minor
    return {
        "currency": found.currency,
        "amount_minor": found.total_minor,
        "payments": len(found.seeds),
        "touched": found.reached_payments,
        "by_rule": {rule: dict(sorted(sums.items())) for rule, sums in classes.items()},
        "bounds": {bound.end_class: [bound.lo_minor, bound.hi_minor] for bound in found.class_bounds},
    }


def _figures(found: Trace) -> list[Any]:
    """Give every figure of a trace, without its sentences: words may be said better, numbers may not change."""
    return [
        found.direction,
        found.currency,
        [[seed.payment_id, seed.amount_minor] for seed in found.seeds],
        {
            rule: [
                [end.node, end.end_class, end.amount_minor, end.least_minor, end.most_minor, *end.payments]
                for end in ends
            ]
            for rule, ends in found.endpoints.items()
        },
        [
            [bound.node, bound.end_class, bound.lo_minor, bound.hi_minor]
            for bound in (*found.bounds, *found.class_bounds)
        ],
        found.payments.select(["rule", "payment_id", "amount_minor"]).to_pylist(),
        found.reached,
    ]


def _hash(parts: Iterable[Any]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(canonical(part))
        digest.update(b"\n")
    return digest.hexdigest()


def canonical(value: Any) -> bytes:
    """Write plain values, dates and times in the one form that is hashed."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_text).encode()


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form to be hashed in")


def seen_as(window: Window, view: Iterable[str]) -> Window:
    """Give the window that holds only what is in view."""
    return replace(window, payments=within(window, view), _memo={})
