"""Patterns written as text: payments in a stated order over named accounts, read, explained and searched.

::

    a -> b within 6h keeps 0.9..1 -> c
    c: cash or vasp
    b as collector

What stands between an account and its arrow is about the payment of that arrow: here, b pays c at most 6 hours after a
paid b, and passes on 90 to 100 % of what it got. The language is described in ``docs/patterns.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import microseconds
from detectors.notes import note
from detectors.pattern_grammar import ANY, MILLION, PUBLIC, SPANS, Account, Hop, longest, read
from detectors.pattern_words import KEYWORDS
from flows.money import exponent
from flows.payments import CHANNELS
from flows.plural import spoken
from flows.window import Reach, Window
from graphs.classes import CLASSES, PERSONS, node_classes
from graphs.temporal import owned_edges, temporal_graph

MOST_FOUND: Final = 20
"""Matches of one first payment. Ours: more tell a reader nothing new."""
MOST_STEPS: Final = 2_000
"""Payments looked at from one first payment. Ours: a million payments of one account stay searchable."""

_NO_BOUND: Final = 2**62  # above every amount (`flows.money.MAX_MINOR`) and every time


@dataclass(frozen=True)
class Match:
    """Payments that follow a pattern.

    Parameters
    ----------
    payments : tuple of str
        Their ids, in the order of the pattern, which is that of time.
    accounts : dict of str to str
        The account at each name of the pattern.
    edges : tuple of int
        Their rows in the window.
    """

    payments: tuple[str, ...]
    accounts: dict[str, str]
    edges: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True)
class Pattern:
    r"""A pattern; make it with `Pattern.parse`.

    Payments follow one another strictly in time, in the order in which they are written. One name is one account,
    different names are different accounts, so a payment of an account to itself never belongs to a match. An account
    of which nothing is said is one behind which a person or a firm may stand (of the bank, or ``ext:``), and does not
    serve the public.

    Parameters
    ----------
    accounts : tuple of Account
        In the order in which they first pay or are paid.
    hops : tuple of Hop
        In the order of time.
    span : timedelta or None
        From the first payment to the last, at most.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> relay = Pattern.parse("a -> b within 6h keeps 0.9..1 -> c")
    >>> relay.reach.ahead
    datetime.timedelta(seconds=21600)
    >>> print(relay.explained)
    1. a pays b.
    2. b pays c: at most 6 hours later, 0.9 to 1 of the amount before.
    >>> window = whole(payments_from_arrows("day 0 09:00 x -> y 500 EUR\nday 0 12:00 y -> z 470 EUR"))
    >>> [match.accounts for match in relay.find(window)]
    [{'a': 'x', 'b': 'y', 'c': 'z'}]
    """

    accounts: tuple[Account, ...]
    hops: tuple[Hop, ...]
    span: timedelta | None = None

    @classmethod
    def parse(cls, text: str, where: str = "the pattern") -> Pattern:
        """Read a pattern.

        Parameters
        ----------
        text : str
            As in ``docs/patterns.md``.
        where : str
            What to call it in an error.

        Raises
        ------
        SettingsError
            If it is not understood; the message points at the word and says what to write.
        """
        return cls(*read(text, where))

    def __str__(self) -> str:
        """Write the pattern so that reading it gives the same pattern."""
        said, here = "", ""
        for hop in self.hops:
            said += "" if hop.payer == here else ("; " if said else "") + hop.payer
            said += "".join(f" {condition}" for condition in _written(hop)) + f" -> {hop.payee}"
            here = hop.payee
        for account in self.accounts:
            said += f"; {account.name}: {' or '.join(account.kinds)}" if account.kinds else ""
            said += f"; {account.name} as {_role(account.role)}" if account.role else ""
        return said + (f"; in {_span(self.span)}" if self.span is not None else "")

    @property
    def explained(self) -> str:
        """The pattern in words, one line for each payment, so that its author can see how it was read."""
        lines = []
        for number, hop in enumerate(self.hops, 1):
            if number > 1 and hop.within is None:
                later = "later"
            else:
                later = "" if hop.within is None else f"at most {spoken(hop.within)} later"
            said = [
                later,
                f"{hop.keeps.words} of the amount before" if hop.keeps else "",
                f"{hop.amount.words} {hop.currency or 'units of its currency'}" if hop.amount else "",
                f"by {' or '.join(hop.channels)}" if hop.channels else "",
            ]
            terms = ", ".join(filter(None, said))
            lines.append(f"{number}. {hop.payer} pays {hop.payee}{': ' + terms if terms else ''}.")
        lines += [
            f"{account.name} is of the kind {' or '.join(account.kinds)}." for account in self.accounts if account.kinds
        ]
        if self.span is not None:
            lines.append(f"From the first payment to the last: at most {spoken(self.span)}.")
        return "\n".join(lines)

    @property
    def reach(self) -> Reach:
        """Nothing before the first payment matters; the last one is no further ahead than the spans allow."""
        return Reach(ahead=longest(self.hops, self.span))

    @property
    def centre(self) -> str:
        """The name of the account a finding is about: the first with a role, or else the first that pays."""
        return next((account.name for account in self.accounts if account.role), self.accounts[0].name)

    def find(
        self, window: Window, *, id_: str = "pattern", most_found: int = MOST_FOUND, most_steps: int = MOST_STEPS
    ) -> Iterator[Match]:
        """Give the matches whose first payment the window owns, in order of their payments.

        Parameters
        ----------
        window : Window
            Cut by time, to `reach` at least, or whole.
        id_ : str
            Under which notes are left in the window of what was not looked for.
        most_found, most_steps : int
            Bounds for each first payment: matches given, payments looked at. First payments that meet one are noted.
        """
        if not window.payments.num_rows:
            return
        # numba is imported by whoever searches, not by whoever reads patterns.
        from graphs.kernels.patterns import matches

        graph = temporal_graph(window)
        first, last = owned_edges(window, graph)
        names = [account.name for account in self.accounts]
        found = matches(
            graph,
            self._steps(graph.currencies),
            kind=window.memo("pattern_kinds", lambda: _kinds(window)),
            channel=_channels(window, any(hop.channels for hop in self.hops)),
            first=first,
            last=last,
            most_found=most_found,
            most_steps=most_steps,
        )
        note(
            window,
            id_,
            "capped",
            "{count} first payment has more matches than were looked for",
            "{count} first payments have more matches than were looked for",
            found.capped,
        )
        if not all(PUBLIC in account.kinds for account in self.accounts):
            at_hub = graph.hub[graph.payer[first:last]] | graph.hub[graph.payee[first:last]]
            note(
                window,
                id_,
                "excluded",
                "{count} payment of an account that serves the public was not followed where the pattern does not say "
                "'public'",
                "{count} payments of accounts that serve the public were not followed where the pattern does not say "
                "'public'",
                int(np.count_nonzero(at_hub)),
            )
        ends = [(names.index(hop.payer), names.index(hop.payee)) for hop in self.hops]
        ids = window.payments["payment_id"].take(pa.array(found.edges.ravel())).to_pylist()
        payers = graph.names.take(pa.array(graph.payer[found.edges.ravel()])).to_pylist()
        payees = graph.names.take(pa.array(graph.payee[found.edges.ravel()])).to_pylist()
        for number, edges in enumerate(found.edges.tolist()):
            begin = number * len(self.hops)
            at: dict[int, str] = {}
            for hop, (payer, payee) in enumerate(ends, begin):
                at[payer], at[payee] = payers[hop], payees[hop]
            yield Match(
                payments=tuple(ids[begin : begin + len(self.hops)]),
                accounts={name: at[place] for place, name in enumerate(names)},
                edges=tuple(edges),
            )

    def _steps(self, currencies: tuple[str, ...]) -> Any:
        from graphs.kernels.patterns import NO_SHARE, Steps

        names = [account.name for account in self.accounts]
        shape = len(self.hops), len(currencies)
        least, most = np.full(shape, -_NO_BOUND, np.int64), np.full(shape, _NO_BOUND, np.int64)
        channels = np.ones((len(self.hops), len(CHANNELS) + 1), np.bool_)
        for number, hop in enumerate(self.hops):
            for unit, currency in enumerate(currencies):
                least[number, unit], most[number, unit] = _minor(hop, currency)
            if hop.channels:
                channels[number] = np.isin([*CHANNELS, ""], hop.channels)
        shares = [
            (_millionths(hop.keeps.least) or 0, _millionths(hop.keeps.most)) if hop.keeps else None for hop in self.hops
        ]
        return Steps(
            payer=np.array([names.index(hop.payer) for hop in self.hops], np.int32),
            payee=np.array([names.index(hop.payee) for hop in self.hops], np.int32),
            accepts=np.array([_accepts(account.kinds) for account in self.accounts], np.int16),
            channels=channels,
            least=least,
            most=most,
            keeps_least=np.array([NO_SHARE if each is None else each[0] for each in shares], np.int64),
            keeps_most=np.array(
                [NO_SHARE if each is None or each[1] is None else each[1] for each in shares], np.int64
            ),
            within=np.array(
                [_NO_BOUND if hop.within is None else microseconds(hop.within) for hop in self.hops], np.int64
            ),
            span=_NO_BOUND if self.span is None else microseconds(self.span),
        )


def _accepts(kinds: tuple[str, ...]) -> int:
    """Give the kinds that may stand at an account, a bit each: classes, then accounts that serve the public."""
    named = kinds or PERSONS
    bits = (1 << len(CLASSES)) - 1 if ANY in named else 0
    for number, name in enumerate((*CLASSES, PUBLIC)):
        bits |= (name in named) << number
    return bits


def _kinds(window: Window) -> NDArray[np.int16]:
    bits = np.left_shift(np.int16(1), node_classes(window).astype(np.int16))
    return np.where(temporal_graph(window).hub, np.int16(1 << len(CLASSES)), bits)


def _channels(window: Window, asked: bool) -> NDArray[np.int8]:
    if not asked:
        return np.zeros(window.payments.num_rows, np.int8)

    def numbered() -> NDArray[np.int8]:
        numbers = pc.index_in(window.payments["channel"].combine_chunks(), value_set=pa.array(CHANNELS))
        # A channel we do not know has a number of its own. numba compiles once more for a read-only array as Arrow's.
        return np.array(numbers.fill_null(len(CHANNELS)).to_numpy(zero_copy_only=False), np.int8)

    return window.memo("pattern_channels", numbered)


def _minor(hop: Hop, currency: str) -> tuple[int, int]:
    """Give the least and the most minor units of a hop in a currency; least above most where it will not do."""
    if hop.amount is None:
        return -_NO_BOUND, _NO_BOUND
    if hop.currency is not None and hop.currency != currency:
        return _NO_BOUND, -_NO_BOUND
    least, most = hop.amount.least, hop.amount.most
    unit = 10 ** exponent(currency)
    return (
        -_NO_BOUND if least is None else min(ceil(Fraction(least) * unit), _NO_BOUND),
        _NO_BOUND if most is None else min(floor(Fraction(most) * unit), _NO_BOUND),
    )


def _millionths(share: Decimal | None) -> int | None:
    return None if share is None else int(share * MILLION)


def _written(hop: Hop) -> Iterator[str]:
    if hop.within is not None:
        yield f"within {_span(hop.within)}"
    if hop.keeps is not None:
        yield f"keeps {hop.keeps}"
    if hop.amount is not None:
        yield f"amount {hop.amount}" + (f" {hop.currency}" if hop.currency else "")
    if hop.channels:
        yield f"by {' or '.join(hop.channels)}"


def _span(span: timedelta) -> str:
    seconds = span // timedelta(seconds=1)
    name = max((name for name in SPANS if seconds % SPANS[name] == 0), key=lambda name: SPANS[name])
    return f"{seconds // SPANS[name]}{name}"


def _role(role: str) -> str:
    simple = re.fullmatch(r"[A-Za-z_]\w*", role, re.ASCII) and role not in KEYWORDS
    return role if simple else f'"{role}"'
