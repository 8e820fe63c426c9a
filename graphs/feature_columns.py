"""The features of an account: what each is counted in, why it is looked at, how it is said, what shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["payments", "accounts", "findings", "share", "hours", "days", "times", "bits", "powers of ten", "amount"]

Theme = Literal[
    "volume",
    "counterparties",
    "surroundings",
    "resting",
    "clock",
    "rhythm",
    "change",
    "amounts",
    "movement",
    "together",
    "ways",
    "motifs",
]

ShownBy = Literal[
    "any", "in", "out", "fleeting", "fleeting in", "fleeting out", "new", "round", "large", "night", "weekend", "cash"
]


@dataclass(frozen=True)
class Column:
    """One feature.

    Parameters
    ----------
    name : str
        Its name in the table.
    theme : str
        What side of the account it describes; detectors choose their columns by theme.
    unit : str
        What it is counted in. ``"amount"`` is a multiple of `graphs.features.Features.scale`. A surprise counts
        ``"powers of ten"``: 3 means one chance in a thousand.
    why : str
        Why it is looked at, with the indicator of the catalogue.
    says : str
        The beginning of a sentence about an account, with ``{measured}``.
    shown_by : str
        Which payments of the account show it.
    restricted : bool
        True where the catalogue (5.4) forbids that it creates a score by itself: it is measured, never fitted.
    values : tuple of (str, str)
        What else stands in braces, by name: a text that is itself looked up in the language it is told in.
    """

    name: str
    theme: Theme
    unit: Unit
    why: str
    says: str
    shown_by: ShownBy = "any"
    restricted: bool = False
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Family:
    """A kind of pattern that accounts may have a part in.

    Parameters
    ----------
    id : str
        As it is listed; names its columns.
    title : str
        Its name in words.
    shuffled : bool
        Whether the surprise of its findings can be measured at all.
    """

    id: str
    title: str
    shuffled: bool = True


# True of a tie begun last week, too, of which nobody can know yet whether it lasts (`graphs.between.FLEETING`).
_LASTING = "it dealt with for two weeks at most"

COLUMNS: Final = (
    Column("in_count", "volume", "payments", "How busy it is.", "{measured} came in", "in"),
    Column("out_count", "volume", "payments", "How busy it is.", "{measured} went out", "out"),
    Column("in_amount", "volume", "amount", "How much it handles.", "{measured} came in", "in"),
    Column("out_amount", "volume", "amount", "How much it handles.", "{measured} went out", "out"),
    Column("surplus", "volume", "share", "A pure sink or source.", "{measured} of its turnover stayed"),
    Column("payers", "counterparties", "accounts", "Many payers (FUN-05).", "{measured} paid it", "in"),
    Column("payees", "counterparties", "accounts", "Many payees (FUN-06).", "it paid {measured}", "out"),
    Column("payer_bits", "counterparties", "bits", "Spread over payers.", "its payers spread over {measured}", "in"),
    Column("payee_bits", "counterparties", "bits", "Spread over payees.", "its payees spread over {measured}", "out"),
    Column(
        "new_counterparties",
        "counterparties",
        "share",
        "New ties all at once (FUN-14).",
        "{measured} of its counterparties were new in the last 30 days",
        "new",
    ),
    Column(
        "fleeting_share",
        "counterparties",
        "share",
        "Ties that do not last.",
        f"{{measured}} of its payments were with accounts {_LASTING}",
        "fleeting",
    ),
    Column(
        "mutual",
        "counterparties",
        "share",
        "Both ways: family, partners in business (MIT-05).",
        "{measured} of its counterparties both pay and are paid",
    ),
    Column(
        "ego_ties",
        "surroundings",
        "times",
        "Its counterparties deal with each other as well (OddBall; LAB-07).",
        "the ties among it and its counterparties were {measured} what is usual for as many counterparties",
    ),
    Column(
        "ego_amount",
        "surroundings",
        "times",
        "Few ties that carry much (OddBall; FUN-04).",
        "it moved {measured} what is usual for as many ties around it",
    ),
    Column("passed_on_1d", "resting", "share", "Does not rest (FUN-04).", "{measured} of what came went on in 1 day"),
    Column("passed_on_3d", "resting", "share", "Does not rest (FUN-04).", "{measured} of what came went on in 3 days"),
    Column("passed_on_14d", "resting", "share", "Rests briefly.", "{measured} of what came went on in 14 days"),
    Column("held_hours", "resting", "hours", "How long money rests.", "what it passed on was held {measured}"),
    Column("next_out_hours", "resting", "hours", "Waited for.", "typically {measured} passed until money went out"),
    Column("night", "clock", "share", "Trade at night (SEX-01).", "{measured} of its payments fell at night", "night"),
    Column(
        "weekend", "clock", "share", "Takings off the week.", "{measured} of its payments fell on weekends", "weekend"
    ),
    Column("burstiness", "rhythm", "times", "Bursts and silences.", "its unevenness in time (-1 to 1) was {measured}"),
    Column("busiest_week", "rhythm", "share", "All in one burst.", "{measured} of its payments fell in one week"),
    Column("active_days", "rhythm", "days", "How steadily it is used.", "it was used on {measured}"),
    Column("longest_silence", "rhythm", "days", "Slept, then used (FUN-14).", "its longest silence was {measured}"),
    Column("idle_days", "rhythm", "days", "Left behind after use.", "its last payment was {measured} ago"),
    Column(
        "count_change",
        "change",
        "times",
        "Busier, or quieter, than it used to be (FUN-14).",
        "in the last 28 days it was {measured} as busy as before",
    ),
    Column(
        "amount_change",
        "change",
        "times",
        "Moves more, or less, than it used to (FUN-14).",
        "in the last 28 days it moved {measured} as much as before",
    ),
    Column(
        "benford",
        "amounts",
        "share",
        "First digits of amounts that were chosen, not grown (Benford 1938).",
        "the first digits of {measured} of its amounts lie elsewhere than in amounts that grow of themselves",
    ),
    Column(
        "round_amounts", "amounts", "share", "Agreed prices (SEX-02).", "{measured} of its amounts were round", "round"
    ),
    Column(
        "largest_to_median",
        "amounts",
        "times",
        "One payment unlike the others.",
        "its largest payment was {measured} the median one",
        "large",
    ),
    Column("other_currency", "amounts", "share", "Changed on the way.", "{measured} were in other currencies"),
    Column(
        "payers_burst",
        "movement",
        "accounts",
        "Many new payers together (FUN-05).",
        f"within 14 days {{measured}} {_LASTING} paid it",
        "fleeting in",
    ),
    Column(
        "payees_burst",
        "movement",
        "accounts",
        "Many new payees together (FUN-06).",
        f"within 14 days it paid {{measured}} {_LASTING}",
        "fleeting out",
    ),
    Column(
        "payers_surprise",
        "movement",
        "powers of ten",
        "New payers together against its own pace (FUN-05, FUN-14).",
        "at its own pace, so many new payers would come together by chance once in {measured}",
        "fleeting in",
    ),
    Column(
        "payees_surprise",
        "movement",
        "powers of ten",
        "New payees together against its own pace (FUN-06, FUN-14).",
        "at its own pace, it would pay so many new payees together by chance once in {measured}",
        "fleeting out",
    ),
    Column(
        "joined_payers",
        "movement",
        "powers of ten",
        "It is one of many new payers of an account (FUN-05, FUN-07).",
        "it paid an account where so many new payers would come together by chance once in {measured}",
        "fleeting out",
    ),
    Column(
        "joined_payees",
        "movement",
        "powers of ten",
        "It is one of many new payees of an account (FUN-06, FUN-07).",
        "it was paid by an account that would pay so many new payees together by chance once in {measured}",
        "fleeting in",
    ),
    Column(
        "relays",
        "movement",
        "payments",
        "A link of a chain (FUN-08, FUN-09).",
        f"{{measured}} from accounts {_LASTING} went on to others in nearly the same amount",
        "fleeting",
    ),
    Column(
        "chain",
        "movement",
        "payments",
        "A link of a long chain (FUN-08, FUN-09).",
        "it stands in a chain of {measured} in nearly the same amount",
        "fleeting",
    ),
    Column(
        "fleeting_passed_on",
        "movement",
        "amount",
        "Gathered and scattered (FUN-07).",
        f"{{measured}} from accounts {_LASTING} went on to such accounts within 14 days",
        "fleeting",
    ),
    Column(
        "strayed",
        "movement",
        "share",
        "A payment out of habit: its payer hardly ever deals so shortly with anybody (FUN-14).",
        f"a payment at it was {{measured}} of what its payer had with accounts {_LASTING}",
        "fleeting",
    ),
    Column(
        "strayed_together",
        "together",
        "powers of ten",
        "Payments out of habit at one account at one time (FUN-05, FUN-14).",
        "payments out of the payers' habit would come so close together by chance once in {measured}",
        "fleeting",
    ),
    Column(
        "strayed_around",
        "together",
        "powers of ten",
        "It deals with an account at which payments out of habit come together (FUN-07).",
        "around it, payments out of the payers' habit would come so close together by chance once in {measured}",
        "fleeting",
    ),
    Column(
        "close_ties",
        "movement",
        "powers of ten",
        "Short ties begun at one time (FUN-05, FUN-06).",
        "ties of two weeks at most would begin so close together by chance once in {measured}",
        "fleeting",
    ),
    Column(
        "close_around",
        "movement",
        "powers of ten",
        "It deals with accounts whose short ties begin at one time (FUN-07).",
        "around it, ties of two weeks at most would begin so close together by chance once in {measured}",
        "fleeting",
    ),
    Column(
        "square",
        "together",
        "powers of ten",
        "The same payers pay the same payees at one time (FUN-07, FUN-10).",
        "two payers that shortly pay the same two payees would come together there by chance once in {measured}",
        "fleeting",
    ),
    Column(
        "two_ways",
        "together",
        "powers of ten",
        "Money parts and meets again (FUN-08).",
        "money that reaches an account by two such ways would come together by chance once in {measured}",
        "fleeting",
    ),
    Column("cash", "ways", "share", "Cash in or out (FUN-15).", "{measured} of its payments were cash", "cash"),
    Column("channel_bits", "ways", "bits", "Many ways to pay.", "its channels spread over {measured}"),
    Column(
        "cross_border",
        "ways",
        "share",
        "Money crosses a border.",
        "{measured} of its payments crossed a border",
        restricted=True,
    ),
    Column(
        "country_bits",
        "ways",
        "bits",
        "Money to and from many countries.",
        "the countries of its counterparties spread over {measured}",
        restricted=True,
    ),
)
"""Every feature that payments alone tell, in the order of the table; those of patterns follow (`motif_columns`)."""


def motif_columns(families: Iterable[Family]) -> tuple[Column, ...]:
    """Give the columns of what part an account has in patterns, family by family (`graphs.participation`).

    Examples
    --------
    >>> [column.name for column in motif_columns([Family("fan-in", "Many payers, one account", shuffled=False)])]
    ['fan_in_findings', 'fan_in_strength']
    """
    return tuple(column for family in families for column in _of_family(family))


def _of_family(family: Family) -> Iterator[Column]:
    name, values = family.id.replace("-", "_"), (("motif", family.title),)
    yield Column(
        f"{name}_findings",
        "motifs",
        "findings",
        "How often it has a part in such a pattern.",
        "it lies in {measured} of the pattern “{motif}”",
        values=values,
    )
    yield Column(
        f"{name}_strength",
        "motifs",
        "share",
        "How plain the plainest of them is.",
        "the plainest pattern “{motif}” it lies in has {measured} of full strength",
        values=values,
    )
    if family.shuffled:
        yield Column(
            f"{name}_surprise",
            "motifs",
            "powers of ten",
            "How seldom chance does as much with the same payments.",
            "the pattern “{motif}” it lies in would come about by chance once in {measured}",
            values=values,
        )
