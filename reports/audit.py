"""The audit log: what was done to alerts, by whom and when; each entry is tied to the one before by its hash.

The log only grows: the database itself refuses to change or delete a line. Whoever gets around the database breaks the
chain, and `broken` names where: an entry that was edited has another hash than it bears, after one that was taken out
the next does not fit, and a chain cut short ends before its head. With a key, the head is signed (HMAC-SHA256), so that
not even somebody who rewrites the whole chain can make a head that holds; the key belongs in another hand than the
database.

An entry holds ids, states, reason codes and hashes; never an account, a name, an amount or what somebody wrote, so that
what is erased elsewhere is not kept here.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from reports.store_run import canonical, digest
from reports.store_tables import AUDIT, HEAD

BEGINNING: Final = "0" * 64
"""What the first entry names as the one before."""


@dataclass(frozen=True)
class Entry:
    """One line of the log.

    Parameters
    ----------
    number : int
        Counts from 1.
    at : int
        When, microseconds since 1970, UTC, by the clock of whoever did it.
    who : str
        Who did it.
    action : str
        What was done.
    subject : str
        To which alert, run or suppression.
    detail : mapping
        What else is known of it, as plain values.
    previous, hash : str
        Hash of the entry before and of this one.
    """

    number: int
    at: int
    who: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    previous: str
    hash: str

    @property
    def expected(self) -> str:
        """The hash that an entry of these words has."""
        return _hash(self.number, self.at, self.who, self.action, self.subject, self.detail, self.previous)


def append(
    connection: sa.Connection,
    *,
    at: int,
    who: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    key: bytes | None,
) -> int:
    """Write one more entry, in the transaction of what it is about, and give its number."""
    head = connection.execute(sa.select(HEAD)).one_or_none()
    number, previous = (head.number + 1, head.hash) if head else (1, BEGINNING)
    entry = {"number": number, "at": at, "who": who, "action": action, "subject": subject, "previous": previous}
    own = _hash(number, at, who, action, subject, detail, previous)
    connection.execute(AUDIT.insert(), {**entry, "detail": canonical(detail), "hash": own})
    ends = {"number": number, "hash": own, "signature": signature(number, own, key)}
    if head:
        connection.execute(HEAD.update().values(ends))
    else:
        connection.execute(HEAD.insert(), {"one": 1, **ends})
    return number


def entries(connection: sa.Connection, subject: str | None = None) -> Iterator[Entry]:
    """Give the entries in order, of one alert, run or suppression if it is named."""
    asked = sa.select(AUDIT).order_by(AUDIT.c.number)
    if subject is not None:
        asked = asked.where(AUDIT.c.subject == subject)
    for row in connection.execute(asked):
        yield Entry(**{**row._mapping, "detail": json.loads(row.detail)})


def broken(connection: sa.Connection, key: bytes | None) -> Iterator[str]:
    """Say every place where the chain does not hold; nothing if it is whole.

    Parameters
    ----------
    key : bytes or None
        With which the head was signed; None leaves a signature unchecked.
    """
    expected, previous = 1, BEGINNING
    for entry in entries(connection):
        if entry.number != expected:
            yield f"audit entry {expected} is missing" + (
                f" (up to {entry.number - 1})" if entry.number > expected + 1 else ""
            )
        elif entry.previous != previous:
            yield f"audit entry {entry.number} does not follow the entry before it"
        if entry.hash != entry.expected:
            yield f"audit entry {entry.number} was changed"
        expected, previous = entry.number + 1, entry.hash
    head = connection.execute(sa.select(HEAD)).one_or_none()
    if head is None:
        if expected > 1:
            yield "the head of the audit log is missing"
        return
    if head.number != expected - 1:
        yield f"the audit log ends with entry {expected - 1}; its head says {head.number}"
    elif head.hash != previous:
        yield f"the head of the audit log does not fit its last entry, {head.number}"
    if key is not None and not hmac.compare_digest(head.signature, signature(head.number, head.hash, key)):
        yield "the head of the audit log does not bear the signature of this key"


def signature(number: int, ends: str, key: bytes | None) -> str:
    """Sign how long a chain is and how it ends; empty without a key."""
    return "" if key is None else hmac.new(key, f"{number}:{ends}".encode(), sha256).hexdigest()


def _hash(number: int, at: int, who: str, action: str, subject: str, detail: Mapping[str, Any], previous: str) -> str:
    return digest([number, at, who, action, subject, detail, previous])
