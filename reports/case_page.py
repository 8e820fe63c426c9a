"""The dossier of a case: what was asked, what is in view, every trace, the notes, and the trail of what was looked at.

Built from the same blocks as the nightly report and rendered by the same renderer. It is made from the case alone,
times and names included, so the same case gives the same page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flows.money import spoken
from flows.plural import told
from graphs.case import Case, Step
from reports.blocks import Block, Bullets, Cell, Column, Fold, Page, Paragraph, Part, Table, Tile, Tiles
from reports.network import graph_network, graph_table, graph_timeline
from reports.report import PROMISE, banner
from reports.trace_page import Asked, trace_page
from reports.wording import day, sums

MOST_NAMED = 5
"""Payments named in the words of a step; the case file has all."""


def case_page(case: Case) -> Page:
    """Turn a case into a page of neutral blocks."""
    parts = [
        Part("start", "What this is", _start(case)),
        Part("notes", "Notes", _notes(case)),
        Part("view", "What is in view", _view(case)),
        *(Part(f"trace-{number}", f"Trace of step {number}", _trace(case, number)) for number in sorted(case.traces)),
        Part("looked-at", "What was looked at, and by whom", (steps_table(case),) if case.steps else ()),
        Part("check", "How to check it", _check(case)),
    ]
    return Page(
        title=f"Money trail: case “{case.title}”",
        subtitle=f"Payments booked up to {day(case.as_of)}; ledger version {case.ledger.version}",
        banner=banner(bool(case.ledger.planted)),
        promise=PROMISE,
        parts=tuple(part for part in parts if part.blocks),
    )


def asked_in_words(step: Step) -> str:
    """Say what a step asked."""
    asked = step.asked
    if step.did == "open" and "payments" in asked:
        return f"opened {_named(asked['payments'])}"
    if step.did in ("open", "expand"):
        return f"{'opened' if step.did == 'open' else 'expanded'} {asked['account']}, " + _around(asked)
    if step.did == "filter":
        return f"kept the payments {_conditions(asked)}"
    if step.did == "trace":
        where = "where the money went" if asked["direction"] == "forward" else "where the money came from"
        start = _named(asked["payments"]) if "payments" in asked else f"{asked['account']} since {_day(asked['since'])}"
        return f"traced {where}, from {start}; rules {', '.join(asked['rules'])}"
    return f"noted: {asked['text']}"


def found_in_words(step: Step) -> str:
    """Say what a step gave."""
    found = step.found
    if "traces" in found:
        return "; ".join(
            f"{spoken(each['amount_minor'], each['currency'])} in "
            + told("{count} payment", "{count} payments", each["payments"])
            + (
                told(", touching {count} payment at most", ", touching {count} payments at most", each["touched"])
                if each["touched"]
                else ""
            )
            for each in found["traces"]
        )
    if "payments" not in found:
        return ""
    return (
        told("{count} account, ", "{count} accounts, ", found["accounts"])
        + told("{count} payment, ", "{count} payments, ", found["payments"])
        + sums(found["amount_minor"])
    )


def steps_table(case: Case) -> Table:
    """List the steps of a case in the order they were taken."""
    rows = tuple(
        (
            Cell(str(number), number),
            Cell(_moment(step.at), step.at),
            Cell(step.who),
            Cell(asked_in_words(step)),
            Cell(found_in_words(step)),
            Cell(step.mark[:16]),
        )
        for number, step in enumerate(case.steps, 1)
    )
    columns = (
        Column("Step", "number"),
        Column("When (UTC)", "time"),
        Column("Who"),
        Column("What was asked"),
        Column("What it gave"),
        Column("Mark", "id"),
    )
    note = "Each mark is a hash over the step and the mark before it: a step changed or taken out afterwards shows."
    return Table("Steps in the order they were taken", columns, rows, note=note, tools=len(rows) > 12)


def asked_of(case: Case, number: int) -> Asked:
    """Give what a trace of a case was asked, as the pages of traces need it."""
    asked = case.steps[number - 1].asked
    return Asked(
        direction=asked["direction"],
        rules=tuple(asked["rules"]),
        ledger_version=case.ledger.version,
        as_of=case.as_of,
        account=asked.get("account", ""),
        since=date.fromisoformat(asked["since"]) if "since" in asked else None,
        planted=bool(case.ledger.planted),
        payments=tuple(asked.get("payments", ())),
    )


def _start(case: Case) -> tuple[Block, ...]:
    seen = case.view
    people = list(dict.fromkeys(step.who for step in case.steps))
    return (
        Tiles(
            (
                Tile("accounts in view", f"{seen.number_of_nodes():,}"),
                Tile("payments in view", f"{seen.number_of_edges():,}"),
                Tile("traces", f"{len(case.traces):,}"),
                Tile("steps", f"{len(case.steps):,}", f"by {', '.join(people)}" if people else ""),
            )
        ),
        Paragraph(
            f"Everything here was computed from version {case.ledger.version} of the ledger, with nothing booked "
            f"after {day(case.as_of)}. Payments taken in later than that version are not in it, however early "
            "they were booked."
        ),
    )


def _notes(case: Case) -> tuple[Block, ...]:
    said = [
        f"Step {number}, {step.who}, {_moment(step.at)}: {step.asked['text']}"
        for number, step in enumerate(case.steps, 1)
        if step.did == "note"
    ]
    return (Bullets(tuple(said)),) if said else ()


def _view(case: Case) -> tuple[Block, ...]:
    graph = case.view
    if not graph.number_of_edges():
        return ()
    return (graph_network(graph), graph_timeline(graph), graph_table(graph))


def _trace(case: Case, number: int) -> tuple[Block, ...]:
    # The files of a case hold no trace.json: a reader who needs all of it makes the trace again.
    again = (
        f"`moneytrail trace --ledger-version {case.ledger.version} --as-of {case.as_of}` from the same start gives all"
    )
    page = trace_page(case.traces[number], asked_of(case, number), again)
    first, *others = page.parts
    return (*first.blocks, *(Fold(part.title, part.blocks) for part in others))


def _check(case: Case) -> tuple[Block, ...]:
    last = case.steps[-1].mark if case.steps else ""
    return (
        Paragraph(
            "With the ledger and the case file at hand, `moneytrail case case.json --ledger DIR` takes every step "
            "again and stops if any number differs."
        ),
        Bullets(
            tuple(
                said
                for said in (
                    f"Ledger version {case.ledger.version}, made from files and rows with the fingerprint "
                    f"{case.fingerprint}",
                    f"Made with moneytrail {case.made_with}",
                    f"Last mark {last}" if last else "",
                )
                if said
            )
        ),
        Paragraph(
            "The marks show a change of single steps. They do not show a whole file written anew: whoever needs that "
            "writes the last mark down elsewhere.",
            "quiet",
        ),
    )


def _around(asked: Mapping[str, Any]) -> str:
    hops = told("{count} hop", "{count} hops", asked["hops"])
    return hops + told(", the last {count} day", ", the last {count} days", asked["days"])


def _conditions(asked: Mapping[str, Any]) -> str:
    said = []
    if "since" in asked:
        said.append(f"since {_day(asked['since'])}")
    if "until" in asked:
        said.append(f"until {_day(asked['until'])}")
    if "channels" in asked:
        said.append("by " + ", ".join(channel.replace("_", " ") for channel in asked["channels"]))
    if "least_minor" in asked:
        said.append(f"of at least {spoken(asked['least_minor'], asked['currency'])}")
    elif "currency" in asked:
        said.append(f"in {asked['currency']}")
    if "without" in asked:
        said.append(f"without {_named(asked['without'])}")
    return ", ".join(said)


def _named(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _day(written: str) -> str:
    return day(date.fromisoformat(written))


def _moment(written: str) -> str:
    return f"{_day(written[:10])}, {written[11:16]}"
