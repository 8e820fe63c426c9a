"""Build an invented bank and live it day by day: people, firms, stories, books, tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from flows.errors import SettingsError
from flows.progress import Progress, progress_for
from sample_data import nodes
from sample_data.chance import stream
from sample_data.clock import Clock
from sample_data.faults import Faults
from sample_data.ledger import Ledger
from sample_data.nodes import Nodes
from sample_data.ordinary_firms import OrdinaryFirms
from sample_data.ordinary_people import OrdinaryPeople
from sample_data.places import Places
from sample_data.plan import SHELVES, Planned, usual_plan
from sample_data.population import Population
from sample_data.postings import Journal
from sample_data.recurring import arrange_people
from sample_data.scene import Plot, Scene, begin_month
from sample_data.standing import Standing
from sample_data.tables import Tables
from sample_data.whereabouts import Whereabouts

START = date(2026, 1, 5)
LEAST_CUSTOMERS = 300
LEAST_FOR_EVERY_STORY = 450
"""With fewer, some seeds leave no firm for the last salon or hall (tried: 12 seeds)."""
# Further off neither the calendar's time zones nor the numbers behind the ids hold.
EARLIEST, END = date(1970, 1, 1), date(2200, 1, 1)
LARGEST_SEED = 10**12


@dataclass(frozen=True)
class Stage:
    """A bank before its first day: who banks here, where money is spent, and what is meant to be paid."""

    seed: int
    clock: Clock
    graph: Nodes
    journal: Journal
    people: Population
    places: Places
    whereabouts: Whereabouts
    strangers: list[int]

    @classmethod
    def open(cls, customers: int, days: int, seed: int, start: date = START) -> Stage:
        """Draw the people, firms and places of a bank."""
        clock, graph = Clock(start, days), Nodes(seed)
        people = Population(customers, clock, seed, graph)
        places = Places(customers, seed, graph)
        return cls(seed, clock, graph, Journal(), people, places, Whereabouts(people, places, clock, seed), [])


class Told(NamedTuple):
    """A story that was cast."""

    plot: Plot
    scene: Scene
    planned: Planned


@dataclass(frozen=True)
class Simulated:
    """What was written."""

    payments: int
    customers: int
    stories: int
    planted: int


def simulate(
    out: Path,
    *,
    customers: int,
    days: int,
    seed: int,
    start: date = START,
    plan: list[Planned] | None = None,
    progress: Progress | None = None,
) -> Simulated:
    """Write an invented bank into a folder.

    The same arguments give the same bytes. Every day is drawn from streams of its own and settled before the next, so
    that memory follows the number of customers and not the number of days.

    Parameters
    ----------
    out : Path
        The folder, made if missing.
    customers : int
        People and firms, at least 300; 450 where no plan is given.
    days : int
        Length of the period, at least 1.
    seed : int
        Decides every draw; from 0 to `LARGEST_SEED`.
    start : datetime.date
        The first day.
    plan : list of Planned, optional
        The stories; every kind at its usual rate if not given.
    progress : Progress, optional
        Shows the days.

    Returns
    -------
    Simulated
        Counts.

    Raises
    ------
    SettingsError
        If the bank is too small for its stories, or an argument is out of range.

    Notes
    -----
    About 40 payments per customer and month; see `docs/simulator.md` for speed and memory.
    """
    if customers < LEAST_CUSTOMERS:
        raise SettingsError(
            f"a bank of {customers} customers is too small to live in",
            where="--customers",
            try_=f"ask for {LEAST_CUSTOMERS} or more",
        )
    if days < 1 or not 0 <= seed <= LARGEST_SEED:
        raise SettingsError(
            f"days begin at 1, and seeds go from 0 to {LARGEST_SEED:,}",
            where="--days, --seed",
            try_="--days 90 --seed 7",
        )
    if start < EARLIEST or days > (END - start).days:
        raise SettingsError(
            f"the period does not lie between {EARLIEST} and {END}",
            where="--start, --days",
            try_=f"--start {START}, or fewer --days",
        )
    if plan is None and customers < LEAST_FOR_EVERY_STORY:
        raise SettingsError(
            f"a bank of {customers} customers is too small for a story of every kind",
            where="--customers",
            try_=f"ask for {LEAST_FOR_EVERY_STORY} or more, or say with --cases which stories there are",
        )
    progress = progress_for(quiet=True) if progress is None else progress
    stage = Stage.open(customers, days, seed, start)
    told = cast(usual_plan(customers) if plan is None else plan, stage)
    faults = Faults()
    tables = Tables(
        out,
        seed,
        clock=stage.clock,
        graph=stage.graph,
        population=stage.people,
        places=stage.places,
        journal=stage.journal,
        strangers=len(stage.strangers),
        faults=faults,
    )
    names = pa.array([scene.name for _, scene, _ in told], pa.string())
    planted = 0
    for rows in lived(stage, told, progress):
        tables.add(rows, names)
        planted += int((rows["story"] >= 0).sum())
    tables.close()
    tables.write_sides()
    _write_truth(tables, told)
    about: dict[str, Any] = {
        "invented": True,
        "customers": customers,
        "days": days,
        "seed": seed,
        "start": start.isoformat(),
        "payments": tables.rows,
        "stories": len(told),
        "payments_of_stories": planted,
        "share_of_rows_with_each_fault": asdict(faults),
    }
    (out / "simulation.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8", newline="\n")
    return Simulated(tables.rows, customers, len(told), planted)


def cast(plan: list[Planned], stage: Stage) -> list[Told]:
    """Cast every story before the bank opens; each draws from a stream of its own name, so that none disturbs another.

    Raises
    ------
    SettingsError
        If the bank has too few customers for its stories.
    """
    told = []
    for number, planned in enumerate(plan):
        plot = SHELVES[planned.shelf].load(planned.kind)()
        rng = stream(stage.seed, "cast", planned.name)
        about = plot.about
        # A case begins in the first half of the period unless told; the innocent have always been there.
        usual = (0, max(0, stage.clock.days // 2)) if planned.shelf == "case" else (0, 0)
        least, most = planned.start_day or usual
        first = int(rng.integers(least, most + 1))
        lasts = planned.days or int(rng.integers(about.lasts[0], about.lasts[1] + 1))
        scene = Scene(
            planned.name,
            number,
            about,
            planned.variant,
            first,
            first + lasts,
            rng,
            people=stage.people,
            places=stage.places,
            clock=stage.clock,
            journal=stage.journal,
            whereabouts=stage.whereabouts,
            strangers=stage.strangers,
        )
        plot.cast(scene)
        told.append(Told(plot, scene, planned))
    return told


def lived(stage: Stage, told: list[Told], progress: Progress) -> Iterator[dict[str, np.ndarray]]:
    """Live every day of a bank with its stories; give the rows that its books show of each."""
    clock, journal, population, places, seed = stage.clock, stage.journal, stage.people, stage.places, stage.seed
    people = OrdinaryPeople(population, places, clock, stage.whereabouts, journal, seed, stage.graph)
    firms = OrdinaryFirms(population, places, clock, journal, seed)
    standing = Standing(clock, seed)
    arrange_people(standing, population, places, journal, seed)
    firms.arrange(standing)
    standing.freeze()
    ledger = _open_books(population, stage.graph, clock, places, seed)
    with progress.stage("living", total=clock.days, unit="days") as shown:
        for day in range(clock.days):
            if day == 0 or clock.date_of(day).day == 1:
                for plot, scene, _ in told:
                    begin_month(scene, plot, clock.month_from(day), seed)
                ledger.charge_overdrafts(journal, day)
            stage.whereabouts.travel(day, journal)
            standing.post_due(journal, day)
            people.live(day, ledger.balances)
            firms.trade(day, ledger.balances)
            rows = ledger.settle(journal.taken(int(clock.moment(day + 1, 0))))
            ledger.follow_up(rows, journal, day)
            yield rows
            shown.advance(1)


def _open_books(population: Population, graph: Nodes, clock: Clock, places: Places, seed: int) -> Ledger:
    """Lay balances, limits and days of opening out over all nodes."""
    count, customers = graph.count, population.count
    opening, limits = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    opened, closed = np.full(count, -50), np.full(count, 1 << 30)
    opening[:customers], limits[:customers] = population.opening, population.overdraft
    opened[:customers], closed[:customers] = population.opened, population.closed
    for node, holder, _, since, held in population.more_accounts:
        opening[node], opened[node], closed[node] = held, since, population.closed[holder]
    return Ledger(
        opening,
        limits,
        opened,
        closed,
        graph.kinds == nodes.OWN,
        clock=clock,
        places=places,
        countries=graph.countries,
        seed=seed,
    )


def _write_truth(tables: Tables, told: list[Told]) -> None:
    """Write down what was planted."""
    stories = [
        {
            "story": scene.name,
            "shelf": "cases" if planned.shelf == "case" else "innocent",
            "kind": planned.kind,
            "code": scene.about.code,
            "typology": scene.about.typology,
            "variant": scene.variant,
            "first_day": scene.clock.date_of(scene.first).isoformat(),
            "last_day": scene.clock.date_of(min(scene.last, scene.clock.days) - 1).isoformat(),
        }
        for _, scene, planned in told
    ]
    roles = [(scene.name, node, role) for _, scene, _ in told for node, role in scene.roles.items()]
    tables.write_truth(stories, roles)
