"""`moneytrail demo`: the whole main job on an invented bank."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--out", default="moneytrail-demo", show_default=True, type=click.Path(path_type=Path), help="A folder.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def demo(out: Path, quiet: bool) -> int | None:
    """Scan a bundled, invented bank and print where the report is.

    The bank's files are copied to DIR/input, taken into a ledger at DIR/ledger and scanned; running it again changes
    nothing.
    """
    from flows.ingest import ingest
    from flows.ledger import Ledger
    from flows.progress import progress_for
    from moneytrail.bundled import TABLES, copy_to
    from moneytrail.scan import run_scan, spoken

    progress = progress_for(quiet=quiet)
    files = copy_to(out / "input")
    ledger = Ledger.create(out / "ledger")
    ingest(ledger, {table: [files[name]] for table, name in TABLES.items()}, progress=progress)
    scanned = run_scan(ledger.newest(), out, progress=progress)
    click.echo(spoken(scanned, out))
    return 4 if scanned.facts.failures else None
