"""`moneytrail demo`: the whole main job on an invented bank."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--out", default="moneytrail-demo", show_default=True, type=click.Path(path_type=Path), help="A folder.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def demo(out: Path, quiet: bool) -> int | None:
    """Scan a bundled, invented bank and print where the report is, and beside it what was planted.

    The bank's files are copied to DIR/input, taken into a ledger at DIR/ledger and scanned; running it again changes
    nothing. Only of an invented bank is known what is in it: DIR/what_was_planted.html says what the scan saw of it,
    what it missed, and what speaks for those who only look alike.
    """
    from flows.ingest import ingest
    from flows.ledger import Ledger
    from flows.progress import progress_for
    from moneytrail.bundled import copy_to
    from moneytrail.folder import write_files
    from moneytrail.planted import outcomes, page, read_truth
    from moneytrail.scan import run_scan, spoken
    from reports.report import render

    progress = progress_for(quiet=quiet)
    ledger = Ledger.create(out / "ledger")
    ingest(ledger, copy_to(out / "input"), progress=progress)
    scanned = run_scan(ledger.newest(), out, progress=progress)
    beside = page(scanned, outcomes(scanned, read_truth(out / "input" / "truth")))
    write_files(out, {"what_was_planted.html": render(beside)})
    click.echo(spoken(scanned, out, f"What was planted: {(out / 'what_was_planted.html').resolve()}"))
    return 4 if scanned.facts.failures else None
