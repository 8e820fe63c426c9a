"""What a trace takes for granted, in plain sentences: printed with every trace, wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from flows.plural import told
from graphs.trace_bounds import Reached
from graphs.trace_record import Trail

CONVENTIONS: dict[str, str] = {
    "fifo": "first in, first out: what came into an account first goes out first",
    "lifo": "last in, first out: what came into an account last goes out first",
    "prorata": "pro rata: every payment out bears the traced share of the balance, rounded to the nearest minor unit "
    "(largest remainder; one half stays in the account)",
    "libr": "lowest intermediate balance: the account's own money goes out first, so what can still be followed is "
    "never more than the lowest balance since",
    "taint_first": "traced money first: it goes out before the account's own money",
    "poison": "everything any of the money can have touched, without amounts",
}
"""Every rule in words."""


@dataclass(frozen=True)
class OpenOrder:
    """What the times of payments leave open.

    Parameters
    ----------
    unclear : int
        Purses the trail touched in which some credit and some debit may have come in either order.
    looped : int
        Payments that wait for each other in a circle if all credits come first.
    """

    unclear: int
    looped: int


def assumed(
    trail: Trail, touched: Iterable[int], asked: Iterable[str], order: OpenOrder, smallest_minor: int
) -> tuple[str, ...]:
    """Say what the rules of a trace took for granted.

    Parameters
    ----------
    trail : Trail
        The ledger in the direction asked.
    touched : iterable of int
        Rows of the payments to which some rule attributed something.
    asked : iterable of str
        Of `CONVENTIONS`.
    order : OpenOrder
        What the times leave open.
    smallest_minor : int
        Below which a payment was not followed.
    """
    rules = set(asked)
    said = [
        "Which payment out was made with which payment in is a convention, not a fact. The rules below are shown side "
        "by side; which of them applies is a question of law for a lawyer, and this tool does not answer it."
    ]
    said += [f"{rule}: {words}." for rule, words in CONVENTIONS.items() if rule in rules]
    if not trail.forward and {"libr", "taint_first"} & rules:
        said.append(
            "Backward, first in first out and last in first out are the exact mirror of forward, and pro rata is up "
            "to rounding; libr and taint_first are the same rules applied to the ledger read from its end."
        )
    said += _of_balances(trail, touched)
    said.append("Payments that were reversed, and their reversals, are left out: together they moved nothing.")
    if order.unclear:
        said.append(
            f"In {order.unclear:,} of these balances the times do not tell whether some payment in or out came first. "
            "Amounts are those of the order of the ledger; the range is that of payments in first, and of payments in "
            "last."
        )
    if order.looped:
        said.append(
            told(
                "{count} payment cannot be put in an order in which all payments in come first: under that order the "
                "trail ends in it, as unordered.",
                "{count} payments cannot be put in an order in which all payments in come first: under that order the "
                "trail ends in them, as unordered.",
                order.looped,
            )
        )
    if trail.window.hubs:
        said.append("The trail ends at accounts that serve the public (hubs): money that meets there tells nothing.")
    if trail.stops:
        said.append("Money that comes back to the account the trail begins with ends there, so that it counts once.")
    said += _of_amounts(trail, touched)
    if smallest_minor:
        said.append(f"Payments that carry less than {smallest_minor} minor units of the money are dust.")
    return tuple(said)


def _of_balances(trail: Trail, touched: Iterable[int]) -> list[str]:
    index = trail.steps
    purses = index.purses_of(touched)
    known = int(index.known[purses].sum())
    if known == purses.size:
        said = [
            told(
                "Opening balances: the {count} balance the trail touched follows from balances the bank reported.",
                "Opening balances: all {count} balances the trail touched follow from balances the bank reported.",
                known,
            )
        ]
    else:
        said = [
            told(
                "Opening balances: {count} of the {all} balances the trail touched follows from balances the bank "
                "reported; what does not is estimated as the least that needs no overdraft.",
                "Opening balances: {count} of the {all} balances the trail touched follow from balances the bank "
                "reported; what does not is estimated as the least that needs no overdraft.",
                known,
                all=f"{purses.size:,}",
            )
        ]
    if index.differing:
        said.append(
            told(
                "{count} of {all} balances the bank reported does not follow from the payments booked here: payments "
                "may be missing, were reversed since, or came in another order.",
                "{count} of {all} balances the bank reported do not follow from the payments booked here: payments may "
                "be missing, were reversed since, or came in another order.",
                index.differing,
                all=f"{index.reported:,}",
            )
        )
    return said


def _of_amounts(trail: Trail, touched: Iterable[int]) -> list[str]:
    index = trail.steps
    rows = np.array(sorted(touched), np.int64)
    said = []
    if (index.received[rows] < index.paid[rows])[~index.exchanged[rows]].any():
        said.append(
            "Where less arrived than was sent, the difference is a fee: it falls on the end of the payment (fifo, "
            "lifo), or is shared as the rule shares a payment out."
        )
    if index.exchanged[rows].any():
        said.append(
            "Amounts stay in the currency the trail begins with; an exchange scales them by what was paid and "
            "received, rounding down, and what is rounded away is dust."
        )
    return said


def of_bounds(trail: Trail, reached: Reached, *, exact: bool, given: int, of: int) -> tuple[str, ...]:
    """Say how far the bounds of a trace can be relied on.

    Parameters
    ----------
    reached : Reached
        What any of the money can have touched.
    exact : bool
        Whether they are those of a maximum flow.
    given, of : int
        How many endpoints have bounds, of how many that some rule names.
    """
    said = []
    if given < of:
        said.append(
            told(
                "Bounds are given for the largest of {all} endpoints.",
                "Bounds are given for the {count} largest of {all} endpoints.",
                given,
                all=f"{of:,}",
            )
        )
    if exact:
        said.append(
            "The bounds hold under any rule that conserves money, and both ends are possible. Where an opening balance "
            "is estimated, or times leave the order of payments open, the bounds leave it open too."
        )
    else:
        said.append(
            f"The money can have touched {int(reached.carried.sum()):,} payments, too many for exact bounds: those "
            "given follow from the sums of payments alone, and are wider."
        )
    if trail.steps.exchanged[reached.carried].any():
        said.append("Beyond an exchange of currency the bounds rest on what came in alone.")
    return tuple(said)
