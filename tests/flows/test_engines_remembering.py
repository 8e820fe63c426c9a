"""The engine that remembers: the answers of the local one whatever was added, corrected or renamed, and less asked."""

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

import pyarrow as pa

from flows.arrows import payments_from_arrows
from flows.cutting import OfWindow
from flows.engines.local import Local
from flows.engines.remembering import Remembering, calendar
from flows.memory import Memory
from flows.payments import ACCOUNTS, LINKS
from flows.window import Reach, SideTables, whole
from tests.flows.test_engines_local import Found

DAY = timedelta(days=1)


@dataclass(frozen=True)
class PassedOn:
    """In and out again within a time, hubs and licensed accounts left out; notes what it leaves out."""

    within: timedelta = 2 * DAY
    links: bool = False
    asked: list[int] = field(default_factory=list, compare=False, repr=False)

    @property
    def reach(self):
        return Reach(ahead=self.within, links=self.links)

    @property
    def key(self):
        return repr(self)

    def find(self, window):
        self.asked.append(window.payments.num_rows)
        out = self._left_out(window)
        rows = window.payments.select(["payment_id", "payer", "payee", "at"]).to_pylist()
        for first in rows:
            for second in rows:
                gap = second["at"] - first["at"]
                if first["payee"] == second["payer"] not in out and timedelta(0) < gap < self.within:
                    at = round(first["at"].timestamp() * 1_000_000)
                    yield Found(first["payee"], at, (first["payment_id"], second["payment_id"]))

    def notes(self, window):
        out = self._left_out(window)
        rows = window.payments.select(["payer", "at"]).to_pylist()
        return [(row["payer"], row["at"]) for row in rows if row["payer"] in out and window.owns(
            row["payer"], round(row["at"].timestamp() * 1_000_000))]  # fmt: skip

    def _left_out(self, window):
        if self.links and window.side.links is not None:
            return set(window.hubs) | set(window.side.links["customer_id"].to_pylist())
        return set(window.hubs)

    def pack(self, found, notes):
        KEPT[len(KEPT)] = (list(found), list(notes))
        return str(len(KEPT) - 1)

    def unpack(self, text):
        return KEPT[int(text)]


KEPT: dict[int, tuple[list, list]] = {}


def bank(chance: random.Random, payments: int):
    names = [f"a{number}" for number in range(12)]
    lines = (
        f"day {chance.randrange(60)} {chance.randrange(24):02d}:{chance.randrange(60):02d}  "
        f"{chance.choice(names)} -> {chance.choice(names)}x  {chance.randrange(1, 99)}.00 EUR"
        for _ in range(payments)
    )
    return payments_from_arrows("\n".join(lines).replace("x  ", "  "))


def same(window, tasks, engine):
    plain, remembered = Local(threads=1).run(window, tasks), engine.run(window, tasks)
    assert remembered.found == plain.found
    assert sorted(remembered.notes) == sorted(plain.notes)
    assert not plain.failures
    assert not remembered.failures
    return len(plain.found)


def test_it_answers_as_the_local_engine_whatever_changes_between_two_nights():
    for seed in range(12):
        chance = random.Random(seed)
        every = bank(chance, 60)
        engine = Remembering(max_payments=chance.choice([15, 1_000]), threads=1)
        here: list[int] = []
        found = 0
        for _ in range(6):
            # A day comes, some payments come late, some are undone, and the hubs are other ones.
            here = [row for row in here if chance.random() > 0.05]
            here += chance.sample(sorted(set(range(60)) - set(here)), k=min(10, 60 - len(here)))
            window = whole(every.take(sorted(here)), hubs=chance.sample([f"a{n}" for n in range(12)], k=2))
            found += same(window, {"short": PassedOn(), "long": PassedOn(within=9 * DAY)}, engine)
        assert found


def test_only_the_pieces_that_hold_a_changed_day_are_asked_again():
    payments = payments_from_arrows("\n".join(f"day {day} 09:00  a{day} -> b  5.00 EUR" for day in range(40)))
    task, engine = PassedOn(within=DAY), Remembering(threads=1)
    engine.run(whole(payments), {"task": task})
    first = len(task.asked)
    engine.run(whole(payments), {"task": task})
    assert len(task.asked) == first
    engine.run(whole(payments.slice(0, 39)), {"task": task})
    assert 0 < len(task.asked) - first <= 3


def test_what_is_known_of_an_account_elsewhere_makes_nothing_be_asked_again():
    payments = payments_from_arrows("day 0 09:00 a -> b 5.00 EUR\nday 30 09:00 c -> d 5.00 EUR")
    task, engine = PassedOn(), Remembering(threads=1)

    def asked(hubs, **kinds):
        before = len(task.asked)
        accounts = pa.Table.from_pylist([{"account_id": name, "kind": kind} for name, kind in kinds.items()], ACCOUNTS)
        engine.run(whole(payments, hubs=hubs, side=SideTables(accounts=accounts)), {"task": task})
        return len(task.asked) - before

    assert asked(["z"], a="current", c="current") == 2
    assert asked(["z", "y"], a="current", c="current", e="current") == 0
    assert asked(["z", "a"], a="current", c="current") == 1
    assert asked(["z", "a"], a="current", c="savings") == 1


def test_links_are_seen_only_where_the_reach_says_so_and_then_every_change_of_them_counts():
    payments = payments_from_arrows("day 0 09:00 a -> b 5.00 EUR\nday 0 10:00 b -> c 5.00 EUR")
    engine = Remembering(threads=1)

    def windows(*holders):
        rows = [{"customer_id": name, "kind": "phone", "value_hash": "h"} for name in holders]
        return whole(payments, side=SideTables(links=pa.Table.from_pylist(rows, schema=LINKS)))

    for window in (windows("z"), windows("z", "b"), windows()):
        same(window, {"task": PassedOn(links=True)}, engine)
    looked = replace(PassedOn(), links=True)
    undeclared = type("Undeclared", (PassedOn,), {"reach": Reach(ahead=DAY)})(links=True)
    assert engine.run(windows("z"), {"task": looked}).failures == ()
    assert [failure.task for failure in engine.run(windows("z"), {"task": undeclared}).failures] == ["task"]


def test_answers_outlive_the_process_but_not_another_program_and_not_a_damaged_file(tmp_path):
    payments = payments_from_arrows("day 0 09:00 a -> b 5.00 EUR\nday 0 10:00 b -> c 5.00 EUR")
    task = PassedOn()
    for program, asked in (("one", 1), ("one", 1), ("two", 2), ("one", 3)):
        memory = Memory(tmp_path / "answers.db")
        Remembering(threads=1, memory=memory, program=program).run(whole(payments), {"task": task})
        memory.sweep()
        memory.close()
        assert len(task.asked) == asked
    (tmp_path / "answers.db").write_bytes(b"no database" * 100)
    memory = Memory(tmp_path / "answers.db")
    assert len(memory) == 0
    memory.put("name", "text")
    assert memory.get("name") == "text"


def test_pieces_own_every_day_once_and_keep_their_place_when_payments_are_added():
    chance = random.Random(3)
    few, many = bank(chance, 30), bank(chance, 200)
    reaches = {"short": Reach(ahead=DAY), "long": Reach(back=20 * DAY, ahead=9 * DAY)}
    plans = [calendar(OfWindow(whole(rows)), reaches, 1_000) for rows in (few, pa.concat_tables([few, many]))]
    for plan in plans:
        for id_ in reaches:
            own = sorted((piece.since, piece.until) for piece, ids in plan if id_ in ids)
            assert all(until <= since for (_, until), (since, _) in pairwise(own))
    assert {piece for piece, _ in plans[0]} <= {piece for piece, _ in plans[1]}
