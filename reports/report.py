"""From facts to a page: every section in order of its rank, then one renderer."""

from __future__ import annotations

from flows.language import say
from flows.plugins import Shelf
from reports.blocks import Page, Part, Renderer, Section
from reports.facts import ScanFacts
from reports.masking import for_people
from reports.wording import day

SECTIONS = Shelf("reports.sections")
RENDERERS = Shelf("reports.renderers")

BANNER = (
    "Restricted. This report may reveal that a suspicion report exists or is being prepared. Do not show it to the "
    "customers in it, or to anyone who is not entitled to know."
)
"""On every page: telling a customer is an offence in most places (`typologies/catalogue.md` 5.2)."""

TEST = (
    "A test. This ledger is a copy into which payments were planted to test the tool: nothing on this page says "
    "anything about a customer. "
)
"""Before the banner where `flows.ledger.Ledger.planted` payments were looked at."""

PROMISE = (
    "This tool proposes; a person decides. It describes how money moved, never what somebody is. The holder of an "
    "account shown here may be a person controlled by somebody else."
)
"""Beside the banner: what the report is not."""


MASKED = (
    "Account numbers are masked; the references of the payments are the bank's own and lead whoever is entitled to "
    "the accounts."
)
"""Beside the promise where account numbers are masked."""


def banner(planted: bool) -> str:
    """Give what stands above every page; on a ledger with planted payments, that first."""
    return say(TEST) + say(BANNER) if planted else say(BANNER)


def page(facts: ScanFacts) -> Page:
    """Turn the facts of a scan into a page of neutral blocks.

    Parameters
    ----------
    facts : ScanFacts
        Everything a scan found and left out.

    Returns
    -------
    Page
        Sections in order of rank; a section with nothing to say is left out.
    """
    facts = for_people(facts)
    sections: list[tuple[int, str, Section]] = []
    for id_ in SECTIONS.ids():
        section: Section = SECTIONS.load(id_)()
        sections.append((section.rank, id_, section))
    parts = [
        Part(id_, say(section.title), section.blocks(facts))
        for _, id_, section in sorted(sections, key=lambda s: s[:2])
    ]
    return Page(
        title=say("Money trail: alerts of the night") if facts.night else say("Money trail: alerts of the scan"),
        subtitle=say("Payments booked up to {day}", day=day(facts.as_of)),
        banner=banner(any(note.kind == "planted" for note in facts.notes)),
        promise=" ".join([say(PROMISE), *_in_full_or_masked(facts)]),
        parts=tuple(part for part in parts if part.blocks),
    )


def _in_full_or_masked(facts: ScanFacts) -> tuple[str, ...]:
    if facts.masked:
        return (say(MASKED),)
    return (say("Account numbers stand here in full, as the settings of this night ask."),) if facts.night else ()


def render(made: Page, medium: str = "html") -> bytes:
    """Write a page in one medium; a page is made once, and written in as many as are wanted.

    Parameters
    ----------
    made : Page
        As `page` gives it.
    medium : str
        Id of a renderer: ``"html"`` or ``"text"``.

    Returns
    -------
    bytes
        The same for the same page.
    """
    renderer: Renderer = RENDERERS.load(medium)()
    return renderer.render(made)
