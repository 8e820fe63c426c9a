"""`moneytrail settings`: what is in force, what differs, what is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

_FILE = click.Path(path_type=Path)


@click.group()
def settings() -> None:
    """Show, compare and check settings; docs/settings.md says what each key means."""


@settings.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--changed", is_flag=True, help="Only what the file says, not the defaults.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def show(file: Path | None, changed: bool, as_json: bool) -> None:
    """Print every setting in force and where it came from; without FILE, the defaults.

    What is printed is a settings file itself. Lists and exemptions are told as a count and a hash.
    """
    from moneytrail.settings_words import as_toml, in_force

    found = tuple(one for one in in_force(file) if one.given or not changed)
    click.echo(json.dumps([asdict(one) for one in found], indent=1) if as_json else as_toml(found), nl=as_json)


@settings.command()
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def diff(before: Path, after: Path | None, as_json: bool) -> None:
    """Say in words what differs between two settings; each a settings file or the run.json of a scan.

    With one file, what it says otherwise than the defaults.
    """
    from moneytrail.settings import Settings
    from moneytrail.settings_words import plain
    from reports.settings_diff import differences

    old, new = (Settings().as_dict(), plain(before)) if after is None else (plain(before), plain(after))
    found = differences(old, new)
    if as_json:
        click.echo(json.dumps(list(found), indent=1))
    else:
        click.echo("\n".join(found) or "Nothing differs.")


@settings.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def check(file: Path, as_json: bool) -> int | None:
    """Find everything wrong with a settings file and say what to try; leaves with 2 if there is anything."""
    from moneytrail.settings_words import wrong

    found = wrong(file)
    if as_json:
        click.echo(json.dumps([{"what": one.what, "where": one.where, "try": one.try_} for one in found], indent=1))
    else:
        click.echo("\n".join(map(str, found)) or f"{file.name}: a run can start with these settings.")
    return 2 if found else None
