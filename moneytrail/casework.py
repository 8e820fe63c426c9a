"""Cases on disk: saved and opened whole, and written out as a dossier with exports."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flows.errors import InputError
from flows.ledger import Ledger
from flows.plural import told
from graphs.case import Case
from moneytrail.folder import write_files
from reports.case_files import case_files
from reports.case_page import asked_in_words, found_in_words
from reports.visible import visible
from reports.wording import day


def save(case: Case, path: Path | str) -> None:
    """Write a case file, whole or not at all; an earlier state of the same case is replaced, nothing else is.

    Raises
    ------
    InputError
        If the file holds anything but an earlier state of this case, such as steps taken by somebody else since.
    StoreError
        If the folder cannot be written.
    """
    path = Path(path)
    if path.exists() and not case.continues(_content(path)):
        raise InputError(
            "the file is there and is no earlier state of this case",
            where=str(path),
            try_="save under another name; or load the file first, and take your steps after those in it",
        )
    write_files(path.parent, {path.name: case.as_bytes()})


def load(path: Path | str, ledger: Ledger, *, who: str) -> Case:
    """Open a case file and take every step again.

    Raises
    ------
    InputError
        If the file cannot be read, is no case, was changed, or was made on another ledger.
    BalanceError
        If a step gives other numbers than it gave.
    """
    return Case.replayed(_content(Path(path)), ledger, who=who)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the case file cannot be read: {error.strerror or type(error).__name__}",
            where=str(path),
            try_="name a file that a case was saved to",
        ) from error


def write_case(case: Case, folder: Path | str, formats: Iterable[str] = ()) -> None:
    """Write the case file, its dossier and its payments in some formats into a folder, all or nothing.

    Parameters
    ----------
    formats : iterable of str
        Ids of the shelf `reports.exports`.

    Raises
    ------
    PluginError
        If there is no such format.
    StoreError
        If the folder cannot be written; what was there before is still there.
    """
    write_files(Path(folder), case_files(case, formats))


def spoken_case(case: Case) -> str:
    """Say in plain words what the steps of a case were and that they gave the same again."""
    lines = [
        case.title,
        f"Ledger version {case.ledger.version}, nothing booked after {day(case.as_of)}.",
        "",
    ]
    for number, step in enumerate(case.steps, 1):
        lines.append(f"{number:>3}. {step.at}  {step.who}: {asked_in_words(step)}")
        if found_in_words(step):
            lines.append(f"     {found_in_words(step)}")
    lines += [
        "",
        told(
            "{count} step was taken again and gave identical numbers.",
            "{count} steps were taken again and gave identical numbers.",
            len(case.steps),
        ),
    ]
    return "\n".join(visible(line) for line in lines)
