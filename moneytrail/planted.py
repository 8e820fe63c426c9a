"""What was planted in an invented bank beside what a scan of it saw: found, taken for something else, missed, spared.

Only where the truth is known can a reader see what a night's alerts leave out, so the page says as plainly which cases
were missed, and which look-alikes were alerted, as which were not. One bank with few cases: a picture, no measurement.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pyarrow.parquet as pq

from detectors.about import LEGS
from detectors.typology import MITIGATIONS, TypologyAbout
from flows.plural import told
from moneytrail.scan import Scan
from reports.alert import Alert
from reports.blocks import Block, Bullets, Cell, Column, Page, Paragraph, Part, Table
from reports.report import PROMISE
from reports.stories import Story
from sample_data.plan import SHELVES

Seen = Literal["itself", "another", "movement", "nothing"]

SEEN: Final[Mapping[Seen, str]] = {
    "itself": "recognised",
    "another": "taken for another pattern",
    "movement": "seen only as a movement of money",
    "nothing": "not seen",
}
"""How a scan may see a story, in words."""

BANNER: Final = (
    "Everything here is invented: no person, account, merchant or town exists, and nothing is known of anybody."
)

TRAIL: Final = "layering-chain"
"""The kind whose money leaves the bank and comes back to another customer."""

MOST_FLAGS = 3
"""Red flags named of each look-alike, the strongest first."""


@dataclass(frozen=True)
class Planted:
    """A story of the truth tables.

    Parameters
    ----------
    name : str
        Its name there.
    shelf : {"case", "innocent"}
        Whether it is a case or a look-alike.
    kind : str
        Its file in the simulator.
    title : str
        Who or what it is.
    typology : str
        What it is published as; empty for the innocent.
    variant : str
        `plain`, `evading` or `partial`.
    first_payment : str
        The payment it begins with.
    roles : dict of str to str
        Role of each account in it.
    """

    name: str
    shelf: str
    kind: str
    title: str
    typology: str
    variant: str
    first_payment: str
    roles: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What a scan saw of a story.

    Parameters
    ----------
    planted : Planted
        The story.
    told : tuple of Story
        The typologies that hold for accounts in it, its own first, then in reading order.
    alerts : dict of str to int
        Alerts that tell them, or that are about one of its accounts: id, and place in the report from 1.
    flags : tuple of (str, float)
        The red flags that spoke at its accounts, with their highest scores, the strongest first.
    speaks_for : tuple of str
        Mitigating features found at its accounts, keys of `detectors.typology.MITIGATIONS`.
    """

    planted: Planted
    told: tuple[Story, ...]
    alerts: Mapping[str, int]
    flags: tuple[tuple[str, float], ...]
    speaks_for: tuple[str, ...]

    @property
    def seen(self) -> Seen:
        """How it was seen."""
        if any(one.hit.typology == self.planted.typology for one in self.told):
            return "itself"
        if self.told:
            return "another"
        return "movement" if self.alerts else "nothing"


def read_truth(folder: Path) -> tuple[Planted, ...]:
    """Read the truth tables of a simulated bank."""
    first: dict[str, str] = {}
    for row in pq.read_table(folder / "payments.parquet", columns=["payment_id", "story"]).to_pylist():
        first.setdefault(row["story"], row["payment_id"])
    roles: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows(folder / "roles.csv"):
        roles[row["story"]][row["account_id"]] = row["role"]
    return tuple(
        Planted(
            name=row["story"],
            shelf=(shelf := "case" if row["shelf"] == "cases" else "innocent"),
            kind=row["kind"],
            title=SHELVES[shelf].load(row["kind"]).about.title,
            typology=row["typology"],
            variant=row["variant"],
            first_payment=first.get(row["story"], ""),
            roles=roles[row["story"]],
        )
        for row in _rows(folder / "stories.csv")
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def outcomes(scan: Scan, planted: Iterable[Planted]) -> tuple[Outcome, ...]:
    """Say of each story what a scan saw of it.

    Parameters
    ----------
    scan : Scan
        The scan of the bank they are planted in.
    planted : iterable of Planted
        As `read_truth` gives them.
    """
    places = {alert.alert_id: place for place, alert in enumerate(scan.facts.alerts, 1)}
    return tuple(_outcome(scan, one, places) for one in planted)


def _outcome(scan: Scan, planted: Planted, places: Mapping[str, int]) -> Outcome:
    own = planted.roles.keys()
    held = [story for story in scan.told.stories if not own.isdisjoint(story.subjects)]
    held.sort(key=lambda story: (story.hit.typology != planted.typology, story.hit.order))
    telling = [alert for story in held for alert in scan.facts.alerts if _tells(alert, story)]
    about = telling or [alert for alert in scan.facts.alerts if alert.lead in own]
    flags: dict[str, float] = {}
    for score in scan.told.measured.scores:
        if score.centre in own:
            flags[score.indicator] = max(score.score, flags.get(score.indicator, 0.0))
    speaks = {feature for account in own for feature in scan.told.mitigations.get(account, ())}
    return Outcome(
        planted,
        tuple(held),
        {alert.alert_id: places[alert.alert_id] for alert in about},
        tuple(sorted(flags.items(), key=lambda flag: (-flag[1], flag[0]))),
        tuple(sorted(speaks)),
    )


def _tells(alert: Alert, story: Story) -> bool:
    # Whoever is to be helped is told of apart, by the same findings.
    return (alert.tier == "support") == story.of_support and story.findings[0].finding_id in alert.findings


def page(scan: Scan, seen: Iterable[Outcome]) -> Page:
    """Lay out what was planted beside what was seen."""
    seen = tuple(seen)
    cases = [one for one in seen if one.planted.shelf == "case"]
    alike = [one for one in seen if one.planted.shelf == "innocent"]
    spared = [one for one in alike if not one.told]
    mistaken = [one for one in alike if one.told]
    parts = [
        Part("cases", "Patterns that were planted", (_summary(cases), _cases(scan, cases))),
        Part("spared", "Who only looks alike, and is taken for nothing", _spared(scan, spared, len(alike))),
        Part("mistaken", "Who only looks alike, and is taken for a pattern", _mistaken(scan, mistaken)),
        Part("trail", "A trail across banks", _trail(cases)),
    ]
    return Page(
        title="What was planted in this bank",
        subtitle="The truth about an invented bank, beside the alerts of its scan",
        banner=BANNER,
        promise=PROMISE,
        parts=tuple(part for part in parts if part.blocks),
    )


def _summary(cases: list[Outcome]) -> Paragraph:
    ways = Counter(one.seen for one in cases)
    said = ", ".join(f"{ways[way]} {words}" for way, words in SEEN.items() if ways[way])
    own = sorted({one.planted.typology for one in cases if one.seen == "itself"})
    first = told("{count} case was planted.", "{count} cases were planted.", len(cases))
    return Paragraph(
        f"{first} Of these: {said}. Typologies recognised: {', '.join(own) or 'none'}. "
        "Cases that evade know what is looked for; of cases in part some of the payments are made where the bank "
        "cannot see them. Laundering without a typology (FUN-..) can only be seen as a movement or beside others. "
        "One bank with few cases is an example and measures nothing.",
        "lead",
    )


def _cases(scan: Scan, cases: list[Outcome]) -> Table:
    order = list(SEEN)
    rows = [
        (
            Cell(one.planted.title),
            Cell(one.planted.typology),
            Cell(one.planted.variant),
            Cell(f"{len(one.planted.roles)}", len(one.planted.roles)),
            Cell(SEEN[one.seen], order.index(one.seen)),
            Cell(_typologies(scan, one)),
            Cell(_places(one)),
        )
        for one in sorted(cases, key=lambda one: (order.index(one.seen), one.planted.typology, one.planted.name))
    ]
    columns = (
        Column("Planted"),
        Column("Published as"),
        Column("Variant"),
        Column("Accounts", "number"),
        Column("Seen"),
        Column("Typologies that hold, and of how many of its accounts"),
        Column("Alerts"),
    )
    return Table("Cases", columns, tuple(rows), note="Alerts by their place in report.html.", tools=True)


def _spared(scan: Scan, spared: list[Outcome], of: int) -> tuple[Block, ...]:
    quiet = sum(not one.alerts for one in spared)
    rows = [
        (
            Cell(one.planted.title),
            Cell(_flags(scan, one) or "none"),
            Cell(_short_of(scan, one)),
            Cell(_speaking(one)),
            Cell(f"movement only: {_places(one)}" if one.alerts else "no alert", min(one.alerts.values(), default=0)),
        )
        for one in sorted(spared, key=lambda one: (bool(one.alerts), not one.flags, one.planted.title))
    ]
    columns = (
        Column("Who"),
        Column("Red flags that spoke, 0 to 1"),
        Column("The nearest pattern, and what it lacks"),
        Column("What speaks for them"),
        Column("In the report"),
    )
    said = (
        "People and firms were planted whose payments show some of what published red flags describe. Of "
        + told("{count} such story", "{count} such stories", of)
        + told(" {count} is taken for no pattern", " {count} are taken for no pattern", len(spared))
        + told("; {count} of them raised no alert at all", "; {count} of them raised no alert at all", quiet)
        + ", the others one to be enquired into, of how money moved. A red flag makes no alert: a typology wants "
        "evidence of several kinds, and what speaks for an ordinary life weighs against it."
    )
    note = "What speaks for an account is looked for where a red flag speaks."
    return (Paragraph(said, "lead"), Table("Taken for nothing", columns, tuple(rows), note=note, tools=True))


def _short_of(scan: Scan, one: Outcome) -> str:
    """Name the typology that its red flags weigh most in, which kinds of evidence they are, and which are absent."""
    found = dict(one.flags)
    weights = {id_: _weight(about, found) for id_, about in scan.told.typologies.items()}
    nearest = max(weights, key=lambda id_: weights[id_], default="")
    if not weights.get(nearest):
        return ""
    about = scan.told.typologies[nearest]
    shown = [leg for leg, (_, members) in about.legs.items() if found.keys() & members.keys()]
    absent = [LEGS[leg] for leg in about.legs if leg not in shown]
    lacks = f"no {', no '.join(absent)}" if absent else "all of it weak"
    return f"{nearest} {about.title}: {', '.join(LEGS[leg] for leg in shown)}; {lacks}"


def _weight(about: TypologyAbout, found: Mapping[str, float]) -> float:
    """Weigh red flags in a typology: of each kind of evidence the strongest."""
    return sum(
        share * max((found.get(flag, 0.0) * most for flag, most in members.items()), default=0.0)
        for share, members in about.legs.values()
    )


def _mistaken(scan: Scan, mistaken: list[Outcome]) -> tuple[Block, ...]:
    if not mistaken:
        return ()
    rows = [
        (
            Cell(one.planted.title),
            Cell(_typologies(scan, one)),
            Cell(_flags(scan, one)),
            Cell(_speaking(one)),
            Cell(_places(one)),
        )
        for one in sorted(mistaken, key=lambda one: one.planted.title)
    ]
    columns = (
        Column("Who"),
        Column("Taken for, and how many accounts"),
        Column("Red flags that spoke, 0 to 1"),
        Column("What speaks for them"),
        Column("Alerts"),
    )
    return (
        Paragraph("Read them as what a person still has to do: each of these alerts names what would clear it."),
        Table("Taken for a pattern", columns, tuple(rows)),
    )


def _typologies(scan: Scan, one: Outcome) -> str:
    """Name the typologies that hold, each once with its tier and the most of the story's accounts it is about."""
    most: dict[tuple[str, str], int] = {}
    for story in one.told:
        key = (story.hit.typology, story.hit.tier)
        most[key] = max(most.get(key, 0), len(one.planted.roles.keys() & story.subjects))
    return "; ".join(
        f"{id_} {scan.told.typologies[id_].title} ({tier}, {count})" for (id_, tier), count in most.items()
    )


def _flags(scan: Scan, one: Outcome) -> str:
    named = [f"{scan.told.indicators[id_].title} ({id_}) {score:.1f}" for id_, score in one.flags[:MOST_FLAGS]]
    more = len(one.flags) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")


def _speaking(one: Outcome) -> str:
    return "; ".join(MITIGATIONS[feature].partition(":")[0] for feature in one.speaks_for)


def _places(one: Outcome) -> str:
    named = sorted(one.alerts.values())
    more = len(named) - MOST_FLAGS
    return ", ".join(str(place) for place in named[:MOST_FLAGS]) + (f" and {more} more" if more > 0 else "")


def _trail(cases: list[Outcome]) -> tuple[Block, ...]:
    begins = [one.planted.first_payment for one in cases if one.planted.kind == TRAIL]
    if not begins:
        return ()
    return (
        Paragraph(
            "Money goes from account to account here, leaves for another bank, and comes back from there to somebody "
            "else: what happens between, only the other bank can see. Follow it up to where it leaves, in this folder:"
        ),
        Bullets(tuple(f"moneytrail trace --ledger ledger --payment {payment} --out trail" for payment in begins)),
    )
