"""`moneytrail trace`: where did the money go, or where did it come from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from flows.plugins import Shelf

FORMATS = Shelf("reports.exports").ids()
RULES = ("all", "fifo", "lifo", "prorata", "libr", "taint_first", "poison")


@click.command()
@click.option("--ledger", required=True, type=click.Path(path_type=Path), help="Folder of the ledger.")
@click.option("--payment", "payments", multiple=True, metavar="ID", help="A payment to begin with; may be repeated.")
@click.option("--account", metavar="ID", help="Or an account: all its payments since a day.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From which day on; with --account.")
@click.option("--backward", is_flag=True, help="Where the money came from, instead of where it went.")
@click.option("--rule", type=click.Choice(RULES), default="all", show_default=True, help="Under which convention.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Look at nothing booked after this date.")
@click.option("--known-on", type=click.DateTime(["%Y-%m-%d"]), help="Look at nothing taken in after this day.")
@click.option("--ledger-version", type=click.IntRange(min=1), metavar="N", help="Or at this version of the ledger.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for trace.json, trace.parquet, trace.html.")
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="An export too; may be repeated.")
def trace(
    ledger: Path,
    payments: tuple[str, ...],
    account: str | None,
    since: datetime | None,
    backward: bool,
    rule: str,
    as_of: datetime | None,
    known_on: datetime | None,
    ledger_version: int | None,
    out: Path | None,
    formats: tuple[str, ...],
) -> None:
    """Follow the money of a payment, or of an account since a day.

    Six conventions stand side by side, with the least and the most that any convention allows; under each the endpoints
    sum to the start, to the cent. Which convention applies is a question of law that this tool does not answer.
    """
    if bool(payments) == bool(account):
        raise click.UsageError("Name payments or an account: --payment ID, or --account ID --since DATE.")
    if bool(account) != bool(since):
        raise click.UsageError("--account and --since go together: --account ID --since DATE.")
    if known_on and ledger_version:
        raise click.UsageError("--known-on and --ledger-version both name a version of the ledger: give one of them.")
    if formats and out is None:
        raise click.UsageError("Where should the exports go? Add --out DIR.")
    from flows.ledger import Ledger
    from flows.progress import progress_for
    from graphs.trace_assumptions import CONVENTIONS
    from moneytrail.trace_words import spoken_trace
    from moneytrail.tracing import run_trace

    opened = Ledger.open(ledger)
    if ledger_version:
        opened = opened.at_version(ledger_version)
    if known_on:
        opened = opened.known_on(known_on.date())
    traced = run_trace(
        opened,
        payments=payments,
        account=account or "",
        since=None if since is None else since.date(),
        direction="backward" if backward else "forward",
        rules=tuple(CONVENTIONS) if rule == "all" else (rule,),
        as_of=None if as_of is None else as_of.date(),
        known_on=None if known_on is None else known_on.date(),
        out=out,
        formats=formats,
        progress=progress_for(),
    )
    click.echo(spoken_trace(traced, out))
