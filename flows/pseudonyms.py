"""Identifiers made unreadable: keyed hashes for links between tables, masks for display."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from flows.errors import SettingsError
from flows.payments import OUTSIDE_PREFIXES

KEY_VARIABLE = "MONEYTRAIL_PSEUDONYM_KEY"
"""Environment variable that names the file of the key."""

# Of a key, in bytes: as long as the hash it keys (RFC 2104, section 3).
SHORTEST_KEY = 32


class Pseudonyms:
    """Keyed hashes of identifiers: the same for the same key, and of no use without it.

    Phones, e-mails, devices and addresses are few enough to be tried out one by one, so an unkeyed hash of one hides
    nothing.

    Parameters
    ----------
    key : bytes
        The secret, at least 32 bytes; it must not lie beside the ledger.

    Examples
    --------
    >>> pseudonyms = Pseudonyms(bytes(32))
    >>> pseudonyms.of("phone", "+33 6 12")
    '25665dc201e2e809f2e1794626616365'
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < SHORTEST_KEY:
            raise SettingsError(
                f"the key is shorter than {SHORTEST_KEY} bytes",
                where="the key of the pseudonyms",
                try_="make one: head -c 32 /dev/urandom > FILE",
            )
        self._key = key

    @classmethod
    def from_file(cls, path: Path | None = None) -> Pseudonyms:
        """Read the key from a file.

        Parameters
        ----------
        path : pathlib.Path, optional
            The file; if not given, the one that the environment variable `KEY_VARIABLE` names.

        Raises
        ------
        SettingsError
            If no file is named, it cannot be read, or its key is too short.
        """
        named = path or os.environ.get(KEY_VARIABLE)
        if not named:
            raise SettingsError(
                "no key for the pseudonyms",
                where=KEY_VARIABLE,
                try_=f"set {KEY_VARIABLE} to the file that holds it",
            )
        try:
            return cls(Path(named).read_bytes())
        except OSError as error:
            raise SettingsError(
                "the key of the pseudonyms cannot be read", where=str(named), try_="see who owns the file"
            ) from error

    def of(self, kind: str, value: str) -> str:
        """Give the pseudonym of a value: 32 hex digits (128 bits) of HMAC-SHA256.

        Parameters
        ----------
        kind : str
            What it is (``"phone"``, ``"device"`` ...); equal values of different kinds get different pseudonyms.
        value : str
            The value, already in its one spelling.
        """
        # The length of the kind goes in, so that no two pairs run together into one text.
        text = f"{len(kind)}:{kind}:{value}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:32]


def masked(account: str) -> str:
    """Write an account for display: its class and its last characters, four at most and never more than half.

    Examples
    --------
    >>> masked("FR7630006000011234567890189"), masked("ext:DE89370400440532"), masked("ab1")
    ('…0189', 'ext:…0532', '…1')
    """
    prefix = next((prefix for prefix in OUTSIDE_PREFIXES if account.startswith(prefix)), "")
    body = account[len(prefix) :]
    shown = min(4, len(body) // 2)
    return f"{prefix}…{body[len(body) - shown :]}"
