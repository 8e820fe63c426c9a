"""The words of alerts: made from numbers, without a verdict."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flows.language import figures, say
from flows.money import exponent, spoken
from flows.payments import node_class
from flows.plural import told
from reports.joining import Paid

PATTERNS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"wage-kickback"}), "Wages that flow back"),
    (frozenset({"co-cash-out", "pass-through"}), "Money passed through and cashed out in company"),
    (frozenset({"co-cash-out"}), "Several cards cashed out in company"),
    (frozenset({"shared-identifier", "pass-through"}), "Linked customers passing on to one account"),
    (frozenset({"shared-identifier"}), "Linked customers paying one account"),
    (frozenset({"structuring", "pass-through"}), "Amounts under a reporting threshold, passed straight on"),
    (frozenset({"structuring"}), "Amounts under a reporting threshold"),
    (frozenset({"round-trip"}), "Money going in a circle"),
    (frozenset({"gather-scatter"}), "Gathering and paying out"),
    (frozenset({"scatter-gather"}), "Splitting and gathering again"),
    (frozenset({"fan-in", "pass-through"}), "Gathering and passing on"),
    (frozenset({"fan-in", "fan-out"}), "Gathering and paying out"),
    (frozenset({"fan-out", "pass-through"}), "Passing on to many"),
    (frozenset({"chain"}), "Passing on through a chain of accounts"),
    (frozenset({"fan-in"}), "Gathering from many"),
    (frozenset({"fan-out"}), "Paying out to many"),
    (frozenset({"pass-through"}), "Passing straight on"),
)
"""Plain names of movement patterns by the detectors that found something: the first that holds the strongest of them.

They describe movement only, for what no typology of the catalogue tells.
"""


def pattern(detectors: Sequence[str], titles: Mapping[str, str]) -> str:
    """Name a movement pattern by the detectors that found something.

    Parameters
    ----------
    detectors : sequence of str
        Ids, the strongest first; at least one.
    titles : mapping of str to str
        Title of each detector, for those that no pattern knows.

    Examples
    --------
    >>> pattern(["pass-through", "fan-in"], {}), pattern(["isolation-forest"], {"isolation-forest": "Unlike its peers"})
    ('Gathering and passing on', 'Unlike its peers')
    """
    strongest = detectors[0]
    for needed, name in PATTERNS:
        if strongest in needed and needed <= set(detectors):
            return say(name)
    return say(titles[strongest])


@dataclass(frozen=True)
class Flow:
    """What a group of accounts took in and paid out within some payments; the two are never added to each other."""

    taken_in: dict[str, int]
    paid_out: dict[str, int]
    payers: int
    payees: int
    payments_in: int
    payments_out: int


def flow(accounts: Collection[str], payments: Iterable[Paid]) -> Flow:
    """Sum what a group of accounts took in from outside it and paid to outside it, per currency.

    Payments within the group are hops of the same money and are not counted.
    """
    inside = frozenset(accounts)
    taken_in: dict[str, int] = defaultdict(int)
    paid_out: dict[str, int] = defaultdict(int)
    payers: Counter[str] = Counter()
    payees: Counter[str] = Counter()
    for paid in payments:
        if (paid.payer in inside) == (paid.payee in inside):
            continue
        if paid.payee in inside:
            taken_in[paid.currency] += paid.amount_minor
            payers[paid.payer] += 1
        else:
            paid_out[paid.currency] += paid.amount_minor
            payees[paid.payee] += 1
    return Flow(dict(taken_in), dict(paid_out), len(payers), len(payees), payers.total(), payees.total())


def title(typology: str, group: Sequence[str], payments: Sequence[Paid]) -> str:
    """Say who, what, how much and when, in one line.

    Parameters
    ----------
    typology : str
        Name of the pattern.
    group : sequence of str
        The accounts money passed through, the one it is about first.
    payments : sequence of Paid
        In time order; at least one.
    """
    who = told("{lead} and {count} more account", "{lead} and {count} more accounts", len(group) - 1, lead=group[0])
    flowed = flow(group, payments)
    own = flow(group[:1], payments)
    if len(group) == 1 or _size(flowed) < _size(own) / 2:
        # Money that mostly went round in the group is told from the account it is about.
        who, flowed = group[0], own
    said = []
    if flowed.payments_in:
        took_in = sums(flowed.taken_in)
        said.append(
            told("took in {sum} from {count} payer", "took in {sum} from {count} payers", flowed.payers, sum=took_in)
        )
    if flowed.payments_out:
        paid = sums(flowed.paid_out)
        said.append(told("paid {sum} to {count} payee", "paid {sum} to {count} payees", flowed.payees, sum=paid))
    what = say(" and ").join(said) or say("paid itself")
    return f"{typology}: {who} {what}, {days(payments[0].at, payments[-1].at)}"


def _size(flowed: Flow) -> float:
    """Give the larger of what came in and went out in major units: to compare, never to show."""
    return max(
        float(sum(amount / 10 ** exponent(currency) for currency, amount in money.items()))
        for money in (flowed.taken_in, flowed.paid_out)
    )


def likely_role(account: str, named: Iterable[str], *, takes_in: bool, pays: bool, hubs: Collection[str]) -> str:
    """Say what an account seems to do in a pattern; a likely role, not a finding about its holder."""
    if account in hubs:
        return SERVES_THE_PUBLIC
    roles = sorted(list(dict.fromkeys(named))[:2])
    if roles:
        return " and ".join(roles)
    if takes_in and pays:
        return "takes in and passes on"
    place = PLACES.get(node_class(account), "")
    return ("takes in" if takes_in else "pays in") + (f" ({place})" if place else "")


DOES = (
    "collects",
    "spreads",
    "splits",
    "sends",
    "pays in",
    "is paid",
    "takes in",
    "takes in and passes on",
    "passes on",
    "passes money on",
    "is paid at the end",
    "sends and gets back",
    "gets back",
    "gathers and spreads",
    "gathers",
    "is paid by a price list",
    "receives in pieces",
    "pays out in pieces",
    "pays the wages",
    "passes on a share of the wage",
    "pays instalments",
    "shares an identifier",
    "wakes after a long sleep",
    "cashes out in company",
    "pays the same people",
    "is paid by the same people",
)
"""What accounts do in a pattern, as `likely_role` and motifs say it, whole and in the parts that ``and`` joins."""


def spoken_role(role: str) -> str:
    """Say a likely role, as `likely_role` or a typology gives it, in the language of the moment.

    Examples
    --------
    >>> spoken_role("pays in (cash)")
    'pays in (cash)'
    """
    parts = []
    for part in role.split(" and "):
        does, _, place = part.partition(" (")
        parts.append(say(does) + (f" ({say(place[:-1])})" if place else ""))
    return say(" and ").join(parts)


SERVES_THE_PUBLIC = "serves the public"
"""Role of a hub."""

BESIDE = ("pays in", "is paid", "takes in", SERVES_THE_PUBLIC)
"""Roles of accounts that the pattern touches, but that do nothing in it: customers of a shop have them too."""


def plays_a_part(role: str) -> bool:
    """Whether an account does more in a pattern than pay in or be paid.

    Examples
    --------
    >>> plays_a_part("pays in and is paid"), plays_a_part("pays in (cash)"), plays_a_part("pays in and pays the wages")
    (False, False, True)
    """
    return any(part.partition(" (")[0] not in BESIDE for part in role.split(" and "))


def beside(roles: Sequence[str]) -> str:
    """Write how many accounts only pay in or are paid.

    Examples
    --------
    >>> beside(["pays in", "pays in (cash)"]), beside(["is paid"]), beside(["pays in", "is paid"])
    ('2 that pay in', '1 that is paid', '2 that pay in or are paid')
    """
    pay = any("pays" in role or role == SERVES_THE_PUBLIC for role in roles)
    paid = any("paid" in role or "takes" in role or role == SERVES_THE_PUBLIC for role in roles)
    if pay and paid:
        return told("{count} that pays in or is paid", "{count} that pay in or are paid", len(roles))
    if paid:
        return told("{count} that is paid", "{count} that are paid", len(roles))
    return told("{count} that pays in", "{count} that pay in", len(roles))


PLACES = {
    "ext": "account elsewhere",
    "cash": "cash",
    "mer": "merchant",
    "fee": "fee",
    "msb": "money-service business",
    "vasp": "crypto outlet",
    "gov": "public office",
}
"""Classes of node in words."""


def sums(money: Mapping[str, int]) -> str:
    """Write sums per currency, by code; never exchanged into one another.

    Examples
    --------
    >>> sums({"USD": 500, "EUR": 125000})
    '1,250.00 EUR and 5.00 USD'
    """
    return say(" and ").join(figures(spoken(money[currency], currency)) for currency in sorted(money))


def days(first_at: int, last_at: int) -> str:
    """Write from which day to which day (UTC).

    Examples
    --------
    >>> days(0, 0), days(0, 2 * 86_400_000_000), days(0, 40 * 86_400_000_000)
    ('1 January 1970', '1–3 January 1970', '1 January – 10 February 1970')
    """
    first, last = moment(first_at).date(), moment(last_at).date()
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{first.day} {say(MONTHS[first.month - 1])} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def day(on: date) -> str:
    """Write a date with its month in words, so that no reader mistakes day and month."""
    return f"{on.day} {say(MONTHS[on.month - 1])} {on.year}"


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def moment(at: int) -> datetime:
    """Turn microseconds since 1970 into a time in UTC."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000)


def span(first_at: int, last_at: int) -> str:
    """Write how long something took.

    Examples
    --------
    >>> span(0, 1_800_000_000), span(0, 7_200_000_000), span(0, 259_200_000_000)
    ('30 minutes', '2 hours', '3 days')
    """
    minutes = (last_at - first_at) // 60_000_000
    if minutes < 120:
        return told("{count} minute", "{count} minutes", minutes)
    if minutes < 72 * 60:
        return told("{count} hour", "{count} hours", round(minutes / 60))
    return told("{count} day", "{count} days", round(minutes / 1440))
