"""The errors a person can mend, each with a place and a next step.

::

    ToolkitError            anything this toolkit says by itself
    ├── InputError          a file cannot be read as payments           exit code 3
    ├── SettingsError       a setting or an argument is wrong           exit code 2
    ├── PluginError         a plug-in is missing, misnamed or broken    exit code 2
    ├── StoreError          the ledger or a store cannot be used        exit code 1
    │   └── LockedError     another run holds the lock                  exit code 5
    ├── BalanceError        rows or money in do not equal rows or money out   exit code 1
    └── EngineError         a window could not be searched              exit code 1

A bad *row* is not an error: it goes to the rejects with a reason code (`flows.check`).
Messages name files, lines and settings; never an account, a name or an amount.
"""

from __future__ import annotations


class ToolkitError(Exception):
    """Something the reader of the message can mend.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence.
    where : str
        The file, line, setting or step it was found in.
    try_ : str
        What to do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", try_: str = "") -> None:
        super().__init__(what, where, try_)
        self.what = what
        self.where = where
        self.try_ = try_

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling, and engines send errors between processes.
        return (_rebuilt, (type(self), self.what, self.where, self.try_))

    def __str__(self) -> str:
        lines = [f"{type(self).__name__}: {self.what}"]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.try_:
            lines.append(f"  try:   {self.try_}")
        return "\n".join(lines)


def _rebuilt(kind: type[ToolkitError], what: str, where: str, try_: str) -> ToolkitError:
    return kind(what, where=where, try_=try_)


class InputError(ToolkitError):
    """A file cannot be read as payments; nothing was written."""

    exit_code = 3


class SettingsError(ToolkitError):
    """A setting or an argument is unknown, of the wrong unit or out of range."""

    exit_code = 2


class PluginError(ToolkitError):
    """A plug-in is missing, misnamed or does not keep its contract."""

    exit_code = 2


class StoreError(ToolkitError):
    """The ledger or a store cannot be read or written."""


class LockedError(StoreError):
    """Another run holds the lock; nothing was changed."""

    exit_code = 5


class BalanceError(ToolkitError):
    """Rows or money that went in are not accounted for; the run must not be believed."""


class EngineError(ToolkitError):
    """A window could not be searched."""
