"""What a night did, or would do, in plain words for whoever reads the scheduler's log."""

from __future__ import annotations

from flows.plural import told
from moneytrail.night import Finished, Outcome
from moneytrail.night_inbox import Inbox
from moneytrail.night_plan import Plan
from moneytrail.night_told import LATE


def said(outcome: Outcome) -> str:
    """Say what a run did: what was taken in, what came late, what was found, where the report is."""
    lines = []
    if outcome.ingested is not None:
        rows = {what: outcome.ingested.rows(what) for what in ("rows", "kept", "duplicates", "rejected")}
        lines.append(told("Taken in: {count} file.", "Taken in: {count} files.", len(outcome.inbox.new)))
        lines.append(
            f"Payments: {rows['rows']:,} rows = {rows['kept']:,} kept + {rows['duplicates']:,} duplicate"
            f" + {rows['rejected']:,} rejected."
        )
    lines += _left(outcome.inbox)
    for night in outcome.nights:
        lines += _night(night)
    if not outcome.nights and outcome.last is not None:
        lines.append(f"Nothing new since the last night: {outcome.last.path}")
    return "\n".join(lines)


def planned_in_words(plan: Plan) -> str:
    """Say what a night would do."""
    lines = [f"Would take in: {one.name} ({one.table}, {_size(one.size)})" for one in plan.inbox.new]
    lines += _left(plan.inbox)
    if not plan.scans:
        return "\n".join([*lines, "Nothing else to do: the last night told all there is."])
    lines.append("Would scan the ledger, compare with last night, store and report.")
    expected = plan.expected
    source = "by what was measured on another machine, for there was no night before this one"
    if expected.nights:
        source = "from the last night" if expected.nights == 1 else f"from the last {expected.nights} nights"
    lines.append(
        f"Expected, {source}: about {expected.seconds:,.0f} s and up to {expected.peak_mb:,} MB of memory, for about"
        f" {expected.payments:,} payments, {expected.fresh:,} of them new."
    )
    return "\n".join(lines)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"


def _left(inbox: Inbox) -> list[str]:
    return [f"Left: {name} ({reason})" for name, reason in inbox.left.items()]


def _night(night: Finished) -> list[str]:
    facts = night.scan.facts
    lines = [f"Night of {facts.as_of}: {facts.scanned.payments:,} payments looked at."]
    if night.late:
        late = (
            told("{count} payment {what}.", "{count} payments {what}.", count, what=LATE[name])
            for name, count in night.late.items()
        )
        lines.append("Late or corrected: " + " ".join(late))
    changes = [f"{count:,} {state}" for state, count in night.delta.counts.items() if count]
    lines.append("Alerts: " + (", ".join(changes) or "none") + ".")
    if facts.failures:
        lines.append("Not asked, because they failed: " + ", ".join(sorted(facts.failures)))
    return [*lines, f"Report: {night.folder / 'report.html'}"]
