"""What the tool finds in invented banks with every kind of case in them, and whom it names wrongly.

Run: ``python -m benchmarks.quality.simulated [--freeze] [--seeds 612 613 614]``. Each seed is a bank of 1,900 customers
and 150 days with the stories of ``simulated.toml``: cases G-01 to G-12 plain, evading and seen in part, laundering
without exploitation to be in the way, and the innocent archetypes H-01 to H-30. Seeds below 600 are for tuning; the
three that are reported were looked at only when a result was frozen. With ``--keep FOLDER`` the banks and what was
measured of each stay there, so that one bank after another can be measured and all be frozen in the end.

An alert *names* the accounts that its indicators are about or name, if it gives them a likely role. It *is about* a
case if at least half of those it names play in the case and some payment of the case is among its evidence. All
accounts of a customer count alike. A case is *found* if an alert is about it
whose tier is review, priority or support (for T-11, whose highest tier is enquire, that) and whose heading is a
typology that serves the kind (`SERVES`). It is *seen as movement* if it was not found, but a pattern of movement is,
half of whose payments are the case's. An innocent instance is *flagged* if an alert in review or priority names one of
its accounts, whatever the role.

Surprise is not measured and accounts are not scored by how rare they are: that takes half of the time and weighs in
nothing above enquire. The jurisdiction is the invented bank's own, France; the institution's lists are empty.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.quality.freezing import HERE, freeze, looked_at, made_with, markdown, put, timed
from detectors.indicator import NOT_SUSPECTED, ROLES
from detectors.typology import TypologyAbout
from flows.ingest import ingest
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.progress import Progress, progress_for
from moneytrail.settings import ScanSettings, Settings
from reports.alert import Alert
from reports.facts import ScanFacts
from reports.weighing import TIERS
from sample_data.plan import read_plan
from sample_data.simulation import START, simulate

PLAN = HERE / "simulated.toml"
CUSTOMERS, DAYS = 1_900, 150
SEEDS = (612, 613, 614)
"""Banks that are reported. Nobody tunes on them; tuning has the seeds below 600."""
NIGHTS = (30, 60, 90, 120)
"""Days of the bank at whose end it is also looked at, to see when a case was first found: a look a month, so that what
is waited is known to a month."""
READ = (20, 50, 100)
"""How many alerts are read."""

SETTINGS = Settings(scan=ScanSettings(shuffles=0, jurisdiction="FR"), disabled=Shelf("detectors.outliers").ids())

SERVES: Mapping[str, tuple[str, ...]] = {
    "G-01": ("T-01", "T-02", "T-03"),
    "G-02": ("T-02", "T-01", "T-03"),
    "G-03": ("T-04", "T-03", "T-06"),
    "G-04": ("T-05", "T-06", "T-03"),
    "G-05": ("T-06", "T-03", "T-05"),
    "G-06": ("T-07",),
    "G-07": ("T-08",),
    "G-08": ("T-09", "T-10"),
    "G-09": ("T-10", "T-09"),
    "G-10": ("T-11",),
    "G-11": ("T-12", "T-03"),
    "G-12": ("T-13", "T-03", "T-06"),
    "L-05": ("T-14",),
}
"""Typologies under which an analyst would understand a kind: its own first, and those of the people in it."""

EXPLOITED = frozenset({"controlled_person", "exploited_person", "defrauded_person"})
"""Roles of the simulator that must never be shown as ones of suspicion."""

OWN_ROLE = {words: key for key, words in ROLES.items()}
LABELLED = ("accounts", "named", "possibly exploited", "under suspicion")
NEUTRAL = NOT_SUSPECTED | {"business", "landlord", "independent_worker"}
LIMITS = {"H-10": 0.002, "H-12": 0.002, "H-16": 0.002}
LIMIT = 0.005
"""Most of an archetype's instances that may be flagged; catalogue, 8.13."""


# --- the truth --------------------------------------------------------------------------------------------------------


@dataclass
class Planted:
    """A story of the truth tables."""

    name: str
    code: str
    variant: str
    innocent: bool
    roles: dict[str, str] = field(default_factory=dict)
    payments: set[str] = field(default_factory=set)
    first: date | None = None

    @property
    def exploited(self) -> set[str]:
        """The accounts of people who must not be suspected."""
        return {account for account, role in self.roles.items() if role in EXPLOITED}


def planted(folder: Path) -> list[Planted]:
    """Read the truth of a simulated bank."""
    every = {
        row["story"]: Planted(row["story"], row["code"], row["variant"], row["shelf"] == "innocent")
        for row in _rows(folder / "truth" / "stories.csv")
    }
    holder = holders(folder)
    held: dict[str, list[str]] = defaultdict(list)
    for account, customer in holder.items():
        held[customer].append(account)
    for row in _rows(folder / "truth" / "roles.csv"):
        # An alert may name a savings account of the same person.
        for account in held.get(holder.get(row["account_id"], ""), [row["account_id"]]):
            every[row["story"]].roles[account] = row["role"]
    truth = pq.read_table(folder / "truth" / "payments.parquet", columns=["payment_id", "story"])
    days = pq.read_table(folder / "payments.parquet", columns=["payment_id", "booked_on"])
    booked = days.filter(pc.is_in(days["payment_id"], value_set=truth["payment_id"].combine_chunks()))
    booked_on = dict(zip(booked["payment_id"].to_pylist(), booked["booked_on"].to_pylist(), strict=True))
    for payment, story in zip(truth["payment_id"].to_pylist(), truth["story"].to_pylist(), strict=True):
        every[story].payments.add(payment)
    for story in every.values():
        story.first = min((booked_on[payment] for payment in story.payments if payment in booked_on), default=None)
    return list(every.values())


def holders(folder: Path) -> dict[str, str]:
    """Give whose each of the bank's accounts is."""
    return {row["account_id"]: row["customer_id"] for row in _rows(folder / "accounts.csv")}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- what an alert says -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What an alert says of people.

    Parameters
    ----------
    alert : Alert
        As it is read.
    story : TypologyAbout or None
        The typology in its heading.
    named : dict of str to str
        The accounts that its indicators are about or name, with the key of their likely role.
    labels : dict of str to str
        All accounts that bear such a role in it, also for another alert's sake.
    """

    alert: Alert
    story: TypologyAbout | None
    named: Mapping[str, str]
    labels: Mapping[str, str]

    @property
    def typology(self) -> str:
        """Its id in the catalogue, or nothing."""
        return self.story.id if self.story else ""

    @property
    def handled(self) -> bool:
        """Whether a typology heads it, and its tier is one that somebody looks into."""
        return self.story is not None and (self.alert.tier != "enquire" or self.story.most == "enquire")


def said(facts: ScanFacts) -> list[Said]:
    """Give what each alert of a scan says of people, in reading order."""
    shelf = Shelf("detectors.typologies")
    known = {about.title.casefold(): about for about in (shelf.load(id_).about for id_ in shelf.ids())}
    asked = {id_ for about in known.values() for id_ in about.indicators}
    told_of = {one.finding_id: one.accounts for one in facts.findings if one.detector in asked}
    every = []
    for alert in facts.alerts:
        _, _, title = alert.typology.partition("Consistent with: ")
        story = known.get(title.casefold())
        if story is None and alert.tier != "enquire":
            raise LookupError(f"no typology is headed {alert.typology!r}, so nothing can be counted")
        roles = {one.account_id: OWN_ROLE.get(one.likely_role) for one in alert.accounts}
        labels = {account: role for account, role in roles.items() if role}
        about = {account for id_ in alert.findings for account in told_of.get(id_, ())}
        every.append(Said(alert, story, {one: role for one, role in labels.items() if one in about}, labels))
    return every


def about(one: Said, case: Planted) -> bool:
    """Say whether at least half of the accounts that an alert names play in a case that is among its evidence."""
    who = one.named.keys()
    return (
        bool(who) and 2 * len(who & case.roles.keys()) >= len(who) and not case.payments.isdisjoint(one.alert.payments)
    )


def finds(one: Said, case: Planted) -> bool:
    """Say whether an alert finds a case: is about it, under a typology that serves, in a tier that is looked into."""
    return one.handled and one.typology in SERVES.get(case.code, ()) and about(one, case)


def moves(one: Said, case: Planted) -> bool:
    """Say whether half of an alert's payments are a case's."""
    return 2 * len(case.payments.intersection(one.alert.payments)) >= len(one.alert.payments)


# --- one bank ---------------------------------------------------------------------------------------------------------


def lived(folder: Path, seed: int, progress: Progress) -> list[Planted]:
    """Live a bank, unless it was kept from an earlier run, and give what is planted in it."""
    if not (folder / "simulation.json").is_file():
        simulate(folder, customers=CUSTOMERS, days=DAYS, seed=seed, plan=read_plan(PLAN, DAYS), progress=progress)
    return planted(folder)


def taken_in(folder: Path, progress: Progress) -> Ledger:
    """Take a folder's tables into a ledger beside them, unless that was kept."""
    tables = {
        "payments": "payments.parquet",
        "accounts": "accounts.csv",
        "customers": "customers.csv",
        "links": "links.csv",
    }
    files = {name: [folder / file] for name, file in tables.items() if (folder / file).is_file()}
    if not (folder / "ledger").is_dir():
        ingest(folder / "ledger", files, progress=progress)
    return Ledger.open(folder / "ledger")


def of_cases(alerts: Sequence[Said], cases: Iterable[Planted]) -> list[dict[str, Any]]:
    """Say of each case whether and where in the list it was found, by what, and how much of it."""
    told = []
    for case in cases:
        finding = [(place, one) for place, one in enumerate(alerts, start=1) if finds(one, case)]
        inside = {account for _, one in finding for account in one.named} & case.roles.keys()
        own = SERVES.get(case.code, ("",))[0]
        ids = {one.typology for _, one in finding}
        told.append(
            {
                "case": case.name,
                "code": case.code,
                "variant": case.variant,
                "place": finding[0][0] if finding else None,
                "tiers": sorted({one.alert.tier for _, one in finding}),
                "typologies": sorted(ids),
                "own typology": own in ids,
                "accounts named": f"{len(inside)} of {len(case.roles)}" if finding else "",
                "as movement": not finding and any(moves(one, case) for one in alerts),
            }
        )
    return told


def of_alerts(alerts: Sequence[Said], cases: Sequence[Planted]) -> dict[str, Any]:
    """Count the alerts that a typology heads, by tier, and those among them that are about a case."""
    headed = [(one.alert.tier, one.typology, one) for one in alerts if one.story]
    right = {one.alert.alert_id for one in alerts if one.handled and any(about(one, case) for case in cases)}

    def counts(some: Iterable[Said]) -> dict[str, int]:
        listed = list(some)
        return {"alerts": len(listed), "about a case": sum(one.alert.alert_id in right for one in listed)}

    return {
        "alerts": len(alerts),
        "tiers": {tier: counts(one for own, _, one in headed if own == tier) for tier in TIERS},
        "first": {str(many): counts(alerts[:many]) for many in READ},
        "typologies": {
            f"{id_}, {tier}": counts(one for own, by, one in headed if (by, own) == (id_, tier))
            for id_, tier in sorted({(by, own) for own, by, _ in headed})
        },
    }


def of_innocents(
    alerts: Sequence[Said], stories: Sequence[Planted], holder: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    """Count the innocent instances that are flagged, by archetype; and the customers who play in no story."""
    by_tier: dict[str, set[str]] = {tier: set() for tier in TIERS}
    for one in alerts:
        by_tier[one.alert.tier] |= one.named.keys()
    flagged = by_tier["priority"] | by_tier["review"]
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for story in sorted((one for one in stories if one.innocent), key=lambda one: one.code):
        own, who = told[story.code], story.roles.keys()
        own["instances"] += 1
        own["flagged"] += not who.isdisjoint(flagged)
        own["priority"] += not who.isdisjoint(by_tier["priority"])
        own["to support"] += not who.isdisjoint(by_tier["support"])
        own["accounts"] += len(who)
        own["accounts flagged"] += len(who & flagged)
    playing = {account for story in stories for account in story.roles}
    others = {account: customer for account, customer in holder.items() if account not in playing}
    own = told["in no story"]
    own["instances"] = len(set(others.values()))
    for what, names in (
        ("flagged", flagged),
        ("priority", by_tier["priority"]),
        ("to support", by_tier["support"]),
    ):
        own[what] = len({others[account] for account in names & others.keys()})
    own["accounts"], own["accounts flagged"] = len(others), len(flagged & others.keys())
    return {code: dict(counts) for code, counts in told.items()}


def of_exploited(alerts: Sequence[Said], cases: Iterable[Planted]) -> dict[str, Any]:
    """Say how the accounts of exploited people are labelled, and where one is shown in a role of suspicion."""
    labels: dict[str, set[str]] = defaultdict(set)
    by: dict[str, set[str]] = defaultdict(set)
    for one in alerts:
        for account, role in one.labels.items():
            labels[account].add(role)
            if role not in NEUTRAL:
                by[account].add(f"{role} ({one.typology or 'no typology'}, {one.alert.tier})")
    told: Counter[str] = Counter()
    wrong = []
    for case in cases:
        for account in sorted(case.exploited):
            roles = labels.get(account, set())
            told["accounts"] += 1
            told["named"] += bool(roles)
            told["possibly exploited"] += bool(roles & NOT_SUSPECTED)
            told["under suspicion"] += account in by
            wrong += [
                f"{case.code} {case.variant}, {case.roles[account]}: {one}" for one in sorted(by.get(account, ()))
            ]
    return {**told, "wrong": dict(Counter(wrong))}


def when(ledger: Ledger, cases: Sequence[Planted], last: Sequence[dict[str, Any]]) -> list[int | None]:
    """Give the days from each case's first payment to the first look that found it: at `NIGHTS`, or at the end."""
    ends = [START + timedelta(days=night - 1) for night in NIGHTS]
    looks = [(end, of_cases(said(looked_at(ledger, SETTINGS, as_of=end).facts), cases)) for end in ends]
    looks.append((START + timedelta(days=DAYS - 1), list(last)))
    waited: list[int | None] = []
    for place, case in enumerate(cases):
        found = [end for end, told in looks if told[place]["place"] is not None]
        waited.append((min(found) - case.first).days if found and case.first else None)
    return waited


@contextmanager
def banks_in(keep: Path | None) -> Iterator[Path]:
    """Give the folder of the banks: one that is kept, or one that is gone afterwards."""
    if keep is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep


def measure(folder: Path, seed: int, seconds: dict[str, float]) -> dict[str, Any]:
    """Measure one bank."""
    progress = progress_for()
    with timed(seconds, f"{seed}: living and ingest"):
        stories = lived(folder, seed, progress)
        ledger = taken_in(folder, progress)
    with timed(seconds, f"{seed}: scan"):
        scan = looked_at(ledger, SETTINGS)
    cases = [story for story in stories if not story.innocent]
    alerts = said(scan.facts)
    found = of_cases(alerts, cases)
    with timed(seconds, f"{seed}: earlier nights"):
        waited = when(ledger, cases, found)
    return {
        "payments": ledger.count(),
        "cases": [{**one, "days to first alert": days} for one, days in zip(found, waited, strict=True)],
        "alerts": of_alerts(alerts, cases),
        "innocents": of_innocents(alerts, stories, holders(folder)),
        "exploited": of_exploited(alerts, cases),
        "failed": scan.facts.failures,
    }


def remembered(folder: Path, seed: int, seconds: dict[str, float]) -> dict[str, Any]:
    """Measure one bank, unless the same detectors have measured the same plan in this folder before."""
    path = folder / "measured.json"
    of = json.loads(json.dumps({**made_with(PLAN), "settings": SETTINGS.hash, "nights": NIGHTS}))
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if known.get("of") != of:
        own: dict[str, float] = {}
        known = {"of": of, "figures": measure(folder, seed, own), "seconds": own}
        path.write_text(json.dumps(known, indent=1), encoding="utf-8")
    seconds.update(known["seconds"])
    figures: dict[str, Any] = known["figures"]
    return figures


# --- all banks together -----------------------------------------------------------------------------------------------


def whole(banks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Give everything that is frozen."""
    return {
        "banks of": {"customers": CUSTOMERS, "days": DAYS, "looked at on days": [*NIGHTS, DAYS]},
        "together": together(banks),
        "banks": banks,
        "settings": SETTINGS.hash,
    }


def together(banks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Add the banks up."""
    cases = [case for one in banks.values() for case in one["cases"]]
    innocents: dict[str, Counter[str]] = defaultdict(Counter)
    tiers: dict[str, Counter[str]] = defaultdict(Counter)
    exploited: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for one in banks.values():
        for code, counts in one["innocents"].items():
            innocents[code].update(counts)
        for tier, counts in (*one["alerts"]["tiers"].items(), *one["alerts"]["first"].items()):
            tiers[tier].update(counts)
        exploited.update({name: count for name, count in one["exploited"].items() if name != "wrong"})
        wrong.update(one["exploited"]["wrong"])
    return {
        "recall": _recall(cases),
        "precision": {tier: dict(counts) for tier, counts in tiers.items()},
        "innocents": {code: {**counts, "within limit": _within(code, counts)} for code, counts in innocents.items()},
        "exploited": {**exploited, "wrong": dict(wrong)},
    }


def _recall(cases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    variants = ("plain", "partial", "evading")
    groups = [(code, variant) for code in sorted({case["code"] for case in cases}) for variant in variants]
    groups += [("G-01 to G-12", variant) for variant in variants]
    for code, variant in groups:
        some = [case for case in cases if _in(case["code"], code) and case["variant"] == variant]
        if not some:
            continue
        found = [case for case in some if case["place"] is not None]
        waited = [case["days to first alert"] for case in found if case["days to first alert"] is not None]
        rows.append(
            {
                "kind": code,
                "variant": variant,
                "cases": len(some),
                **{f"first {many}": sum(case["place"] <= many for case in found) for many in READ},
                "found": len(found),
                "by its own typology": sum(case["own typology"] for case in found),
                "as movement": sum(case["as movement"] for case in some),
                "days to first alert, median": round(median(waited)) if waited else None,
            }
        )
    return rows


def _in(code: str, group: str) -> bool:
    return code.startswith("G-") if group == "G-01 to G-12" else code == group


def _within(code: str, counts: Mapping[str, int]) -> bool:
    return counts["flagged"] <= LIMITS.get(code, LIMIT) * counts["instances"]


def page(every: Mapping[str, Any]) -> str:
    """Lay the figures out for the README."""
    variants = ("plain", "evading", "partial")
    recall = {(row["kind"], row["variant"]): row for row in every["recall"]}
    kinds = []
    for kind in dict.fromkeys(row["kind"] for row in every["recall"]):
        own = [recall[kind, variant] for variant in variants if (kind, variant) in recall]
        kinds.append(
            {
                "kind": kind,
                **{
                    name: f"{row['found']} of {row['cases']}" if (row := recall.get((kind, name))) else ""
                    for name in variants
                },
                **{f"first {many}": sum(row[f"first {many}"] for row in own) for many in READ},
                "by its own typology": sum(row["by its own typology"] for row in own),
                "as movement": sum(row["as movement"] for row in own),
                "days, median (plain)": recall.get((kind, "plain"), {}).get("days to first alert, median"),
            }
        )
    precision = [{"tier, or first of the list": tier, **counts} for tier, counts in _named(every["precision"]).items()]
    innocents = [
        {
            "archetype": code,
            "instances": counts["instances"],
            "flagged": counts["flagged"],
            "share": f"{100 * counts['flagged'] / counts['instances']:.1f} %",
            "limit": "" if code == "in no story" else f"{100 * LIMITS.get(code, LIMIT):.1f} %",
            "in priority": counts["priority"],
            "to support": counts["to support"],
            "accounts": counts["accounts"],
            "accounts flagged": counts["accounts flagged"],
        }
        for code, counts in every["innocents"].items()
    ]
    exploited = [{"accounts of exploited people": name, "count": every["exploited"].get(name, 0)} for name in LABELLED]
    exploited += [
        {"accounts of exploited people": name, "count": count} for name, count in every["exploited"]["wrong"].items()
    ]
    return "\n".join(markdown(rows) for rows in (kinds, precision, innocents, exploited))


def _named(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {f"first {name} of each bank" if name.isdigit() else name: own for name, own in counts.items()}


def show(figures: Mapping[str, Any]) -> None:
    """Print the figures as tables."""
    print(page(figures["together"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="which banks (default: those reported)")
    parser.add_argument("--freeze", action="store_true", help="write the result to frozen/ beside this file")
    parser.add_argument("--keep", type=Path, help="folder to keep the banks in, and to take them from again")
    given = parser.parse_args()
    seconds: dict[str, float] = {}
    with banks_in(given.keep) as folder:
        banks = {str(seed): remembered(folder / str(seed), seed, seconds) for seed in given.seeds}
    figures = whole(banks)
    show(figures)
    print(f"\nSeconds: {seconds}")
    if given.freeze:
        print(f"Frozen: {freeze('simulated', figures, made_with(PLAN), {'seconds': seconds}).name}")
        put(page(figures["together"]), HERE / "README.md", "simulated")


if __name__ == "__main__":
    main()
