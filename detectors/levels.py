"""Reporting levels as payments meet them: which rule of the country was in force for which payment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.sight import Sight, rate
from detectors.thresholds import Direction, Instrument, Threshold, thresholds
from flows.money import exponent
from graphs.legs import Flags, Floats


def in_force(
    sight: Sight, instrument: Instrument, direction: Direction, own: tuple[str, ...] = ()
) -> Iterator[tuple[Threshold, Flags]]:
    """Give the rules about an instrument and direction, each with the payments in whose place and time it holds.

    The place is that of the payment, else the country of the account's side, else the jurisdiction, else the one
    country whose level is in that currency; as for the motif `structuring`. `own` are an institution's own rules
    (`detectors.thresholds.thresholds`).
    """
    payments = sight.window.payments
    side = payments["payee_country" if direction == "in" else "payer_country"]
    known = pc.coalesce(payments["country"], side, pa.scalar(sight.given.country or None, pa.string()))
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
