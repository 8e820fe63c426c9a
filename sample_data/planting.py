"""Cases planted into a copy of a bank's own ledger, for recall tests on real background.

The stories of the plan are lived in an invented bank as long as the ledger. What they paid is then told again in the
ledger's own terms: on its accounts, of the same standing and age; at its level of amounts and in its currency; on the
channels its customers use, left out where they use none like it; with the columns filled, places, words and hours
told as rows of that channel have them; under ids of the same shape. The copy is a ledger like any other, but for
rows whose source is named `flows.ledger.PLANTED`, labels whose outcome is `planted`, and a file that says so.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from flows import duck
from flows.errors import SettingsError
from flows.ingest import ingest
from flows.ledger import PLANTED, Ledger, as_store_errors
from flows.money import exponent
from flows.progress import Progress, progress_for
from sample_data import nodes
from sample_data.background import Background
from sample_data.chance import share_of, stream
from sample_data.clock import DAY
from sample_data.ledger import ATTEMPTED
from sample_data.nodes import CLASSES
from sample_data.places import TRADE_NAMES, TRADES
from sample_data.plan import Planned
from sample_data.postings import CHANNEL, PURPOSE, PURPOSES
from sample_data.simulation import Stage, Told, cast, lived
from sample_data.tables import LEGS

MARK = "PLANTED.txt"
MARKED = """This ledger is a copy of another one with planted payments, made by `moneytrail simulate --plant-into`.
What is found in it is a test of the tool. It says nothing about any customer, and no report from it may leave the test.
"""
# What comes in on the everyday account of an invented person in a month, in cents, on the median.
INVENTED_MONTHLY = 260_000
LEAST_BANK, MOST_BANK = 1_000, 3_000
# Which channels carry what, the likest first; what a ledger has none of is left out.
LIKE = {
    "p2p": ("p2p", "instant", "e_transfer", "sct", "wire", "other"),
    "instant": ("instant", "p2p", "e_transfer", "sct", "wire", "other"),
    "e_transfer": ("e_transfer", "p2p", "instant", "sct", "other"),
    "sct": ("sct", "instant", "wire", "e_transfer", "p2p", "other"),
    "wire": ("wire", "sct", "instant", "other"),
    "internal": ("internal", "sct", "instant", "other"),
    "cheque": ("cheque", "sct"),
    "cash_adm": ("cash_adm", "cash_branch"),
    "cash_branch": ("cash_branch", "cash_adm"),
    "atm_wd": ("atm_wd", "cash_branch"),
    "card_pos": ("card_pos", "card_cnp"),
    "card_cnp": ("card_cnp", "card_pos"),
    "direct_debit": ("direct_debit", "sct"),
    "payroll_file": ("payroll_file", "sct", "instant"),
    "benefit": ("benefit", "sct"),
    "msb": ("msb", "wire"),
    "crypto": ("crypto", "instant"),
    "prepaid_load": ("prepaid_load", "card_pos"),
}
_TOKENS = ("depositor_id", "employee_ref", "claimant_ref")
_DIGITS = re.compile(r"\d+")
_COPIED = ("utc_offset_min", "payer_country", "payee_country", "mcc", "merchant_name", "terminal_id", "city", "country")


@dataclass(frozen=True)
class Planting:
    """What was planted, and what was not.

    Parameters
    ----------
    ledger : Path
        The copy.
    payments, stories, accounts : int
        How much was planted, and on how many of the bank's accounts.
    no_channel, not_carried : int
        Payments left out: on channels this ledger does not have; that the account could not have paid.
    """

    ledger: Path
    payments: int
    stories: int
    accounts: int
    no_channel: int
    not_carried: int


def plant(
    original: Ledger,
    plan: list[Planned],
    out: Path,
    *,
    seed: int,
    again: bool = False,
    progress: Progress | None = None,
) -> Planting:
    """Write a copy of a ledger with planted stories, and the truth about them beside it.

    Parameters
    ----------
    original : Ledger
        Its newest version is copied; it is only read.
    plan : list of Planned
        The stories.
    out : Path
        A new folder: `ledger/`, `truth/`, `planting.json`.
    seed : int
        Decides every draw.
    again : bool
        Plant into a ledger that is a planted copy itself.
    progress : Progress, optional
        Shows how far it is.

    Raises
    ------
    SettingsError
        If the ledger is a planted copy and `again` is not said, or has too few accounts for the plan.
    InputError
        If there is nothing to plant into.
    """
    if original.planted and not again:
        raise SettingsError(
            "this ledger is a planted copy already",
            where=str(original.path),
            try_="name the original, or say --again to plant into the copy",
        )
    progress = progress_for(quiet=True) if progress is None else progress
    seen = Background.of(original)
    people = int(pc.sum(pc.invert(seen.accounts["firm"])).as_py())
    bank = int(np.clip(people, LEAST_BANK, MOST_BANK))
    stage = Stage.open(bank, seen.days, seed, seen.first)
    before = {name: getattr(stage.people, name).copy() for name in ("employer", "landlord")}
    told = cast(plan, stage)
    rows = _played(stage, told, before, progress)
    telling = _Telling(original, seen, stage, told, rows, seed)
    payments, truth = telling.payments()
    out.mkdir(parents=True, exist_ok=True)
    _copy(original, out / "ledger")
    _write_truth(out / "truth", telling, told, truth)
    staged = out / "staged"
    staged.mkdir()
    try:
        pq.write_table(payments, staged / PLANTED)
        files = {"payments": [staged / PLANTED]}
        for name, table in (("labels", telling.labels()), ("links", telling.links())):
            if table.num_rows:
                pc_csv.write_csv(table, staged / f"planted-{name}.csv")
                files[name] = [staged / f"planted-{name}.csv"]
        ingest(out / "ledger", files, format_id="contract", progress=progress)
    finally:
        shutil.rmtree(staged)
    planting = Planting(
        out / "ledger",
        payments.num_rows,
        len(set(truth["story"].to_pylist())),
        len(telling.used),
        telling.left_out["channel"],
        telling.left_out["balance"],
    )
    about = {"seed": seed, "original_version": original.version, "currency": seen.currency, **vars(planting)}
    (out / "planting.json").write_text(json.dumps({**about, "ledger": "ledger"}, indent=1) + "\n", encoding="utf-8")
    return planting


def _played(stage: Stage, told: list[Told], before: dict[str, np.ndarray], progress: Progress) -> dict[str, np.ndarray]:
    """Live the stories; keep what they paid, and the wages and rents that they brought about."""
    people = stage.people
    kept: list[dict[str, np.ndarray]] = []
    for rows in lived(stage, told, progress):
        story = rows["story"].copy()
        for income, (what, end, other) in {
            "SALA": ("employer", "payee", "payer"),
            "RENT": ("landlord", "payer", "payee"),
        }.items():
            customer = np.minimum(rows[end], people.count - 1)
            arranged = getattr(people, what)
            theirs = (rows["purpose"] == PURPOSE[income]) & (rows[end] < people.count) & (people.story[customer] >= 0)
            theirs &= (rows[other] == arranged[customer]) & (arranged[customer] != before[what][customer])
            story = np.where(theirs & (story < 0), people.story[customer], story)
        mask = (story >= 0) & (rows["status"] != ATTEMPTED) & (rows["reverses"] < 0)
        kept.append({name: column[mask] for name, column in {**rows, "story": story}.items()})
    return {name: np.concatenate([rows[name] for rows in kept]) for name in kept[0]}


class _Telling:
    """Tells the payments of an invented bank in the terms of a ledger."""

    def __init__(
        self,
        ledger: Ledger,
        seen: Background,
        stage: Stage,
        told: list[Told],
        rows: dict[str, np.ndarray],
        seed: int,
    ) -> None:
        self._ledger, self._seen, self._stage, self._told, self._rows = ledger, seen, stage, told, rows
        self._rng, self._seed = stream(seed, "planting"), seed
        self._kinds = stage.graph.kinds
        self._examples = seen.examples.to_pylist()
        self._groups: dict[tuple[str, str, str], list[int]] = {}
        for row, example in enumerate(self._examples):
            ends = (example["channel"], example["payer_class"], example["payee_class"])
            self._groups.setdefault(ends, []).append(row)
        self.left_out: Counter[str] = Counter()
        self._accounts = seen.accounts.to_pylist()
        self.used = self._matched()
        self._made: dict[int, str] = {}
        self._tokens: dict[tuple[str, int], str] = {}
        self._taken: set[str] = set()

    # Who

    def _matched(self) -> dict[int, int]:
        """Give each invented account one of the bank's of the same standing and, where that is known, of like age."""
        people, rows, accounts = self._stage.people, self._rows, self._accounts
        own = self._kinds == nodes.OWN
        ends = np.concatenate([rows["payer"], rows["payee"]])
        at = np.concatenate([rows["at"], rows["at"]])
        seen_day = np.full((2, len(own)), -1)
        mine = own[ends]
        seen_day[0, :] = 1 << 60
        np.minimum.at(seen_day[0], ends[mine], at[mine] // DAY)
        np.maximum.at(seen_day[1], ends[mine], at[mine] // DAY)
        cast_in = [node for _, scene, _ in self._told for node in scene.roles if own[node]]
        wanted = list(dict.fromkeys([*cast_in, *np.unique(ends[mine]).tolist()]))
        wanted = [node for node in wanted if seen_day[1, node] >= 0 or node in set(cast_in)]
        firm = np.array([row["firm"] for row in accounts])
        everyday = np.array([row["everyday"] for row in accounts])
        came = np.array([row["came_minor"] for row in accounts], dtype=float)
        standing = np.argsort(np.argsort(came)) / len(came)
        epoch = date(1970, 1, 1)
        since, until, opened = (
            np.array([float("nan") if row[name] is None else (row[name] - epoch).days for row in accounts])
            for name in ("first_seen", "last_seen", "opened_on")
        )
        free = np.ones(len(accounts), dtype=bool)
        wage = np.argsort(np.argsort(people.wage[: people.people_count])) / people.people_count
        matched: dict[int, int] = {}
        for node in wanted:
            a_firm = people.people_count <= node < people.count
            fits = free & everyday & (firm == a_firm)
            if not fits.any():
                fits = free & everyday
            if not fits.any():
                raise SettingsError(
                    "the ledger has too few accounts with a history for this plan",
                    where=f"{len(accounts):,} accounts, {len(wanted):,} wanted",
                    try_="plant fewer cases at once",
                )
            cost = np.abs(standing - (wage[node] if node < people.people_count else 0.5))
            # The account should live while it is played on, and be as old as the story needs.
            if seen_day[1, node] >= 0:
                cost = cost + 0.02 * np.maximum(0, since - seen_day[0, node])
                cost = cost + 0.02 * np.maximum(0, seen_day[1, node] - until)
            if node < people.count and not np.isnan(opened).all():
                age = self._stage.clock.date32(people.opened[node])
                gap = np.abs(np.log1p(np.abs(opened - int(age))))
                cost = cost + 0.05 * np.where(np.isnan(gap), 5.0, gap)
            cost = cost + self._rng.random(len(cost)) * 0.05
            chosen = int(np.flatnonzero(fits)[np.argmin(cost[fits])])
            free[chosen] = False
            matched[node] = chosen
        return matched

    def name(self, node: int, example: dict[str, Any], end: str) -> str:
        """Give the ledger's name of an end of a payment."""
        if node in self.used:
            return str(self._accounts[self.used[node]]["account"])
        kind = int(self._kinds[node])
        theirs = str(example[end])
        if kind != nodes.EXT or not theirs.startswith("ext:"):
            # A shop, a machine, an office: one of the ledger's own.
            return theirs
        if node not in self._made:
            known = self._stage.people.outside_people
            # Who pays others too is somebody the bank has seen; who was added for a story is new to it.
            seen_before = known[0] <= node <= known[-1] and self._rng.random() < 0.5 and "unnamed" not in theirs
            self._made[node] = theirs if seen_before or not re.search(r"\d{3}", theirs) else self._like(theirs)
        return self._made[node]

    def _like(self, shape: str) -> str:
        """Draw an id of the same shape that was not drawn before."""
        for turn in range(1_000):
            drawn = _DIGITS.sub(self._digits, shape + "0" * (turn // 100))
            if drawn not in self._taken:
                break
        self._taken.add(drawn)
        return drawn

    def _digits(self, found: re.Match[str]) -> str:
        """Draw as many digits; a number that begins with nothing but nought does so only where it did."""
        drawn = "".join(str(one) for one in self._rng.integers(0, 10, len(found[0])).tolist())
        return drawn if found[0].startswith("0") or not drawn.startswith("0") else "1" + drawn[1:]

    def _named_anew(self, told: list[dict[str, Any]], *columns: str) -> None:
        """Give other ids to those drawn that the ledger has already."""
        ledger = duck.read_days(duck.files(self._ledger.files()))
        held = " UNION ALL ".join(f"SELECT {name} FROM {ledger}" for name in columns)
        drawn = {row[name] for row in told for name in columns} & self._taken
        while drawn:
            with duck.connection() as opened:
                opened.register("drawn", pa.table({"id": sorted(drawn)}))
                known = duck.rows(opened, f"SELECT id FROM drawn WHERE id IN ({held})")
            again = {one: self._like(one) for (one,) in sorted(known)}
            for row in told:
                row.update({name: again.get(row[name], row[name]) for name in columns})
            self._made = {node: again.get(name, name) for node, name in self._made.items()}
            drawn = set(again.values())

    # What

    def _level(self, minor: int, channel: str) -> int:
        """Give an amount at the ledger's level: as round as it was, and in steps that the channel has."""
        raw = minor * self._seen.monthly_minor / INVENTED_MONTHLY
        whole = self._whole[channel] > 0.95
        digits = 2 if minor % 1_000 == 0 else 3 if minor % 100 == 0 else 9
        step = max(100 if whole else 1, 10 ** max(0, int(np.floor(np.log10(max(raw, 1)))) + 1 - digits))
        return int(max(1, round(raw / step)) * step)

    def _example(self, channel: str, payer: int, payee: int, place: int, mcc: str | None) -> dict[str, Any] | None:
        """Give a row of the ledger to copy the habits of; the same place is always the same row's."""
        classes = [CLASSES[int(self._kinds[node])].rstrip(":") for node in (payer, payee)]
        classes = ["" if one == "A" else one for one in classes]
        options = self._groups.get((channel, classes[0], classes[1]), [])
        if not options and "mer" not in classes:
            # The ledger has no offices or agencies of its own: they are accounts elsewhere.
            outside = [("ext" if one else "") for one in classes]
            options = self._groups.get((channel, outside[0], outside[1]), [])
            if not options and "ext" in outside:
                # One-sided books may name all other ends alike, own ones too.
                options = [row for ends, rows in self._groups.items() if ends[0] == channel for row in rows]
                options = [row for row in options if self._side(row) == [one == "" for one in classes]]
            elif not options:
                options = [row for ends, rows in self._groups.items() if ends[0] == channel for row in rows]
        if mcc is not None:
            alike = [row for row in options if self._examples[row]["mcc"] == mcc]
            if not alike:
                return None
            options = alike
        if not options:
            return None
        draw = self._rng.random() if place < 0 else float(share_of(self._seed, np.array([place]))[0])
        found: dict[str, Any] = self._examples[options[int(draw * len(options))]]
        return found

    def _side(self, row: int) -> list[bool]:
        return [self._examples[row][f"{end}_class"] == "" for end in ("payer", "payee")]

    def payments(self) -> tuple[pa.Table, pa.Table]:
        """Give the payments in the columns of the outside contract, and the truth about each."""
        rows, stage, seen = self._rows, self._stage, self._seen
        self._whole = dict(
            zip(seen.channels["channel"].to_pylist(), seen.channels["whole_units"].to_pylist(), strict=True)
        )
        # Stories that run on beyond the ledger's last day are cut there, and the local clock is the invented bank's.
        local = rows["at"] + stage.clock.offset_s(rows["at"], rows["zone"])
        channels = {number: name for name, number in CHANNEL.items()}
        names = [scene.name for _, scene, _ in self._told]
        told: list[dict[str, Any]] = []
        for i in range(len(rows["at"])):
            usual = channels[int(rows["channel"][i])]
            place = int(rows["place"][i])
            mcc = TRADES[TRADE_NAMES[int(stage.places.trade[place])]].mcc if place >= 0 else None
            payer, payee = int(rows["payer"][i]), int(rows["payee"][i])
            cash = nodes.CASH in (self._kinds[payer], self._kinds[payee])
            for channel in LIKE.get(usual, ()):
                example = None
                if channel in seen.common:
                    example = self._example(channel, payer, payee, place, None if cash else mcc)
                if example is not None:
                    break
            else:
                example = None
            if example is None:
                self.left_out["channel"] += 1
                continue
            told.append(self._row(i, int(local[i]), payer, payee, channel, example, names[int(rows["story"][i])]))
        self._named_anew(told, "payment_id")
        self._named_anew(told, "payer", "payee")
        told.sort(key=lambda row: (row["at"], row["payment_id"]))
        told = self._carried(told)
        return _laid_out(told, seen.currency), _truth(told)

    def _row(
        self, i: int, local: int, payer: int, payee: int, channel: str, example: dict[str, Any], story: str
    ) -> dict[str, Any]:
        rows, habits = self._rows, self._seen.timed(channel)
        day = local // DAY
        if habits["weekends"] < 0.005 and (day + 3) % 7 > 4:
            day += 7 - (day + 3) % 7
            local = day * DAY + local % DAY
        if habits["whole_minutes"] > 0.95:
            local -= local % 60
        timed = example["sent_at"] is not None
        offset = 60 * int(example["utc_offset_min"] or 0)
        acting = self._used_by(int(rows["person"][i]), payer)
        code = PURPOSES[int(rows["purpose"][i])]
        return {
            "payment_id": self._like(example["payment_id"]),
            "payer": self.name(payer, example, "payer"),
            "payee": self.name(payee, example, "payee"),
            "amount_minor": self._level(int(rows["amount"][i]), channel),
            "at": local - offset if timed else day * DAY,
            "sent_at": local - offset if timed else None,
            "booked_on": date(1970, 1, 1) + timedelta(days=int(day)),
            "ts_quality": example["ts_quality"],
            "channel": channel,
            "purpose_code": code if example["purpose_code"] is not None else None,
            # The ledger's own words: a story's would be told by its language.
            "narrative": example["narrative"],
            "device_id": None if example["device_id"] is None else acting.get("device_id"),
            "card_id": None if example["card_id"] is None else acting.get("card_id"),
            **{name: self._token(name, int(rows["person"][i]), example[name]) for name in _TOKENS},
            **{name: example[name] for name in _COPIED},
            "story": story,
            "leg": LEGS[int(self._rows["leg"][i])],
        }

    def _token(self, column: str, person: int, shape: str | None) -> str | None:
        """Give who stands at the counter, or whom a wage or benefit is for, where the ledger tells such things."""
        if shape is None or person < 0:
            return None
        if (column, person) not in self._tokens:
            self._tokens[column, person] = self._like(shape)
        return self._tokens[column, person]

    def _used_by(self, person: int, payer: int) -> dict[str, Any]:
        """Give the account whose telephone or card is used."""
        who = person if person in self.used else payer
        shared = self._stage.people.device
        if who < len(shared) and int(shared[who]) in self.used:
            who = int(shared[who])
        return self._accounts[self.used[who]] if who in self.used else {}

    def _carried(self, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Leave out what an account could not have paid, where its balances are known, and say what it had after."""
        touched = sorted({self._accounts[row]["account"] for row in self.used.values()})
        columns = ("at", "payer", "payee", "payer_balance_after_minor", "payee_balance_after_minor")
        history = self._ledger.payments(columns=columns, accounts=touched)
        times: dict[str, list[int]] = defaultdict(list)
        balances: dict[str, list[int]] = defaultdict(list)
        at = history["at"].cast(pa.int64()).to_numpy() // 1_000_000
        for end in ("payer", "payee"):
            balance = history[f"{end}_balance_after_minor"]
            mask = pc.and_(pc.is_valid(balance), pc.is_in(history[end], pa.array(touched))).to_numpy(False)
            who, had = history[end].filter(pa.array(mask)).to_pylist(), balance.filter(pa.array(mask)).to_numpy()
            for account, moment, minor in zip(who, at[mask].tolist(), had.tolist(), strict=True):
                times[account].append(moment)
                balances[account].append(minor)
        books: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        for account, moments in times.items():
            order = np.argsort(np.array(moments), kind="stable")
            had = np.array(balances[account])[order]
            # The least that is still to come: a planted payment must not make a later real one impossible.
            books[account] = (np.array(moments)[order], had, np.minimum.accumulate(had[::-1])[::-1])
        moved: Counter[str] = Counter()
        kept = []
        for row in told:
            payer, payee, minor = row["payer"], row["payee"], row["amount_minor"]
            if payer in books:
                known, had, least = books[payer]
                place = int(np.searchsorted(known, row["at"], side="right"))
                floor = min(0, int(had.min()))
                coming = min(int(least[place]) if place < len(least) else 1 << 62, int(had[max(0, place - 1)]))
                if coming + moved[payer] - minor < floor:
                    self.left_out["balance"] += 1
                    continue
            moved[payer] -= minor
            moved[payee] += minor
            for end, who in (("payer", payer), ("payee", payee)):
                row[f"{end}_balance_after_minor"] = None
                if who in books:
                    known, had, _ = books[who]
                    place = int(np.searchsorted(known, row["at"], side="right"))
                    row[f"{end}_balance_after_minor"] = int(had[max(0, place - 1)]) + moved[who]
            kept.append(row)
        return kept

    # Beside the payments

    def roles(self) -> list[tuple[str, str, str]]:
        """Give story, account and role of everybody who is counted as part of one."""
        known = {node: str(self._accounts[row]["account"]) for node, row in self.used.items()} | self._made
        return [
            (scene.name, known[node], role)
            for _, scene, _ in self._told
            for node, role in scene.roles.items()
            if node in known
        ]

    def labels(self) -> pa.Table:
        """Give the labels that a bank would have, each with the outcome `planted`."""
        about = {scene.name: (scene.about.typology, planned.shelf) for _, scene, planned in self._told}
        rows = [
            {
                "subject": account,
                "typology": about[story][0],
                "case_id": story,
                "role": role,
                "outcome": "planted",
                "labelled_on": self._seen.last.isoformat(),
            }
            for story, account, role in sorted(self.roles())
            if about[story][1] == "case"
        ]
        return pa.Table.from_pylist(rows) if rows else pa.table({"subject": pa.array([], pa.string())})

    def links(self) -> pa.Table:
        """Give the identifiers that people of a story share, if the ledger knows identifiers at all."""
        known = self._ledger.side("links")
        rows: list[dict[str, str]] = []
        if known is not None:
            of_customer = {
                (row["customer_id"], row["kind"]): row["value_hash"]
                for row in known.sort_by([("customer_id", "ascending"), ("value_hash", "descending")]).to_pylist()
            }
            people = self._stage.people
            for kind in ("device", "phone", "address"):
                column = getattr(people, kind)
                for node, row in sorted(self.used.items()):
                    holder = int(column[node]) if node < people.count else node
                    if node >= people.count or people.story[node] < 0 or holder == node or holder not in self.used:
                        continue
                    theirs = self._accounts[self.used[holder]]["customer_id"]
                    value = of_customer.get((theirs, kind))
                    mine = self._accounts[row]["customer_id"]
                    if value is not None and mine is not None:
                        rows.append({"customer_id": mine, "kind": kind, "value_hash": value})
        return pa.Table.from_pylist(rows) if rows else pa.table({"customer_id": pa.array([], pa.string())})


def _laid_out(told: list[dict[str, Any]], currency: str) -> pa.Table:
    """Lay rows out in the columns of the outside contract."""
    places = exponent(currency)

    def amounts(name: str) -> pa.Array:
        minor = [row[name] for row in told]
        exact = [None if one is None else Decimal(one).scaleb(-places) for one in minor]
        return pa.array(exact, pa.decimal128(18, places))

    text = (
        "payment_id",
        "payer",
        "payee",
        "ts_quality",
        "channel",
        "purpose_code",
        "narrative",
        "device_id",
        "card_id",
    )
    columns: dict[str, Any] = {name: pa.array([row[name] for row in told], pa.string()) for name in text}
    for name in _COPIED:
        kind = pa.int32() if name == "utc_offset_min" else pa.string()
        columns[name] = pa.array([row[name] for row in told], kind)
    micros = [None if row["sent_at"] is None else row["sent_at"] * 1_000_000 for row in told]
    return pa.table(
        {
            **columns,
            "amount": amounts("amount_minor"),
            "currency": pa.repeat(currency, len(told)),
            "booked_on": pa.array([row["booked_on"] for row in told], pa.date32()),
            "sent_at": pa.array(micros, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
            "payer_balance_after": amounts("payer_balance_after_minor"),
            "payee_balance_after": amounts("payee_balance_after_minor"),
            "status": pa.repeat("booked", len(told)),
        }
    )


def _truth(told: list[dict[str, Any]]) -> pa.Table:
    return pa.table(
        {name: pa.array([row[name] for row in told], pa.string()) for name in ("payment_id", "story", "leg")}
    )


def _copy(original: Ledger, to: Path) -> None:
    """Copy a ledger's folder: first the logs, so that whatever they name is there when the rest is copied."""
    with as_store_errors(to):
        for log in sorted(original.path.glob("*/_delta_log")):
            shutil.copytree(log, to / log.parent.name / log.name)
        shutil.copytree(
            original.path, to, ignore=shutil.ignore_patterns("_delta_log", "lock", "staging"), dirs_exist_ok=True
        )
        (to / MARK).write_text(MARKED, encoding="utf-8")


def _write_truth(folder: Path, telling: _Telling, told: list[Told], truth: pa.Table) -> None:
    """Write the truth as the simulator does: stories, roles, payments."""
    folder.mkdir()
    played = set(truth["story"].to_pylist())
    stories = [
        {
            "story": scene.name,
            "shelf": "cases" if planned.shelf == "case" else "innocent",
            "kind": planned.kind,
            "code": scene.about.code,
            "typology": scene.about.typology,
            "variant": scene.variant,
            "first_day": scene.clock.date_of(scene.first).isoformat(),
            "last_day": scene.clock.date_of(min(scene.last, scene.clock.days) - 1).isoformat(),
        }
        for _, scene, planned in told
        if scene.name in played
    ]
    pc_csv.write_csv(pa.Table.from_pylist(stories), folder / "stories.csv")
    roles = [dict(zip(("story", "account_id", "role"), row, strict=True)) for row in sorted(telling.roles())]
    pc_csv.write_csv(pa.Table.from_pylist(roles), folder / "roles.csv")
    pq.write_table(truth, folder / "payments.parquet")
