"""A page for an analyst on everything that is asked of a ledger: printed by `moneytrail explain`, kept in the docs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from detectors.about import LEGS, SAME_DAY, About, settable
from detectors.catalogue import SHELVES, Entry, every_detector, source_title
from detectors.combining import MATTERS
from detectors.indicating import needed
from detectors.indicator import CEILING, ROLES, IndicatorAbout
from detectors.indicator_fields import TIERS
from detectors.typology import (
    MITIGATIONS,
    BesideTypology,
    ByOne,
    Carries,
    Condition,
    Either,
    Every,
    Path,
    People,
    SameHands,
    Sign,
    SomeOf,
    TypologyAbout,
)
from flows.language import figures, say
from flows.plural import told
from moneytrail.settings import spoken_span

ANYTHING: Final = 0.01
"""A gate that asks for less than this asks for any score at all."""


def page(entry: Entry) -> str:
    """Write the page of one detector, indicator or typology, as Markdown.

    Parameters
    ----------
    entry : Entry
        A member of a shelf of `detectors`.
    """
    about = entry.about
    said = list(_typology(entry, about) if isinstance(about, TypologyAbout) else _detector(entry, about))
    return "\n".join([f"# {entry.name} · {say(about.title)}", "", *said]) + "\n"


def contents() -> str:
    """Write the page that lists all the others."""
    lines = [
        f"# {say('Questions asked of the payments')}",
        "",
        say("Written by `moneytrail explain --write docs/detectors`; what it says is what the code declares."),
    ]
    every = every_detector()
    for shelf, what in SHELVES.items():
        lines += ["", f"## {say(what)}", ""]
        lines += [
            f"- [{entry.name}]({entry.id}.md) {say(entry.about.title)} ({say(entry.about.status)})"
            for entry in every
            if entry.shelf == shelf
        ]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Give every page by the name of its file."""
    return {"README.md": contents(), **{f"{entry.id}.md": page(entry) for entry in every_detector()}}


def _detector(entry: Entry, about: About) -> Iterator[str]:
    yield say(about.question)
    yield ""
    yield say(about.meaning)
    facts = [
        (say("Status"), f"{say(about.status)}, {say('version {number}', number=str(about.version))}"),
        (say("Kind of evidence"), f"{about.leg}, {say(LEGS[about.leg])}"),
    ]
    if isinstance(about, IndicatorAbout):
        weighs = say(
            "{reliability}: at most {most}% of its leg", reliability=say(about.reliability), most=_share(about)
        )
        facts += [(say("Reliability"), weighs), (say("Of"), ", ".join(say(kind) for kind in about.of))]
        facts.append((say("Likely roles"), ", ".join(say(ROLES[role]) for role in about.roles)))
    if about.same_day:
        facts.append((say("Without a time of day"), say(SAME_DAY[about.same_day])))
    yield from _facts(facts)
    if isinstance(about, IndicatorAbout):
        yield from _part(say("What an alert says"), [say(about.sentence)])
        yield from _part(say("Data it needs"), [*_needs(about)])
        yield from _part(say("Before anybody acts on it"), [say(about.safety)])
    yield from _parameters(entry)
    yield from _part(say("Ordinary stories that look the same"), map(say, about.innocent))
    yield from _part(say("What would clear it"), map(say, about.clears))
    yield from _part(say("Who published that this matters"), [*_cited(about)])


def _share(about: IndicatorAbout) -> str:
    return f"{100 * CEILING[about.reliability]:.0f}"


def _needs(about: IndicatorAbout) -> Iterator[str]:
    for tier in about.tiers:
        yield _named(tier, say(TIERS[tier]))
    for need in about.needs:
        yield say("Without {column} it is not computable.", column=needed(need, mark="`"))
    for column, unseen in about.reduced.items():
        yield say("Without {column} a reduced form is measured:", column=needed(column, mark="`")) + f" {say(unseen)}"


def _cited(about: About) -> Iterator[str]:
    if not isinstance(about, IndicatorAbout):
        yield from (_named(key, source_title(key)) for key in about.sources)
        return
    for cited in about.cited:
        seen = say("a copy was read") if cited.seen == "read" else say("from memory, to be verified")
        yield _named(cited.source, _named(source_title(cited.source), f"“{cited.says}” ({seen})"))


def _typology(entry: Entry, about: TypologyAbout) -> Iterator[str]:
    yield say(about.picture)
    whose = say("each customer") if about.unit == "customer" else say("customers joined by what they share")
    yield from _facts(
        [
            (say("Status"), f"{say(about.status)}, {say('version {number}', number=str(about.version))}"),
            (say("Weighed for"), whose),
            (say("Highest tier"), about.most),
        ]
    )
    yield from _part(say("Evidence legs, their weights and the reliability of each indicator"), _legs(about))
    yield from _part(say("Gate"), [line for path in about.paths for line in _path(path)])
    if about.priority_needs is not None:
        yield from _part(say("For priority besides"), [condition(about.priority_needs)])
    speaks_for = [_named(one, say(MITIGATIONS[one])) for one in about.mitigations]
    yield from _part(say("What speaks for an ordinary story"), speaks_for)
    yield from _part(say("Who should look at it"), [say(about.route)])
    yield from _part(say("Before anybody acts on it"), [say(about.caution)])
    yield from _parameters(entry)
    yield from _part(
        say("Published sources of its indicators"), [_named(key, source_title(key)) for key in entry.sources]
    )


def _legs(about: TypologyAbout) -> Iterator[str]:
    titles = {entry.name: entry.about.title for entry in every_detector() if entry.shelf == "detectors.indicators"}
    for leg, (weight, members) in about.legs.items():
        yield _named(f"{leg} {weight}", say(LEGS[leg]))
        for one, reliability in members.items():
            weighed = f"{one} {_number(reliability)}"
            yield "  - " + (_named(weighed, say(titles[one])) if one in titles else weighed)


def _path(path: Path) -> Iterator[str]:
    yield condition(path.gate)
    if path.support:
        yield "  - " + say("It leads to support: whoever it is about is to be helped, not investigated.")
    if path.alone:
        yield "  - " + say("It is enough, whatever the score.")
    whose = {
        "subject": say("whom it is about"),
        "controlled": say("whoever shows nothing but control"),
        "beside": say("whoever is named beside"),
    }
    for who, role in path.roles:
        yield "  - " + say("Likely role of {who}: {role}.", who=whose[who], role=say(ROLES[role]))


def condition(gate: Condition) -> str:
    """Say a gate in words.

    Examples
    --------
    >>> condition(Every((Carries("CTL", 0.6, different=2), Sign("CHI-08", 0.7))))
    'the leg CTL weighs at least 0.6, by 2 different indicators or more; and CHI-08 scores at least 0.7'
    """
    if isinstance(gate, Every):
        return say("; and ").join(_bracketed(one) for one in gate.of)
    if isinstance(gate, Either):
        return say("; or ").join(_bracketed(one) for one in gate.of)
    if isinstance(gate, Carries):
        said = say("the leg {leg} weighs at least {least}", leg=gate.leg, least=_number(gate.least))
        more = say(", by {count} different indicators or more", count=str(gate.different)) if gate.different > 1 else ""
        apart = say(", {indicators} apart", indicators=", ".join(gate.without)) if gate.without else ""
        return said + more + apart
    if isinstance(gate, Sign):
        return _sign(gate)
    if isinstance(gate, SomeOf):
        return say("one of {indicators} says anything at all", indicators=", ".join(gate.indicators))
    if isinstance(gate, People):
        return _people(gate)
    if isinstance(gate, ByOne):
        return say("one customer shows it alone: {condition}", condition=condition(gate.of))
    if isinstance(gate, SameHands):
        return say(
            "{people} customers or more hand all they have to the same receiver (CTL-01)", people=str(gate.count)
        )
    return _beside(gate)


def _bracketed(gate: Condition) -> str:
    return f"({condition(gate)})" if isinstance(gate, Every | Either) else condition(gate)


def _sign(gate: Sign) -> str:
    if gate.least < ANYTHING:
        if gate.beside:
            return say("{indicator} says anything of a direct counterparty", indicator=gate.indicator)
        return say("{indicator} says anything at all", indicator=gate.indicator)
    least = _number(gate.least)
    if gate.beside:
        return say(
            "{indicator} scores at least {least} for a direct counterparty", indicator=gate.indicator, least=least
        )
    return say("{indicator} scores at least {least}", indicator=gate.indicator, least=least)


def _people(gate: People) -> str:
    least = say("any score") if gate.least < ANYTHING else say("at least {least}", least=_number(gate.least))
    return told(
        "{people} customers or more each show {count} indicator of the leg {leg} with {least}",
        "{people} customers or more each show {count} indicators of the leg {leg} with {least}",
        gate.different,
        people=str(gate.count),
        leg=gate.leg,
        least=least,
    )


def _beside(gate: BesideTypology) -> str:
    return say(
        "a counterparty who makes {share}% of its money in or out or more scores at least {least} in one of "
        "{typologies}",
        share=f"{100 * MATTERS:.0f}",
        least=_number(gate.least),
        typologies=", ".join(gate.typologies),
    )


def _parameters(entry: Entry) -> Iterator[str]:
    def lines() -> Iterator[str]:
        for name, field in settable(entry.kind).items():
            bare = (
                isinstance(field.default, bool) or not _given(field.default) or field.metadata["unit"] in ("", "time")
            )
            unit = "" if bare else f" {field.metadata['unit']}"
            yield _named(f"`{name}` = {_default(field.default)}{unit}", field.metadata["why"])

    yield from _part(say("Parameters, each with its reason"), lines())


def _default(value: Any) -> str:
    if isinstance(value, timedelta):
        return spoken_span(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple):
        value = ", ".join(map(_default, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if _given(value) else say("none")


def _given(value: Any) -> bool:
    return value not in ("", ())


def _facts(facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield ""
    yield from (f"- {_named(name, value)}" for name, value in facts)


def _named(name: str, value: str) -> str:
    return say("{name}: {value}", name=name, value=value)


def _number(value: float) -> str:
    return figures(f"{value:g}")


def _part(heading: str, lines: Iterable[str]) -> Iterator[str]:
    told_of = [line for line in lines if line]
    if told_of:
        yield from ("", f"## {heading}", "")
        yield from (line if line.startswith("  - ") else f"- {line}" for line in told_of)
