"""The invented bank that comes with the toolkit."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from flows.errors import PluginError
from moneytrail.folder import write_files

TABLES: Final = ("payments", "accounts", "customers", "links", "labels")
"""What it has; payments come in one file a month."""


def copy_to(folder: Path) -> dict[str, list[Path]]:
    """Copy the bundled bank into a folder and give its files by table; what was planted lies beside, in `truth`.

    Raises
    ------
    PluginError
        If the installation lacks it.
    """
    bank = files("sample_data") / "small"
    if not bank.is_dir():
        raise PluginError("the bundled bank is missing", where="sample_data/small", try_="install moneytrail again")
    tables = {file.name: file.read_bytes() for file in bank.iterdir() if file.name.startswith(TABLES)}
    write_files(folder, tables)
    write_files(folder / "truth", {file.name: file.read_bytes() for file in (bank / "truth").iterdir()})
    return {table: [folder / name for name in sorted(tables) if name.startswith(table)] for table in TABLES}
