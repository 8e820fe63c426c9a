"""Features of payments see nothing at or after their look."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.edge_features import edge_features
from flows.arrows import payments_from_arrows
from flows.errors import SettingsError
from flows.window import times, whole
from graphs.between import DAY
from tests.detectors.test_edges import bank

LOOKS = [DAY * day for day in range(20454 + 3, 20454 + 21, 3)]
"""Every third day from 2026-01-04 on."""


def test_deleting_everything_from_a_look_on_changes_no_bit_before_it():
    payments = bank(300, 5)
    every = edge_features(whole(payments), LOOKS)
    for place, look in enumerate(LOOKS[:-1]):
        known = int(np.searchsorted(times(payments), look))
        cut = edge_features(whole(payments.slice(0, known)), LOOKS[: place + 1])
        np.testing.assert_array_equal(cut.values, every.values[:known])


def test_what_comes_between_a_payment_and_its_look_is_seen():
    arrows = "day 0 a -> x 10 EUR\nday 1 b -> x 10 EUR\nday 2 c -> x 10 EUR\nday 3 c -> x 10 EUR"
    window = whole(payments_from_arrows(arrows))
    begin = times(window.payments)[0]
    nightly = edge_features(window, [begin + (night + 1) * DAY for night in range(4)])
    weekly = edge_features(window, [begin + 7 * DAY])
    column = nightly.names.index("payee in: fresh, 7 d")
    assert nightly.values[:, column].tolist() == [1, 2, 3, 3]
    assert weekly.values[:, column].tolist() == [3, 3, 3, 3]
    assert weekly.values[:, weekly.names.index("pair after")].tolist() == [0, 0, 1, 0]


def test_the_shape_two_payments_away_tells_a_scatter_gather_from_a_fan():
    middles = "pqrstu"
    relay = "".join(f"day 0 a -> {one} 10 EUR\nday 2 {one} -> z 10 EUR\n" for one in middles)
    fan = "".join(f"day 2 {one} -> z 10 EUR\n" for one in middles)
    name = "fresh at payer out around payer in around payee in, 2 away"

    def told(arrows):
        window = whole(payments_from_arrows(arrows))
        made = edge_features(window, [int(times(window.payments)[-1]) + DAY])
        return made.values[-1, made.names.index(name)]

    assert told(relay) == 6
    assert told(fan) == 0


def test_a_payment_without_a_look_is_refused():
    window = whole(payments_from_arrows("day 0 a -> b 10 EUR\nday 9 a -> b 10 EUR"))
    begin = int(times(window.payments)[0])
    for looks in ([begin + DAY], [], [begin + 20 * DAY, begin + 10 * DAY]):
        with pytest.raises(SettingsError, match="looks that leave payments out"):
            edge_features(window, looks)
