"""Tables that are folders: Parquet files in folders whose names hold columns (Hive), with or without a Delta log.

Each file is taken in by itself, so a folder to which a day is added every night costs a night only that day: files that
are in already are passed over by their content.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from flows.errors import InputError

NOTHING = "__HIVE_DEFAULT_PARTITION__"
"""How the name of a folder says that a column has no value."""


def columns_of_folders(path: Path) -> dict[str, str | None]:
    """Give the columns that the names of a file's folders hold: those right above it called ``name=value``.

    Examples
    --------
    >>> columns_of_folders(Path("payments/booked_on=2026-01-05/currency=EUR/part-0.parquet"))
    {'booked_on': '2026-01-05', 'currency': 'EUR'}
    """
    found: list[tuple[str, str | None]] = []
    for folder in path.parents:
        name, equals, value = folder.name.partition("=")
        if not equals or not name:
            break
        found.append((unquote(name), None if value == NOTHING else unquote(value)))
    return dict(reversed(found))


def name_of(path: Path) -> str:
    """Name a file so that it is told from others: with the folders that hold columns, and the table's own.

    Examples
    --------
    >>> name_of(Path("bank/payments/booked_on=2026-01-05/part-0.parquet")), name_of(Path("bank/payments.csv"))
    ('payments/booked_on=2026-01-05/part-0.parquet', 'payments.csv')
    """
    levels = len(columns_of_folders(path))
    return "/".join(path.parts[-levels - 2 :]) if levels else path.name


def files_of_table(folder: Path) -> tuple[Path, ...]:
    """Give the files of a folder that is a table, in order of path; none where it is no such folder.

    Raises
    ------
    InputError
        If it is a Delta table that cannot be read file by file.
    """
    if (folder / "_delta_log").is_dir():
        return _of_delta(folder)
    return tuple(
        sorted(file for file in folder.rglob("*.parquet") if file.parent != folder and columns_of_folders(file))
    )


def _of_delta(folder: Path) -> tuple[Path, ...]:
    try:
        table = DeltaTable(str(folder))
    except DeltaError as error:
        raise InputError(
            "the Delta table cannot be opened", where=folder.name, try_="see that the folder is whole"
        ) from error
    features = {*(table.protocol().reader_features or ()), *(table.metadata().configuration or {})}
    apart = sorted(features & {"deletionVectors", "columnMapping", "delta.columnMapping.mode"})
    if apart:
        raise InputError(
            f"the Delta table uses {apart[0]}, so its files alone do not say what is in it",
            where=folder.name,
            try_="write it out anew without, or take in its rows by `--query` from the system that keeps it",
        )
    # Files that a later version replaced lie there still, and are not in it.
    return tuple(sorted(Path(unquote(uri.removeprefix("file://"))) for uri in table.file_uris()))
