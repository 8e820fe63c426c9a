"""CTL-03: Contact details taken over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import MOST_HOLDERS, contacts, numbered
from detectors.passing import between, passing
from detectors.sight import DAY, Sight
from detectors.survey import Survey
from graphs.holders import holder_labels
from graphs.legs import Ints


@dataclass(frozen=True, kw_only=True)
class Ctl03:
    """Look for a phone or email that is changed to one somebody else already uses, after which money goes elsewhere.

    A change is an identifier that the customer did not give at first, and that a customer of another household held
    before and still holds. Alone it scores nothing: within days of it, half of the money out must go to a receiver who
    was never paid before, or what comes in must be handed on to one receiver within a day. The ledger keeps no log of
    changes; the first day on which an identifier holds stands for it.
    """

    within: timedelta = parameter(
        timedelta(days=14), unit="time", least=timedelta(hours=1), why="CTL-03, window: event + 14 d"
    )
    weak: float = parameter(0.5, unit="signs", why="CTL-03, weak value of the catalogue")
    strong: float = parameter(1.5, unit="signs", why="CTL-03, strong value of the catalogue")
    new_payee: float = parameter(
        0.5, unit="share", least=0.0, most=1.0, why="CTL-03: of the money out, to a new receiver"
    )
    handed_on: float = parameter(
        0.75, unit="share", least=0.0, most=1.0, why="CTL-03: handed on within a day; CTL-01 of one half"
    )
    before: timedelta = parameter(
        timedelta(days=28), unit="time", least=timedelta(0), why="ours: payments so long before show who is new"
    )
    most_customers: int = parameter(
        MOST_HOLDERS, unit="people", least=2, why="catalogue, section 1: crowded identifiers"
    )

    about = IndicatorAbout(
        id="CTL-03",
        title="Contact details taken over",
        question="Was a phone or email changed to somebody else's, after which the money went elsewhere?",
        meaning=(
            "The phone or email on the account is changed to one already used by somebody else, and money starts "
            "to move differently."
        ),
        of=("controlled accounts",),
        cited=(
            Citation("NCAFX", "read", "exploiters control accounts opened by exploited persons"),
            Citation("POL18", "read", "exploiter keeps own name off records"),
            Citation("FIN20", "recalled", "behavioural: third party controls documents/phone"),
        ),
        innocent=(
            "marriage",
            "new shared family plan",
            "parental control",
            "agency support worker",
        ),
        clears=(
            "both are one family, a couple or a carer with a mandate",
            "the holder confirms the change in a branch, alone",
        ),
        leg="CTL",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="Treat the phone on file as unsafe; use branch-only or safe-contact protocol.",
        tiers=("D1", "D5"),
        needs=("links.value_hash", "links.valid_from", "accounts.customer_id"),
        reduced={"customers.household_id": "Who shares a household counts as somebody else."},
        by="customer",
        sentence=(
            "A phone or email was changed to one that another customer already uses; in the {span} after it, "
            "{top} of the money out went to one receiver."
        ),
        numbers={"span": "days", "top": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give whether money went elsewhere after each change, for each private customer."""
        customer, at = self._changes(sight, sight.everybody(PRESENT)["customer"].combine_chunks())
        spans = [(at + shift).astype(np.int64) for shift in (0, microseconds(self.within))]
        private = sight.debits("customer").keep(sight.private[sight.debits("customer").own])
        debits = between(sight, private, customer, *spans)
        credits_ = between(sight, sight.credits("customer"), customer, *spans)
        begun = np.full(sight.graph.nodes, np.iinfo(np.int64).max)
        np.minimum.at(begun, private.subject[private.group], sight.at[private.row])
        known = sight.unrelated(debits)
        out = np.maximum(debits.total(sight.amount), 0.01)
        fresh = debits.keep(known & (sight.first_seen[debits.row] >= at[debits.group]))
        new, to_new = fresh.top(fresh.other, sight.amount[fresh.row])
        found = passing(sight, credits_, debits, timedelta(hours=24))
        receiver = np.where(known, debits.other, -1)
        one, to_one = debits.top(receiver, found.passing / 100)
        handed = to_one / np.maximum(found.inflow, 0.01)
        elsewhere = to_new / out >= self.new_payee
        top = np.where(elsewhere, new, one)
        gone = debits.keep(debits.other == top[debits.group])
        yield from sight.scores(
            self,
            gone,
            0.5 + (elsewhere | (handed >= self.handed_on)),
            support=np.ones(debits.groups, np.int64),
            met=(gone.count() > 0) & (begun[customer] <= at - microseconds(self.before)),
            numbers={
                "span": np.full(debits.groups, self.within.days),
                "top": gone.total(sight.amount) / out,
            },
            others=top,
            other_role="possible_controller",
        )

    def _changes(self, sight: Sight, present: pa.Array) -> tuple[Ints, Ints]:
        """Give the customers of this window, by number, who came to share a phone or email, and since when."""
        links = contacts(sight, "phone", "email")
        kind, value = numbered(links["kind"].combine_chunks()), numbered(links["value_hash"].combine_chunks())
        since, until = (
            links[name].cast(pa.int32()).combine_chunks().fill_null(otherwise).to_numpy(zero_copy_only=False)
            for name, otherwise in (("valid_from", -(2**31)), ("valid_to", 2**31 - 1))
        )
        holder = links["customer_id"].combine_chunks()
        inside = np.flatnonzero(np.asarray(pc.is_in(holder, value_set=present)))
        kind, value, since, until = (part[inside] for part in (kind, value, since, until))
        holder = holder.take(pa.array(inside))
        person, home = numbered(holder), numbered(holder_labels(sight.window.side.customers, holder))
        # The identifiers of one kind that a customer gave at first are no change.
        first = np.full((int(person.max(initial=0)) + 1) * 2, 2**31 - 1)
        np.minimum.at(first, person * 2 + kind % 2, since)
        order = np.lexsort((since, value, kind))
        ident = (kind << 31) + value
        _, number = np.unique(ident, return_inverse=True)
        crowd = np.bincount(number, minlength=1)[number]
        taken = np.zeros(person.size, np.bool_)
        for step in range(1, min(self.most_customers, person.size)):
            earlier, later = order[:-step], order[step:]
            same = (ident[earlier] == ident[later]) & (home[earlier] != home[later])
            taken[later] |= same & (since[earlier] < since[later]) & (until[earlier] >= since[later])
        changed = taken & (crowd <= self.most_customers) & (since > first[person * 2 + kind % 2])
        node = pc.index_in(holder, value_set=sight.account_text("customer_id")).fill_null(-1).to_numpy()
        here = changed & (node >= 0)
        return sight.customer[node[here]], since[here].astype(np.int64) * DAY


def _present(sight: Sight) -> pa.Table:
    """Name the customers with an account that anything happened on."""
    customer = sight.account_text("customer_id")
    known = np.flatnonzero(np.asarray(customer.is_valid()))
    return pa.table({"of": known, "customer": customer.take(pa.array(known))})


PRESENT: Final = Survey("customers with payments", _present)
