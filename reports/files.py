"""The files of a scan by name, as bytes: whoever writes them decides where and how safely."""

from __future__ import annotations

from flows.plugins import Shelf
from reports.blocks import Page
from reports.facts import ScanFacts
from reports.report import render

EXCHANGE = Shelf("reports.exchange")


def files(facts: ScanFacts, page: Page) -> dict[str, bytes]:
    """Give every file a scan hands on, except `run.json`, which is about the others.

    Parameters
    ----------
    facts : ScanFacts
        Everything a scan found and left out.
    page : Page
        The report of these facts (`reports.report.page`).

    Returns
    -------
    dict
        Bytes by file name, in alphabetical order; the same for the same facts.
    """
    # Printing takes a while and is wanted where people come to read in the morning.
    made = {f"report.{medium}": render(page, medium) for medium in ("html", *(("pdf",) if facts.night else ()))}
    for id_ in EXCHANGE.ids():
        writer = EXCHANGE.load(id_)()
        made[writer.file_name] = writer.write(facts)
    return dict(sorted(made.items()))
