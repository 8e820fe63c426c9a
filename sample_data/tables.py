"""The bank as the tables of the outside contract: payments streamed to Parquet, side tables at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from flows.payments import CHANNELS
from sample_data import nodes
from sample_data.chance import mixed, shuffled
from sample_data.clock import Clock
from sample_data.faults import Faults
from sample_data.ledger import BOOKED, PENDING, REVERSED, STATUSES
from sample_data.nodes import COUNTRIES, HOME, Nodes, numbered
from sample_data.places import (
    CITY_COUNTRY,
    CITY_NAMES,
    CURRENCIES,
    CURRENCY_OF_COUNTRY,
    TRADE_NAMES,
    TRADES,
    Places,
    exchange_rates,
)
from sample_data.population import AGE_BANDS, KINDS, OCCUPATIONS, OPENING_HOURS, SECTORS, WAGE, Population
from sample_data.postings import BATCH, CHANNEL, DATE_ONLY, EVENT, PURPOSES, Journal

MONEY = pa.decimal128(18, 2)
PAYMENTS = pa.schema(
    [
        ("payment_id", pa.string()),
        ("payer", pa.string()),
        ("payee", pa.string()),
        ("amount", MONEY),
        ("currency", pa.string()),
        ("received_amount", MONEY),
        ("received_currency", pa.string()),
        ("booked_on", pa.date32()),
        ("sent_at", pa.timestamp("us", tz="UTC")),
        ("utc_offset_min", pa.int32()),
        ("ts_quality", pa.string()),
        ("channel", pa.string()),
        ("payer_country", pa.string()),
        ("payee_country", pa.string()),
        ("mcc", pa.string()),
        ("merchant_name", pa.string()),
        ("terminal_id", pa.string()),
        ("city", pa.string()),
        ("country", pa.string()),
        ("purpose_code", pa.string()),
        ("narrative", pa.string()),
        ("payer_balance_after", MONEY),
        ("payee_balance_after", MONEY),
        ("card_id", pa.string()),
        ("device_id", pa.string()),
        ("depositor_id", pa.string()),
        ("employee_ref", pa.string()),
        ("claimant_ref", pa.string()),
        ("status", pa.string()),
        ("reversal_of", pa.string()),
    ]
)
_ALL_DIFFERENT = ("payment_id", "amount", "sent_at", "reversal_of", "payer_balance_after", "payee_balance_after")
ENCODED: Mapping[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": [name for name in PAYMENTS.names if name not in _ALL_DIFFERENT],
    "column_encoding": {"sent_at": "DELTA_BINARY_PACKED"},
    "store_decimal_as_integer": True,
}
"""How payments are written to Parquet."""
TRUE_PAYMENTS = pa.schema([("payment_id", pa.string()), ("story", pa.string()), ("leg", pa.string())])
LEGS = ("", "REV", "OPS", "CTL", "MOV", "CTX")
# Rows in a piece of the file. Fixed, so that the bytes do not depend on how many payments a day brings.
ROWS_AT_ONCE = 1 << 18
ID_DIGITS = 13
QUALITIES = {EVENT: "event", BATCH: "batch", DATE_ONLY: "date_only"}
_CARDS = np.array([CHANNEL[name] for name in ("card_pos", "card_cnp", "atm_wd")])
_PHONES = np.array([CHANNEL[name] for name in ("p2p", "e_transfer", "instant", "crypto")])
_CASH_IN = np.array([CHANNEL[name] for name in ("cash_branch", "cash_adm")])
_LOSES_HOUR = np.array([CHANNEL[name] for name in ("sct", "cash_branch", "wire")])


def money(minor: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Give cents as exact decimals with two places; unknown ones are null."""
    words = np.empty((len(minor), 2), dtype=np.int64)
    words[:, 0] = minor
    words[:, 1] = np.where(minor < 0, -1, 0)
    exact = pa.Array.from_buffers(MONEY, len(minor), [None, pa.py_buffer(words)])
    return exact if known is None else pc.if_else(pa.array(known), exact, pa.scalar(None, MONEY))


def chosen(options: pa.Array, rows: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Give the option of each row as plain text; null where it is not known."""
    indices = pa.array(rows.astype(np.int32), mask=None if known is None else ~known)
    return options.take(indices)


class Tables:
    """Writes a bank into a folder.

    Parameters
    ----------
    out : Path
        The folder, made if missing.
    seed : int
        Decides ids and faults.
    clock, graph, population, places, journal : Clock, Nodes, Population, Places, Journal
        The bank, with all stories cast.
    strangers : int
        How many depositors there are who are nobody's customer.
    faults : Faults
        What goes wrong.
    """

    def __init__(
        self,
        out: Path,
        seed: int,
        *,
        clock: Clock,
        graph: Nodes,
        population: Population,
        places: Places,
        journal: Journal,
        strangers: int,
        faults: Faults,
    ) -> None:
        self._out, self._seed, self._clock, self._graph = out, seed, clock, graph
        self._people, self._places, self._journal, self._faults = population, places, journal, faults
        self.names = graph.names()
        self._own, self._countries, self._kinds = graph.kinds == nodes.OWN, graph.countries, graph.kinds
        # Whose each account is, a second one too: cards and devices are people's. Nobody's are the accounts elsewhere.
        self._holder = np.full(graph.count, -1)
        self._holder[: population.count] = np.arange(population.count)
        for more, holders, *_ in population.more_accounts:
            self._holder[more] = holders
        many = np.arange(population.count + strangers)
        self._tokens = {
            letter: numbered(letter, shuffled(many, seed * 7 + turn, 8), 8) for turn, letter in enumerate("CKVNERHB")
        }
        self._terminals = numbered("T", shuffled(np.arange(len(places.node)), seed * 7 + 11, 7), 7)
        self._codes = pa.array([TRADES[name].mcc for name in TRADE_NAMES])
        self._cities = pa.array([*CITY_NAMES, *(name.upper() for name in CITY_NAMES)])
        self._rates = exchange_rates(seed, 0, clock.days + 1)
        self._waiting: list[pa.Table] = []
        self._true: list[pa.Table] = []
        self.rows = 0
        out.mkdir(parents=True, exist_ok=True)
        (out / "truth").mkdir(exist_ok=True)
        self._file = pq.ParquetWriter(out / "payments.parquet", PAYMENTS, **ENCODED)
        self._true_file = pq.ParquetWriter(out / "truth" / "payments.parquet", TRUE_PAYMENTS, compression="zstd")

    def ids(self, serials: np.ndarray) -> pa.Array:
        """Give the payments' ids, which say nothing about their order."""
        return numbered("P", shuffled(serials, self._seed * 7 + 12, ID_DIGITS), ID_DIGITS)

    def add(self, rows: dict[str, np.ndarray], story_names: pa.Array) -> None:
        """Add a day's settled payments."""
        if not len(rows["at"]):
            return
        table = self._table(rows)
        told = np.flatnonzero(rows["story"] >= 0)
        if len(told):
            columns = [
                table["payment_id"].combine_chunks().take(pa.array(told)),
                story_names.take(pa.array(rows["story"][told])),
                pa.array(LEGS).take(pa.array(rows["leg"][told])),
            ]
            self._true.append(pa.table(columns, schema=TRUE_PAYMENTS))
        again = self._faults.hits("delivered_twice", self._seed, rows["serial"])
        if again.any():
            table = table.take(pa.array(np.sort(np.append(np.arange(len(again)), np.flatnonzero(again)))))
        self.rows += table.num_rows
        self._waiting = _written(self._file, [*self._waiting, table])
        self._true = _written(self._true_file, self._true)

    def _table(self, rows: dict[str, np.ndarray]) -> pa.Table:
        """Lay a day's payments out in the columns of the contract."""
        seed, faults, serial = self._seed, self._faults, rows["serial"]
        payer, payee, channel, place = rows["payer"], rows["payee"], rows["channel"], rows["place"]
        count = len(serial)
        moved = np.isin(rows["status"], (BOOKED, PENDING, REVERSED))
        quality = np.where(
            (rows["quality"] == EVENT) & np.isin(channel, _LOSES_HOUR) & faults.hits("hour_lost", seed, serial),
            DATE_ONLY,
            rows["quality"],
        )
        timed = quality != DATE_ONLY
        day = self._clock.local_day(rows["at"])
        at = place >= 0
        site = np.where(at, place, 0)
        city = self._places.city[site]
        in_city = at & (city >= 0) & ~faults.hits("city_lost", seed, serial)
        shouted = faults.hits("city_shouted", seed, serial)
        # A card, a device: whoever holds it; refunds carry the card of the purchase.
        holder = np.maximum(np.where(self._own[payer], self._holder[payer], self._holder[payee]), 0)
        acting = np.where(rows["person"] >= 0, rows["person"], holder)
        carded = (
            np.isin(channel, _CARDS) & (self._own[payer] | (rows["reverses"] >= 0)) & (channel != CHANNEL["atm_wd"])
            | (channel == CHANNEL["atm_wd"]) & (self._own[payer])
        )
        phoned = np.isin(channel, _PHONES) & self._own[payer] & ~faults.hits("device_lost", seed, serial)
        device = np.concatenate([self._people.device, np.arange(self._people.count, len(self._tokens["V"]))])
        person = np.where(rows["person"] >= 0, rows["person"], 0)
        known_person = rows["person"] >= 0
        amount, currency, received, received_in = self._exchanged(rows, day)
        country_kept = ~faults.hits("country_lost", seed, serial)
        balance_kept = moved & ~faults.hits("balance_lost", seed, serial)
        columns: dict[str, Any] = {
            "payment_id": self.ids(serial),
            "payer": self.names.take(pa.array(payer)),
            "payee": self.names.take(pa.array(payee)),
            "amount": money(amount),
            "currency": chosen(pa.array(CURRENCIES), currency),
            "received_amount": money(received, received > 0),
            "received_currency": chosen(pa.array(CURRENCIES), received_in, received > 0),
            "booked_on": pa.array(self._clock.date32(day)).cast(pa.date32()),
            "sent_at": pa.array(rows["at"] * 1_000_000, mask=~timed).cast(pa.timestamp("us", tz="UTC")),
            "utc_offset_min": self._offsets(rows, timed),
            "ts_quality": chosen(pa.array(list(QUALITIES.values())), quality),
            "channel": chosen(pa.array(CHANNELS), channel),
            "payer_country": self._country(payer, country_kept),
            "payee_country": self._country(payee, country_kept),
            "mcc": chosen(self._codes, self._places.trade[site], at & ~faults.hits("mcc_lost", seed, serial)),
            "merchant_name": chosen(self._places.names, site, at),
            "terminal_id": chosen(self._terminals, site, at & (city >= 0)),
            "city": chosen(self._cities, np.where(shouted, city + len(CITY_NAMES), city) * in_city, in_city),
            "country": chosen(pa.array(COUNTRIES), CITY_COUNTRY[np.maximum(city, 0)], at & (city >= 0)),
            "purpose_code": chosen(pa.array(PURPOSES), rows["purpose"]),
            "narrative": self._narratives(rows, ~faults.hits("words_lost", seed, serial)),
            "payer_balance_after": money(rows["payer_after"], balance_kept & self._own[payer]),
            "payee_balance_after": money(rows["payee_after"], balance_kept & self._own[payee]),
            "card_id": chosen(self._tokens["K"], holder, carded),
            "device_id": chosen(self._tokens["V"], device[acting], phoned),
            "depositor_id": chosen(self._tokens["N"], person, known_person & np.isin(channel, _CASH_IN)),
            "employee_ref": chosen(self._tokens["E"], person, known_person & (channel == CHANNEL["payroll_file"])),
            "claimant_ref": chosen(self._tokens["R"], person, known_person & (channel == CHANNEL["benefit"])),
            "status": chosen(pa.array(STATUSES), rows["status"]),
            "reversal_of": pc.if_else(
                pa.array(rows["reverses"] >= 0), self.ids(np.maximum(rows["reverses"], 0)), pa.scalar(None, pa.string())
            )
            if (rows["reverses"] >= 0).any()
            else pa.nulls(count, pa.string()),
        }
        return pa.table([columns[name] for name in PAYMENTS.names], schema=PAYMENTS)

    def _exchanged(
        self, rows: dict[str, np.ndarray], day: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Give sums and currencies of both ends: abroad the other end keeps its own money."""
        minor, zero = rows["amount"], np.zeros(len(rows["amount"]), dtype=np.int64)
        exchanging = np.isin(self._kinds, (nodes.EXT, nodes.MER, nodes.CASH))
        there = {
            end: np.where(exchanging[rows[end]], CURRENCY_OF_COUNTRY[self._countries[rows[end]]], 0).astype(np.int64)
            for end in ("payer", "payee")
        }
        rate = self._rates[np.clip(day, 0, len(self._rates) - 1)]
        row = np.arange(len(minor))
        coming, going = there["payer"] > 0, there["payee"] > 0
        # A refund gives back what was taken, whatever the rate has become.
        own_money = rows["reverses"] >= 0
        coming, going = coming & ~own_money, going & ~own_money
        foreign_in = np.maximum(1, np.rint(minor * rate[row, there["payer"]])).astype(np.int64)
        foreign_out = np.maximum(1, np.rint(minor * rate[row, there["payee"]])).astype(np.int64)
        amount = np.where(coming, foreign_in, minor)
        received = np.where(coming, minor, np.where(going, foreign_out, zero))
        return amount, np.where(coming, there["payer"], 0), received, np.where(going & ~coming, there["payee"], 0)

    def _offsets(self, rows: dict[str, np.ndarray], timed: np.ndarray) -> pa.Array:
        minutes = self._clock.offset_s(rows["at"], rows["zone"]) // 60
        return pa.array(minutes.astype(np.int32), mask=~timed)

    def _country(self, ends: np.ndarray, kept: np.ndarray) -> pa.Array:
        return chosen(pa.array(COUNTRIES), self._countries[ends], self._own[ends] | kept)

    def _narratives(self, rows: dict[str, np.ndarray], kept: np.ndarray) -> pa.Array:
        """Give what is written on the payment: a phrase, and a number where it has one."""
        phrases = chosen(pa.array(self._journal.phrases, pa.string()), rows["words"], (rows["words"] > 0) & kept)
        if not (rows["number"] >= 0).any():
            return phrases
        with_number = pc.binary_join_element_wise(phrases, pc.cast(pa.array(rows["number"]), pa.string()), " ")
        return pc.if_else(pa.array(rows["number"] >= 0), with_number, phrases)

    def close(self) -> None:
        """Write what waits and end the files."""
        for file, waiting, schema in (
            (self._file, self._waiting, PAYMENTS),
            (self._true_file, self._true, TRUE_PAYMENTS),
        ):
            if waiting:
                file.write_table(pa.concat_tables(waiting).combine_chunks(), row_group_size=ROWS_AT_ONCE)
            else:
                file.write_table(schema.empty_table())
            file.close()

    def write_sides(self) -> None:
        """Write accounts, customers and links, in the order of their ids."""
        _write_csv(self._out / "accounts.csv", self._accounts(), "account_id")
        _write_csv(self._out / "customers.csv", self._customers(), "customer_id")
        _write_csv(self._out / "links.csv", self._links(), "customer_id")

    def _accounts(self) -> pa.Table:
        people = self._people
        firm = people.kind >= 2
        more = people.more_accounts
        node = np.concatenate([np.arange(people.count), *(row[0] for row in more)])
        holder = np.concatenate([np.arange(people.count), *(row[1] for row in more)])
        kinds = ["business" if one else "current" for one in firm] + [row[2] for row in more for _ in row[0]]
        opened = np.concatenate([people.opened, *(row[3] for row in more)])
        closed = people.closed[holder]
        return pa.table(
            {
                "account_id": self.names.take(pa.array(node)),
                "customer_id": self._tokens["C"].take(pa.array(holder)),
                "kind": kinds,
                "opened_on": pa.array(self._clock.date32(opened)).cast(pa.date32()),
                "closed_on": pa.array(
                    self._clock.date32(np.minimum(closed, 10_000)), mask=closed >= self._clock.days
                ).cast(pa.date32()),
                "branch_id": self._tokens["B"].take(pa.array(people.city[holder])),
                "opening_device_id": chosen(self._tokens["V"], people.device[holder], people.machine_opened[holder]),
                "introducer_id": chosen(
                    self._tokens["N"], np.maximum(people.introducer[holder], 0), people.introducer[holder] >= 0
                ),
                "currency": pa.repeat("EUR", len(node)),
                "licensed_intermediary": pa.array(people.licensed[holder]),
            }
        )

    def _customers(self) -> pa.Table:
        people = self._people
        person = people.kind < 2
        return pa.table(
            {
                "customer_id": self._tokens["C"].slice(0, people.count),
                "kind": chosen(pa.array(KINDS), people.kind),
                "age_band": chosen(pa.array(AGE_BANDS), np.maximum(people.age, 0), person),
                "occupation_group": chosen(
                    pa.array(OCCUPATIONS), np.maximum(people.occupation, 0), person & (people.income == WAGE)
                ),
                "sector": chosen(pa.array(SECTORS), np.maximum(people.sector, 0), people.sector >= 0),
                "declared_income": pa.array(people.declared_income.astype(np.int64), mask=~person),
                "declared_turnover": pa.array(people.turnover.astype(np.int64), mask=people.turnover <= 0),
                "headcount": pa.array(people.headcount + people.off_payroll, mask=people.headcount <= 0),
                "opening_hours": chosen(
                    pa.array(OPENING_HOURS), np.maximum(people.opening_hours, 0), people.opening_hours >= 0
                ),
                "home_city": pa.array(CITY_NAMES).take(pa.array(people.city)),
                "home_country": pa.repeat(COUNTRIES[HOME], people.count),
                "household_id": chosen(self._tokens["H"], people.household, person),
            }
        )

    def _links(self) -> pa.Table:
        people = self._people
        everybody = np.arange(people.count)
        kinds = {
            "phone": people.phone,
            "email": everybody,
            "address": people.address,
            "device": people.device,
            "employer": np.where(people.income == WAGE, people.employer, -1),
            "introducer": people.introducer,
        }
        who = [np.flatnonzero(values >= 0) for values in kinds.values()]
        hashes = [
            mixed(self._seed * 7 + 20 + turn, values[rows]) >> np.uint64(16)
            for turn, (values, rows) in enumerate(zip(kinds.values(), who, strict=True))
        ]
        rows = np.concatenate(who)
        return pa.table(
            {
                "customer_id": self._tokens["C"].take(pa.array(rows)),
                "kind": pa.array(np.repeat(list(kinds), [len(one) for one in who])),
                "value_hash": [f"{value:012x}" for value in np.concatenate(hashes).tolist()],
                "valid_from": pa.array(self._clock.date32(people.opened[rows])).cast(pa.date32()),
                "valid_to": pa.nulls(len(rows), pa.date32()),
            }
        )

    def write_truth(self, stories: list[dict[str, Any]], roles: list[tuple[str, int, str]]) -> None:
        """Write what was planted: stories, who played what, and the labels a bank would have."""
        about = {row["story"]: row for row in stories}
        names = ("story", "shelf", "kind", "code", "typology", "variant", "first_day", "last_day")
        _write_rows(self._out / "truth" / "stories.csv", names, (tuple(row[name] for name in names) for row in stories))
        nodes_of = self.names.take(pa.array([node for _, node, _ in roles], pa.int64())).to_pylist()
        cast = sorted((story, account, role) for (story, _, role), account in zip(roles, nodes_of, strict=True))
        _write_rows(self._out / "truth" / "roles.csv", ("story", "account_id", "role"), cast)
        end = self._clock.date_of(self._clock.days).isoformat()
        labels = sorted(
            (account, about[story]["typology"], story, role, "planted", end)
            for story, account, role in cast
            if about[story]["shelf"] == "cases"
        )
        _write_rows(
            self._out / "labels.csv", ("subject", "typology", "case_id", "role", "outcome", "labelled_on"), labels
        )


def _written(file: pq.ParquetWriter, waiting: list[pa.Table]) -> list[pa.Table]:
    """Write whole pieces of the file and give what is left over."""
    if sum(table.num_rows for table in waiting) < ROWS_AT_ONCE:
        return waiting
    joined = pa.concat_tables(waiting)
    whole = joined.num_rows // ROWS_AT_ONCE * ROWS_AT_ONCE
    file.write_table(joined.slice(0, whole).combine_chunks(), row_group_size=ROWS_AT_ONCE)
    # A copy, so that the written rows can be forgotten.
    return [pa.concat_tables([joined.slice(whole)]).combine_chunks()] if whole < joined.num_rows else []


def _write_csv(path: Path, table: pa.Table, order: str) -> None:
    by = [(order, "ascending")] + [
        (name, "ascending") for name in ("kind", "value_hash") if order == "customer_id" and name in table.column_names
    ]
    pc_csv.write_csv(table.sort_by(by), path, pc_csv.WriteOptions(quoting_style="needed"))


def _write_rows(path: Path, names: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names, laid = list(names), list(rows)
    columns = [pa.array([str(row[i]) for row in laid], pa.string()) for i in range(len(names))]
    pc_csv.write_csv(pa.table(columns, names=names), path, pc_csv.WriteOptions(quoting_style="needed"))
