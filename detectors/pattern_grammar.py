"""The grammar of patterns: from text to payments, accounts and spans, or to an error that says what to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NoReturn

from detectors.pattern_words import CONDITIONS, KEYWORDS, Word, Words
from flows.money import CURRENCIES
from flows.payments import CHANNELS
from graphs.classes import CLASSES

PUBLIC: Final = "public"
"""The kind of accounts that serve the public, whatever their class."""
ANY: Final = "any"
"""Every class, but no account that serves the public."""
KINDS: Final = (*CLASSES, PUBLIC, ANY)
"""What may stand after the colon of an account."""

MOST_HOPS: Final = 8
"""Payments in a pattern at most, as in the other motifs."""
MOST_TIME: Final = timedelta(days=366)
"""From the first payment to the last at most: a window holds so much at least."""
MOST_SHARE: Final = 10
"""Above, a share was meant in per cent. Ours."""
MILLION: Final = 1_000_000
"""Shares are kept in millionths, as whole numbers."""
SPANS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_SPAN_WORDS: Final = {
    **dict.fromkeys(("s", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}


@dataclass(frozen=True)
class Range:
    """Numbers from the least to the most, both included; None where there is no bound.

    Examples
    --------
    >>> str(Range(Decimal("0.9"), Decimal(1))), str(Range(Decimal(500), None))
    ('0.9..1', '>= 500')
    """

    least: Decimal | None
    most: Decimal | None

    def __str__(self) -> str:
        if self.most is None:
            return f">= {plain(self.least)}"
        return f"<= {plain(self.most)}" if self.least is None else f"{plain(self.least)}..{plain(self.most)}"

    @property
    def words(self) -> str:
        """The range for a reader."""
        if self.most is None:
            return f"at least {plain(self.least)}"
        return f"at most {plain(self.most)}" if self.least is None else f"{plain(self.least)} to {plain(self.most)}"


@dataclass(frozen=True)
class Account:
    """An account of a pattern.

    Parameters
    ----------
    name : str
        What the pattern calls it; stands for one account, another one in every match.
    kinds : tuple of str
        Members of `KINDS`; empty for an account behind which a person or a firm may stand.
    role : str
        What a finding calls it; may be empty.
    """

    name: str
    kinds: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True)
class Hop:
    """One payment of a pattern.

    Parameters
    ----------
    payer, payee : str
        Names of accounts of the pattern.
    within : timedelta or None
        After the payment before it, at most.
    keeps : Range or None
        Share of the payment before it, in the same currency.
    amount : Range or None
        Units of the currency.
    currency : str or None
        Currency of `amount`; None for whichever the payment is in.
    channels : tuple of str
        Members of `flows.payments.CHANNELS`; empty for all.
    """

    payer: str
    payee: str
    within: timedelta | None = None
    keeps: Range | None = None
    amount: Range | None = None
    currency: str | None = None
    channels: tuple[str, ...] = ()


def read(text: str, where: str) -> tuple[tuple[Account, ...], tuple[Hop, ...], timedelta | None]:
    """Read a pattern: its accounts as they first pay or are paid, its payments, and the span of the whole.

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
    return _Parser(Words(text, where)).read()


def longest(hops: Sequence[Hop], span: timedelta | None) -> timedelta:
    """Give the longest time from the first payment to the last; the spans or the whole must be bounded."""
    spans = [hop.within for hop in hops[1:]]
    apart = None if None in spans else sum((each for each in spans if each is not None), timedelta(0))
    return min(each for each in (apart, span) if each is not None)


def plain(number: Decimal | None) -> str:
    """Write a number without an exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class _Parser:
    """Reads statements one after the other; what they say of an account may stand anywhere."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.hops: list[Hop] = []
        self.kinds: dict[str, tuple[str, ...]] = {}
        self.roles: dict[str, str] = {}
        self.named: dict[str, Word] = {}  # where each account was first written
        self.paying: list[str] = []  # accounts in the order in which they pay or are paid
        self.arrows: list[Word] = []
        self.span: timedelta | None = None

    def read(self) -> tuple[tuple[Account, ...], tuple[Hop, ...], timedelta | None]:
        while self.words.next.kind != "stop":
            if self.words.next.kind == "end":
                self.words.take()
            else:
                self._statement()
        self._whole()
        accounts = (Account(name, self.kinds.get(name, ()), self.roles.get(name, "")) for name in self.paying)
        return tuple(accounts), tuple(self.hops), self.span

    def _statement(self) -> None:
        if self.words.next.text != "in":
            payer = self._account()
            while self.words.next.kind == "arrow" or self.words.next.text in CONDITIONS:
                payer = self._hop(payer)
        if self.words.next.text == "in":
            word = self.words.take()
            if self.span is not None:
                self.words.fail(word, "'in' is said twice", "give one span for the whole pattern: in 72h")
            self.span = self._span_of("in")
        word = self.words.next
        if word.text == "in":
            self.words.fail(word, "'in' is said twice", "give one span for the whole pattern: in 72h")
        if word.kind not in ("end", "stop"):
            self.words.unknown(
                word,
                f"{word.text!r} is not understood here",
                (*KEYWORDS, "->") if word.kind == "name" else (),
                "write -> before the next account, or begin the next path on a new line or after ;",
            )

    def _account(self) -> str:
        word = self.words.take()
        if word.kind != "name" or word.text in KEYWORDS:
            what = "the pattern ends" if word.kind == "stop" else f"{word.text.strip() or 'the end of a line'!r} stands"
            self.words.fail(
                word,
                f"{what} where an account should be named",
                "name it with letters and digits, e.g. a -> b; not with " + ", ".join(KEYWORDS),
            )
        name = word.text
        self.named.setdefault(name, word)
        if self.words.takes(":"):
            if name in self.kinds:
                self.words.fail(word, f"the kind of {name!r} is said twice", f"say it once: {name}: cash or vasp")
            self.kinds[name] = self._listed(KINDS, "kind of account")
        if self.words.takes("as"):
            if name in self.roles:
                self.words.fail(word, f"the role of {name!r} is said twice", f"say it once: {name} as collector")
            self.roles[name] = self._role_of()
        return name

    def _role_of(self) -> str:
        word = self.words.take()
        role = word.text.strip('"').strip()
        if word.kind not in ("name", "quoted") or not role or (word.kind == "name" and role in KEYWORDS):
            self.words.fail(word, "after 'as' stands no role", 'write it as one word or in quotation marks: "pays out"')
        return role

    def _hop(self, payer: str) -> str:
        said: dict[str, Any] = {}
        first = self.words.next
        while self.words.next.text in CONDITIONS and self.words.next.kind == "name":
            self._condition(said)
        arrow = self.words.next
        if not self.words.takes("->"):
            if arrow.kind in ("end", "stop") or arrow.text == "in":
                self.words.fail(
                    first,
                    f"{first.text!r} stands after the last account, where no payment follows",
                    f"write conditions before their arrow: a {first.text} ... -> b (for the whole pattern: in 72h)",
                )
            self.words.unknown(
                arrow,
                f"{arrow.text!r} is not understood here",
                (*CONDITIONS, "or"),
                "write -> and the account that is paid",
            )
        payee_word = self.words.next
        payee = self._account()
        self._joins(payer, payee, payee_word)
        if len(self.hops) == MOST_HOPS:
            self.words.fail(arrow, f"more than {MOST_HOPS} payments", "look for the part that tells most")
        for name in (payer, payee):
            if name not in self.paying:
                self.paying.append(name)
        self.hops.append(Hop(payer, payee, **said))
        self.arrows.append(arrow)
        return payee

    def _joins(self, payer: str, payee: str, word: Word) -> None:
        if payer == payee:
            self.words.fail(word, f"{payer!r} pays itself", "name two accounts; payments to oneself are never found")
        if self.hops and payer not in self.paying and payee not in self.paying:
            self.words.fail(
                self.named[payer],
                f"neither {payer!r} nor {payee!r} was in a payment before",
                "share an account with an earlier payment, or write two patterns",
            )

    def _condition(self, said: dict[str, Any]) -> None:
        word = self.words.take()
        name = {"by": "channels"}.get(word.text, word.text)
        if name in said:
            self.words.fail(word, f"{word.text!r} is said twice of one payment", "say it once, before the arrow")
        if not self.hops and word.text in ("within", "keeps"):
            self.words.fail(
                word,
                f"{word.text!r} compares with the payment before, and this is the first",
                f"write it before the next arrow: a -> b {word.text} ... -> c",
            )
        if word.text == "within":
            said[name] = self._span_of("within")
        elif word.text == "keeps":
            said[name] = self._share()
        elif word.text == "amount":
            said[name] = self._range("amount >= 500")
            said["currency"] = self._currency()
        else:
            said[name] = self._listed(CHANNELS, "channel")

    def _currency(self) -> str | None:
        word = self.words.next
        if word.kind != "name" or word.text in KEYWORDS:
            return None
        self.words.take()
        if word.text == "u":
            return None
        if word.text not in CURRENCIES:
            code = word.text.upper()
            self.words.unknown(
                word,
                f"{word.text!r} is no currency",
                () if code in CURRENCIES else CONDITIONS,
                f"write {code if code in CURRENCIES else 'an ISO 4217 code as EUR'}, u for whichever the payment is "
                "in, or ->",
            )
        return word.text

    def _share(self) -> Range:
        word = self.words.next
        share = self._range("keeps 0.9..1")
        for bound in (share.least, share.most):
            if bound is not None and bound > MOST_SHARE:
                self.words.fail(word, "a share is far too large", "write shares as numbers: 0.9 is 90 %")
            if bound is not None and Fraction(bound) * MILLION % 1:
                self.words.fail(word, "a share has more than six decimals", "write at most six decimals")
        return share

    def _range(self, example: str) -> Range:
        word = self.words.next
        if self.words.takes(">="):
            return Range(self._number(example), None)
        if self.words.takes("<="):
            return Range(None, self._number(example))
        least = self._number(example)
        if not self.words.takes(".."):
            self.words.fail(self.words.next, "a range has no end", f"write {example.split()[0]} >= 5, <= 5 or 4..5")
        most = self._number(example)
        if least > most:
            self.words.fail(word, "a range begins above its end", "write the smaller number first, e.g. 0.9..1")
        return Range(least, most)

    def _number(self, example: str) -> Decimal:
        word = self.words.take()
        if word.kind != "number":
            self._no_number(word, example)
        # As short as can be, so that equal numbers are written alike.
        return Decimal(plain(Decimal(word.text)))

    def _no_number(self, word: Word, example: str) -> NoReturn:
        here = repr(word.text) if word.text.strip() else "nothing"
        self.words.fail(word, f"{here} stands where a number should be", f"write for example: {example}")

    def _span_of(self, keyword: str) -> timedelta:
        example = f"{keyword} 6h"
        word = self.words.take()
        if word.kind != "number":
            self._no_number(word, example)
        unit = self.words.take()
        if unit.kind != "name" or unit.text not in _SPAN_WORDS:
            self.words.unknown(
                unit, "a span of time has no unit", _SPAN_WORDS, f"write it in s, min, h or d, e.g. {example}"
            )
        # Fractions: decimals of many digits would be rounded.
        seconds = Fraction(word.text) * SPANS[_SPAN_WORDS[unit.text]]
        if not 0 < seconds <= MOST_TIME // timedelta(seconds=1) or seconds % 1:
            self.words.fail(
                word, "a span of time is out of range", f"write whole seconds, from 1s to {MOST_TIME.days}d"
            )
        return timedelta(seconds=int(seconds))

    def _listed(self, known: tuple[str, ...] | list[str], what: str) -> tuple[str, ...]:
        """Read names joined by ``or``; give them in the order in which we list them, each once."""
        chosen = set()
        while True:
            word = self.words.take()
            if word.kind != "name" or word.text not in known:
                here = repr(word.text) if word.text.strip() else "nothing"
                self.words.unknown(word, f"{here} is no {what}", known, "one of: " + ", ".join(known))
            chosen.add(word.text)
            if not self.words.takes("or"):
                return tuple(name for name in known if name in chosen)

    def _whole(self) -> None:
        """Refuse what only shows once everything is read."""
        if not self.hops:
            self.words.fail(self.words.next, "there is no payment in the pattern", "write one: a -> b")
        for name in self.named:
            if name not in self.paying:
                near = [other for other in self.paying if other != name]
                self.words.unknown(
                    self.named[name],
                    f"{name!r} is in no payment",
                    near,
                    "give it a payment, or leave it out; the accounts are " + ", ".join(near),
                )
        for hop, arrow in zip(self.hops[1:], self.arrows[1:], strict=True):
            if hop.within is None and self.span is None:
                self.words.fail(
                    arrow,
                    "nothing says how long after the payment before this one may be",
                    "write within 24h before the arrow, or in 72h at the end for the whole pattern",
                )
        if longest(self.hops, self.span) > MOST_TIME:
            self.words.fail(
                self.arrows[-1],
                f"the pattern may take more than {MOST_TIME.days} days",
                "shorten its spans, or bound the whole with in 90d at the end",
            )
