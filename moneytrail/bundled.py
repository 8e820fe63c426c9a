"""The invented bank that comes with the toolkit."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from flows.errors import PluginError
from moneytrail.folder import write_files

TABLES = {
    "payments": "payments.parquet",
    "accounts": "accounts.csv",
    "customers": "customers.csv",
    "links": "links.csv",
    "labels": "labels.csv",
}
"""File of each table."""


def copy_to(folder: Path) -> dict[str, Path]:
    """Copy the bundled bank's files into a folder and give their paths by file name.

    Raises
    ------
    PluginError
        If the installation lacks them.
    """
    contents = {name: _read(name) for name in (*TABLES.values(), "truth.json")}
    write_files(folder, contents)
    return {name: folder / name for name in contents}


def _read(name: str) -> bytes:
    # In the wheel the data lies beside this file; in a checkout where it is made.
    for place in (files("moneytrail") / "sample_data", Path(__file__).parent.parent / "sample_data" / "small"):
        file = place / name
        if file.is_file():
            return file.read_bytes()
    raise PluginError("the bundled bank is missing", where=name, try_="install moneytrail again")
