"""Structured logs for whoever watches the machine: one line an event, as JSON or as text, about work and never people.

An event has a name and plain fields: steps, counts, seconds, files, exit codes. No account, name or amount is among
them, and the text of an error nobody foresaw is left out, which may hold one.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flows.errors import SettingsError

LOGGER: Final = "moneytrail"


def begin(log_format: str, file: Path | None) -> None:
    """Write events from now on.

    Parameters
    ----------
    log_format : {"json", "text"}
        One JSON object a line, or words for a reader.
    file : pathlib.Path or None
        Where to, at its end; standard error without one.

    Raises
    ------
    SettingsError
        If the file cannot be written.
    """
    try:
        handler: logging.Handler = logging.StreamHandler(sys.stderr) if file is None else logging.FileHandler(file)
    except OSError as error:
        raise SettingsError(
            f"the log cannot be written: {error.strerror or type(error).__name__}",
            where=str(file),
            try_="name a file that you may write with --log-file",
        ) from error
    handler.setFormatter(_Json() if log_format == "json" else _Text())
    logger = logging.getLogger(LOGGER)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)


def event(name: str, *, level: int = logging.INFO, **fields: str | int | float | None) -> None:
    """Write one event, if anybody asked for a log.

    Parameters
    ----------
    name : str
        What happened, e.g. ``"step ended"``.
    level : int
        Of the module `logging`.
    **fields : str, int, float or None
        Plain facts about the work; never an account, a name or an amount.
    """
    if asked_for():
        logging.getLogger(LOGGER).log(level, name, extra={"fields": fields})


def asked_for() -> bool:
    """Say whether anybody asked for a log."""
    return bool(logging.getLogger(LOGGER).handlers)


def to_standard_error() -> bool:
    """Say whether the log takes the place of progress lines on standard error."""
    return any(type(handler) is logging.StreamHandler for handler in logging.getLogger(LOGGER).handlers)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "event": record.getMessage(),
        "process": record.process,
        **getattr(record, "fields", {}),
    }


class _Json(logging.Formatter):
    """Writes an event as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_fields(record), ensure_ascii=False)


class _Text(logging.Formatter):
    """Writes an event as words, its fields behind them."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        first = f"{fields.pop('time')} {fields.pop('level'):<7} {fields.pop('event')}"
        return " ".join([first, *(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())])
