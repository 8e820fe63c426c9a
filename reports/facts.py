"""Everything a report is made from, in one value.

A scan fills it once; sections, renderers and exchange formats read it and nothing else, so that a report can be made
again from the same facts and is the same to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

from detectors.about import About
from detectors.finding import Finding
from detectors.notes import Note
from detectors.unusual_payments import UnusualPayment
from flows.payments import PAYMENTS
from flows.plugins import Shelf
from flows.quality import Quality
from flows.window import SideTables
from reports.alert import Alert
from reports.known import Known, known
from reports.line import Line, line
from reports.night import Night
from reports.usual import Usual


@dataclass(frozen=True)
class ScannedFile:
    """One input file of the ledger.

    Parameters
    ----------
    name : str
        File name without its folder.
    sha256 : str
        Content hash, hexadecimal.
    rows, kept, duplicates, rejected : int
        Rows in the file, and what became of them; the last three sum to the first.
    """

    name: str
    sha256: str
    rows: int
    kept: int
    duplicates: int
    rejected: int


@dataclass(frozen=True)
class Scanned:
    """What was looked at.

    Parameters
    ----------
    payments : int
        Payments in the window that was scanned (booked and not reversed).
    accounts : int
        Different payers and payees among them.
    own_accounts : int
        Those that are accounts of the bank itself.
    first_day, last_day : datetime.date or None
        Booking dates of the first and the last of them; None if there are none.
    money : mapping of str to int
        Sum of the amounts per currency, minor units. A payment that passes three accounts counts three times here.
    files : tuple of ScannedFile
        The files the ledger was made from.
    """

    payments: int
    accounts: int
    own_accounts: int
    first_day: date | None
    last_day: date | None
    money: Mapping[str, int]
    files: tuple[ScannedFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScanFacts:
    """What a scan hands to the report.

    Parameters
    ----------
    alerts : tuple of Alert
        In the order they should be read (`reports.alert.join` gives it).
    findings : tuple of Finding
        All findings, also those of no alert.
    payments : pyarrow.Table
        The evidence: rows of `flows.payments.PAYMENTS` for every payment that an alert names; more rows do no harm.
    scanned : Scanned
        What was looked at.
    about_of : mapping of str to About
        Every detector that was run, by id.
    as_of : datetime.date
        The last booking date looked at; printed in the heading.
    run : mapping
        The run sheet as in `run.json`.
    notes : tuple of Note
        Everything capped, skipped, excluded or missing; `join` gives its own.
    rejects : mapping of str to int
        Rejected rows by reason, in words.
    failures : mapping of str to str
        Detectors that failed and the one-line reason, by id.
    hubs : pyarrow.Table or None
        Accounts that serve the public, set aside as paths. The first column is the account; the others are printed as
        they are (why it is a hub, how many payments).
    side : SideTables
        Accounts, customers and links, for context.
    capacity : int or None
        How many alerts people can look into; the others are listed below a line, and alerts of support are all shown.
        None where there is no limit.
    account_scores : pyarrow.Table or None
        One place for every account (`detectors.ranking.rank`); written to `account_scores.parquet`.
    masked : bool
        Whether account numbers are masked in what people read; files for programs have them in full.
    sampled_below : int
        How many alerts below the line are drawn, by the seed of the run, for a look all the same.
    novelty_share : float
        Share of the capacity that is kept for alerts that no typology and no motif tells (`reports.line`).
    quality : Quality
        What the payments lack.
    usual : Usual
        What accounts of alerts did before, and what their peers do.
    unusual : mapping of str to UnusualPayment
        Payments of alerts that are unusual for whoever pays or is paid, by id.
    night : Night or None
        What changed since last night and what people said; None where a ledger is scanned by itself.
    """

    alerts: tuple[Alert, ...]
    findings: tuple[Finding, ...]
    payments: pa.Table
    scanned: Scanned
    about_of: Mapping[str, About]
    as_of: date
    run: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    rejects: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    hubs: pa.Table | None = None
    side: SideTables = field(default_factory=SideTables)
    capacity: int | None = None
    account_scores: pa.Table | None = None
    masked: bool = False
    sampled_below: int = 0
    novelty_share: float = 0.0
    quality: Quality = field(default_factory=Quality)
    usual: Usual = field(default_factory=Usual)
    unusual: Mapping[str, UnusualPayment] = field(default_factory=dict)
    night: Night | None = None

    @cached_property
    def line(self) -> Line:
        """Where each alert stands: above the line of what people can look at, or how far below it."""
        return line(
            self.alerts,
            self.capacity,
            outliers=Shelf("detectors.outliers").ids(),
            novelty_share=self.novelty_share,
            sampled=self.sampled_below,
            seed=self.run.get("seeds", {}).get("scan", 0),
        )

    @cached_property
    def to_read(self) -> tuple[Alert, ...]:
        """The alerts above the line, in reading order: as many as people can look at, and everybody to be helped."""
        return tuple(alert for alert in self.alerts if self.line.told(alert))

    @property
    def below_the_line(self) -> tuple[Alert, ...]:
        """The alerts there is no time for."""
        return tuple(alert for alert in self.alerts if not self.line.told(alert))

    def evidence(self, alert: Alert, columns: Sequence[str] = PAYMENTS.names) -> pa.Table:
        """Give the payments of one alert in time order.

        Parameters
        ----------
        alert : Alert
            One of them.
        columns : sequence of str
            What is wanted of each payment; a page wants half of it, and there may be thousands of alerts.

        Returns
        -------
        pyarrow.Table
            Rows of `flows.payments.PAYMENTS`, one per payment id of the alert.
        """
        rows = [self._row_of[payment_id] for payment_id in alert.payments]
        wanted = self.payments.select(columns)
        return wanted.take(pa.array(rows, pa.int64())) if rows else PAYMENTS.empty_table().select(columns)

    def findings_of(self, alert: Alert) -> tuple[Finding, ...]:
        """Give the findings joined in one alert, strongest first."""
        joined = [self._finding_of[finding_id] for finding_id in alert.findings]
        return tuple(sorted(joined, key=lambda finding: (-finding.strength, finding.order)))

    @cached_property
    def on_file(self) -> Known:
        """What is known of every account in an alert."""
        return known(self.side, {account.account_id for alert in self.alerts for account in alert.accounts})

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {payment_id: row for row, payment_id in enumerate(self.payments["payment_id"].to_pylist())}

    @cached_property
    def _finding_of(self) -> dict[str, Finding]:
        return {finding.finding_id: finding for finding in self.findings}
