"""`moneytrail check`: says what is in files before anything is done with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.plural import told

if TYPE_CHECKING:
    from flows.inspection import Inspection
    from moneytrail.settings import Settings

_ANY = click.Path(path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_ANY, metavar="FILE...")
@click.option("--format", "format_id", metavar="NAME", help="Read all files by this reader instead of guessing.")
@click.option("--mapping", "mapping_file", type=_ANY, metavar="FILE", help="Read all files by this mapping.toml.")
@click.option(
    "--propose", "proposal_file", type=_ANY, metavar="FILE", help="Write the mapping proposed to this new file."
)
@click.option("--rejects", "rejects_file", type=_ANY, metavar="FILE", help="Write the rejected rows to this CSV.")
@click.option("--settings", "settings_file", type=_ANY, metavar="FILE", help="Count the lists of these settings too.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON, for machines.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def check(
    files: tuple[Path, ...],
    format_id: str | None,
    mapping_file: Path | None,
    proposal_file: Path | None,
    rejects_file: Path | None,
    settings_file: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say what is in these files: rows, rejects and why, days, currencies, accounts, fields missing, indicators.

    Nothing is kept. For a CSV of unknown form a mapping is proposed, to be confirmed and given to
    `moneytrail ingest --mapping`. A folder stands for the files in it.
    """
    import json

    from flows.errors import InputError, SettingsError
    from flows.inspection import inspect, write_rejects
    from flows.mapping import MappedReader, load_mapping
    from flows.progress import progress_for
    from flows.sniffing import files_in
    from moneytrail.settings import load

    settings = load(settings_file)
    mapping = MappedReader(load_mapping(mapping_file)) if mapping_file else None
    if proposal_file is not None and proposal_file.exists():
        raise SettingsError(
            "there is such a file already, and a mapping mended by hand is not overwritten",
            where=f"--propose {proposal_file}",
            try_="name a new file",
        )
    progress = progress_for(quiet=quiet)
    inspected: list[Inspection] = []
    bad: list[InputError] = []
    proposed: list[Path] = []
    with ExitStack() as stack:
        rejects = stack.enter_context(write_rejects(rejects_file)) if rejects_file else None
        for path in _each(files, files_in, bad):
            try:
                with progress.stage(f"reading {path.name}") as stage:
                    facts = inspect(path, format_id=format_id, mapping=mapping, rejects=rejects, advance=stage.advance)
            except InputError as error:
                if not error.what.startswith("no reader knows this format"):
                    bad.append(error)
                elif proposal_file is not None and not proposed:
                    _write_proposal(path, proposal_file, proposed, bad)
                else:
                    _show_proposal(path, error, as_json, bad)
                continue
            inspected.append(facts)
            if not as_json:
                click.echo("\n".join(_lines(facts)) + "\n")

    asked = _asked({column for facts in inspected for column in facts.filled}, settings)
    if as_json:
        found: dict[str, Any] = {
            "files": [facts.as_json() for facts in inspected],
            "proposed": [path.name for path in proposed],
            "errors": [{"what": one.what, "where": one.where, "try": one.try_} for one in bad],
            "tiers": sorted({tier for facts in inspected for tier in facts.tiers}),
            "computable": list(asked.computable),
            "degraded": {indicator: list(unseen) for indicator, unseen in asked.degraded.items()},
            "not_computable": {indicator: list(wants) for indicator, wants in asked.not_computable.items()},
        }
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif inspected:
        click.echo("\n".join(_indicator_lines(asked)))
    for path in proposed:
        click.echo(
            f"A mapping for {path.name} is proposed. Next: read {proposal_file} and mend it, then run\n"
            f"  moneytrail ingest --ledger DIR --payments {path} --mapping {proposal_file}",
            err=as_json,
        )
    if bad:
        # All were tried; the first is raised to set the exit code, the others are said here.
        for other in bad[1:]:
            click.echo(str(other), err=True)
        raise bad[0]


@dataclass(frozen=True)
class _Asked:
    """Which indicators the columns at hand allow: whole, in a reduced form, or not, and for want of what."""

    computable: tuple[str, ...]
    degraded: Mapping[str, tuple[str, ...]]
    not_computable: Mapping[str, tuple[str, ...]]


def _asked(columns: set[str], settings: Settings) -> _Asked:
    """Hold every indicator to the columns with values, all motifs and the lists of the settings."""
    from detectors.indicating import lacks
    from flows.plugins import Shelf

    here = columns | {f"motif.{id_}" for id_ in Shelf("detectors.motifs").ids() if id_ not in settings.disabled}
    here |= {f"list.{name}" for name in settings.lists}
    whole, degraded, not_computable = [], {}, {}
    for _, indicator in settings.make("detectors.indicators"):
        about = indicator.about
        wanting = lacks(about.needs, here)
        unseen = tuple(column for column in about.reduced if lacks((column,), here))
        if wanting:
            not_computable[about.id] = wanting
        elif unseen:
            degraded[about.id] = unseen
        else:
            whole.append(about.id)
    return _Asked(tuple(whole), degraded, not_computable)


def _indicator_lines(asked: _Asked) -> Iterator[str]:
    count = len(asked.computable) + len(asked.degraded) + len(asked.not_computable)
    yield told(
        "Of {all} published indicators, {count} can be computed from these files, {reduced} only in a reduced form, "
        "{not_} not.",
        "Of {all} published indicators, {count} can be computed from these files, {reduced} only in a reduced form, "
        "{not_} not.",
        len(asked.computable),
        all=f"{count:,}",
        reduced=f"{len(asked.degraded):,}",
        not_=f"{len(asked.not_computable):,}",
    )
    for heading, lacking in (("not computable", asked.not_computable), ("reduced", asked.degraded)):
        for wants, ids in _by_want(lacking).items():
            yield f"  without {' and '.join(_spoken_need(one) for one in wants)}, {heading}: {', '.join(ids)}"


def _by_want(lacking: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], list[str]]:
    """Group indicators by what they lack, the commonest want first."""
    by_want: dict[tuple[str, ...], list[str]] = {}
    for id_, wants in sorted(lacking.items()):
        by_want.setdefault(wants, []).append(id_)
    return dict(sorted(by_want.items(), key=lambda item: (-len(item[1]), item[0])))


def _spoken_need(need: str) -> str:
    """Write a need as a reader says it.

    Examples
    --------
    >>> _spoken_need("payments.mcc|list.adverts")
    '(payments.mcc or the list adverts)'
    """
    kinds = {"list.": "the list ", "motif.": "the motif "}
    said = need
    for kind, spoken in kinds.items():
        said = said.replace(kind, spoken)
    return f"({said.replace('|', ' or ')})" if "|" in need else said


def _each(files: tuple[Path, ...], files_in: Any, bad: list[Any]) -> Iterator[Path]:
    from flows.errors import InputError

    for path in files:
        try:
            yield from files_in(path)
        except InputError as error:
            bad.append(error)


def _write_proposal(path: Path, proposal_file: Path, proposed: list[Path], bad: list[Any]) -> None:
    from flows.errors import InputError, SettingsError
    from flows.proposing import propose

    try:
        text = propose(path).toml
    except InputError as error:
        bad.append(error)
        return
    try:
        with proposal_file.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SettingsError(
            f"the mapping cannot be written: {error.strerror}", where=str(proposal_file), try_="name another file"
        ) from error
    proposed.append(path)


def _show_proposal(path: Path, unknown: Any, as_json: bool, bad: list[Any]) -> None:
    from flows.errors import InputError
    from flows.proposing import propose

    try:
        text = propose(path).toml
    except InputError as error:
        bad.append(error)
        return
    # One mapping is for one form of file, so --propose writes that of the first; others need a file of their own.
    bad.append(
        InputError(
            unknown.what, where=unknown.where, try_=f"write a mapping: `moneytrail check {path} --propose mapping.toml`"
        )
    )
    if not as_json:
        click.echo(text)


def _lines(facts: Inspection) -> Iterator[str]:
    if facts.table is None:
        yield f"{facts.file}: {facts.format}, a table without payments; not read"
        return
    yield f"{facts.file}: {facts.format}, {facts.table}"
    yield (
        f"  rows        {facts.rows:,} = {facts.kept:,} kept + {facts.duplicates:,} duplicate "
        f"+ {facts.rejected:,} rejected"
    )
    if not facts.rows:
        yield f"              a header and no row of {facts.table}; try: see what period was exported"
    for table, rows in facts.side_rows.items():
        yield "              " + told("and {count} row of {table}", "and {count} rows of {table}", rows, table=table)
    for reason in facts.reasons:
        place = f" in {reason.column}" if reason.column else ""
        lines = ", ".join(map(str, reason.first_lines)) + (" ..." if reason.count > len(reason.first_lines) else "")
        yield f"  rejected    {reason.count:,} {reason.code}{place}: {reason.meaning}; line {lines}"
        yield f"              try: {reason.mend}"
    yield from _payment_lines(facts)
    shares = sorted(facts.missing.items(), key=lambda item: (-item[1], item[0]))
    empty = [name for name, share in shares if share == 1]
    partly = [f"{name} {_percent(share)}" for name, share in shares if share < 1]
    if empty:
        yield f"  missing     in every row: {', '.join(empty)}"
    if partly:
        yield f"  missing     in some rows: {', '.join(partly)}"
    if facts.unused:
        yield f"  not used    columns the contract does not have: {', '.join(facts.unused)}"


def _payment_lines(facts: Inspection) -> Iterator[str]:
    from flows.money import spoken

    if facts.first_day is not None and facts.last_day is not None:
        span = (facts.last_day - facts.first_day).days + 1
        on = told(
            "payments on {days} of {count} day", "payments on {days} of {count} days", span, days=f"{facts.days:,}"
        )
        yield f"  days        {facts.first_day} to {facts.last_day}: {on}"
        if facts.gaps:
            gaps = ", ".join(f"{first}" if first == last else f"{first} to {last}" for first, last in facts.gaps)
            more = f" and {facts.gap_count - len(facts.gaps):,} shorter" if facts.gap_count > len(facts.gaps) else ""
            yield f"              none on {gaps}{more}"
    for currency, sums in facts.money.items():
        parts = f"{spoken(sums.kept, currency)} kept + {spoken(sums.duplicates, currency)} duplicate"
        parts += f" + {spoken(sums.rejected, currency)} rejected"
        yield f"  money       {spoken(sums.came, currency)} = {parts}"
    if facts.amounts_unread:
        unread = (
            "{count} rejected row has no readable amount and is in no sum",
            "{count} rejected rows have no readable amount and are in no sum",
        )
        yield "              " + told(*unread, facts.amounts_unread)
    if facts.table == "payments":
        yield f"  accounts    {facts.own_accounts:,} of the bank, {facts.outside_nodes:,} outside it"


def _percent(share: float) -> str:
    return "<0.1%" if share < 0.001 else f"{share:.1%}" if share < 0.999 else ">99.9%"
