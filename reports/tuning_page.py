"""The page of the tuning bench: what settings would have done to past nights, from the blocks of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flows.language import say
from flows.plural import told
from reports.blocks import Block, Bullets, Cell, Column, Fold, Page, Paragraph, Part, Plot, Series, Table, Tile, Tiles
from reports.report import PROMISE, banner
from reports.tuning import Difference, Figures, Share
from reports.wording import day

MOST_ROWS = 300
"""Alerts that differ, in the page; tune.json has all."""

SWEPT = " = "
"""Between the key and the value in the name of swept settings (`moneytrail.tuning.swept`)."""

CHANGES = {
    "only before": "only under the settings in force",
    "only after": "only under the others",
    "falls below the line": "falls below the line",
    "rises above the line": "rises above the line",
}


@dataclass(frozen=True)
class Tuned:
    """What a replay gave.

    Parameters
    ----------
    figures : tuple of Figures
        The settings in force first, then every other.
    differences : dict of str to tuple of Difference
        By name of the other settings, the alerts that they treat differently.
    changed : dict of str to tuple of str
        By name of the other settings, what differs in them, in words.
    known : int
        Alerts and accounts of which an outcome is known.
    planted : bool
        Whether the ledger is a copy with planted payments.
    """

    figures: tuple[Figures, ...]
    differences: dict[str, tuple[Difference, ...]]
    changed: dict[str, tuple[str, ...]]
    known: int
    planted: bool = False


def tuning_page(tuned: Tuned) -> Page:
    """Turn a replay into a page of neutral blocks."""
    nights = [night for night, _, _ in tuned.figures[0].by_night]
    parts = [
        Part("summary", say("In short"), _summary(tuned)),
        Part("settings", say("What each would have given"), (_table(tuned.figures), *_plots(tuned.figures))),
    ]
    for name, differences in tuned.differences.items():
        parts.append(Part(f"against-{len(parts)}", name, _against(tuned.changed[name], differences)))
    return Page(
        title=say("Money trail: settings tried on past nights"),
        subtitle=told(
            "{count} night, {first} to {last}",
            "{count} nights, {first} to {last}",
            len(nights),
            first=day(nights[0]),
            last=day(nights[-1]),
        ),
        banner=banner(tuned.planted),
        promise=say(PROMISE),
        parts=tuple(parts),
    )


def _summary(tuned: Tuned) -> tuple[Block, ...]:
    champion = tuned.figures[0]
    tiles = (
        Tile(say("Alerts"), f"{champion.alerts:,}", say("under the settings in force")),
        Tile(say("Could be looked at"), f"{champion.told:,}", say("above the line of some night")),
        Tile(say("Useful above the line"), _said(champion.useful_above), _interval(champion.useful_above)),
        Tile(say("Useful just below it"), _said(champion.useful_just_below), _interval(champion.useful_just_below)),
    )
    lead = say(
        "Past nights were looked at again, each with what was booked by then. Shares are of alerts of which the "
        "outcome is known ({known} alerts and accounts are judged or labelled); the interval says how far so few can "
        "be trusted.",
        known=f"{tuned.known:,}",
    )
    return (Tiles(tiles), Paragraph(lead, "lead"))


def _table(every: Sequence[Figures]) -> Table:
    columns = (
        Column(say("Settings")),
        Column(say("Alerts"), "number"),
        Column(say("Above the line"), "number"),
        Column(say("Useful above"), "number"),
        Column(say("Useful just below"), "number"),
        Column(say("Useful of those drawn by lot"), "number"),
    )
    rows = tuple(
        (
            Cell(one.name),
            Cell(f"{one.alerts:,}", one.alerts),
            Cell(f"{one.told:,}", one.told),
            *(_cell(share) for share in (one.useful_above, one.useful_just_below, one.useful_sampled)),
        )
        for one in every
    )
    note = say("An alert counts once over all nights, where it stood highest. In brackets the 95 % interval (Wilson).")
    return Table(say("Settings tried"), columns, rows, note)


def _plots(every: Sequence[Figures]) -> tuple[Block, ...]:
    nights = tuple(night for night, _, _ in every[0].by_night)
    if len(nights) < 2:
        return _sweep(every)
    series = tuple(Series(one.name, tuple(float(alerts) for _, alerts, _ in one.by_night)) for one in every)
    return (*_sweep(every), Plot(say("Alerts night by night"), nights, series))


def _sweep(every: Sequence[Figures]) -> tuple[Block, ...]:
    """Draw what each value of a swept key would have given; nothing where fewer than two were tried."""
    swept = [one for one in every if SWEPT in one.name]
    if len(swept) < 2:
        return ()
    values = tuple(one.name.rpartition(SWEPT)[2] for one in swept)
    shares = {
        say("useful above the line, per cent"): [one.useful_above for one in swept],
        say("useful just below it, per cent"): [one.useful_just_below for one in swept],
        say("useful of those drawn by lot, per cent"): [one.useful_sampled for one in swept],
    }
    return (
        Plot(
            say("Alerts by value tried"),
            values,
            (
                Series(say("alerts"), tuple(float(one.alerts) for one in swept)),
                Series(say("above the line"), tuple(float(one.told) for one in swept)),
            ),
            swept[0].name.rpartition(SWEPT)[0],
        ),
        Plot(
            say("Useful share by value tried"),
            values,
            tuple(
                Series(name, tuple(None if one.figure is None else 100 * one.figure for one in some))
                for name, some in shares.items()
            ),
            say("Of the alerts of which the outcome is known; the table has the intervals."),
        ),
    )


def _against(changed: Sequence[str], differences: Sequence[Difference]) -> tuple[Block, ...]:
    what = Bullets(tuple(changed) or (say("Nothing differs."),), say("What differs in the settings"))
    if not differences:
        return (what, Paragraph(say("Every alert stands on the same side of the line under both.")))
    columns = (
        Column(say("Night"), "time"),
        Column(say("Alert"), "id"),
        Column(say("What becomes of it")),
        Column(say("Outcome")),
        Column(say("Why")),
        Column(say("What")),
    )
    rows = tuple(
        (
            Cell(str(one.day)),
            Cell(one.alert_id),
            Cell(say(CHANGES[one.change])),
            Cell(say({True: "useful", False: "not useful", None: "not known"}[one.useful])),
            Cell(one.why),
            Cell(one.title),
        )
        for one in differences[:MOST_ROWS]
    )
    note = "" if len(differences) <= MOST_ROWS else say("The first {most}; tune.json has all.", most=str(MOST_ROWS))
    title = told("{count} alert differs", "{count} alerts differ", len(differences))
    counted = tuple(
        f"{say(said)}: {sum(one.change == change for one in differences):,}, {say('useful')} "
        f"{sum(one.change == change and one.useful is True for one in differences):,}"
        for change, said in CHANGES.items()
        if any(one.change == change for one in differences)
    )
    table = Table(title, columns, rows, note, tools=True)
    return (what, Bullets(counted, title), Fold(say("The alerts that differ, and why"), (table,)))


def _cell(share: Share) -> Cell:
    if share.figure is None:
        return Cell(say("none known"), -1.0)
    return Cell(f"{_said(share)} ({_interval(share)})", share.figure)


def _said(share: Share) -> str:
    return say("none known") if share.figure is None else f"{100 * share.figure:.0f} %"


def _interval(share: Share) -> str:
    if share.figure is None:
        return say("judge some first")
    low, high = share.interval
    return say(
        "{found} of {of}; {low} to {high} %",
        found=f"{share.found:,}",
        of=f"{share.of:,}",
        low=f"{100 * low:.0f}",
        high=f"{100 * high:.0f}",
    )
