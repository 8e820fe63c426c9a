"""Reporting levels as payments meet them: which rule of which jurisdiction was in force for which payment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.sight import Sight, rate
from detectors.thresholds import Direction, Instrument, Threshold, thresholds
from flows.money import exponent
from flows.window import Window
from graphs.legs import Flags, Floats


def ruled_by(window: Window, direction: Direction, country: str = "") -> pa.ChunkedArray:
    """Give the jurisdiction whose reporting rules hold for each payment into or out of an account.

    The one chosen for the account in the accounts table; else the country where the payment took place; else the
    country of the account's side of it; else the institution's own.

    Parameters
    ----------
    window : Window
    direction : {"in", "out"}
        Whether the account is the payee or the payer.
    country : str
        The institution's jurisdiction, ISO 3166-1 alpha-2; empty where it is not said.

    Returns
    -------
    pyarrow.ChunkedArray of string, shape (payments,)
        Null where nothing says.
    """
    payments = window.payments
    holder, side = ("payee", "payee_country") if direction == "in" else ("payer", "payer_country")
    return pc.coalesce(
        _chosen(window, payments[holder]), payments["country"], payments[side], pa.scalar(country or None, pa.string())
    )


def _chosen(window: Window, accounts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give the jurisdiction that the accounts table names for the account of each payment, null where none."""
    table = window.side.accounts
    if table is None or table["jurisdiction"].null_count == table.num_rows:
        return pa.chunked_array([pa.nulls(len(accounts), pa.string())])
    return table["jurisdiction"].take(pc.index_in(accounts, value_set=table["account_id"].combine_chunks()))


def in_force(
    sight: Sight, instrument: Instrument, direction: Direction, own: tuple[str, ...] = ()
) -> Iterator[tuple[Threshold, Flags]]:
    """Give the rules about an instrument and direction, each with the payments in whose place and time it holds.

    Whose rules hold is said by `ruled_by`, else by the one country whose level is in that currency; as for the motif
    `structuring`. `own` are an institution's own rules (`detectors.thresholds.thresholds`).
    """
    payments = sight.window.payments
    known = ruled_by(sight.window, direction, sight.given.country)
    rules = [rule for rule in thresholds(own) if rule.instrument == instrument and direction in rule.directions]
    for rule in rules:
        if rule.currency not in sight.graph.currencies:
            continue
        alone = {other.country for other in rules if other.currency == rule.currency} == {rule.country}
        place = pc.coalesce(known, pa.scalar(rule.country if alone else None, pa.string()))
        held = np.asarray(pc.fill_null(pc.equal(place, rule.country), False).to_numpy(), np.bool_)
        held &= sight.graph.unit == sight.graph.currencies.index(rule.currency)
        booked = payments["booked_on"]
        if rule.since is not None:
            held &= pc.greater_equal(booked, pa.scalar(rule.since)).to_numpy()
        if rule.until is not None:
            held &= pc.less_equal(booked, pa.scalar(rule.until)).to_numpy()
        yield rule, held


def lowest(sight: Sight, instrument: Instrument, direction: Direction, own: tuple[str, ...] = ()) -> Floats:
    """Give the lowest level that each payment meets, in u; infinite where none is known. Made once for each."""

    def found() -> Floats:
        level = np.full(sight.at.size, np.inf)
        for rule, held in in_force(sight, instrument, direction, own):
            reported = rule.level_minor / 10 ** exponent(rule.currency) * rate(rule.currency)
            level[held] = np.minimum(level[held], reported)
        return level

    return sight.once(("lowest level", instrument, direction, own), found)
