"""What people mean to pay, and the settlement that turns it into booked payments with exact balances."""

from __future__ import annotations

from dataclasses import dataclass

from sample_data.first.clock import Clock
from sample_data.first.places import Place
from sample_data.first.population import Population

CARD_CHANNELS = ("card_pos", "card_cnp", "atm_wd")
PHONE_CHANNELS = ("p2p", "e_transfer", "instant")


@dataclass(slots=True)
class Entry:
    """One payment somebody means to make; `keep_minor` makes it "as much of the balance as leaves this much"."""

    at: int
    payer: str
    payee: str
    amount_minor: int
    channel: str
    place: Place | None = None
    purpose: str | None = None
    narrative: str | None = None
    depositor: str | None = None
    employee: str | None = None
    claimant: str | None = None
    ts_quality: str = "event"
    story: int = -1
    keep_minor: int | None = None
    round_to: int = 1
    least_minor: int = 1
    undone_after: int | None = None
    reverses: Entry | None = None
    # Filled in by the settlement.
    moved: bool = False
    status: str = "booked"
    payer_after: int | None = None
    payee_after: int | None = None
    payment_id: str = ""


class Journal:
    """The entries of the whole bank, in the order in which they were thought of."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, entry: Entry) -> Entry:
        """Write an entry down; payments of nothing are left out."""
        if entry.amount_minor > 0:
            self.entries.append(entry)
        return entry


def settle(journal: Journal, population: Population, clock: Clock) -> list[Entry]:
    """Book the entries in time order, and keep every balance above its overdraft limit.

    A payment the account cannot carry does not happen: direct debits are kept with the status `attempted`, other
    refusals leave no row. Entries before an account's opening or outside the period are left out.

    Returns
    -------
    list of Entry
        What the bank's ledger shows, ordered by time, with balances after each booked payment.
    """
    balances = {account.account_id: account.opening_minor for _, account in population.accounts}
    limits = {account.account_id: account.overdraft_minor for _, account in population.accounts}
    opened = {
        account.account_id: clock.moment(clock.day_of(account.opened_on), 0) for _, account in population.accounts
    }
    first, last = clock.moment(0, 0), clock.moment(clock.days, 0)
    shown = []
    for entry in sorted(journal.entries + _undone(journal.entries), key=lambda entry: entry.at):
        if not first <= entry.at < last or entry.payer == entry.payee:
            continue
        if entry.at < max(opened.get(entry.payer, 0), opened.get(entry.payee, 0)):
            continue
        if entry.reverses is not None:
            if not entry.reverses.moved:
                continue
            entry.amount_minor = entry.reverses.amount_minor
        balance = balances.get(entry.payer)
        if entry.keep_minor is not None and balance is not None:
            entry.amount_minor = min(entry.amount_minor, balance - entry.keep_minor) // entry.round_to * entry.round_to
            if entry.amount_minor < entry.least_minor:
                continue
        if balance is not None and entry.amount_minor > balance + limits[entry.payer]:
            if entry.channel != "direct_debit":
                continue
            entry.status = "attempted"
        else:
            if balance is not None:
                balances[entry.payer] = entry.payer_after = balance - entry.amount_minor
            if entry.payee in balances:
                balances[entry.payee] = entry.payee_after = balances[entry.payee] + entry.amount_minor
            entry.moved = True
        shown.append(entry)
    return shown


def _undone(entries: list[Entry]) -> list[Entry]:
    """Give the opposite entries of those that are undone some seconds later."""
    return [
        Entry(
            entry.at + entry.undone_after,
            entry.payee,
            entry.payer,
            entry.amount_minor,
            entry.channel,
            place=entry.place,
            story=entry.story,
            status="reversed",
            reverses=entry,
        )
        for entry in entries
        if entry.undone_after is not None
    ]
