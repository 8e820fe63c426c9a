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

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import stdtr

from detectors.edge_history import FINE, History, Ints, before, fine
from detectors.ranking import rarity
from flows.window import Window
from graphs.measures import HOUR
from graphs.temporal import TemporalGraph, temporal_graph

Floats = NDArray[np.float64]

MEMORY: Final = 8
"""How many payments of everybody weigh as much as one's own; ours: two months of a household's rent, wage and two
bills, after which its own habits tell more."""
BAND_HOURS: Final = 4
"""Hours that count as one time of day; ours: finer ones call a lunch at one unusual after years of lunches at noon."""
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
    A few sorts of all payments, no loop over accounts: 5 s of CPU a million payments (measured on 122 thousand).

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> habit = "".join(f"day {30 * month} anna -> shop 40 EUR" + chr(10) for month in range(9))
    >>> scored = edge_scores(whole(payments_from_arrows(habit + "day 300 anna -> ext:x 4000 EUR")))
    >>> scored["edge_score"].to_numpy()[[8, 9]].round(2)
    array([0.  , 0.98])
    """
    graph = temporal_graph(window)
    earlier = np.searchsorted(graph.at, graph.at).astype(np.int64)
    met = have_met(graph, earlier)
    chances: dict[str, Floats] = {
        "new_payee": _of_strangers(graph.payer, met, earlier),
        "new_payer": _of_strangers(graph.payee, met, earlier),
        "amount_out": _of_amount(graph, graph.payer, earlier),
        "amount_in": _of_amount(graph, graph.payee, earlier),
        "hour": _of_hour(window, graph, earlier),
        "channel": _of_kind(graph.payer, _channels(window), earlier),
    }
    usual = np.ones(graph.edges)
    for aspect in ASPECTS:
        usual = usual * (1 - rarity(np.nan_to_num(chances[aspect], nan=1.0)))
    columns = {aspect: pa.array(chances[aspect], from_pandas=True) for aspect in ASPECTS}
    return pa.table({"payment_id": window.payments["payment_id"], **columns, "edge_score": 1 - usual})


def have_met(graph: TemporalGraph, earlier: Ints) -> NDArray[np.bool_]:
    """Say of each payment whether its payer paid its payee before."""
    _, pair = np.unique(graph.payer.astype(np.int64) * graph.nodes + graph.payee, return_inverse=True)
    return History(pair).between(pair, 0, earlier).count > 0


def _of_strangers(account: NDArray[Any], met: NDArray[np.bool_], earlier: Ints) -> Floats:
    """Give the chance that this account deals with somebody new, and 1 where it is nobody new."""
    new = (~met).astype(np.int64)
    own = History(account).between(account, 0, earlier)
    usual = (before(new, earlier) + 1) / (earlier + 1)
    return np.where(met, 1.0, (own.total(new) + MEMORY * usual) / (own.count + MEMORY))


def _of_amount(graph: TemporalGraph, account: NDArray[Any], earlier: Ints) -> Floats:
    """Give the chance of an amount as far from usual: Student's t of its logarithm, one currency at a time."""
    amount = fine(np.log(np.maximum(graph.amount, 1)))
    units = len(graph.currencies)
    of_all, of_own = graph.unit.astype(np.int64), account.astype(np.int64) * units + graph.unit
    everybody = History(of_all).between(of_all, 0, earlier)
    own = History(of_own).between(of_own, 0, earlier)
    known = np.maximum(everybody.count, 1)
    middle = everybody.total(amount) / known
    spread = np.maximum(everybody.total(amount * amount) / known - middle**2, 0.0)
    count = own.count
    own_middle = own.total(amount) / np.maximum(count, 1)
    own_spread = np.maximum(own.total(amount * amount) - count * own_middle**2, 0.0)
    weight = count + MEMORY
    centre = (count * own_middle + MEMORY * middle) / weight
    apart = count * MEMORY / weight * (own_middle - middle) ** 2
    # A cent of noise keeps the width of one who always pays the same above nothing.
    width = np.sqrt((own_spread + MEMORY * spread + apart) / weight * (1 + 1 / weight) + (FINE * LEAST_WIDTH) ** 2)
    chance = 2 * stdtr(weight, -np.abs(amount - centre) / width)
    # Until a currency has been seen MEMORY times, nothing can be far from usual in it.
    return np.where(everybody.count >= MEMORY, chance, 1.0)


LEAST_WIDTH: Final = 0.05
"""Amounts within a twentieth of each other are the same amount; ours: prices of one thing differ as much."""


def _of_hour(window: Window, graph: TemporalGraph, earlier: Ints) -> Floats:
    offset = window.payments["utc_offset_min"].fill_null(0).to_numpy().astype(np.int64)
    hour = (graph.at + offset * (HOUR // 60)) // HOUR % 24
    known = np.asarray(pc.equal(window.payments["ts_quality"], "event"))
    return _of_kind(graph.payer, (hour // BAND_HOURS).astype(np.int64), earlier, known)


def _channels(window: Window) -> Ints:
    names, number = np.unique(window.payments["channel"].to_numpy(zero_copy_only=False), return_inverse=True)
    return number.astype(np.int64) if names.size else np.empty(0, np.int64)


def _of_kind(account: NDArray[Any], kind: Ints, earlier: Ints, counted: NDArray[np.bool_] | None = None) -> Floats:
    """Give how usual a kind is for an account, next to a kind that is as frequent as any: at most 1.

    Rows that are not counted are no past of others, and their own chance is missing.
    """
    rows = np.arange(kind.size) if counted is None else np.flatnonzero(counted)
    chance = np.full(kind.size, np.nan)
    if not rows.size:
        return chance
    # Edge numbers among the counted rows; a moment becomes the number of counted rows before it.
    moment = np.searchsorted(rows, earlier[rows]).astype(np.int64)
    of_account, of_kind = account[rows].astype(np.int64), kind[rows]
    kinds = int(of_kind.max()) + 1
    both = of_account * kinds + of_kind
    own = History(of_account).between(of_account, 0, moment).count
    same = History(both).between(both, 0, moment).count
    seen = _kinds_seen(of_kind, moment)
    of_all = (History(of_kind).between(of_kind, 0, moment).count + 1) / (moment + seen)
    chance[rows] = np.minimum(1.0, seen * (same + MEMORY * of_all) / (own + MEMORY))
    return chance


def _kinds_seen(kind: Ints, moment: Ints) -> Ints:
    """Count the different kinds before each moment, at least one."""
    first = np.zeros(kind.size, np.int64)
    if kind.size:
        first[np.unique(kind, return_index=True)[1]] = 1
    return np.maximum(before(first, moment), 1)
