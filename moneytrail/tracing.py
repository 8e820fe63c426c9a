"""A trace from the ledger to its files: what is read, which hubs end a trail, what is written and said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from flows.errors import InputError
from flows.ledger import Ledger
from flows.money import spoken
from flows.plural import told
from flows.progress import Progress, Silent
from flows.window import Window
from graphs.hubs import labelled
from graphs.trace import Trace, trace, trace_account
from graphs.trace_bounds import Place
from graphs.trace_record import Direction
from moneytrail.folder import check_writable, others, write_files
from reports.extract import exported, of_traces
from reports.hashes import with_hashes
from reports.trace_files import trace_files
from reports.trace_page import Asked, end_words
from reports.visible import visible

MOST_LINES = 20
"""Endpoints printed, the largest first; the files have all."""


@dataclass(frozen=True)
class Traced:
    """A finished trace.

    Parameters
    ----------
    traces : tuple of Trace
        One per currency.
    asked : Asked
        What was asked.
    others : tuple of str
        Files in its folder that are not of this trace.
    """

    traces: tuple[Trace, ...]
    asked: Asked
    others: tuple[str, ...] = ()


def run_trace(
    ledger: Ledger,
    *,
    payments: Iterable[str] = (),
    account: str = "",
    since: date | None = None,
    direction: Direction = "forward",
    rules: Iterable[str],
    as_of: date | None = None,
    known_on: date | None = None,
    out: Path | None = None,
    formats: Iterable[str] = (),
    progress: Progress | None = None,
) -> Traced:
    """Trace payments, or an account since a day, and write the files if a folder is given.

    Parameters
    ----------
    ledger : Ledger
        Which version to look at.
    payments : iterable of str
        Payment ids; or
    account, since : str, datetime.date
        an account and the day from which on.
    direction, rules
        As for `graphs.trace.trace`.
    as_of : datetime.date, optional
        Look at nothing booked after this date.
    known_on : datetime.date, optional
        The day the version of the ledger was chosen by (`Ledger.known_on`), to be said with the answer.
    out : pathlib.Path, optional
        Where the files go.
    formats : iterable of str
        Ids of the shelf `reports.exports`, for the payments of the trail as other tools read them.

    Raises
    ------
    InputError
        If there is nothing to follow.
    StoreError
        If the files cannot be written.
    """
    if out is not None:
        check_writable(out)
    progress = progress or Silent()
    with progress.stage("reading the ledger", unit="payments") as stage:
        window = _window(ledger, as_of)
        stage.advance(window.payments.num_rows)
    chosen, named = tuple(rules), tuple(dict.fromkeys(payments))
    with progress.stage("following the money", unit="traces") as stage:
        if account:
            begins = datetime.combine(since or date.min, time(), UTC)
            traces = trace_account(window, account, _micros(begins), direction=direction, rules=chosen)
        else:
            traces = (trace(window, named, direction=direction, rules=chosen),)
        stage.advance(len(traces))
    asked = Asked(
        direction=direction,
        rules=chosen,
        ledger_version=ledger.version,
        as_of=window.as_of or date.min,
        account=account,
        since=since,
        planted=bool(ledger.planted),
        payments=() if account else named,
        known_on=known_on,
    )
    if out is None:
        return Traced(traces, asked)
    trail = of_traces(traces, window.payments, asked, window.hubs)
    files = with_hashes(trace_files(traces, asked) | exported(trail, formats))
    write_files(out, files)
    return Traced(traces, asked, others(out, files))


def _window(ledger: Ledger, as_of: date | None) -> Window:
    """Read the ledger, and label the accounts at which trails end: by rule, and licensed intermediaries."""
    window = ledger.window(as_of=as_of)
    if not window.payments.num_rows:
        raise InputError(
            "there are no booked payments to follow",
            where=f"{ledger.path}, version {ledger.version}" + (f", up to {as_of}" if as_of else ""),
            try_="take in files with `moneytrail ingest`, or look from a later day",
        )
    return labelled(window)


def _micros(moment: datetime) -> int:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000


def spoken_trace(traced: Traced, out: Path | None) -> str:
    """Say in plain words what was found: a table per currency, what was assumed, and where the files are."""
    asked = traced.asked
    lines = [asked.question, f"{asked.basis}."]
    for found in traced.traces:
        followed = spoken(found.total_minor, found.currency)
        lines += ["", told("{sum} in {count} payment", "{sum} in {count} payments", len(found.seeds), sum=followed)]
        lines += _table(found, asked)
        if "poison" in asked.rules:
            lines.append(
                "Any of it can have touched "
                + told("{count} payment", "{count} payments", found.reached_payments)
                + told(" and {count} node: poison.", " and {count} nodes: poison.", len(found.reached))
            )
    lines += ["", "Taken for granted"]
    lines += [f"  - {said}" for said in dict.fromkeys(said for found in traced.traces for said in found.assumptions)]
    if out is not None:
        lines += ["", f"Picture and tables: {(out / 'trace.html').resolve()}"]
    if traced.others:
        lines += [
            told(
                "{count} file in that folder is not of this trace: {names}.",
                "{count} files in that folder are not of this trace: {names}.",
                len(traced.others),
                names=", ".join(traced.others[:MOST_LINES]) + (", ..." if len(traced.others) > MOST_LINES else ""),
            ),
            "SHA256SUMS names those that are.",
        ]
    return "\n".join(visible(line) for line in lines)


def _table(found: Trace, asked: Asked) -> list[str]:
    amounts: dict[Place, dict[str, int]] = {}
    for rule, ends in found.endpoints.items():
        for end in ends:
            amounts.setdefault((end.node, end.end_class), {})[rule] = end.amount_minor
    within = {(bound.node, bound.end_class): bound for bound in found.bounds}
    for place in within:
        amounts.setdefault(place, {})
    largest = sorted(amounts, key=lambda place: (-max(amounts[place].values(), default=0), place))
    head = [
        "Where it ended" if asked.direction == "forward" else "Where it began",
        "kind",
        *found.endpoints,
        "least",
        "most",
    ]
    rows = [head]
    for place in largest[:MOST_LINES]:
        bound = within.get(place)
        rows.append(
            [
                place[0],
                end_words(asked.direction, place[1]),
                *(_amount(amounts[place].get(rule, 0), found.currency) for rule in found.endpoints),
                "?" if bound is None else _amount(bound.lo_minor, found.currency),
                "?" if bound is None else _amount(bound.hi_minor, found.currency),
            ]
        )
    if found.endpoints:
        total = _amount(found.total_minor, found.currency)
        rows.append(["all of it", "", *(total for _ in found.endpoints), total, total])
    lines = _aligned(rows)
    if len(largest) > MOST_LINES:
        lines.insert(-1 if found.endpoints else len(lines), f"  and {len(largest) - MOST_LINES:,} more")
    return lines


def _amount(minor: int, currency: str) -> str:
    return spoken(minor, currency).rpartition(" ")[0] if minor else "-"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set a table with the words to the left and the amounts to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(
            text.ljust(width) if column < 2 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
