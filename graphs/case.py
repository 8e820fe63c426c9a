"""A case: the steps of an investigation on one frozen version of the ledger, to be taken again by anybody.

Each step (open, expand, filter, trace, note) is kept with who took it, when, what was asked and the numbers it gave. A
case file holds the steps and no payments. `Case.replayed` takes every step again on the version the case was made on,
and refuses a case whose numbers differ, so a case that is open is a case that was checked.

"What did we know on 3 March" can be meant in two ways, and a case states which:

- *recorded*: the version of the ledger that was the newest at the end of that day (`flows.ledger.Ledger.known_on`).
  Nothing taken in later is in it, however early it was booked. This is the one to ask when somebody's decision of that
  day is judged.
- *booked*: the newest version, with nothing booked after that day (`as_of`). Payments of that day that were taken in
  later are in it, and reversals booked later are not yet known. This is the one to ask what had happened by then.

Both can be asked at once: a version recorded by one day, with nothing booked after another.

The steps are chained: each bears a hash over itself and the one before, so a step that was changed, taken out or put in
afterwards shows. Whoever can write the whole file anew can make a whole new chain; a case that must stand against that
needs its last mark written down elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar, Final

from flows.errors import BalanceError, InputError
from flows.given import day_given, ids_given
from flows.ledger import Ledger
from flows.showing import Shown
from flows.window import Window
from graphs.case_steps import STEPS, Answer, Plain, canonical, seen_as
from graphs.hubs import labelled
from graphs.trace import RULES, Trace
from graphs.trace_record import Direction
from graphs.views import PaymentGraph, payment_graph

FORM: Final = 1
"""Form of the case file; raised when a reader of the old form could misread the new one."""


def now() -> datetime:
    """Give the time in UTC, to the second: nobody clicks faster."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Step:
    """One step of a case, as it was taken.

    Parameters
    ----------
    at : str
        When, ISO 8601, UTC.
    who : str
        By whom.
    did : str
        A key of `graphs.case_steps.STEPS`.
    asked : mapping
        What was asked, as JSON values.
    found : mapping
        The numbers it gave, and the hash of the rows behind them.
    mark : str
        Hash over this step and the one before, hexadecimal.
    """

    at: str
    who: str
    did: str
    asked: Plain
    found: Plain
    mark: str = ""

    def marked(self, before: str) -> Step:
        """Give the step with its mark, which follows from the mark before it."""
        content = [before, self.at, self.who, self.did, self.asked, self.found]
        return Step(self.at, self.who, self.did, self.asked, self.found, hashlib.sha256(canonical(content)).hexdigest())


class Case(Shown):
    """An investigation under way.

    Parameters
    ----------
    ledger : Ledger
        The version it is made on; it never moves on by itself.
    title : str
        What it is called.
    who : str
        Who takes the steps from here on.
    as_of : datetime.date, optional
        Look at nothing booked after this day; the last booking date if not given.
    clock : callable
        Gives the time of a step.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from flows.arrows import payments_from_arrows
    >>> payments = payments_from_arrows('''
    ...     day 0 09:00  ext:x -> anna     300 EUR
    ...     day 1 09:00  anna -> ben       200 EUR
    ...     day 2 09:00  ben -> cash:atm   150 EUR
    ... ''')
    >>> ledger = Ledger.create(Path(tempfile.mkdtemp()) / "ledger")
    >>> ledger = ledger.commit(payments.to_reader(), rows=3, source_hashes=["example"], side={})
    >>> case = Case(ledger, title="Where did the 300 go", who="an analyst")
    >>> sorted(case.open("anna", hops=1))
    ['anna', 'ben', 'ext:x']
    >>> sorted(case.expand("ben"))
    ['anna', 'ben', 'cash:atm', 'ext:x']
    >>> case.trace(payments=["p1"], rules=["fifo"])[0].amounts("fifo")["cash:atm", "cash"]
    15000
    >>> again = Case.replayed(case.as_bytes(), ledger, who="a colleague")
    >>> [step.did for step in again.steps]
    ['open', 'expand', 'trace']
    """

    shown_as: ClassVar[str] = "case"

    def __init__(
        self,
        ledger: Ledger,
        *,
        title: str,
        who: str,
        as_of: date | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        day_given(as_of, "as_of")
        last = as_of or max(ledger.days(), default=None)
        if last is None:
            raise InputError(
                "there are no payments to make a case of",
                where=f"{ledger.path}, version {ledger.version}",
                try_="take in files with `moneytrail ingest`",
            )
        self.ledger = ledger
        self.title = title
        self.who = who
        self.as_of = last
        self.fingerprint = fingerprint(ledger)
        self.made_with = _installed()
        self._clock = clock
        self._steps: list[Step] = []
        self._traces: dict[int, tuple[Trace, ...]] = {}
        self._view: frozenset[str] = frozenset()

    @cached_property
    def window(self) -> Window:
        """All booked payments up to the day of the case, with their hubs; trails end at these."""
        return labelled(self.ledger.window(as_of=self.as_of))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps so far, in the order they were taken; the first is number 1."""
        return tuple(self._steps)

    @property
    def traces(self) -> Mapping[int, tuple[Trace, ...]]:
        """What the traces gave, by the number of their step."""
        return dict(self._traces)

    @property
    def seen(self) -> Window:
        """The payments in view, as a window."""
        return seen_as(self.window, self._view)

    @property
    def view(self) -> PaymentGraph:
        """The payments in view, as a graph of its own that may be changed without changing the case."""
        graph: PaymentGraph = payment_graph(self.seen).copy()
        opened = next((step.asked["account"] for step in self._steps if "account" in step.asked), "")
        graph.graph.update(as_of=self.as_of, ledger_version=self.ledger.version)
        if opened in graph:
            graph.graph["account"] = opened
        return graph

    def open(self, account: str = "", *, payments: Iterable[str] = (), hops: int = 2, days: int = 60) -> PaymentGraph:
        """Begin to look at an account and its neighbourhood, or at some payments, such as those of an alert.

        What was in view before is put away.

        Parameters
        ----------
        account : str
            The account in the middle; or
        payments : iterable of str
            payment ids.
        hops, days : int
            As for `graphs.neighbourhood.neighbourhood`.

        Raises
        ------
        InputError
            If there is nothing to see.
        """
        ids_given(payments, "payments")
        names = sorted(payments)
        if bool(account) == bool(names):
            raise InputError("open one account, or some payments", where="open", try_="name one of the two")
        self._take("open", {"payments": names} if names else {"account": account, "hops": hops, "days": days})
        return self.view

    def expand(self, account: str, *, hops: int = 1, days: int = 60) -> PaymentGraph:
        """Add the neighbourhood of an account that is in view.

        Raises
        ------
        InputError
            If the account is not in view, or has no payment in those days.
        """
        self._take("expand", {"account": account, "hops": hops, "days": days})
        return self.view

    def filter(
        self,
        *,
        since: date | None = None,
        until: date | None = None,
        channels: Iterable[str] = (),
        currency: str = "",
        least_minor: int | None = None,
        without: Iterable[str] = (),
    ) -> PaymentGraph:
        """Keep the payments in view that meet every condition given.

        Parameters
        ----------
        since, until : datetime.date, optional
            First and last day (UTC) of the payments.
        channels : iterable of str
            Of `flows.payments.CHANNELS`.
        currency : str
            ISO 4217 code.
        least_minor : int, optional
            Smallest amount, in minor units; needs a currency, since amounts of different currencies do not compare.
        without : iterable of str
            Accounts whose payments are put away.

        Raises
        ------
        InputError
            If nothing would be left, or no condition is given.
        """
        day_given(since, "since")
        day_given(until, "until")
        ids_given(channels, "channels")
        ids_given(without, "without")
        if since and until and since > until:
            raise InputError("the first day is after the last", where="since, until", try_="change them round")
        if least_minor is not None and not currency:
            raise InputError("a smallest amount without a currency", where="least_minor", try_="give the currency too")
        given = {
            "since": since.isoformat() if since else None,
            "until": until.isoformat() if until else None,
            "channels": sorted(set(channels)) or None,
            "currency": currency or None,
            "least_minor": least_minor,
            "without": sorted(set(without)) or None,
        }
        asked = {name: value for name, value in given.items() if value is not None}
        if not asked:
            raise InputError("a filter without a condition", where="filter", try_="give at least one")
        self._take("filter", asked)
        return self.view

    def trace(
        self,
        account: str = "",
        since: date | None = None,
        *,
        payments: Iterable[str] = (),
        direction: Direction = "forward",
        rules: Iterable[str] = (*RULES, "poison"),
    ) -> tuple[Trace, ...]:
        """Follow the money of some payments, or of an account since a day, through the whole ledger.

        Parameters
        ----------
        account, since : str, datetime.date
            As for `graphs.trace.trace_account`; or
        payments : iterable of str
            payment ids, as for `graphs.trace.trace`.
        direction, rules
            As for both.

        Returns
        -------
        tuple of Trace
            One per currency.
        """
        ids_given(payments, "payments")
        ids_given(rules, "rules")
        day_given(since, "since")
        names = sorted(payments)
        if bool(account) == bool(names) or bool(account) != bool(since):
            raise InputError("trace payments, or an account since a day", where="trace", try_="name one of the two")
        start = {"payments": names} if since is None else {"account": account, "since": since.isoformat()}
        self._take("trace", {**start, "direction": direction, "rules": list(rules)})
        return self._traces[len(self._steps)]

    def note(self, text: str) -> None:
        """Write down what was thought; it stands in the dossier between the steps."""
        if not text.strip():
            raise InputError("an empty note", where="note", try_="write something")
        self._take("note", {"text": text})

    def as_bytes(self) -> bytes:
        """Give the case file: JSON, without any payment but those that were asked for by name."""
        content = {
            "moneytrail_case": FORM,
            "title": self.title,
            "ledger": self._frozen(),
            "made_with": self.made_with,
            "steps": [dict(vars(step)) for step in self._steps],
        }
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()

    def continues(self, content: bytes) -> bool:
        """Tell whether a case file holds this case, as it is or as it was some steps ago."""
        try:
            told = _read(content)
        except InputError:
            return False
        own = json.loads(self.as_bytes())
        same = all(told[name] == own[name] for name in ("title", "ledger"))
        return same and own["steps"][: len(told["steps"])] == told["steps"]

    @classmethod
    def replayed(cls, content: bytes, ledger: Ledger, *, who: str, clock: Callable[[], datetime] = now) -> Case:
        """Take every step of a case file again, and give the case where it was left.

        Parameters
        ----------
        content : bytes
            The file.
        ledger : Ledger
            Any version of the ledger it was made on.
        who : str
            Who takes the steps from here on.

        Raises
        ------
        InputError
            If the file is no case, was changed afterwards, or was made on another ledger.
        StoreError
            If the ledger has not got the version any more.
        BalanceError
            If a step gives other numbers than it gave.
        """
        told = _read(content)
        case = cls(
            ledger.at_version(told["ledger"]["version"]),
            title=told["title"],
            who=who,
            as_of=date.fromisoformat(told["ledger"]["as_of"]),
            clock=clock,
        )
        case.made_with = told["made_with"]
        if case.fingerprint != told["ledger"]["fingerprint"]:
            raise InputError(
                "the case was made on another ledger",
                where=f"{ledger.path}, version {case.ledger.version}",
                try_="name the ledger it was made on; the files taken into this one differ",
            )
        for number, each in enumerate(told["steps"], 1):
            step = Step(**each)
            if step != step.marked(case._mark):
                raise InputError(
                    f"step {number} was changed after it was taken, or a step before it is missing",
                    where=f"step {number} of {len(told['steps'])}",
                    try_="use the file as it was saved",
                )
            try:
                answer = case._answered(step.did, step.asked)
            except (KeyError, TypeError) as error:
                raise InputError(
                    f"step {number} ({step.did}) does not say what was asked",
                    where=f"step {number} of {len(told['steps'])}",
                    try_="use the file as it was saved",
                ) from error
            if canonical(answer.found) != canonical(step.found):
                raise BalanceError(
                    f"step {number} ({step.did}) gives other numbers than when it was taken",
                    where=f"{ledger.path}, version {case.ledger.version}; case made with {case.made_with}",
                    try_="replay it with the version of moneytrail it was made with, and report the difference",
                )
            case._keep(step, answer)
        return case

    @property
    def _mark(self) -> str:
        """The mark of the last step, or of what the case stands on."""
        if self._steps:
            return self._steps[-1].mark
        return hashlib.sha256(canonical([FORM, self.title, self._frozen(), self.made_with])).hexdigest()

    def _frozen(self) -> dict[str, Any]:
        return {"version": self.ledger.version, "as_of": self.as_of.isoformat(), "fingerprint": self.fingerprint}

    def _take(self, did: str, asked: Plain) -> None:
        answer = self._answered(did, asked)
        at = self._clock().astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        self._keep(Step(at, self.who, did, asked, answer.found).marked(self._mark), answer)

    def _answered(self, did: str, asked: Plain) -> Answer:
        return STEPS[did](self.window, self._view, asked)

    def _keep(self, step: Step, answer: Answer) -> None:
        self._steps.append(step)
        self._view = answer.view
        if answer.traces:
            self._traces[len(self._steps)] = answer.traces


def fingerprint(ledger: Ledger) -> str:
    """Give a hash of what a version of a ledger was made from: its files by content, and its rows by booking date.

    It is the same for a copy of the ledger, and for one made anew from the same files; it reads no payment.
    """
    sources = ledger.sources().select(["source_file", "table", "kept"]).to_pylist()
    days = {day.isoformat(): rows for day, rows in ledger.days().items()}
    return hashlib.sha256(canonical([[list(source.values()) for source in sources], days])).hexdigest()


def _installed() -> str:
    """Give the version of moneytrail; a checkout on the path has none."""
    try:
        return version("moneytrail")
    except PackageNotFoundError:
        return "not installed"


def _read(content: bytes) -> dict[str, Any]:
    """Read a case file, and see that it has the form of one."""
    try:
        told = json.loads(content)
        form = told["moneytrail_case"]
        whole = {"title": str, "ledger": dict, "made_with": str, "steps": list}
        right = form != FORM or (
            all(isinstance(told[name], kind) for name, kind in whole.items())
            and isinstance(told["ledger"]["version"], int)
            and date.fromisoformat(told["ledger"]["as_of"])
            and isinstance(told["ledger"]["fingerprint"], str)
            and all(
                step.keys() == set(Step.__dataclass_fields__)
                and step["did"] in STEPS
                and isinstance(step["asked"], dict)
                and isinstance(step["found"], dict)
                for step in told["steps"]
            )
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("not a case file", where="the file", try_="name a file that a case was saved to") from error
    if form != FORM:
        raise InputError(
            f"a case file of form {form!r}; this version reads form {FORM}",
            where="moneytrail_case",
            try_="use the version of moneytrail it was made with",
        )
    if not right:
        raise InputError("not a case file", where="the file", try_="name a file that a case was saved to")
    return dict(told)
