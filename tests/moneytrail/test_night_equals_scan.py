"""After any sequence of nights the store says what one night over everything would say."""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest

from flows.ledger import Ledger
from reports.store import Store
from tests.moneytrail.nights import Bank, Row, bank, by_day

# A run of the tests tries one; this many are tried where somebody asks for more.
SCHEDULES = int(os.environ.get("MONEYTRAIL_SCHEDULES", "1"))


def schedule(seed: int) -> list[dict[str, list[Row]]]:
    """Deal four weeks out to a few nights: some payments come late, some are undone, some days are sent again."""
    chance = random.Random(seed)
    days = list(by_day(bank()).items())
    nights: list[dict[str, list[Row]]] = []
    held: list[Row] = []
    number = 0
    while days:
        tonight = [days.pop(0) for _ in range(min(len(days), chance.choice([5, 9, 13])))]
        files: dict[str, list[Row]] = {}
        for day, rows in tonight:
            late = [row for row in rows if chance.random() < 0.2]
            files[f"{day}"] = [row for row in rows if row not in late] or rows
            held += [row for row in late if row not in files[f"{day}"]]
        last = tonight[-1][1][-1].at
        came = [row for row in held if chance.random() < 0.5] if days else held
        held = [row for row in held if row not in came]
        known = [row for files_ in nights for rows in files_.values() for row in rows if not row.reversal_of]
        undone = chance.sample(known, k=min(len(known), 2))
        again = [row for row in known if row.day == chance.choice(known).day] if known else []
        number += 1
        others = {"late": came, "undone": [row.undone_at(last + timedelta(minutes=number)) for row in undone]}
        files |= {f"{name}-{number}": rows for name, rows in others.items() if rows}
        if again:
            # Another file with the same payments in another order: it is not known by its content.
            files[f"again-{number}"] = chance.sample(again, k=len(again))
        nights.append(files)
    return nights


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_a_store_of_many_nights_equals_one_of_a_single_night_over_everything(seed, tmp_path):
    many, one = Bank(tmp_path / "many"), Bank(tmp_path / "one")
    nights = schedule(seed)
    for number, files in enumerate(nights):
        for name, rows in files.items():
            many.send(name, rows)
            one.send(f"{number}-{name}", rows)
        many.night()
    one.night()
    ledgers = [
        Ledger.open(each.folder / "ledger").counted().drop_columns(["source_file", "source_line"])
        for each in (many, one)
    ]
    assert ledgers[0].equals(ledgers[1])
    with Store.open(many.store) as lived, Store.open(one.store) as fresh:
        assert lived.present() == fresh.present()
        assert len(lived.present()) == len(lived.alerts())
        assert len(lived.runs()) == len(nights)
        states = {change.state for run in lived.runs() for change in lived.delta(run.run_id).changes}
        assert {"new", "grown"} <= states
        assert not lived.wrong()
