"""Measure nights one after the other: ``python benchmarks/speed/nights.py --nights 90 --payments 100000``.

An invented bank grows by one day a night: accounts pay shops, firms and each other at random, a few rings among them.
``--bank FOLDER`` takes the days of a bank that `moneytrail simulate` wrote instead, with its accounts, customers and
links: people with wages, rents and habits, of whom far fewer stand out. Each night is `moneytrail night` as a scheduler
runs it, in this one process. Prints, per night, the CPU seconds of the whole and of each step, and how many answers
were remembered; then the last night against the tenth. ``--before`` takes in so many days on the first night, so that
later nights meet a ledger that has its history already. With ``--in FOLDER`` a run goes on where the last one stopped,
so that many nights can be measured in pieces. ``--only 9 10 101 102`` runs the nights named; the days of those between
arrive with the next one, as after an outage: what a late night costs is then seen without running all before it. CPU,
not wall seconds: the machine may have other work.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from moneytrail.night import run_night
from moneytrail.night_folder import past_nights

FIRST = date(2025, 1, 6)
CHANNELS = np.array(["card_pos", "sct", "instant", "p2p"])


def day_of(number: int, payments: int, accounts: int) -> pa.Table:
    """Give the payments of one day, the same for the same day."""
    random = np.random.default_rng([20261122, number])
    # Some accounts pay far more often than others, and shops are paid far more often than people.
    payer = (accounts * random.random(payments) ** 2).astype(np.int64)
    shops = random.random(payments) < 0.6
    payee = np.where(shops, random.zipf(1.3, payments) % (accounts // 20), (accounts * random.random(payments)) // 1)
    payee = payee.astype(np.int64)
    payer_name = np.char.add("acc-", payer.astype(str))
    payee_name = np.where(shops, np.char.add("mer:", payee.astype(str)), np.char.add("acc-", payee.astype(str)))
    cents = np.maximum(100, (random.lognormal(8.0, 1.0, payments)).astype(np.int64))
    channel = np.where(shops, "card_pos", CHANNELS[random.integers(1, 4, payments)])
    seconds = np.sort(random.integers(7 * 3600, 23 * 3600, payments))
    for planted in range(max(1, payments // 5_000)):
        # A ring through which one sum goes round within the day.
        ring = random.integers(0, accounts, 5)
        at = slice(planted * 10, planted * 10 + 5)
        payer_name[at] = [f"acc-{name}" for name in ring]
        payee_name[at] = [f"acc-{name}" for name in np.roll(ring, -1)]
        cents[at], channel[at] = 250_000 - 1_000 * np.arange(5), "instant"
    day = FIRST + timedelta(days=number)
    begins = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    sent = pa.array((begins + seconds) * 1_000_000, pa.timestamp("us", "UTC"))
    return pa.table(
        {
            "payment_id": [f"d{number}-{row}" for row in range(payments)],
            "payer": payer_name.tolist(),
            "payee": payee_name.tolist(),
            "amount": [f"{one // 100}.{one % 100:02d}" for one in cents.tolist()],
            "currency": ["EUR"] * payments,
            "booked_on": pa.array([day] * payments, pa.date32()),
            "sent_at": sent,
            "ts_quality": ["event"] * payments,
            "channel": channel.tolist(),
        }
    )


class Invented:
    """An invented bank, as many days long as anybody asks."""

    def __init__(self, payments: int) -> None:
        self.payments = payments

    def beside(self, inbox: Path) -> None:
        """There are no tables beside the payments."""

    def send(self, inbox: Path, number: int) -> None:
        """Put the file of a day into the inbox."""
        day = FIRST + timedelta(days=number)
        pq.write_table(day_of(number, self.payments, 3 * self.payments), inbox / "payments" / f"{day}.parquet")


class Simulated:
    """The days of a bank that `moneytrail simulate` wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.payments = folder, folder / "payments.parquet"
        self.days = sorted(pq.read_table(self.payments, columns=["booked_on"])["booked_on"].unique().to_pylist())

    def beside(self, inbox: Path) -> None:
        """Put the tables beside the payments into the inbox."""
        for table in ("accounts", "customers", "links"):
            (inbox / table).mkdir(parents=True)
            shutil.copy2(self.folder / f"{table}.csv", inbox / table)

    def send(self, inbox: Path, number: int) -> None:
        """Put the file of a day into the inbox."""
        day = self.days[number]
        rows = pq.read_table(self.payments, filters=pc.field("booked_on") == day)
        pq.write_table(rows, inbox / "payments" / f"{day}.parquet")


def steps_of(sheet: dict[str, Any]) -> dict[str, float]:
    """Give the CPU seconds of each step."""
    return {step["step"]: step["cpu_seconds"] for step in sheet["measured"]["steps"]}


def one_night(bank: Path) -> dict[str, Any]:
    """Run a night and give its figures."""
    cpu, wall = time.process_time(), time.perf_counter()
    run_night(bank / "bank.toml")
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    sheet = past_nights(bank / "nights", at_most=1)[0].sheet
    return {
        "payments": sheet["night"]["figures"]["payments"],
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 2),
        "steps_cpu_s": steps_of(sheet),
        "remembered": sheet["night"]["remembered"],
        "alerts": sum(sheet["night"]["changes"].values()),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def measure(options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Run nights in a folder, after those that were run there before; give the figures of all."""
    bank: Invented | Simulated = Simulated(options.bank) if options.bank else Invented(options.payments)
    kept = folder / "figures.json"
    figures: list[dict[str, Any]] = json.loads(kept.read_text()) if kept.is_file() else []
    inbox = folder / "inbox"
    if not figures:
        (inbox / "payments").mkdir(parents=True)
        more = options.settings.read_text() if options.settings else ""
        (folder / "bank.toml").write_text("[night]\nsettle_seconds = 0\n" + more)
        bank.beside(inbox)
        for number in range(options.before):
            bank.send(inbox, number)
    ran = figures[-1]["night"] if figures else 0
    for number in range(ran, max(options.only or [options.nights])):
        bank.send(inbox, options.before + number)
        if options.only and number + 1 not in options.only:
            continue
        figures.append({"night": number + 1, **one_night(folder)})
        last = figures[-1]
        told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in last["steps_cpu_s"].items() if seconds >= 0.1)
        print(
            f"night {number + 1:3}: {last['payments']:>11,} payments, {last['cpu_s']:7.1f} s CPU, {last['wall_s']:7.1f}"
            f" s ({told}); {last['alerts']} alerts; remembered {last['remembered']}",
            flush=True,
        )
        # What was taken in is known by its content; the inbox of the benchmark need not hold it all.
        for path in (inbox / "payments").iterdir():
            path.unlink()
        kept.write_text(json.dumps(figures, indent=1))
    return figures


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--nights", type=int, default=90, help="how many in all, those that were run before included")
    asked.add_argument("--payments", type=int, default=100_000, help="payments a night, of the invented bank")
    asked.add_argument("--bank", type=Path, help="a folder that `moneytrail simulate` wrote, instead of the invented")
    asked.add_argument("--before", type=int, default=0, help="days that the first night takes in beside its own")
    asked.add_argument("--only", type=int, nargs="+", help="nights to run, instead of all; days between come together")
    asked.add_argument("--settings", type=Path, help="more settings, as TOML")
    asked.add_argument("--in", dest="folder", type=Path, help="where nights are kept, to go on later; figures.json too")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = measure(options, options.folder or Path(scratch))
    tenth, last = next((one for one in figures if one["night"] == 10), None), figures[-1]
    if tenth and last["night"] > 10:
        print(
            f"Last night against the tenth: {last['cpu_s'] / tenth['cpu_s']:.2f} times the CPU"
            f" at {last['payments'] / tenth['payments']:.1f} times the payments"
        )
    print(f"Peak memory {last['peak_mb']:,} MB")


if __name__ == "__main__":
    main()
