"""Settings: one TOML file that holds only what an institution changed.

Defaults live in the dataclass fields of the code that uses them, with unit and reason; this file puts the sections
together and refuses what it does not know. An unknown key is an error that names the nearest known one; a value of
the wrong unit or outside its range is an error that names the unit.

::

    [scan]
    jurisdiction = "FR"
    thresholds = "our_levels.csv"         # with the columns of detectors/thresholds.csv; a path beside this file

    [alerts]
    within = "7 d"

    [night]                               # where `moneytrail night` finds and leaves things, seen from this file
    inbox = "inbox"
    store = "postgresql+psycopg://aml@db/moneytrail"

    [report]
    unmask = true                         # account numbers in full in what people read of a night

    [retention]                           # how long things are kept: `moneytrail purge`
    payments = "1825 d"

    [detectors.fan-in]
    min_payers = 12
    within = "48 h"

    [detectors.chain]
    enabled = false

    [detectors.t-01]
    review = 0.5

    [[exemptions]]                        # alerts about these alone are not told; reports/exempting.py
    id = "C-1042"                         # an account, or a customer with all accounts
    owner = "safeguarding lead"
    reason = "shelter"
    expires = 2027-06-30

    [lists]                               # the institution's own lists, which no public package may ship
    adverts = ["mer:the-advert-site"]

    [patterns.cashed-at-once]             # a pattern of the institution's own: docs/patterns.md
    text = "a -> b within 2h keeps 0.8..1 by atm_wd -> c: cash"
    title = "Paid in and drawn at once"
    innocent = ["a parent sends money to a child who needs cash"]
    clears = ["the child confirms what the cash was for"]
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from detectors.about import parameter, settable
from detectors.declared_pattern import Declaration, DeclaredPattern
from detectors.indicating import LISTS
from detectors.learning import CARD, MODEL
from detectors.reference import SUMS
from detectors.surprise import SHUFFLES
from detectors.thresholds import COLUMNS, thresholds
from flows.errors import SettingsError
from flows.plugins import Shelf
from moneytrail.fitting import payments_within
from reports.exempting import Exemption
from reports.joining import Joining

KINDS = {int: "a whole number", float: "a number", str: "a text in quotes", bool: "true or false", tuple: "a list"}
"""Kinds of values in words."""

SHELVES = ("detectors.motifs", "detectors.indicators", "detectors.typologies", "detectors.outliers")
"""The shelves whose members have a section ``[detectors.ID]``."""


@dataclass(frozen=True)
class ScanSettings:
    """The section ``[scan]``.

    Parameters
    ----------
    capacity : int
        How many alerts a night people can look at; the report draws its line there. Alerts.
    novelty_share : float
        Share of the capacity that is kept for alerts that no typology and no motif tells, only that an account is rare
        among its peers. Share.
    seed : int
        Seed of everything random.
    shuffles : int
        Most shuffles by which the surprise of a finding is measured; 0 measures none. Shuffles.
    jurisdiction : str
        The bank's own country, whose reporting rules hold where a payment names none. ISO 3166-1 alpha-2.
    thresholds : str
        File of reporting levels with the columns of `detectors/thresholds.csv`, seen from the folder of the settings.
        They replace all bundled levels of the same country and instrument.
    reference : str
        Folder of what outlier detectors learnt of an earlier period (`moneytrail reference`), seen from the folder of
        the settings; each scan learns from its own period where it is empty.
    ranker : str
        Folder of a rank learnt from judgements (`moneytrail learn`), seen from the folder of the settings; alerts stand
        inside their tier by score where it is empty.
    payments_a_window : int
        Payments held in memory at once, about; bounds memory. Payments.
    memory : str
        How much memory a scan may take, ``"4GB"``; `payments_a_window` then follows from it. Size.
    look_back_days : int
        How far back a scan looks from its last day, at least; from the first of a month on, so that the beginning does
        not move every night. 0 looks at everything. Days.
    """

    capacity: int = field(default=40, metadata={"unit": "alerts", "why": "what a small team reads", "least": 1})
    novelty_share: float = field(
        default=0.1,
        metadata={
            "unit": "share",
            "why": "ours: 4 of 40, enough to learn within weeks whether the unnamed is worth a look",
            "least": 0,
            "most": 1,
        },
    )
    seed: int = field(default=20260101, metadata={"unit": "", "why": "any fixed number", "least": 0})
    shuffles: int = field(
        default=SHUFFLES,
        metadata={"unit": "shuffles", "why": 'enough to say "1 in 2,000"', "least": 0, "most": 1_000_000},
    )
    jurisdiction: str = field(default="", metadata={"unit": "country code", "why": "empty where it is not said"})
    thresholds: str = field(default="", metadata={"unit": "file", "why": "empty where the bundled levels hold"})
    reference: str = field(default="", metadata={"unit": "folder", "why": "empty where each scan learns anew"})
    ranker: str = field(default="", metadata={"unit": "folder", "why": "empty where nothing is learnt"})
    payments_a_window: int = field(
        default=5_000_000, metadata={"unit": "payments", "why": "takes about 12 GB, half of 24", "least": 1}
    )
    memory: str = field(default="", metadata={"unit": "size", "why": "empty where payments_a_window says it"})
    look_back_days: int = field(
        default=730,
        metadata={
            "unit": "days",
            "why": "ours: two years hold the longest rhythm asked for (a year) twice, and a night's cost stays bounded",
            "least": 0,
        },
    )


@dataclass(frozen=True)
class NightSettings:
    """The section ``[night]``: where a night finds and leaves things; paths are seen from the folder of the settings.

    Parameters
    ----------
    inbox : str
        Folder of the files a night takes in. They stay where they are: what is in the ledger is told by its content.
    payments, accounts, customers, links, labels : str
        Which files of the inbox hold a table, as a pattern seen from it; ``**`` stands for any folders between.
    format : str
        Id of the reader of files of payments, `flows.readers`; guessed from each file where it is empty.
    mapping : str
        File that says which column is which, as ``--mapping`` of `moneytrail ingest`.
    settle_seconds : int
        How long a file changed within the last minute is watched; one that still grows is left for the next night.
        Seconds.
    ledger : str
        Folder of the ledger.
    out : str
        Folder in which each night has a folder of its own.
    store : str
        Where alerts live: a SQLite file, or the address of a PostgreSQL database without its password.
    language : str
        In which the report is told, `flows.language.languages`.
    share_rejected_max : float
        Stop if more than this share of the rows of a file is rejected. Share.
    """

    inbox: str = parameter("inbox", unit="folder", why="beside the settings")
    payments: str = parameter("payments/**/*", unit="pattern of files", why="a folder for each table")
    accounts: str = parameter("accounts/**/*", unit="pattern of files", why="a folder for each table")
    customers: str = parameter("customers/**/*", unit="pattern of files", why="a folder for each table")
    links: str = parameter("links/**/*", unit="pattern of files", why="a folder for each table")
    labels: str = parameter("labels/**/*", unit="pattern of files", why="a folder for each table")
    format: str = parameter("", unit="format", why="empty where it is guessed from each file")
    mapping: str = parameter("", unit="file", why="empty where the files are of a known format")
    settle_seconds: int = parameter(
        2, unit="seconds", why="ours: a copy that rests as long has ended or hangs", least=0, most=600
    )
    ledger: str = parameter("ledger", unit="folder", why="beside the settings")
    out: str = parameter("nights", unit="folder", why="beside the settings")
    store: str = parameter("alerts.db", unit="file or address", why="a SQLite file needs no server")
    language: str = parameter("en", unit="language code", why="the language the tool is written in")
    share_rejected_max: float = parameter(
        0.5,
        unit="share",
        why="as `moneytrail ingest`: a file half of which is no payments is another file",
        least=0,
        most=1,
    )


@dataclass(frozen=True)
class ReportSettings:
    """The section ``[report]``: what people read of a night.

    Parameters
    ----------
    unmask : bool
        Whether account numbers are written in full in what people read of a night: page, print, tables for a case
        system. Files for programs, the ledger and the store always have them in full.
    below_the_line : int
        How many of the alerts below the line of a night's capacity are drawn, by seed, for a look all the same, so that
        what the line costs is known. Alerts.
    """

    unmask: bool = parameter(False, unit="", why="a page is mailed, printed and left lying; a masked one says less")
    below_the_line: int = parameter(
        5, unit="alerts", why="ours: a hundred in twenty nights; where none is useful, fewer than 3 % are", least=0
    )


@dataclass(frozen=True)
class RetentionSettings:
    """The section ``[retention]``: how long things are kept before `moneytrail purge` erases them; 0 d: for ever.

    Parameters
    ----------
    payments : timedelta
        Payments in the ledger, by booking date.
    rejects : timedelta
        Rejected rows beside the ledger, by the day they came.
    alerts : timedelta
        Alerts in the store that are closed or gone, with their findings and judgements, by their last payment.
    results : timedelta
        Folders of past nights.
    """

    payments: timedelta = parameter(
        timedelta(days=1825), unit="time", why="five years, Directive (EU) 2015/849 article 40", least=timedelta()
    )
    rejects: timedelta = parameter(
        timedelta(days=90), unit="time", why="ours: long enough to mend and send a file again", least=timedelta()
    )
    alerts: timedelta = parameter(timedelta(days=1825), unit="time", why="five years, as payments", least=timedelta())
    results: timedelta = parameter(
        timedelta(days=400), unit="time", why="ours: a year and its audit can be looked at again", least=timedelta()
    )


@dataclass(frozen=True)
class OperationsSettings:
    """The section ``[operations]``: what a run leaves for the machines that watch it.

    Parameters
    ----------
    metrics : str
        File for the textfile collector of Prometheus, replaced after every run; none is written where it is empty.
    lineage : str
        Folder for one file of OpenLineage events a run; none is written where it is empty.
    disk_least_gb : float
        Free space of the disks below which `moneytrail doctor` says BAD. Gigabytes.
    """

    metrics: str = parameter("", unit="file", why="not every bank has a collector")
    lineage: str = parameter("", unit="folder", why="not every bank collects lineage")
    disk_least_gb: float = parameter(
        10.0, unit="gigabytes", why="ours: a night of a million payments writes well under one", least=0.0
    )


SECTIONS = {
    "scan": ScanSettings,
    "alerts": Joining,
    "night": NightSettings,
    "report": ReportSettings,
    "retention": RetentionSettings,
    "operations": OperationsSettings,
}
"""Sections whose keys are the fields of one dataclass; each is an attribute of `Settings` of the same name."""

AROUND = ("night", "report", "retention", "operations")
"""Sections that say where things are and how they are told or kept: they change no finding and no alert."""


@dataclass(frozen=True)
class Settings:
    """All settings of a run, resolved.

    Parameters
    ----------
    scan : ScanSettings
        The section ``[scan]``.
    alerts : Joining
        The section ``[alerts]``.
    night : NightSettings
        The section ``[night]``.
    report : ReportSettings
        The section ``[report]``.
    retention : RetentionSettings
        The section ``[retention]``.
    operations : OperationsSettings
        The section ``[operations]``.
    detectors : dict
        The changed parameters of each detector, by id.
    disabled : tuple of str
        Detectors that are not run because the settings say so; the report lists them.
    patterns : dict
        The patterns the institution declared, ``[patterns.NAME]``, by name.
    lists : dict
        The institution's own lists, the section ``[lists]``: names of nodes, words or hashes by key of
        `detectors.indicating.LISTS`.
    exemptions : tuple of Exemption
        Of whom no alert is told, the entries ``[[exemptions]]``.
    thresholds : tuple of str
        Lines of the institution's own reporting levels, from the file that the section ``[scan]`` names.
    reference : pathlib.Path or None
        The folder that the section ``[scan]`` names as its reference.
    ranker : pathlib.Path or None
        The folder that it names as its ranker.
    """

    scan: ScanSettings = ScanSettings()
    alerts: Joining = field(default_factory=Joining)
    night: NightSettings = NightSettings()
    report: ReportSettings = ReportSettings()
    retention: RetentionSettings = RetentionSettings()
    operations: OperationsSettings = OperationsSettings()
    detectors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()
    patterns: Mapping[str, DeclaredPattern] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    thresholds: tuple[str, ...] = ()
    reference: Path | None = None
    ranker: Path | None = None

    def make(self, shelf: str) -> list[tuple[str, Any]]:
        """Make every enabled detector of a shelf with its parameters.

        Returns
        -------
        list of (str, detector)
            By id, in alphabetical order. Retired detectors are left out.
        """
        members = Shelf(shelf)
        made = []
        for id_ in members.ids():
            detector = members.load(id_)
            if id_ not in self.disabled and detector.about.status != "retired":
                made.append((id_, detector(**self._changed(id_, detector))))
        return made

    def _changed(self, id_: str, detector: type[Any]) -> dict[str, Any]:
        """Give the parameters of a detector that differ: its own, else those that hold for the whole bank."""
        of_the_bank = {"jurisdiction": self.scan.jurisdiction, "own_thresholds": self.thresholds}
        known = settable(detector)
        shared = {name: value for name, value in of_the_bank.items() if value and name in known}
        return {**shared, **self.detectors.get(id_, {})}

    def declared(self) -> list[tuple[str, DeclaredPattern]]:
        """Give every enabled pattern of the institution's own, as `make` gives the detectors of a shelf."""
        return [(one.id, one) for _, one in sorted(self.patterns.items()) if one.id not in self.disabled]

    def as_dict(self) -> dict[str, Any]:
        """Give every setting in force, defaults included, as plain values for the run sheet."""
        every: dict[str, Any] = {name: dataclasses.asdict(getattr(self, name)) for name in SECTIONS}
        every["detectors"] = {}
        for shelf in SHELVES:
            members = Shelf(shelf)
            for id_ in members.ids():
                detector = members.load(id_)
                changed = self._changed(id_, detector)
                values = {name: changed.get(name, field_.default) for name, field_ in settable(detector).items()}
                every["detectors"][id_] = {"enabled": id_ not in self.disabled, **values}
        if self.patterns:
            every["patterns"] = {
                name: {"enabled": one.id not in self.disabled, **dataclasses.asdict(one.declaration)}
                for name, one in self.patterns.items()
            }
        if self.lists:
            # What is on them is the institution's secret: the run sheet says how much it is, and whether it changed.
            every["lists"] = {name: _fingerprint(parts) for name, parts in sorted(self.lists.items())}
        if self.exemptions:
            every["exemptions"] = _fingerprint(tuple(sorted(map(repr, self.exemptions))))
        if self.reference is not None:
            # What was learnt decides scores, and the folder may be written anew under the same name.
            sums = (path.read_text(encoding="utf-8") for path in sorted(self.reference.glob(f"*/{SUMS}")))
            every["reference"] = _fingerprint(tuple(sums))
        if self.ranker is not None:
            parts = (self.ranker / name for name in (MODEL, CARD))
            every["ranker"] = _fingerprint(tuple(part.read_text(encoding="utf-8") for part in parts if part.is_file()))
        plain: dict[str, Any] = json.loads(json.dumps(every, default=spoken_value, sort_keys=True))
        return plain

    @cached_property
    def hash(self) -> str:
        """Short name of the settings that can change a result: equal settings, equal hash."""
        telling = {name: values for name, values in self.as_dict().items() if name not in AROUND}
        return hashlib.sha256(json.dumps(telling, sort_keys=True).encode()).hexdigest()[:16]


def spoken_value(value: Any) -> str:
    """Write a value as it stands in a settings file."""
    if isinstance(value, timedelta):
        return spoken_span(value)
    return str(value)


def load(path: Path | None) -> Settings:
    """Read a settings file; without one, every default holds.

    Raises
    ------
    SettingsError
        If the file is missing or not TOML, or a key or value is not understood.
    """
    if path is None:
        return Settings()
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError("there is no such settings file", where=str(path), try_="check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"not a TOML file: {error}", where=str(path), try_="see the README for an example"
        ) from error
    return resolve(text, str(path), path.parent)


def resolve(text: Mapping[str, Any], where: str, folder: Path | None = None) -> Settings:
    """Turn the sections of a settings file into settings.

    Parameters
    ----------
    text : dict
        The parsed TOML.
    where : str
        The file's name, for messages.
    folder : pathlib.Path, optional
        From where files that it names are seen; the folder of work unless told otherwise.
    """
    _known(text, (*SECTIONS, "detectors", "exemptions", "lists", "patterns"), where)
    whole: dict[str, Any] = {
        name: kind(**_values(_section(text, name, where), settable(kind), f"{where} [{name}]"))
        for name, kind in SECTIONS.items()
    }
    whole["scan"] = _fitted(whole["scan"], _section(text, "scan", where), f"{where} [scan]")
    _no_password(whole["night"].store, f"{where} [night]")
    chosen: dict[str, dict[str, Any]] = {}
    disabled = []
    sections = _section(text, "detectors", where)
    shelf_of = {id_: shelf for shelf in SHELVES for id_ in Shelf(shelf).ids()}
    _known(sections, shelf_of, f"{where} [detectors]")
    for id_ in sections:
        place = f"{where} [detectors.{id_}]"
        values, enabled = _enabled(_section(sections, id_, place), place)
        if not enabled:
            disabled.append(id_)
        chosen[id_] = _values(values, settable(Shelf(shelf_of[id_]).load(id_)), place)
    patterns = {}
    for name, section in _section(text, "patterns", where).items():
        pattern, enabled = _pattern(name, section, f"{where} [patterns.{name}]")
        if pattern.id in shelf_of:
            raise SettingsError(
                f"there is a detector {pattern.id!r} already", where=where, try_="give the pattern another name"
            )
        patterns[name] = pattern
        if not enabled:
            disabled.append(pattern.id)
    lists = _lists(_section(text, "lists", where), f"{where} [lists]")
    exemptions = _exemptions(text.get("exemptions", []), f"{where} [[exemptions]]")
    named = whole["scan"].thresholds
    own = _levels((folder or Path()) / named, f"{where} [scan]") if named else ()
    return Settings(
        **whole,
        detectors=chosen,
        disabled=tuple(sorted(disabled)),
        patterns=patterns,
        lists=lists,
        exemptions=exemptions,
        thresholds=own,
        reference=(folder or Path()) / kept if (kept := whole["scan"].reference) else None,
        ranker=(folder or Path()) / learnt if (learnt := whole["scan"].ranker) else None,
    )


def _fitted(scan: ScanSettings, given: Mapping[str, Any], where: str) -> ScanSettings:
    """Give the payments of a window that fit the memory a bank says."""
    if not scan.memory:
        return scan
    fits = payments_within(scan.memory, f"{where} memory")
    # A run sheet, and what `moneytrail settings show` prints, have both, and they agree.
    if given.get("payments_a_window", fits) != fits:
        raise SettingsError("memory and payments_a_window say one thing twice", where=where, try_="keep one of them")
    return dataclasses.replace(scan, payments_a_window=fits)


def _no_password(store: str, where: str) -> None:
    """Refuse a secret in a file that is copied into every run sheet."""
    if "://" in store and urlsplit(store).password is not None:
        raise SettingsError(
            "the address of the store holds a password",
            where=where,
            try_="leave it out and keep it in a file that PGPASSFILE names, or in ~/.pgpass",
        )


def _exemptions(entries: Any, where: str) -> tuple[Exemption, ...]:
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise SettingsError(
            "exemptions are entries of their own", where=where, try_="write [[exemptions]] above each, in two brackets"
        )
    names = [one.name for one in dataclasses.fields(Exemption)]
    made: dict[str, Exemption] = {}
    for number, entry in enumerate(entries, 1):
        # Who is exempt is nobody's business: messages give the number of the entry.
        place = f"{where} entry {number}"
        _known(entry, names, place)
        lacking = [name for name in names if name not in entry]
        if lacking:
            raise SettingsError(
                f"an exemption without {' and '.join(lacking)}",
                where=place,
                try_="say whom it exempts, who answers for it, why, and until when",
            )
        for name in ("id", "owner", "reason"):
            if not isinstance(entry[name], str) or not entry[name].strip():
                raise SettingsError(f"{name} is no text", where=place, try_=f'{name} = "..."')
        if type(entry["expires"]) is not date:
            raise SettingsError("expires is no date", where=place, try_="expires = 2027-06-30, without quotes")
        if entry["id"] in made:
            raise SettingsError("the same account or customer twice", where=place, try_="keep the entry that holds")
        made[entry["id"]] = Exemption(**entry)
    return tuple(made.values())


def _levels(path: Path, where: str) -> tuple[str, ...]:
    try:
        header, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the reporting levels cannot be read: {path.name}", where=where, try_="name a CSV file beside the settings"
        ) from error
    if tuple(header.split(",")) != COLUMNS:
        raise SettingsError(
            f"{path.name} does not begin with the columns of reporting levels",
            where=where,
            try_="first line: " + ",".join(COLUMNS),
        )
    own = tuple(line for line in lines if line.strip())
    thresholds(own)
    return own


def _lists(section: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    _known(section, LISTS, where)
    for name, parts in section.items():
        if not isinstance(parts, list) or not all(isinstance(part, str) and part.strip() for part in parts):
            raise SettingsError(
                f"{name} is not a list of texts", where=where, try_=f'{name} = ["...", "..."]: {LISTS[name]}'
            )
    return {name: tuple(sorted(set(parts))) for name, parts in section.items() if parts}


def _fingerprint(parts: tuple[str, ...]) -> str:
    return f"{len(parts)} entries, {hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]}"


def _pattern(name: str, section: Any, where: str) -> tuple[DeclaredPattern, bool]:
    if not isinstance(section, Mapping):
        raise SettingsError(
            "a pattern is a section, not a value", where=where, try_='write [patterns.NAME], and below it text = "..."'
        )
    if not _NAME.fullmatch(name):
        raise SettingsError(
            "the name of a pattern is of small letters, digits and dashes",
            where=where,
            try_="name it by what it looks for, e.g. [patterns.cashed-at-once]",
        )
    values, enabled = _enabled(section, where)
    return DeclaredPattern(name, Declaration(**_values(values, settable(Declaration), where)), where), enabled


def _enabled(section: Mapping[str, Any], where: str) -> tuple[dict[str, Any], bool]:
    values = dict(section)
    enabled = values.pop("enabled", True)
    if not isinstance(enabled, bool):
        raise SettingsError("enabled is true or false", where=where, try_="enabled = false")
    return values, enabled


def _section(text: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    section = text.get(name, {})
    if not isinstance(section, Mapping):
        raise SettingsError(f"{name} is a section, not a value", where=where, try_=f"write [{name}] on its own line")
    return section


def _known(given: Iterable[str], known: Iterable[str], where: str) -> None:
    known = list(known)
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise SettingsError(
                f"unknown key {key!r}",
                where=where,
                try_=f"did you mean {near[0]!r}?" if near else "one of: " + ", ".join(sorted(known)),
            )


def _values(section: Mapping[str, Any], fields: Mapping[str, dataclasses.Field[Any]], where: str) -> dict[str, Any]:
    _known(section, fields, where)
    values = {name: _value(name, value, fields[name], where) for name, value in section.items()}
    for low, high in _ranges(fields):
        least, most = (values.get(name, fields[name].default) for name in (low, high))
        if least > most:
            raise SettingsError(
                f"{low} is above {high}, so nothing could ever be found",
                where=where,
                try_=f"set both so that {low} is at most {high} (now {spoken_value(least)} and {spoken_value(most)})",
            )
    return values


def _ranges(fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give the pairs of names that are two ends of one range: least_hops and most_hops, keeps_least and keeps_most."""
    for name in fields:
        other = re.sub(r"(^|_)least(?=_|$)", r"\1most", name)
        if other != name and other in fields:
            yield name, other


def _value(name: str, value: Any, declared: dataclasses.Field[Any], where: str) -> Any:
    unit = declared.metadata.get("unit", "")
    wanted = type(declared.default)
    if wanted is timedelta:
        value = _span(name, value, where)
    elif wanted is tuple and isinstance(value, list):
        value = tuple(value)
    elif wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        raise SettingsError(
            f"{name} is of the wrong kind ({type(value).__name__})",
            where=where,
            try_=f"give {KINDS.get(wanted, wanted.__name__)}" + (f", in {unit}" if unit else ""),
        )
    least, most = declared.metadata.get("least"), declared.metadata.get("most")
    if (least is not None and value < least) or (most is not None and value > most):
        low = "" if least is None else f"at least {spoken_value(least)} "
        high = "" if most is None else f"at most {spoken_value(most)} "
        raise SettingsError(f"{name} is out of range", where=where, try_=f"{low}{high}{unit}".strip())
    return value


_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UNITS = {"min": 60, "h": 3600, "d": 86400, "day": 86400, "days": 86400, "hours": 3600, "minutes": 60}
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(min|h|d|days?|hours|minutes)\s*")


def _span(name: str, value: Any, where: str) -> timedelta:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise SettingsError(f"{name} is a span of time", where=where, try_='write it as "48 h", "30 min" or "7 d"')
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def spoken_span(span: timedelta) -> str:
    """Write a span as the settings file does.

    Examples
    --------
    >>> spoken_span(timedelta(hours=48)), spoken_span(timedelta(days=30)), spoken_span(timedelta(minutes=90))
    ('48 h', '30 d', '90 min')
    """
    minutes = span / timedelta(minutes=1)
    if minutes % 1440 == 0 and minutes > 4320:
        return f"{int(minutes // 1440)} d"
    if minutes % 60 == 0:
        return f"{int(minutes // 60)} h"
    return f"{minutes:g} min"
