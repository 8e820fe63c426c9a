"""The hashes of a set of files: what tells the files of one run from what an earlier one left in the same folder."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256


def with_hashes(made: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the files and `SHA256SUMS`, which names each with its hash, as ``sha256sum --check`` reads it.

    Parameters
    ----------
    made : mapping of str to bytes
        Contents by file name.

    Examples
    --------
    >>> sorted(with_hashes({"a.txt": b"one"}))
    ['SHA256SUMS', 'a.txt']
    """
    hashes = "".join(f"{sha256(made[name]).hexdigest()}  {name}\n" for name in sorted(made))
    return {**made, "SHA256SUMS": hashes.encode()}
