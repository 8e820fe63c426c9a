"""What is unusual about a payment, in sentences; none names an account, so a mask has nothing to hide in them."""

from __future__ import annotations

from typing import Final

from detectors.edge_past import BAND_HOURS
from detectors.unusual_payments import Oddity, UnusualPayment
from flows.language import figures, say

AMOUNTS: Final = {
    "amount_out": ("{times} of what this payer usually pays", "{times} times what this payer usually pays"),
    "amount_in": ("{times} of what this payee usually receives", "{times} times what this payee usually receives"),
}
"""What is said of an amount below and above the usual."""
KINDS: Final = {
    "new_payee": (
        "this payer never paid this payee before, nor did any of its {before} payments go to somebody new",
        "this payer never paid this payee before; {alike} of its {before} payments went to somebody new",
    ),
    "new_payer": (
        "this payee was never paid by this payer before, nor did any of the {before} payments to it come from somebody "
        "new",
        "this payee was never paid by this payer before; {alike} of the {before} payments to it came from somebody new",
    ),
    "hour": (
        "first payment of this payer between {begins} and {ends} o'clock, after {before} at other hours",
        "between {begins} and {ends} o'clock, as {alike} of the {before} payments of this payer before",
    ),
    "channel": (
        "first payment of this payer by {channel}, after {before} by other channels",
        "by {channel}, as {alike} of the {before} payments of this payer before",
    ),
}
"""What is said where no earlier payment was alike, and where a few were."""
LEAST_PERCENT: Final = 0.1


def said(unusual: UnusualPayment, channel: str) -> str:
    """Say what is unusual about a payment, the rarest first, a sentence each.

    Parameters
    ----------
    unusual : UnusualPayment
        What was measured.
    channel : str
        How the payment went, as the page says it.
    """
    sentences = [_said(oddity, channel) for oddity in unusual.oddities]
    return " ".join(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in sentences)


def _said(oddity: Oddity, channel: str) -> str:
    before, alike = (figures(f"{count:,}") for count in (oddity.before, oddity.alike))
    begins = oddity.band * BAND_HOURS
    values = {
        "before": before,
        "alike": alike,
        "times": _times(oddity.times),
        "channel": channel,
        "begins": str(begins),
        "ends": str(begins + BAND_HOURS),
    }
    if oddity.aspect in AMOUNTS:
        less, more = AMOUNTS[oddity.aspect]
        return say(less if oddity.times < 1 else more, **values)
    first, seldom = KINDS[oddity.aspect]
    return say(seldom if oddity.alike else first, **values)


def _times(times: float) -> str:
    if times >= 1:
        return figures(f"{times:,.0f}" if times >= 10 else f"{times:.1f}")
    share = 100 * times
    if share < LEAST_PERCENT:
        return say("less than {count} %", count=figures(f"{LEAST_PERCENT}"))
    return say("{count} %", count=figures(f"{share:.0f}" if share >= 10 else f"{share:.1f}"))


def messages() -> tuple[str, ...]:
    """Give every sentence, for the catalogues of other languages."""
    return tuple(sentence for pair in (*AMOUNTS.values(), *KINDS.values()) for sentence in pair)
