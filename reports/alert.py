"""Alerts: findings joined so that one network is one thing to look at.

An alert's identity survives the night. Its id is made from its anchor, the earliest payment in it, so the same input
gives the same id in any order, and an alert that grows tomorrow keeps its number: later payments and further findings
do not move the beginning. Payments belong to one alert only, so anchors do not meet; where a split group shares its
first payment, or late data puts a payment before the anchor, the store matches alerts by overlap.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import LEGS, About, Leg
from detectors.finding import Finding
from detectors.notes import Note
from flows.errors import PluginError
from flows.language import figures, say
from flows.payments import node_class
from flows.plugins import Shelf
from flows.plural import told
from flows.window import SideTables, times
from reports import weighing, wording
from reports.joining import JOINING_CLASSES, USUAL, Group, Joining, Paid, groups
from reports.known import Known, known
from reports.mitigation import Mitigation, Mitigations, mitigations
from reports.stories import Story, apart, helped_in, in_order, roles_in
from reports.weighing import ROUTES, TIERS, Tier

NO_SIDE_TABLES = SideTables()


@dataclass(frozen=True)
class AccountInAlert:
    """An account and what it seems to do in the pattern."""

    account_id: str
    likely_role: str


@dataclass(frozen=True)
class Indicator:
    """What one detector contributes to an alert.

    Parameters
    ----------
    id : str
        Id of the detector. Indicators of the catalogue take this place when they are computed.
    score : float
        Weight of its weightiest finding, 0 to 1 (`Finding.weight`).
    support : int
        Number of payments that show it.
    sentence : str
        Why, in numbers: the reasons of its strongest finding.
    payments : tuple of str
        Their ids, in time order.
    """

    id: str
    score: float
    support: int
    sentence: str
    payments: tuple[str, ...]


@dataclass(frozen=True)
class Learnt:
    """What a learnt ranker made of an alert (`reports.ranked`).

    Parameters
    ----------
    score : float
        From 0 to 1, high = read sooner among those of its tier.
    moved : tuple of (str, float)
        The numbers of the alert that moved its score most, and how far, in log odds.
    """

    score: float
    moved: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Alert:
    """One network of payments that needs a look.

    Parameters
    ----------
    alert_id : str
        Stable name, ``A-`` and twelve hexadecimal digits.
    tier : {"priority", "review", "enquire", "support"}
        How it should be handled, `reports.weighing.TIERS`.
    typology : str
        Plain name of the movement pattern.
    score : float
        0 to 1, high = look sooner. Not a probability.
    title : str
        Who, what, how much and when.
    why : str
        The reason that gave it its typology, with the account it was found at.
    accounts : tuple of AccountInAlert
        The account it is about first, then by money moved.
    payments : tuple of str
        Payment ids in time order.
    indicators : tuple of Indicator
        Strongest first.
    legs : mapping of str to float or None
        Weight of each evidence leg; None where nothing of that leg was asked.
    mitigations : tuple of Mitigation
        Facts in the data that speak for an ordinary story; they lower the score.
    innocent : tuple of str
        Ordinary stories that look the same, from the detectors.
    not_computable : tuple of str
        What could not be looked at, and what it would need.
    would_clear : tuple of str
        What would settle that an ordinary story is true.
    sources : tuple of str
        Keys of `detectors/sources.toml`.
    first_at, last_at : int
        Time of the first and last payment, microseconds since 1970.
    route : str
        Who should look at it.
    findings : tuple of str
        Ids of the findings joined in it.
    related : tuple of str
        Other alerts about the same accounts; of a group that was too large, the pieces joined with this one.
    caution : str
        What to mind of the people in it before anything is done.
    subjects : tuple of str
        The accounts its typologies are about; where none holds, those of the bank that play a part.
    split_group : int or None
        Number, within its scan, of the group too large for one alert that it is a piece of; None for a whole one.
    measured : mapping of str to float
        What is measured of the account it is about (`reports.measured`); nothing where it is not known.
    learnt : Learnt or None
        What a learnt ranker made of it; None where alerts stand by score.
    """

    alert_id: str
    tier: Tier
    typology: str
    score: float
    title: str
    why: str
    accounts: tuple[AccountInAlert, ...]
    payments: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    legs: Mapping[Leg, float | None]
    mitigations: tuple[Mitigation, ...]
    innocent: tuple[str, ...]
    not_computable: tuple[str, ...]
    would_clear: tuple[str, ...]
    sources: tuple[str, ...]
    first_at: int
    last_at: int
    route: str
    findings: tuple[str, ...]
    related: tuple[str, ...] = ()
    caution: str = ""
    subjects: tuple[str, ...] = ()
    split_group: int | None = None
    measured: Mapping[str, float] = field(default_factory=dict)
    learnt: Learnt | None = None

    @property
    def lead(self) -> str:
        """The account it is about."""
        return self.accounts[0].account_id

    @property
    def in_pattern(self) -> tuple[AccountInAlert, ...]:
        """The account it is about, and those that do more than pay in or be paid."""
        return self.accounts[:1] + tuple(one for one in self.accounts[1:] if wording.plays_a_part(one.likely_role))

    @property
    def order(self) -> tuple[int, float, int, str]:
        """The one order alerts are read in: tier, score, earliest."""
        return (list(TIERS).index(self.tier), -self.score, self.first_at, self.alert_id)


@dataclass(frozen=True)
class Joined:
    """Alerts in reading order, and what joining had to cut."""

    alerts: tuple[Alert, ...]
    notes: tuple[Note, ...] = ()


def join(
    findings: Iterable[Finding],
    payments: pa.Table,
    hubs: Collection[str],
    about_of: Mapping[str, About],
    side: SideTables = NO_SIDE_TABLES,
    *,
    joining: Joining = USUAL,
    failures: Collection[str] = (),
    outliers: Collection[str] | None = None,
    stories: Sequence[Story] = (),
) -> Joined:
    """Join findings on overlapping accounts and payments to alerts.

    Parameters
    ----------
    findings : iterable of Finding
        In any order.
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS` with at least every payment that a finding names.
    hubs : collection of str
        Accounts that serve the public; they join nothing.
    about_of : mapping of str to About
        Every detector that was run, by id.
    side : SideTables
        Accounts and customers, for what speaks for an ordinary story.
    joining : Joining
        When findings belong together, and how large an alert may grow.
    failures : collection of str
        Ids of detectors that failed; what they would have shown is not computable.

    outliers : collection of str or None
        Ids of the detectors that only say what is rare; the members of `detectors.outliers` unless told otherwise.
    stories : sequence of Story
        Typologies that hold. What they rest on joins the findings, except where somebody is to be helped: that is an
        alert of its own.

    Returns
    -------
    Joined
        Alerts in reading order, the same for any order of findings, and notes on what was split or too faint.

    Raises
    ------
    PluginError
        If a finding names a payment that is not in the table, or comes from a detector that was not run.
    """
    openly = [story for story in stories if not story.of_support]
    findings = _once([*findings, *(finding for story in openly for finding in story.findings)])
    helped = [_helped(several) for several in apart(story for story in stories if story.of_support)]
    paid = _paid([*findings, *(finding for one in helped for finding in one.group.findings)], payments, about_of)
    rare = Shelf("detectors.outliers").ids() if outliers is None else outliers
    joined = groups(findings, paid, hubs, joining, [[one.finding_id for one in story.findings] for story in openly])
    made = [*(_with_stories(group, openly) for group in joined), *helped]
    ids = _ids(made, paid)
    named = {account for one in made for finding in one.group.findings for account in finding.accounts}
    on_file = known(side, named)
    of_help = helped_in(stories)
    alerts = [
        _alert(alert_id, told, related, paid, hubs, about_of, on_file, rare, failures, of_help)
        for alert_id, told, related in zip(ids, made, _related(ids, made), strict=True)
    ]
    kept = [alert for alert in alerts if alert.score >= joining.least_score]
    notes = (*_split_notes(joined, joining), *_faint_notes(len(alerts) - len(kept), joining))
    return Joined(tuple(sorted(kept, key=lambda alert: alert.order)), notes)


@dataclass(frozen=True)
class Gathered:
    """What one alert is made of: findings, and the typologies that hold for them, the strongest first."""

    group: Group
    stories: tuple[Story, ...] = ()

    @property
    def subjects(self) -> frozenset[str]:
        """Accounts that its typologies are about."""
        return frozenset().union(*(story.subjects for story in self.stories))


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Leave each finding once: several typologies may rest on the same score."""
    return list({finding.finding_id: finding for finding in findings}.values())


def _with_stories(group: Group, stories: Iterable[Story]) -> Gathered:
    """Give a group the stories told in it: those whose strongest finding it holds, if it was split from others."""
    inside = {finding.finding_id for finding in group.findings}
    return Gathered(group, tuple(in_order(story for story in stories if story.findings[0].finding_id in inside)))


def _helped(stories: Iterable[Story]) -> Gathered:
    """Gather the stories of somebody to be helped, and nothing that was found beside."""
    told = in_order(stories)
    findings = sorted(_once(finding for story in told for finding in story.findings), key=lambda one: one.order)
    return Gathered(Group(tuple(findings)), tuple(told))


def _paid(findings: Sequence[Finding], payments: pa.Table, about_of: Mapping[str, About]) -> dict[str, Paid]:
    unknown = sorted({finding.detector for finding in findings} - about_of.keys())
    if unknown:
        raise PluginError(
            f"findings of {unknown[0]!r}, which was not run",
            where="reports.alert.join",
            try_="give About of every detector that was run",
        )
    named = pa.array(sorted(_named(findings)), pa.string())
    rows = payments.filter(pc.is_in(payments["payment_id"], value_set=named))
    rows = rows.sort_by([("at", "ascending"), ("payment_id", "ascending")])
    columns = ("payer", "payee", "amount_minor", "currency")
    values = [rows[column].to_pylist() for column in columns]
    values += [times(rows).tolist(), rows["ts_quality"].to_pylist(), range(len(rows))]
    paid = {name: Paid(*row) for name, *row in zip(rows["payment_id"].to_pylist(), *values, strict=True)}
    lost = [finding.detector for finding in findings if not paid.keys() >= set(finding.payments)]
    if lost:
        raise PluginError(
            "a finding names payments that are not in the table",
            where=lost[0],
            try_="hand over the payments that were searched",
        )
    return paid


def _ids(made: Sequence[Gathered], paid: Mapping[str, Paid]) -> list[str]:
    taken: set[str] = set()
    ids = []
    for group in (one.group for one in made):
        anchor = [min(_named(group.findings), key=lambda payment_id: paid[payment_id].place)]
        while _name(anchor) in taken:
            # Only pieces of a split group share a first payment, and somebody to be helped with what is found beside.
            anchor.append(group.findings[0].finding_id)
        taken.add(_name(anchor))
        ids.append(_name(anchor))
    return ids


def _name(anchor: Sequence[str]) -> str:
    return "A-" + hashlib.sha256(json.dumps(anchor).encode()).hexdigest()[:12]


def _related(ids: Sequence[str], made: Sequence[Gathered]) -> Iterator[tuple[str, ...]]:
    """Give, for each alert, those about one of its accounts, and the pieces of its group that lie next to it."""
    about: dict[str, set[str]] = defaultdict(set)
    piece_of: dict[str, str] = {}
    for id_, one in zip(ids, made, strict=True):
        for account in one.subjects:
            about[account].add(id_)
        if one.group.of_split is not None:
            piece_of |= {finding.finding_id: id_ for finding in one.group.findings}
    for id_, one in zip(ids, made, strict=True):
        others = {piece_of[finding_id] for finding_id in one.group.beside}
        yield tuple(sorted(others.union(*(about[account] for account in one.subjects)) - {id_}))


def _split_notes(made: Sequence[Group], joining: Joining) -> tuple[Note, ...]:
    pieces: dict[int, int] = defaultdict(int)
    for group in made:
        if group.of_split is not None:
            pieces[group.of_split] += 1
    return tuple(
        Note(
            "capped",
            "A group of findings over more than {most} accounts was split into {count} piece",
            "A group of findings over more than {most} accounts was split into {count} pieces; each names the nearest",
            count,
            values=(("most", str(joining.most_accounts)),),
        )
        for _, count in sorted(pieces.items())
    )


def _faint_notes(count: int, joining: Joining) -> tuple[Note, ...]:
    if not count:
        return ()
    return (
        Note(
            "capped",
            "{count} group of findings weighs less than {least} and raised no alert; findings.parquet has it",
            "{count} groups of findings weigh less than {least} and raised no alert; findings.parquet has them",
            count,
            values=(("least", figures(f"{joining.least_score:.2f}")),),
        ),
    )


def _in_time_order(findings: Iterable[Finding], paid: Mapping[str, Paid]) -> list[str]:
    return sorted(_named(findings), key=lambda payment_id: paid[payment_id].place)


def _named(findings: Iterable[Finding]) -> set[str]:
    return set().union(*(finding.payments for finding in findings))


def _alert(
    alert_id: str,
    gathered: Gathered,
    related: tuple[str, ...],
    paid: Mapping[str, Paid],
    hubs: Collection[str],
    about_of: Mapping[str, About],
    on_file: Known,
    outliers: Collection[str],
    failures: Collection[str],
    of_help: Mapping[str, str],
) -> Alert:
    findings, stories = gathered.group.findings, gathered.stories
    indicators = _indicators(findings, paid)
    strengths = {indicator.id: indicator.score for indicator in indicators}
    present = [about_of[indicator.id] for indicator in indicators]
    payments = _in_time_order(findings, paid)
    evidence = [paid[payment_id] for payment_id in payments]
    # What is rare among its peers is about somebody, and names a pattern, only where nothing else does.
    telling = [finding for finding in findings if finding.detector not in outliers] or findings
    accounts = _accounts(findings, {finding.centre for finding in telling}, stories, paid, evidence, hubs, of_help)
    lead = accounts[0].account_id

    legs = weighing.weigh_legs(strengths, about_of, outliers)
    speaks_for = mitigations(lead, [account.account_id for account in accounts], on_file)
    judged = _judged(legs, speaks_for, stories)

    # What was found at the account the alert is about names the pattern, so that headline and reason are of one thing.
    at_lead = {finding.detector for finding in findings if finding.centre == lead}
    named = sorted(strengths, key=lambda detector: (detector in outliers, detector not in at_lead))
    typology = (
        stories[0].name
        if stories
        else wording.pattern(named, {detector: about_of[detector].title for detector in strengths})
    )
    reasons = stories[0].findings if stories else [finding for finding in findings if finding.detector == named[0]]
    first_at, last_at = evidence[0].at, evidence[-1].at
    alert = Alert(
        alert_id=alert_id,
        tier=judged.tier,
        typology=typology,
        score=judged.score,
        title=wording.title(typology, _passed_through(accounts, findings, evidence, hubs), evidence),
        why=_why(lead, reasons),
        accounts=accounts,
        payments=tuple(payments),
        indicators=indicators,
        legs=judged.legs,
        mitigations=judged.mitigations,
        innocent=_all_of(map(say, about.innocent) for about in present),
        not_computable=(
            *_not_computable(evidence, judged.legs, failures),
            *speaks_for.not_computable,
            *_all_of(story.not_computable for story in stories),
        ),
        would_clear=(
            *_all_of(story.would_clear for story in stories[:1]),
            *_all_of(map(say, about.clears) for about in present),
        ),
        sources=_all_of(about.sources for about in present),
        first_at=first_at,
        last_at=last_at,
        route=say(stories[0].about.route if stories else ROUTES[judged.tier]),
        findings=tuple(sorted(finding.finding_id for finding in findings)),
        related=related,
        caution=" ".join(_all_of([say(story.about.caution)] for story in stories if story.about.caution)),
        subjects=tuple(sorted(gathered.subjects)),
        split_group=gathered.group.of_split,
    )
    if stories:
        return alert
    own = sorted(one.account_id for one in alert.in_pattern if node_class(one.account_id) == "account")
    return replace(alert, subjects=tuple(own))


@dataclass(frozen=True)
class Judged:
    """How much an alert weighs, and what speaks for an ordinary story."""

    tier: Tier
    score: float
    legs: Mapping[Leg, float | None]
    mitigations: tuple[Mitigation, ...]


def _judged(legs: Mapping[Leg, float | None], speaks_for: Mitigations, stories: Sequence[Story]) -> Judged:
    """Weigh by the strongest typology; where none holds, by what was found, and then it is no more than an enquiry."""
    if not stories:
        return Judged("enquire", weighing.score(legs, len(speaks_for.found)), legs, speaks_for.found)
    strongest = stories[0]
    said = {one.id: one for one in (*strongest.speaks_for, *speaks_for.found)}
    return Judged(
        strongest.hit.tier,
        strongest.hit.score,
        {**legs, **strongest.hit.legs},
        tuple(said[id_] for id_ in sorted(said)),
    )


def _why(lead: str, findings: Sequence[Finding]) -> str:
    """Say why in numbers, of the account the alert is about; of another only where a hub is in the middle of all."""
    strongest = min(
        findings,
        key=lambda finding: (finding.centre != lead, -finding.strength, finding.order, finding.finding_id),
    )
    if strongest.centre == lead:
        place = say("At {account}: ", account=lead)
    else:
        place = say("Beside it, at {account}: ", account=strongest.centre)
    return place + " ".join(reason.sentence for reason in strongest.reasons)


def _indicators(findings: Sequence[Finding], paid: Mapping[str, Paid]) -> tuple[Indicator, ...]:
    by_detector: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_detector[finding.detector].append(finding)
    made = []
    for detector, own in by_detector.items():
        strongest = min(own, key=lambda finding: (-finding.weight, finding.order, finding.finding_id))
        payments = _in_time_order(own, paid)
        sentence = " ".join(reason.sentence for reason in strongest.reasons)
        if len(own) > 1:
            sentence += say(
                " Strongest of {count} such findings, at {account}.", count=str(len(own)), account=strongest.centre
            )
        made.append(Indicator(detector, strongest.weight, len(payments), sentence, tuple(payments)))
    return tuple(sorted(made, key=lambda indicator: (-indicator.score, indicator.id)))


def _accounts(
    findings: Sequence[Finding],
    centres: Collection[str],
    stories: Sequence[Story],
    paid: Mapping[str, Paid],
    evidence: Sequence[Paid],
    hubs: Collection[str],
    of_help: Mapping[str, str],
) -> tuple[AccountInAlert, ...]:
    weight: dict[str, float] = defaultdict(float)
    roles: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for finding in findings:
        for account, part in _parts(finding, paid).items():
            weight[account] += finding.weight * part
        for account, role in finding.roles:
            roles[account][role] += finding.weight
    # Sums over currencies only rank accounts in a list; they are never shown.
    paid_out: dict[str, int] = defaultdict(int)
    taken_in: dict[str, int] = defaultdict(int)
    for one in evidence:
        paid_out[one.payer] += one.amount_minor
        taken_in[one.payee] += one.amount_minor
    named = {account for finding in findings for account in finding.accounts} | paid_out.keys() | taken_in.keys()
    likely = {**roles_in(stories), **of_help}
    first = stories[0].subjects if stories else frozenset()
    ranked = sorted(
        named,
        key=lambda account: (
            account not in first,
            account in hubs or node_class(account) not in JOINING_CLASSES,
            account not in centres,
            -round(weight.get(account, 0.0), 9),
            -paid_out.get(account, 0) - taken_in.get(account, 0),
            account,
        ),
    )
    return tuple(
        AccountInAlert(
            account,
            likely.get(account)
            or wording.likely_role(
                account,
                sorted(roles[account], key=lambda role: (-roles[account][role], role)) if account in roles else (),
                takes_in=account in taken_in,
                pays=account in paid_out,
                hubs=hubs,
            ),
        )
        for account in ranked
    )


def _parts(finding: Finding, paid: Mapping[str, Paid]) -> dict[str, float]:
    """Give the share of a finding's payments that each account takes part in: who is in the middle is in all."""
    # Nobody pays himself: rows that say so are rejected.
    own = [paid[payment_id] for payment_id in finding.payments]
    count = Counter(one.payer for one in own) + Counter(one.payee for one in own)
    return {account: seen / len(finding.payments) for account, seen in count.items()}


def _passed_through(
    accounts: Sequence[AccountInAlert], findings: Sequence[Finding], evidence: Sequence[Paid], hubs: Collection[str]
) -> list[str]:
    """List the accounts of the pattern that money passed through: centres of findings, and who took in and paid."""
    both = {paid.payer for paid in evidence} & {paid.payee for paid in evidence}
    through = ({finding.centre for finding in findings} | both) - set(hubs)
    lead, *others = accounts
    group = {one.account_id for one in others if wording.plays_a_part(one.likely_role)} & through
    return [lead.account_id, *sorted(group)]


def _not_computable(
    evidence: Sequence[Paid], legs: Mapping[Leg, float | None], failures: Collection[str]
) -> tuple[str, ...]:
    missing = [
        say("{leg}: no question about this was asked.", leg=say(LEGS[leg])[:1].upper() + say(LEGS[leg])[1:])
        for leg in LEGS
        if legs[leg] is None
    ]
    hourless = sum(paid.ts_quality == "date_only" for paid in evidence)
    if hourless:
        missing.append(
            told(
                "The hour of {hourless} of {count} payment: only the booking date is known, so its order within a day "
                "is not.",
                "The hour of {hourless} of {count} payments: only the booking date is known, so their order within a "
                "day is not.",
                len(evidence),
                hourless=f"{hourless:,}",
            )
        )
    missing += [
        say("What {detector} would have shown: it failed in this run.", detector=detector)
        for detector in sorted(failures)
    ]
    return tuple(missing)


def _all_of(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in lists for item in items))
