"""`moneytrail verify`: holds what lies there against what was recorded, and makes past runs again."""

from __future__ import annotations

import json
from functools import partial
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
    from moneytrail.verifying import looked_at, verify_ledger, verify_nights, verify_run, verify_scan, verify_store

    given = load(settings) if settings is not None else None
    home = settings.resolve().parent if settings is not None else Path()
    if ledger is None and given is not None:
        ledger = home / given.night.ledger
    progress = progress_for(quiet=quiet)

    def made_again(opened: Any, run_id: str) -> Any:
        assert ledger is not None
        return verify_run(opened, Ledger.open(ledger), run_id, given, progress)

    if run is not None and Path(run).is_dir():
        if ledger is None:
            raise click.UsageError("Which ledger was scanned? Add --ledger DIR.")
        found = verify_scan(Path(run), Ledger.open(ledger), given, progress)
    else:
        with named_store(store, settings) as opened:
            if run is not None and ledger is None:
                raise click.UsageError("Which ledger was scanned? Add --ledger DIR or --settings FILE.")
            found = verify_store(opened)
            if ledger is not None:
                found += looked_at("the ledger", lambda: verify_ledger(Ledger.open(ledger), opened))
            if given is not None:
                found += looked_at("the folders of nights", lambda: verify_nights(home / given.night.out, opened))
            if run == "all":
                for one in opened.runs():
                    found += looked_at(f"run {one.run_id}", partial(made_again, opened, one.run_id))
            elif run is not None:
                found += made_again(opened, run)
    _answer(found, as_json)
    return 1 if found.wrong else None


def _answer(found: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"looked_at": found.looked_at, "wrong": found.wrong}, indent=1))
        return
    click.echo("\n".join([*found.looked_at, *(f"WRONG  {one}" for one in found.wrong)]))
    click.echo("Nothing is wrong." if not found.wrong else f"Things that are wrong: {len(found.wrong)}")
