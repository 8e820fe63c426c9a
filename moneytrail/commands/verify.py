"""`moneytrail verify`: holds what lies there against what was recorded, and makes past runs again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("run", required=False)
@click.option("--settings", type=click.Path(path_type=Path), help="Settings file; its [night] names all places.")
@click.option("--store", help="File or address of the store, instead of the one of the settings.")
@click.option("--ledger", type=click.Path(path_type=Path), help="Folder of the ledger, instead of the settings' one.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def verify(
    run: str | None, settings: Path | None, store: str | None, ledger: Path | None, as_json: bool, quiet: bool
) -> int | None:
    """Check store, ledger and folders of nights; with RUN, make that run again and compare it bit for bit.

    RUN is the name of a recorded run (R-...), `all` for every one, or a folder that a scan wrote. Without RUN nothing
    is made again. Everything that is wrong is named, and the exit code is then 1.
    """
    from flows.ledger import Ledger
    from flows.progress import progress_for
    from moneytrail.alert_store import named_store
    from moneytrail.settings import load
    from moneytrail.verifying import verify_ledger, verify_nights, verify_run, verify_scan, verify_store

    given = load(settings) if settings is not None else None
    home = settings.resolve().parent if settings is not None else Path()
    if ledger is None and given is not None:
        ledger = home / given.night.ledger
    progress = progress_for(quiet=quiet)

    if run is not None and Path(run).is_dir():
        if ledger is None:
            raise click.UsageError("Which ledger was scanned? Add --ledger DIR.")
        found = verify_scan(Path(run), Ledger.open(ledger), given, progress)
    else:
        with named_store(store, settings) as opened:
            found = verify_store(opened)
            if ledger is not None:
                newest = Ledger.open(ledger)
                found += verify_ledger(newest, opened)
            if given is not None:
                found += verify_nights(home / given.night.out, opened)
            if run is not None:
                if ledger is None:
                    raise click.UsageError("Which ledger was scanned? Add --ledger DIR or --settings FILE.")
                every = [one.run_id for one in opened.runs()] if run == "all" else [run]
                for run_id in every:
                    found += verify_run(opened, newest, run_id, given, progress)
    _answer(found, as_json)
    return 1 if found.wrong else None


def _answer(found: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"looked_at": found.looked_at, "wrong": found.wrong}, indent=1))
        return
    click.echo("\n".join([*found.looked_at, *(f"WRONG  {one}" for one in found.wrong)]))
    click.echo("Nothing is wrong." if not found.wrong else f"Things that are wrong: {len(found.wrong)}")
