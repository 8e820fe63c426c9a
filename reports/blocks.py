"""Neutral blocks: what a section says, before any medium decides how it looks.

A section turns facts into blocks, a renderer turns blocks into bytes; neither knows the other. Every text in a block
is plain text: renderers escape it, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, Protocol

from flows.money import exponent
from flows.showing import Shown
from reports.facts import ScanFacts

Kind = Literal["text", "sentence", "id", "amount", "number", "time"]


class Picked(Shown):
    """A block that is worth showing alone: in a notebook it shows itself."""

    shown_as: ClassVar[str] = "block"
    title: str


@dataclass(frozen=True)
class Paragraph:
    """Some sentences."""

    text: str
    tone: Literal["plain", "lead", "quiet"] = "plain"


@dataclass(frozen=True)
class Tile:
    """One large number with its name and a word beside it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Tiles:
    """A row of large numbers."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Bullets:
    """A list of short sentences under an optional heading."""

    items: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Parameters
    ----------
    text : str
        What is read.
    sort : int, float, str or None
        What it is sorted by, if not by the text.
    """

    text: str
    sort: int | float | str | None = None


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table(Picked):
    """Rows a reader can sort, search and copy.

    Parameters
    ----------
    title : str
        What it lists.
    columns : tuple of Column
        At least one.
    rows : tuple of tuple of Cell
        As long as `columns` each.
    note : str
        What to know when reading it: what was cut, which clock.
    tools : bool
        Whether it is worth a search box and a copy button.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    tools: bool = False


@dataclass(frozen=True)
class Reasoned:
    """One finding as a reason: the number of its detector in the table of payments, and its sentences."""

    number: int
    title: str
    account: str
    sentence: str


@dataclass(frozen=True)
class Reasons:
    """Why, in numbers: by detector, the strongest first."""

    title: str
    reasons: tuple[Reasoned, ...]
    note: str = ""


@dataclass(frozen=True)
class Node:
    """An account in a picture.

    Parameters
    ----------
    name : str
        Account id, or a name made up for a fold of several.
    label, role : str
        First and second line in the box: account and likely role.
    look : {"lead", "account", "outside", "place", "hub", "fold"}
        What kind of node it is.
    """

    name: str
    label: str
    role: str
    look: Literal["lead", "account", "outside", "place", "hub", "fold"]


@dataclass(frozen=True)
class Arrow:
    """All payments drawn from one node to another.

    Parameters
    ----------
    payer, payee : str
        Names of nodes.
    amount : str
        Sum in words, per currency.
    when : str
        Time of the payment, or of the first and last.
    payments : int
        How many payments it stands for.
    share : float
        Its weight next to the largest arrow, 0 to 1; decides how thick it is.
    first_at : int
        Time of the first of them; decides which way a circle is opened.
    """

    payer: str
    payee: str
    amount: str
    when: str
    payments: int
    share: float
    first_at: int


@dataclass(frozen=True)
class Movement:
    """One payment of a moving picture; under a trace, the part of it that was followed.

    Parameters
    ----------
    payment_id, payer, payee : str
        Ids.
    amount_minor, currency : int, str
        How much.
    at : int
        Seconds since 1970.
    hour_known : bool
        False where only its booking date is known.
    """

    payment_id: str
    payer: str
    payee: str
    amount_minor: int
    currency: str
    at: int
    hour_known: bool = True

    @property
    def size(self) -> float:
        """Amount in major units: to choose and to scale, never to show or add."""
        return float(self.amount_minor / 10 ** exponent(self.currency))


@dataclass(frozen=True)
class Moving:
    """What the moving picture of a network is drawn from.

    Parameters
    ----------
    nodes : tuple of Node
        The most important first.
    movements : tuple of Movement
        In order of time, among these nodes.
    shown : int
        How many of the nodes are seen at first; a reader opens the others.
    middle : str
        The account it is about, or nothing.
    accounts_in_all, payments_in_all : int
        How many there are, drawn or not.
    """

    nodes: tuple[Node, ...]
    movements: tuple[Movement, ...]
    shown: int
    middle: str
    accounts_in_all: int
    payments_in_all: int


@dataclass(frozen=True)
class Network(Picked):
    """A picture of who paid whom, left to right; still, and moving for a reader with scripts."""

    title: str
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    note: str = ""
    moving: Moving | None = None


@dataclass(frozen=True)
class Event:
    """One payment on a time line."""

    at: int
    lane: Literal["in", "within", "out"]
    share: float
    amount: str
    label: str


@dataclass(frozen=True)
class Timeline(Picked):
    """When money came in, moved within and went out."""

    title: str
    events: tuple[Event, ...]
    note: str = ""


@dataclass(frozen=True)
class Stay:
    """What one account held of the followed money.

    Parameters
    ----------
    name, what : str
        The account, and what became of the money there.
    held : tuple of (int, int)
        From each moment on (seconds since 1970), how many minor units; in order of time.
    stays : bool
        Whether what is held at the end is still in an account, rather than gone.
    """

    name: str
    what: str
    held: tuple[tuple[int, int], ...]
    stays: bool = False


@dataclass(frozen=True)
class Passing:
    """A payment that took some of the money from one stay to another.

    Parameters
    ----------
    at : int
        Seconds since 1970.
    giver, taker : int
        Places in `Whereabouts.stays`.
    amount_minor : int
        How much of the money.
    giver_keeps, taker_had : int
        What the giver held after it, and the taker before it.
    payment_id : str
        The payment; several of one moment between the same two are one.
    """

    at: int
    giver: int
    taker: int
    amount_minor: int
    giver_keeps: int
    taker_had: int
    payment_id: str


@dataclass(frozen=True)
class Whereabouts(Picked):
    """Where the followed money was at each moment."""

    title: str
    currency: str
    stays: tuple[Stay, ...]
    passings: tuple[Passing, ...]
    note: str = ""


@dataclass(frozen=True)
class Series:
    """Numbers over the days of a plot; None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Plot:
    """A few numbers over days, or over values that were tried, on one axis that begins at zero."""

    title: str
    days: tuple[date | str, ...]
    series: tuple[Series, ...]
    note: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        """The days, or values, as they are written."""
        return tuple(one if isinstance(one, str) else one.isoformat() for one in self.days)


@dataclass(frozen=True)
class Leaning:
    """One evidence leg: how strong it is, or that nothing was asked."""

    name: str
    weight: float | None


@dataclass(frozen=True)
class Legs:
    """The evidence legs of an alert."""

    legs: tuple[Leaning, ...]


@dataclass(frozen=True)
class Pair:
    """Two things of equal weight side by side: what points to it, and what speaks against it."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]


@dataclass(frozen=True)
class Fold:
    """Something most readers need only sometimes."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class AlertCard:
    """One alert.

    Parameters
    ----------
    alert_id : str
        Its stable name.
    place : int
        Its place in tonight's order, from 1.
    tier : str
        One of `reports.weighing.TIERS`.
    score : float
        0 to 1.
    pattern, headline : str
        Name of the pattern; who, how much and when.
    why : str
        The strongest reason, as a sentence.
    facts : tuple of str
        Short facts beside the headline.
    blocks : tuple of Block
        Everything else.
    pieces : tuple of AlertCard
        The further pieces of a group that was too large for one alert, folded behind this one.
    """

    alert_id: str
    place: int
    tier: str
    score: float
    pattern: str
    headline: str
    why: str
    facts: tuple[str, ...]
    blocks: tuple[Block, ...]
    pieces: tuple[AlertCard, ...] = ()


@dataclass(frozen=True)
class Queue:
    """The alerts in the order they should be read; pieces of one group stand behind the first of them."""

    cards: tuple[AlertCard, ...]
    tiers: tuple[tuple[str, str], ...]


Block = (
    Paragraph | Tiles | Bullets | Table | Reasons | Network | Timeline | Whereabouts | Plot | Legs | Pair | Fold | Queue
)


@dataclass(frozen=True)
class Part:
    """A section as blocks."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A whole report as blocks.

    Parameters
    ----------
    title, subtitle : str
        Heading.
    banner : str
        Who may read it; on every page of every medium.
    promise : str
        What the tool does and does not decide; beside the banner.
    parts : tuple of Part
        In reading order.
    """

    title: str
    subtitle: str
    banner: str
    promise: str
    parts: tuple[Part, ...]


class Section(Protocol):
    """A section of the report: facts in, blocks out."""

    rank: int
    title: str

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """Say what this section has to say; an empty tuple leaves it out."""


class Renderer(Protocol):
    """A medium: blocks in, bytes out."""

    def render(self, page: Page) -> bytes:
        """Write a page."""
