"""The patterns of a population: its hubs, the motifs searched in it, and how surprising what they found is.

A scan begins so, and so does learning what is ordinary: what part accounts have in patterns is measured in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from detectors.finding import Finding
from detectors.interface import Detector
from detectors.run import Engine, Searched, search
from detectors.surprise import UNREAD, looked_at, with_surprise
from flows.memory import Memory
from flows.population import Population
from flows.progress import Progress
from graphs.hubs import hubs_in
from moneytrail.run_sheet import RunSheet, spread
from moneytrail.settings import Settings


@dataclass(frozen=True)
class Patterns:
    """What was found.

    Parameters
    ----------
    findings : tuple of Finding
        In their one order, with their surprise where it was measured.
    searched : Searched
        What the search gave besides.
    detectors : mapping of str to Detector
        What was searched for, by id: motifs and the institution's own patterns.
    hubs : pyarrow.Table
        Accounts that serve the public, and why.
    """

    findings: tuple[Finding, ...]
    searched: Searched
    detectors: Mapping[str, Detector]
    hubs: pa.Table

    @property
    def ran(self) -> frozenset[str]:
        """Ids of what was searched for to the end."""
        return frozenset(self.detectors) - self.searched.failures.keys()


def patterns(
    population: Population,
    settings: Settings,
    carrier: Engine,
    *,
    sheet: RunSheet,
    progress: Progress,
    memory: Memory | None = None,
    program: str = "",
) -> Patterns:
    """Search everything that is looked at; the population knows its hubs from then on.

    Parameters
    ----------
    population : Population
        Everything that is looked at.
    settings : Settings
        What is searched for.
    carrier : engine
        What carries the search to the windows.
    sheet : RunSheet
        Where the steps are written down.
    progress : Progress
        Where to show how far it is.
    memory : Memory, optional
        What earlier scans measured of findings around which nothing changed (`detectors.surprise`).
    program : str
        The versions that what is remembered depends on.
    """
    detectors = dict([*settings.make("detectors.motifs"), *settings.declared()])
    with sheet.step("finding hubs") as counted:
        with population.asking() as opened:
            hub_table = hubs_in(opened)
        population.labelled(hub_table["account"].to_pylist())
        counted.update(hubs=hub_table.num_rows)

    with sheet.step("searching") as counted:
        searched = search(carrier, population.source, detectors, as_of=population.as_of, progress=progress)
        counted.update(
            windows=searched.windows,
            findings=by_detector(searched.findings, detectors),
            task_seconds=spread(searched.spent),
        )

    with sheet.step("measuring surprise") as counted, progress.stage("measuring surprise", unit="shuffles") as stage:
        known = with_surprise(
            searched.findings,
            population.around(*looked_at(searched.findings, detectors), without=UNREAD),
            detectors,
            shuffles=settings.scan.shuffles,
            seed=settings.scan.seed,
            stage=stage,
            memory=memory,
            program=program,
        )
        counted.update(findings=len(known), measured=sum(finding.surprise is not None for finding in known))
    return Patterns(known, searched, detectors, hub_table)


def by_detector(findings: Iterable[Finding], ran: Mapping[str, Any]) -> dict[str, int]:
    """Count the findings of each detector that ran."""
    return {id_: sum(finding.detector == id_ for finding in findings) for id_ in sorted(ran)}
