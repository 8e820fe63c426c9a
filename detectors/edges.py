"""How unusual each payment is, given who pays, who is paid, how much, when and how.

Every aspect is a chance from 0 to 1, estimated from strictly earlier payments only: those of the same account, drawn
towards those of everybody the more, the fewer the account has (`MEMORY` payments of everybody count as much as its
own). Payments of the same instant do not see each other, so their order says nothing, and neither do later ones: a
payment's scores are the same to the last bit whether the ledger ends there or goes on.

======================  ==============================================================================================
``new_payee``           1 if the payer paid this payee before, else how often it pays somebody new
``new_payer``           the same for the payee: how often it is paid by somebody new
``amount_out``          how often the payer pays amounts as far from its usual, up or down, in that currency
``amount_in``           the same for what the payee receives
``hour``                how usual the four hours of the day are for the payer; null where the hour is not known
``channel``             how usual the channel is for the payer
``edge_score``          the chances as strengths (`detectors.ranking.rarity`), joined as a noisy-or
======================  ==============================================================================================

The aspects are counted as if they were independent; the score orders payments, it is not a probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import stdtr

from detectors.edge_history import FINE, History, Ints
from detectors.edge_past import Kinds, Meetings, Past, Sizes, past_in
from detectors.ranking import rarity
from flows import duck
from flows.window import Window
from graphs.temporal import TemporalGraph

Floats = NDArray[np.float64]

MEMORY: Final = 8
"""How many payments of everybody weigh as much as one's own; ours: two months of a household's rent, wage and two
bills, after which its own habits tell more."""
LEAST_WIDTH: Final = 0.05
"""Amounts within a twentieth of each other are the same amount; ours: prices of one thing differ as much."""
ASPECTS: Final = ("new_payee", "new_payer", "amount_out", "amount_in", "hour", "channel")


def edge_scores(window: Window) -> pa.Table:
    """Score every payment of a window against what came before it.

    Parameters
    ----------
    window : Window
        Its payments, sorted as windows are.

    Returns
    -------
    pyarrow.Table
        ``payment_id``, the six chances and ``edge_score``, row by row as in ``window.payments``.

    Notes
    -----
    One pass over the payments, no loop over accounts.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> habit = "".join(f"day {30 * month} anna -> shop 40 EUR" + chr(10) for month in range(9))
    >>> scored = edge_scores(whole(payments_from_arrows(habit + "day 300 anna -> ext:x 4000 EUR")))
    >>> scored["edge_score"].to_numpy()[[8, 9]].round(2)
    array([0.  , 0.98])
    """
    with duck.connection() as opened:
        opened.register("counted", window.payments)
        chances = chances_of(past_in(opened, window.payments))
    columns = {aspect: pa.array(chances[aspect], from_pandas=True) for aspect in ASPECTS}
    return pa.table({"payment_id": window.payments["payment_id"], **columns, "edge_score": joined(chances)})


def chances_of(past: Past) -> dict[str, Floats]:
    """Give the chance of each aspect of some payments, by the names of `ASPECTS`; NaN where it is not known."""
    hour = _of_kind(past.hours)
    return {
        "new_payee": _of_strangers(past, past.payer_meetings),
        "new_payer": _of_strangers(past, past.payee_meetings),
        "amount_out": _of_amount(past, past.payer_sizes),
        "amount_in": _of_amount(past, past.payee_sizes),
        "hour": np.where(past.timed, hour, np.nan),
        "channel": _of_kind(past.channels),
    }


def joined(chances: Mapping[str, Floats]) -> Floats:
    """Join the chances to one score from 0 to 1."""
    usual = np.ones(len(chances[ASPECTS[0]]))
    for aspect in ASPECTS:
        usual = usual * (1 - rarity(np.nan_to_num(chances[aspect], nan=1.0)))
    return np.asarray(1 - usual)


def have_met(graph: TemporalGraph, earlier: Ints) -> NDArray[np.bool_]:
    """Say of each payment whether its payer paid its payee before."""
    _, pair = np.unique(graph.payer.astype(np.int64) * graph.nodes + graph.payee, return_inverse=True)
    return History(pair).between(pair, 0, earlier).count > 0


def _of_strangers(past: Past, own: Meetings) -> Floats:
    """Give the chance that this account deals with somebody new, and 1 where it is nobody new."""
    usual = (past.meetings.new + 1) / (past.meetings.count + 1)
    return np.where(past.met, 1.0, (own.new + MEMORY * usual) / (own.count + MEMORY))


def _of_amount(past: Past, own: Sizes) -> Floats:
    """Give the chance of an amount as far from usual: Student's t of its logarithm, one currency at a time."""
    everybody, count = past.sizes, own.count
    known = np.maximum(everybody.count, 1)
    middle = everybody.total / known
    spread = np.maximum(everybody.squares / known - middle**2, 0.0)
    own_middle = own.total / np.maximum(count, 1)
    own_spread = np.maximum(own.squares - count * own_middle**2, 0.0)
    weight = count + MEMORY
    centre = (count * own_middle + MEMORY * middle) / weight
    apart = count * MEMORY / weight * (own_middle - middle) ** 2
    # A cent of noise keeps the width of one who always pays the same above nothing.
    width = np.sqrt((own_spread + MEMORY * spread + apart) / weight * (1 + 1 / weight) + (FINE * LEAST_WIDTH) ** 2)
    chance = 2 * stdtr(weight, -np.abs(past.size - centre) / width)
    # Until a currency has been seen MEMORY times, nothing can be far from usual in it.
    return np.where(everybody.count >= MEMORY, chance, 1.0)


def _of_kind(kinds: Kinds) -> Floats:
    """Give how usual a kind is for an account, next to a kind that is as frequent as any: at most 1."""
    of_all = (kinds.same + 1) / (kinds.count + kinds.seen)
    chance = kinds.seen * (kinds.own_same + MEMORY * of_all) / (kinds.own_count + MEMORY)
    return np.asarray(np.minimum(1.0, chance))
