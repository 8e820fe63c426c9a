"""A trace from the ledger to its files: what is read, which hubs end a trail, what is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from flows.errors import InputError
from flows.ledger import Ledger
from flows.progress import Progress, Silent
from flows.window import Window
from graphs.hubs import labelled
from graphs.trace import Trace, trace, trace_account
from graphs.trace_record import Direction
from moneytrail.folder import check_writable, others, write_files
from reports.extract import exported, of_traces
from reports.hashes import with_hashes
from reports.trace_files import trace_files
from reports.trace_page import Asked


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
