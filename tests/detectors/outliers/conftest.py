"""A small town of ordinary accounts, with one that collects from strangers and passes the money on."""

from __future__ import annotations

import numpy as np
import pytest

from flows.arrows import payments_from_arrows
from flows.window import whole


def arrows(seed=0, people=260, days=90):
    """Write the payments of people who pay a few friends and shops, most of them again and again."""
    draw = np.random.default_rng(seed)
    lines = []
    for one in range(people):
        friends = [f"p{friend}" for friend in draw.choice(people, 3, replace=False) if friend != one]
        others = [*friends, f"mer:{draw.integers(12)}", f"mer:{draw.integers(12)}"]
        lines += [
            f"day {draw.integers(days)} {draw.integers(7, 24):02d}:00 p{one} -> {draw.choice(others)} "
            f"{draw.integers(5, 200)}.00 EUR {draw.choice(['sct', 'card_pos', 'instant'])}"
            for _ in range(draw.integers(4, 16))
        ]
    for payer in range(41):
        lines.append(f"day {60 + payer % 5} 23:30 p{payer} -> pot 50.00 EUR instant")
    lines += [f"day {66 + step} 02:00 pot -> cash:atm 400.00 EUR atm_wd" for step in range(5)]
    return "\n".join(lines)


@pytest.fixture(scope="session")
def town():
    """The payments."""
    return payments_from_arrows(arrows())


@pytest.fixture(scope="session")
def window(town):
    """The whole of them."""
    return whole(town)
