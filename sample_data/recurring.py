"""What recurs in people's lives: wages, benefits, pensions, rent, bills, savings, pots, loans, money sent home."""

from __future__ import annotations

import numpy as np

from sample_data.chance import picked, share_of, stream
from sample_data.places import Places, trade
from sample_data.population import BENEFIT, OLD, PENSION, STUDENT, WAGE, Population
from sample_data.postings import CHANNEL, PURPOSE, Journal
from sample_data.standing import PLAIN, SETTLING, WEEKLY, Standing

# How people pay each other, and how they pay accounts elsewhere. Ours.
PHONE = np.array([CHANNEL["p2p"]] * 6 + [CHANNEL["instant"]] * 3 + [CHANNEL["sct"]])
BANK = np.array([CHANNEL["instant"]] * 4 + [CHANNEL["sct"]] * 5 + [CHANNEL["p2p"]] * 2)
# Shares of people who do each; ours.
SENDS_HOME, REPAYS_LOAN, PAYS_TAX = 0.06, 0.14, 0.35
# Below this the account is a sleepy second one, and its holder's bills are paid from another bank.
ACTIVE = 0.2


def senders_home(people: Population, seed: int) -> np.ndarray:
    """Give the people who send money to relatives abroad."""
    return np.flatnonzero(share_of(seed + 13, np.arange(people.people_count)) < SENDS_HOME)


def arrange_people(standing: Standing, people: Population, places: Places, journal: Journal, seed: int) -> None:
    """Write down what recurs, after stories have changed whom they cast."""
    n = people.people_count
    rng = stream(seed, "arrangements")
    words = journal.words
    everybody = np.arange(n)
    wage, income, payday = people.wage[:n], people.income[:n], people.payday[:n]
    active = people.activity[:n] > ACTIVE
    for weekly in (False, True):
        who = np.flatnonzero((income == WAGE) & (people.weekly[:n] == weekly) & (people.employer[:n] >= 0))
        standing.add(
            len(who),
            WEEKLY if weekly else SETTLING,
            4 if weekly else payday[who],
            hours="batch",
            differs=0.03,
            payer=people.employer[who],
            payee=who,
            amount=(wage[who] * (12 / 52 if weekly else 1)).astype(np.int64),
            channel=CHANNEL["payroll_file"],
            purpose=PURPOSE["SALA"],
            words=words("SALAIRE"),
            person=who,
        )
    for kind, office, purpose in ((PENSION, "pension", "PENS"), (BENEFIT, "family", "SSBE")):
        who = np.flatnonzero(income == kind)
        standing.add(
            len(who),
            SETTLING,
            payday[who],
            hours="batch",
            payer=places.hubs[office][0],
            payee=who,
            amount=wage[who],
            channel=CHANNEL["benefit"],
            purpose=PURPOSE[purpose],
            person=who,
        )
    students = np.flatnonzero(income == STUDENT)
    parents = np.where(
        rng.random(len(students)) < 0.5,
        picked(rng, people.outside_people_at_home, len(students)),
        picked(rng, everybody, len(students)),
    )
    standing.add(
        len(students),
        PLAIN,
        payday[students],
        hours="friends",
        share=0.95,
        payer=parents,
        payee=students,
        amount=np.maximum(wage[students] // 1_000 * 1_000, 10_000),
        channel=picked(rng, BANK, len(students)),
    )
    _arrange_home(standing, people, places, journal, rng)
    who = np.flatnonzero((people.savings[:n] >= 0) & (rng.random(n) < 0.7))
    standing.add(
        len(who),
        PLAIN,
        np.minimum(28, payday[who] + 1),
        hours="morning",
        share=0.9,
        payer=who,
        payee=people.savings[who],
        amount=wage[who] // 14 // 1_000 * 1_000,
        channel=CHANNEL["internal"],
        purpose=PURPOSE["SAVG"],
    )
    who = np.flatnonzero((rng.random(n) < REPAYS_LOAN) & active & (income != STUDENT))
    standing.add(
        len(who),
        SETTLING,
        rng.integers(2, 13, len(who)),
        hours="batch",
        payer=who,
        payee=places.hub("lender", who),
        amount=np.rint(np.exp(rng.normal(4.9, 0.5, len(who))) * 100).astype(np.int64),
        channel=CHANNEL["direct_debit"],
        purpose=PURPOSE["LOAN"],
        words=words("ECHEANCE"),
    )
    who = np.flatnonzero((rng.random(n) < PAYS_TAX) & (income != STUDENT))
    standing.add(
        len(who),
        SETTLING,
        15,
        hours="batch",
        payer=who,
        payee=places.hubs["tax"][0],
        amount=(wage[who] * rng.uniform(0.02, 0.09, len(who))).astype(np.int64),
        channel=CHANNEL["direct_debit"],
        purpose=PURPOSE["TAXS"],
    )
    who = senders_home(people, seed)
    standing.add(
        len(who),
        PLAIN,
        np.minimum(28, payday[who] + rng.integers(1, 4, len(who))),
        hours="closing",
        differs=0.1,
        share=0.9,
        payer=who,
        payee=places.hub("remitter", who),
        amount=rng.integers(6, 35, len(who)) * 1_000,
        channel=CHANNEL["msb"],
        words=words("famille"),
    )


def _arrange_home(
    standing: Standing, people: Population, places: Places, journal: Journal, rng: np.random.Generator
) -> None:
    """Rent, power, telephone, insurance, subscriptions, the household's pot and the account's fee."""
    n = people.people_count
    active = people.activity[:n] > ACTIVE
    words = journal.words
    payday = people.payday[:n]
    company = people.landlord[:n] == -2
    for mine in (True, False):
        who = np.flatnonzero((people.rent[:n] > 0) & (company == mine) & active)
        payee = places.hub("housing", who) if mine else people.landlord[who]
        day = np.where(payday[who] > 20, np.minimum(28, payday[who] + 2), 4)
        standing.add(
            len(who),
            SETTLING if mine else PLAIN,
            day,
            hours="batch" if mine else "morning",
            share=0.99,
            payer=who,
            payee=payee,
            amount=people.rent[who],
            channel=CHANNEL["direct_debit" if mine else "sct"],
            purpose=PURPOSE["RENT"],
            words=words("LOYER"),
        )
    head = people.household[:n] == np.arange(n)
    bills = (
        ("telecom", 8, 24.0, 0.5, 0.92, active),
        ("power", 12, 68, 0.5, 0.85, active & head),
        ("insurer", 6, 38, 0.5, 0.8, active),
    )
    for hub, due, euros, spread, share, mask in bills:
        who = np.flatnonzero(mask & (rng.random(n) < share))
        standing.add(
            len(who),
            SETTLING,
            due + who % 5,
            hours="batch",
            differs=0.12 if hub == "power" else 0.0,
            payer=who,
            payee=places.hub(hub, who),
            amount=np.rint(euros * 100 * np.exp(rng.normal(0, spread, len(who)))).astype(np.int64),
            channel=CHANNEL["direct_debit"],
        )
    for name, share, amounts in (
        ("digital", 0.75, (499, 999, 1299, 1799)),
        ("sport", 0.2, (2490, 2990, 3900)),
        ("games", 0.12, (699, 1299)),
    ):
        who = np.flatnonzero(active & (people.age[:n] != OLD) & (rng.random(n) < share))
        kind = np.full(len(who), trade(name))
        place = places.found(rng, kind, people.city[who], who)
        standing.add(
            len(who),
            PLAIN,
            rng.integers(1, 29, len(who)),
            hours="batch",
            payer=who,
            payee=places.node[place],
            place=place,
            amount=picked(rng, np.array(amounts), len(who)),
            channel=CHANNEL["card_cnp"],
        )
    partner = np.flatnonzero(~head)
    giver = np.where(people.wage[partner] > people.wage[people.household[partner]], partner, people.household[partner])
    taker = np.where(giver == partner, people.household[partner], partner)
    pots = rng.random(len(partner)) < 0.5
    standing.add(
        int(pots.sum()),
        PLAIN,
        np.minimum(28, people.payday[giver[pots]] + 1),
        hours="friends",
        payer=giver[pots],
        payee=taker[pots],
        amount=rng.integers(5, 70, int(pots.sum())) * 1_000,
        channel=picked(rng, PHONE, int(pots.sum())),
        words=words("maison"),
    )
    standing.add(
        n,
        PLAIN,
        28,
        hours="batch",
        months=3,
        payer=np.arange(n),
        payee=places.hubs["fee account"][0],
        amount=690,
        channel=CHANNEL["fee"],
    )
