"""Tonight's alerts in order, each with everything needed to decide whether to look further."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from detectors.about import LEGS
from detectors.catalogue import source_title
from detectors.finding import Finding, said
from flows.language import figures, say
from flows.plural import told
from reports import evidence, usual_table
from reports.alert import Alert
from reports.alert_history import history
from reports.blocks import (
    AlertCard,
    Block,
    Bullets,
    Cell,
    Column,
    Fold,
    Leaning,
    Legs,
    Pair,
    Paragraph,
    Queue,
    Reasoned,
    Reasons,
    Table,
)
from reports.facts import ScanFacts
from reports.line import PLACES
from reports.weighing import TIERS
from reports.wording import beside, span

Told = TypeVar("Told")

MOST_NAMED = 5
"""Other alerts of a split group that are named; alerts.json has all."""
MOST_REASONS = 12
"""Reasons shown per alert; the findings file has all."""


class Alerts:
    """One card per alert: reasons and innocent explanations side by side, then the evidence."""

    rank = 30
    title = "Alerts, in the order to read them"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """Give one card per alert."""
        if not facts.alerts:
            return (Paragraph(say("No alert in this scan.")),)
        told_in_full = ((alert, _card(facts, alert, place)) for place, alert in enumerate(facts.to_read, 1))
        cards = tuple(replace(card, pieces=tuple(pieces)) for card, *pieces in _in_groups(told_in_full))
        present = {alert.tier for alert in facts.to_read}
        queue = Queue(cards, tuple((tier, say(what)) for tier, what in TIERS.items() if tier in present))
        return (*_order(facts), queue, *_below(facts))


def _order(facts: ScanFacts) -> tuple[Block, ...]:
    """Say that the order was learnt, where it was, and how good it was shown to be."""
    ranker = facts.run.get("ranker")
    if ranker is None:
        return ()
    card = ranker["card"]
    return (
        Paragraph(
            say(
                "Inside each tier alerts stand in an order that was learnt from {judged} judged alerts. On the last "
                "part of them its average precision was {here}, that of the order before it {before}. Its model card "
                "lies beside it; SHA-256 of the ranker: {sha256}.",
                judged=figures(f"{card['judged']:,}"),
                here=figures(f"{card['average_precision']:.3f}"),
                before=figures(f"{card['before']:.3f}"),
                sha256=ranker["sha256"],
            ),
            "quiet",
        ),
    )


def _in_groups(alerts: Iterable[tuple[Alert, Told]]) -> list[list[Told]]:
    """Put what is told of the pieces of a group too large for one alert behind what is told of the first of them.

    A piece for which a known pattern holds is a story of its own and stands by itself.
    """
    made: list[list[Told]] = []
    of_group: dict[int, list[Told]] = {}
    for alert, one in alerts:
        if alert.tier == "enquire" and alert.split_group in of_group:
            of_group[alert.split_group].append(one)
            continue
        made.append([one])
        if alert.split_group is not None:
            of_group.setdefault(alert.split_group, made[-1])
    return made


def _below(facts: ScanFacts) -> tuple[Block, ...]:
    """List the alerts below the line of the night's capacity: nothing is hidden, but not everything is told."""
    below = facts.below_the_line
    if not below:
        return ()
    said = told(
        "{count} alert below the line of {most} that can be looked at",
        "{count} alerts below the line of {most} that can be looked at",
        len(below),
        most=str(facts.capacity),
    )
    above = len(facts.to_read)
    groups = _in_groups((alert, (place, alert)) for place, alert in enumerate((*facts.to_read, *below), 1))
    listed = [first for first, *_ in groups if first[0] > above]
    tables: list[Block] = [_listed_below(facts, said, listed)] if listed else []
    for (_, first), *others in groups:
        pieces = [one for one in others if one[0] > above]
        if pieces:
            title = told(
                "{count} further piece of the group of {alert}",
                "{count} further pieces of the group of {alert}",
                len(pieces),
                alert=first.alert_id,
            )
            tables.append(Fold(title, (_listed_below(facts, title, pieces),)))
    return (Fold(said, tuple(tables)),)


def _listed_below(facts: ScanFacts, title: str, alerts: Sequence[tuple[int, Alert]]) -> Table:
    """List alerts below the line, a row each, with their places."""
    columns = (
        Column(say("Place"), "number"),
        Column(say("Alert"), "id"),
        Column(say("Tier")),
        Column(say("Score"), "number"),
        Column(say("What")),
        Column(say("Kept to tune by")),
    )
    rows = tuple(
        (
            Cell(str(place), place),
            Cell(alert.alert_id),
            Cell(alert.tier),
            Cell(f"{alert.score:.2f}", alert.score),
            Cell(alert.title),
            Cell(say(PLACES[facts.line.place_of[alert.alert_id]])),
        )
        for place, alert in alerts
    )
    return Table(title, columns, rows, say("alerts.json has each of them in full."), tools=len(rows) > 12)


def _card(facts: ScanFacts, alert: Alert, place: int) -> AlertCard:
    payments = evidence.gather(facts, alert)
    blocks: list[Block] = [
        Legs(tuple(Leaning(say(LEGS[leg]), alert.legs[leg]) for leg in LEGS)),
        Pair((_reasons(facts, alert),), _ordinary(alert)),
        *history(facts, alert),
        *usual_table.blocks(facts.usual, alert),
        evidence.network(alert, payments),
        evidence.timeline(alert, payments),
        evidence.accounts_table(facts, alert, payments),
        evidence.payments_table(alert, payments),
        Pair(_missing(alert), _next(alert)),
        Fold(say("Sources, and ids for a case system"), (_sources(alert), *_ids(alert))),
    ]
    return AlertCard(
        alert_id=alert.alert_id,
        place=place,
        tier=alert.tier,
        score=alert.score,
        pattern=alert.typology,
        headline=alert.title.removeprefix(f"{alert.typology}: "),
        why=alert.why,
        facts=(
            *_counted(alert),
            told("{count} payment", "{count} payments", len(alert.payments)),
            say("over {span}", span=span(alert.first_at, alert.last_at)),
        ),
        blocks=tuple(blocks),
    )


def _counted(alert: Alert) -> tuple[str, ...]:
    """Count the accounts of the pattern apart from those it only touches: 6 of a story do not drown in 89 payers."""
    inside = {account.account_id for account in alert.in_pattern}
    others = [account.likely_role for account in alert.accounts if account.account_id not in inside]
    said = told("{count} account in the pattern", "{count} accounts in the pattern", len(inside))
    return (f"{said}, {beside(others)}",) if others else (said,)


def _reasons(facts: ScanFacts, alert: Alert) -> Reasons:
    number = {indicator.id: place for place, indicator in enumerate(alert.indicators, 1)}
    findings = facts.findings_of(alert)
    alike: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=lambda finding: (number[finding.detector], -finding.strength, finding.order)):
        alike[finding.detector, finding.centre].append(finding)
    made = []
    for (detector, centre), (strongest, *others) in alike.items():
        sentence = _with_numbers(strongest)
        if others:
            sentence += told(
                " The strongest, and {count} more such finding at this account.",
                " The strongest, and {count} more such findings at this account.",
                len(others),
            )
        made.append(Reasoned(number[detector], say(facts.about_of[detector].title), centre, sentence))
    note = (
        say("Showing {most} of {all} reasons; findings.parquet has all.", most=str(MOST_REASONS), all=str(len(made)))
        if len(made) > MOST_REASONS
        else ""
    )
    return Reasons(say("What points to a pattern"), tuple(made[:MOST_REASONS]), note)


def _with_numbers(finding: Finding) -> str:
    """Join the reasons of a finding; a limit that its sentence leaves out is added."""
    sentences = []
    for reason in finding.reasons:
        sentence = reason.sentence
        if reason.limit is not None and "{limit}" not in reason.says:
            sentence += say(" (Limit: {limit}.)", limit=said(reason.limit, reason.unit))
        sentences.append(sentence)
    return " ".join(sentences)


def _ordinary(alert: Alert) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if alert.mitigations:
        blocks.append(
            Bullets(
                tuple(found.sentence for found in alert.mitigations), say("What the data say for an ordinary story")
            )
        )
    blocks += _listed(alert.innocent, say("Ordinary stories that look the same"))
    blocks += _listed(alert.would_clear, say("What would clear it"))
    return tuple(blocks)


def _listed(told_of: Sequence[str], title: str) -> list[Block]:
    """List as many as there are reasons beside them, which is what somebody reads; the rest is folded."""
    items = tuple(_sentence(one) for one in told_of)
    shown, rest = items[:MOST_REASONS], items[MOST_REASONS:]
    blocks: list[Block] = [Bullets(shown, title)]
    if rest:
        blocks.append(Fold(told("{count} more", "{count} more", len(rest)), (Bullets(rest),)))
    return blocks


def _missing(alert: Alert) -> tuple[Block, ...]:
    missing = alert.not_computable or (say("Nothing: every question could be asked of these payments."),)
    return (Bullets(missing, say("What could not be looked at")),)


def _next(alert: Alert) -> tuple[Block, ...]:
    steps = [say("For: {route}", route=alert.route), say(TIERS[alert.tier])]
    if alert.related:
        more = len(alert.related) - MOST_NAMED
        others = ", ".join(alert.related[:MOST_NAMED]) + (say(" and {count} more", count=str(more)) if more > 0 else "")
        steps.append(say("See also {others}: next to it in a larger group, or about the same accounts.", others=others))
    if alert.learnt is not None:
        moved = ", ".join(f"{name} {figures(f'{weight:+.2f}')}" for name, weight in alert.learnt.moved)
        steps.append(
            say(
                "Its place in its tier is learnt: {score} of 1, moved most by {moved} (log odds).",
                score=figures(f"{alert.learnt.score:.2f}"),
                moved=moved,
            )
        )
    caution = (Bullets((alert.caution,), say("Before anybody acts on it")),) if alert.caution else ()
    return (
        Bullets(tuple(steps), say("Who should look at it")),
        *caution,
        Paragraph(
            say(
                "Details on file may belong to somebody who controls the holder. The bank's own safeguarding protocol "
                "says who may speak to whom."
            ),
            "quiet",
        ),
    )


def _sources(alert: Alert) -> Block:
    return Bullets(tuple(source_title(key) for key in alert.sources), say("Who published that this matters"))


def _ids(alert: Alert) -> tuple[Block, ...]:
    ids = ", ".join(alert.payments[: evidence.MOST_ROWS])
    if len(alert.payments) > evidence.MOST_ROWS:
        ids += say(
            " ... the first {most} of {all}; alerts.json names all.",
            most=figures(f"{evidence.MOST_ROWS:,}"),
            all=figures(f"{len(alert.payments):,}"),
        )
    return (
        Bullets((ids,), say("Payment ids, in time order")),
        Bullets((", ".join(alert.findings),), say("Finding ids")),
    )


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
