"""`moneytrail ingest`: takes files into the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.plural import told

if TYPE_CHECKING:
    from flows.ingest import IngestResult

_FILE = click.Path(path_type=Path)


class ManyFiles(click.Command):
    """A command whose repeatable options take several values each: ``--payments a.csv b.csv``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write ``--payments a b`` as ``--payments a --payments b``, which click reads."""
        repeatable = {
            name for param in self.params if isinstance(param, click.Option) and param.multiple for name in param.opts
        }
        written: list[str] = []
        option, values = "", 0
        for word in args:
            if word.startswith("-") and word != "-":
                name, equals, _ = word.partition("=")
                option, values = (name, len(equals)) if name in repeatable else ("", 0)
            elif option:
                values += 1
                if values > 1:
                    written.append(option)
            written.append(word)
        return super().parse_args(ctx, written)


@click.command(cls=ManyFiles)
@click.option("--ledger", required=True, type=_FILE, help="Folder of the ledger; made if it is not there.")
@click.option("--payments", multiple=True, type=_FILE, help="Files or folders of payments, several if you like.")
@click.option("--accounts", multiple=True, type=_FILE, help="Files of accounts.")
@click.option("--customers", multiple=True, type=_FILE, help="Files of customers.")
@click.option("--links", multiple=True, type=_FILE, help="Files of identifiers that customers share.")
@click.option("--labels", multiple=True, type=_FILE, help="Files of known cases, for evaluation.")
@click.option("--query", help="SQL that gives payments, in place of files.")
@click.option("--source", help="What --query asks: duckdb:///FILE, postgresql+psycopg://USER@HOST/DATABASE ...")
@click.option("--format", "format_id", help="Format of the payments; guessed from each file if not given.")
@click.option("--mapping", type=_FILE, help="A mapping.toml that says which column is which.")
@click.option(
    "--share-rejected-max",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Stop if more than this share of the rows of a file is rejected.",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def ingest(
    ledger: Path,
    payments: tuple[Path, ...],
    accounts: tuple[Path, ...],
    customers: tuple[Path, ...],
    links: tuple[Path, ...],
    labels: tuple[Path, ...],
    query: str | None,
    source: str | None,
    format_id: str | None,
    mapping: Path | None,
    share_rejected_max: float,
    quiet: bool,
    as_json: bool,
) -> None:
    """Take payments, and what is known beside them, into a ledger.

    All files or none: if one of them cannot be read, nothing is written. A file that is in already is passed over, so
    the same command can be run again. Rows that are no payments are rejected, counted and kept beside the ledger; what
    came in is balanced against what was kept, to the cent.

    A folder may be a table of its own: a Delta table, or folders called name=value with Parquet files in them. With
    --query, payments come from a database; without --source, DuckDB answers it from the files that it names.
    """
    from contextlib import ExitStack
    from tempfile import TemporaryDirectory

    from flows.ingest import ingest as take_in
    from flows.mapping import MappedReader, load_mapping
    from flows.progress import progress_for

    files = {
        "payments": payments,
        "accounts": accounts,
        "customers": customers,
        "links": links,
        "labels": labels,
    }
    if not any(files.values()) and query is None:
        raise click.UsageError("Nothing to take in: name at least one file, e.g. --payments FILE.")
    if source is not None and query is None:
        raise click.UsageError("--source says what --query asks: give both.")
    if mapping is not None and format_id is not None:
        raise click.UsageError("--mapping and --format exclude each other.")
    with ExitStack() as stack:
        if query is not None:
            from flows.querying import answer

            folder = Path(stack.enter_context(TemporaryDirectory(prefix="moneytrail-query-")))
            files["payments"] = (*payments, answer(query, source, folder))
        result = take_in(
            ledger,
            files,
            format_id=format_id,
            mapping=None if mapping is None else MappedReader(load_mapping(mapping)),
            share_rejected_max=share_rejected_max,
            progress=progress_for(quiet=quiet),
        )
    if as_json:
        click.echo(json.dumps(_as_json(result) | ({} if query is None else {"query": query}), indent=2))
        return
    if query is not None:
        click.echo(f"{files['payments'][-1].name} is the answer to: {' '.join(query.split())}")
    click.echo(_said(result))


def _said(result: IngestResult) -> str:
    """Say what an ingest did, for a reader."""
    from flows.check import REASONS
    from flows.money import major

    lines = []
    for file in result.files:
        if file.already:
            lines.append(f"{file.file_name} ({file.table}): already ingested, passed over")
            continue
        lines.append(
            f"{file.file_name} ({file.table}, {file.format}): {file.rows:,} rows in = {file.kept:,} kept"
            f" + {file.duplicates:,} duplicate + {file.rejected:,} rejected"
        )
        lines += [f"    {count:,} x {reason}: {REASONS[reason]}" for reason, count in file.reasons.most_common()]
        if file.rejects_file is not None:
            lines.append(f"    rejected rows: {file.rejects_file}")
    if result.money:
        lines.append("Money in = kept + duplicates + rejected")
        for currency, money in result.money.items():
            amounts = [major(minor, currency) for minor in (money.came, money.kept, money.duplicates, money.rejected)]
            lines.append("    {} {} = {} + {} + {}".format(currency, *amounts))
    if result.version_after == result.version_before:
        lines.append(f"Nothing new; the ledger stays at version {result.version_after}.")
    else:
        lines.append(f"The ledger is now at version {result.version_after} (was {result.version_before}).")
    rejected = result.rows("rejected")
    if rejected:
        lines.append(
            told(
                "The data is not whole: {count} of {all} rows of payments was rejected.",
                "The data is not whole: {count} of {all} rows of payments were rejected.",
                rejected,
                all=f"{result.rows('rows'):,}",
            )
        )
    return "\n".join(lines)


def _as_json(result: IngestResult) -> dict[str, Any]:
    """Give what an ingest did, for a program."""
    return {
        "ledger_version_before": result.version_before,
        "ledger_version": result.version_after,
        "files": [
            {
                "table": file.table,
                "file": file.file_name,
                "sha256": file.source_hash,
                "format": file.format,
                "already_ingested": file.already,
                "rows_in": file.rows,
                "rows_kept": file.kept,
                "rows_duplicate": file.duplicates,
                "rows_rejected": file.rejected,
                "reasons": dict(file.reasons),
                "money_minor": {currency: vars(money) for currency, money in sorted(file.money.items())},
                "rejects": None if file.rejects_file is None else str(file.rejects_file),
            }
            for file in result.files
        ],
        "money_minor": {currency: vars(money) for currency, money in result.money.items()},
    }
