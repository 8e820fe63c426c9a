"""What a rule attributes, written down as it goes: how much each payment carried, and where the trail ended.

Every rule writes through a `Record`, so that classes of endpoints, the cut of small amounts and the check that no minor
unit is lost are the same for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

import pyarrow as pa

from flows.errors import BalanceError
from flows.payments import node_class
from flows.window import Window
from graphs.trace_steps import Steps

Direction = Literal["forward", "backward"]
EndClass = Literal[
    "balance",
    "cash",
    "card",
    "external",
    "crypto",
    "msb",
    "fee",
    "hub",
    "overdraft_repaid",
    "dust",
    "unordered",
]
END_CLASSES: tuple[EndClass, ...] = get_args(EndClass)
"""Where a trail may end, as the outside contract names them."""

_OF_NODE: dict[str, EndClass] = {
    "cash": "cash",
    "mer": "card",
    "fee": "fee",
    "msb": "msb",
    "vasp": "crypto",
    "gov": "external",
    "ext": "external",
}
# What the channel says of an account elsewhere: the money left as cash or coins although a number stands there.
_OF_CHANNEL: dict[str, EndClass] = {
    "atm_wd": "cash",
    "cash_adm": "cash",
    "cash_branch": "cash",
    "card_cnp": "card",
    "card_pos": "card",
    "prepaid_load": "card",
    "crypto": "crypto",
    "fee": "fee",
    "msb": "msb",
}

EndKey = tuple[str, EndClass, str]
"""Node, class, and in words what happened there."""

DUST_NODE = "(too small to follow)"
"""Node of the endpoint that gathers small amounts."""

FEE_NODE = "(kept on the way)"
"""Node of the endpoint that gathers what arrived less than was sent."""

AGAIN = "reached another payment the trail begins with, and is followed from there as part of it"
BACK = "came back to where the trail began"
FROM_ITSELF = "came from where the trail ends"
STILL_THERE = "still in the account at the end of the data"
BEFORE = "in the account before the data begins"
"""What happened at an endpoint of class balance, in words."""


@dataclass(frozen=True, eq=False)
class Trail:
    """A ledger seen in the direction of a trace, and where trails end in it.

    Parameters
    ----------
    window : Window
        The payments.
    steps : Steps
        Its purses.
    direction : {"forward", "backward"}
        Forward asks where money went, backward where it came from.
    stops : frozenset of str
        Accounts at which the trail ends because it began there.
    """

    window: Window
    steps: Steps
    direction: Direction
    stops: frozenset[str] = frozenset()

    @property
    def forward(self) -> bool:
        """Whether money is followed to where it went."""
        return self.direction == "forward"

    @property
    def taking(self) -> int:
        """Side of the legs by which money reaches a purse in this direction: 1 credits, 0 debits."""
        return 1 if self.forward else 0

    def next_node(self, row: int) -> str:
        """Give the node a payment leads to in this direction."""
        ends = self.steps.payee if self.forward else self.steps.payer
        name: str = self.steps.names[int(ends[row])].as_py()
        return name

    def sizes(self, row: int) -> tuple[int, int]:
        """Give what a payment gives and what arrives, in this direction."""
        paid, received = int(self.steps.paid[row]), int(self.steps.received[row])
        return (paid, received) if self.forward else (received, paid)

    def in_order(self, row: int) -> int:
        """Give a number that is smaller for payments to be looked at sooner."""
        leg = 2 * row + 1 - self.taking
        return int(self.steps.when[leg]) if self.forward else -int(self.steps.when[leg])

    def end(self, row: int) -> EndKey | None:
        """Say where the trail ends with a payment; None if it goes on in an account of the bank."""
        node = self.next_node(row)
        if node in self.stops:
            return node, "balance", BACK if self.forward else FROM_ITSELF
        if self.steps.looped[row]:
            return node, "unordered", "the times of these payments contradict each other"
        if self.steps.purse[2 * row + self.taking] >= 0:
            return None
        if node in self.window.hubs and node_class(node) == "account":
            return node, "hub", "an account that serves the public; not followed further"
        if node_class(node) == "account":
            return node, "balance", "paid to itself"
        kind = _OF_NODE[node_class(node)]
        if kind == "external":
            kind = _OF_CHANNEL.get(self.window.payments["channel"][row].as_py(), kind)
        return node, kind, _WORDS[self.direction][kind]

    def rest(self, purse: int) -> EndKey:
        """Name the endpoint of money that stays in a purse, or was there before the data begins."""
        node = self.steps.names[int(self.steps.node_of_purse[purse])].as_py()
        return node, "balance", STILL_THERE if self.forward else BEFORE

    def overdraft(self, purse: int) -> EndKey:
        """Name the endpoint of money that paid back an overdraft, or that the bank lent."""
        node = self.steps.names[int(self.steps.node_of_purse[purse])].as_py()
        if self.forward:
            return node, "overdraft_repaid", "paid back the account's overdraft"
        return node, "external", "lent by the bank as an overdraft"


_WORDS: dict[Direction, dict[EndClass, str]] = {
    "forward": {
        "cash": "taken out in cash",
        "card": "spent by card",
        "external": "paid to an account elsewhere",
        "crypto": "turned into crypto assets",
        "msb": "sent through a money service",
        "fee": "paid as a fee",
    },
    "backward": {
        "cash": "paid in as cash",
        "card": "received from a merchant",
        "external": "received from an account elsewhere",
        "crypto": "received for crypto assets",
        "msb": "received through a money service",
        "fee": "a fee given back",
    },
}


@dataclass(eq=False)
class Record:
    """What one rule attributed, in minor units of the currency the trail began in.

    Parameters
    ----------
    trail : Trail
        Where it happens.
    smallest : int
        A payment that would carry less is not followed: what it carries is gathered as dust. 0 follows everything.
    """

    trail: Trail
    smallest: int = 0
    carried: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    ends: dict[EndKey, int] = field(default_factory=lambda: defaultdict(int))
    through: dict[EndKey, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    def end(self, key: EndKey, worth: int, rows: Iterable[tuple[int, int]]) -> None:
        """End some of the trail.

        Parameters
        ----------
        key : tuple
            Where.
        worth : int
            How much.
        rows : iterable of (int, int)
            The payments it came by, and how much of it each brought.
        """
        if worth:
            self.ends[key] += worth
        for row, part in rows:
            self.through[key][row] += part

    def dust(self, row: int, worth: int) -> None:
        """Give up an amount that is too small to follow."""
        if worth:
            self.end((DUST_NODE, "dust", "too small to follow, or rounded away in an exchange"), worth, [(row, worth)])

    def fee(self, row: int, worth: int) -> None:
        """End what was kept between a payer and a payee."""
        if worth:
            self.end((FEE_NODE, "fee", "sent but not received: a fee on the way"), worth, [(row, worth)])

    def again(self, row: int, worth: int) -> None:
        """End what reached a payment that the trail also begins with."""
        if worth:
            self.end((self.trail.next_node(row), "balance", AGAIN), worth, [(row, worth)])

    def goes(self, row: int, worth: int) -> bool:
        """Note what a payment carries; say whether it is followed."""
        if worth < self.smallest:
            self.dust(row, worth)
            return False
        self.carried[row] += worth
        return True

    def check(self, total: int, rule: str) -> None:
        """Find out whether every minor unit is accounted for.

        Raises
        ------
        BalanceError
            If not; the trace must not be believed.
        """
        found = sum(self.ends.values())
        if found != total:
            raise BalanceError(
                "the endpoints of a trace do not sum to what it began with",
                where=f"rule {rule}, {self.trail.direction}",
                try_="do not use this trace; report it with the version of the ledger",
            )


def names_of(payments: pa.Table, rows: Iterable[int]) -> tuple[str, ...]:
    """Give the ids of payments by row, in order of row."""
    wanted = pa.array(sorted(rows), pa.int64())
    return tuple(payments["payment_id"].take(wanted).to_pylist())
