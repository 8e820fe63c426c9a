"""A case as files: the case file, the dossier, and its payments in the formats asked for.

The same case gives the same bytes. `SHA256SUMS` names every file with its hash, as ``sha256sum --check`` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.plugins import Shelf
from graphs.case import Case
from reports.blocks import Renderer
from reports.case_page import asked_in_words, case_page, found_in_words
from reports.extract import Extract, carried_by, endpoints_of, exported, only
from reports.hashes import with_hashes

RENDERERS = Shelf("reports.renderers")


def case_files(case: Case, formats: Iterable[str] = ()) -> dict[str, bytes]:
    """Give the files of a case by name.

    Parameters
    ----------
    case : Case
        The case as it stands.
    formats : iterable of str
        Ids of the shelf `reports.exports`.
    """
    html: Renderer = RENDERERS.load("html")()
    made = {"case.json": case.as_bytes(), "dossier.html": html.render(case_page(case))}
    return with_hashes(made | exported(of_case(case), formats))


def of_case(case: Case) -> Extract:
    """Take out the payments in view, and those that carried money some step of the case followed.

    A column per trace, rule and currency says how much, such as ``step_4_fifo_eur_minor``.
    """
    carried = tuple(
        column for number, traces in case.traces.items() for column in carried_by(traces, f"step_{number}_")
    )
    names = {*case.seen.payments["payment_id"].to_pylist(), *(name for column in carried for name in column.of_payment)}
    facts = [
        ("Version of the ledger", str(case.ledger.version)),
        ("Fingerprint of the ledger", case.fingerprint),
        ("Nothing booked after", case.as_of.isoformat()),
        ("Made with", f"moneytrail {case.made_with}"),
    ]
    for number, step in enumerate(case.steps, 1):
        facts.append(
            (f"Step {number}, {step.at}, {step.who}", f"{asked_in_words(step)}. {found_in_words(step)}".strip())
        )
    for number, traces in case.traces.items():
        said = dict.fromkeys(said for found in traces for said in found.assumptions)
        facts += [(f"Taken for granted in step {number}", each) for each in said]
    if case.steps:
        facts.append(("Mark of the last step", case.steps[-1].mark))
    return Extract(
        title=f"Case “{case.title}”.",
        payments=only(case.window.payments, names),
        hubs=case.window.hubs,
        carried=carried,
        facts=tuple(facts),
        endpoints=tuple(
            row for number, traces in case.traces.items() for row in endpoints_of(traces, f"step {number}")
        ),
    )
