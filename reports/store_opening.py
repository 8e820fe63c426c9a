"""Opening the database behind the alert store: SQLite as a file, or PostgreSQL; brought up to date on the way.

SQLite is told to begin transactions the moment we do and to take its write lock at once, so that everything a caller
does in one block is in the file whole or not at all, tables included. PostgreSQL does so by itself; there one advisory
lock lets writers in one after the other, since each links its audit entries to the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from flows.errors import SettingsError, StoreError

WRITER: Final = 0x6D6F6E6579
"""Number of the advisory lock in PostgreSQL; any fixed number does."""

PATIENCE: Final = 30
"""Seconds to wait for another writer of an SQLite file before giving up; nobody writes for as long."""


def engine_for(where: str) -> sa.Engine:
    """Make the engine for a store, with nothing asked of the database yet.

    Parameters
    ----------
    where : str
        A file, ``sqlite:///FILE`` or ``postgresql+psycopg://USER@HOST/DATABASE``.

    Raises
    ------
    SettingsError
        If it is of no such form, or the library for it is not installed.
    """
    try:
        url = make_url(where if "://" in where else f"sqlite:///{where}")
    except sa.exc.ArgumentError as error:
        raise _unknown() from error
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise _unknown()
    if url.drivername == "sqlite":
        _for_the_owner_alone(url.database)
        engine = sa.create_engine(url, connect_args={"timeout": PATIENCE})
        sa.event.listen(engine, "connect", _settle)
        sa.event.listen(engine, "begin", _begin)
        return engine
    try:
        return sa.create_engine(url)
    except ImportError as error:
        raise SettingsError(
            "PostgreSQL needs a library that is not installed",
            where="store",
            try_="pip install 'moneytrail[postgres]'",
        ) from error


def _for_the_owner_alone(file: str | None) -> None:
    """Make the file of a new store, which may reveal a report, so that nobody else can read it."""
    if file and not Path(file).exists():
        # What cannot be made is told when the database is opened.
        with suppress(OSError):
            Path(file).touch(mode=0o600)


def _unknown() -> SettingsError:
    # The URL may hold a password: it is not repeated.
    return SettingsError(
        "this is no place of an alert store",
        where="store",
        try_="name a file, or postgresql+psycopg://USER@HOST/DATABASE",
    )


def _settle(connection: Any, _record: Any) -> None:
    # Otherwise Python's sqlite3 begins transactions when it likes, and never before a table is made.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction(engine: sa.Engine, *, writes: bool, keep: bool = True) -> Iterator[sa.Connection]:
    """Do everything in the block, or nothing.

    Parameters
    ----------
    writes : bool
        Whether the block writes; writers come one after the other.
    keep : bool
        Undo what was written when the block is done: it says what would happen.

    Raises
    ------
    StoreError
        If the database cannot be reached, read or written.
    """
    with (
        as_store_errors(engine),
        engine.connect().execution_options(writes=writes) as connection,
        connection.begin() as begun,
    ):
        if writes and engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITER)))
        yield connection
        if not keep:
            begun.rollback()


def place(engine: sa.Engine) -> str:
    """Name the database for a message, without a password."""
    url = engine.url
    return url.database or "memory" if url.drivername == "sqlite" else url.render_as_string(hide_password=True)


@contextmanager
def as_store_errors(engine: sa.Engine) -> Iterator[None]:
    """Say in our words what the database could not do; values never, since they may be an account's."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        text = str(error.orig)
        if "locked" in text:
            what, try_ = "somebody else is writing to the alert store", "run it again; nothing was changed"
        elif "disk is full" in text or "No space left" in text:
            what, try_ = "the disk is full", "free some space and run it again; nothing was changed"
        elif "readonly" in text or "unable to open" in text or "permission denied" in text:
            what, try_ = "the alert store may not be opened or written by this user", "see who owns it"
        elif "not a database" in text:
            what, try_ = "this is no alert store", "name the file that the store is in, or a new one"
        else:
            what, try_ = (
                f"the alert store cannot be used ({type(error.orig).__name__})",
                "see that it is there and whole",
            )
        raise StoreError(what, where=place(engine), try_=try_) from error


def bring_up_to_date(engine: sa.Engine) -> None:
    """Make the tables of a new store, or change those of an older one step by step; all steps or none.

    Raises
    ------
    StoreError
        If the store was made by a newer moneytrail, or is something else.
    """
    with as_file(files("reports") / "migrations") as folder:
        script = _script(folder)
        newest = script.get_current_head()
        with transaction(engine, writes=False) as connection:
            if _standing(connection, script) == newest:
                return
        with transaction(engine, writes=True) as connection:
            # Asked again under the lock: another process may have been quicker.
            if _standing(connection, script) == newest:
                return
            with EnvironmentContext(_config(folder), script, fn=_steps(script)) as environment:
                environment.configure(connection=connection, transactional_ddl=True)
                environment.run_migrations()


def is_up_to_date(where: str) -> bool:
    """Say whether a store has every step of this version, without changing it.

    Raises
    ------
    StoreError
        If it cannot be reached, or is something else.
    """
    engine = engine_for(where)
    with as_file(files("reports") / "migrations") as folder:
        script = _script(folder)
        try:
            with transaction(engine, writes=False) as connection:
                return _standing(connection, script) == script.get_current_head()
        finally:
            engine.dispose()


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _script(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(folder), version_locations=[str(folder)])


def _steps(script: ScriptDirectory) -> Any:
    # The form that alembic documents for programs without a script of their own (EnvironmentContext).
    return lambda revision, _context: script._upgrade_revs("heads", revision)


def _standing(connection: sa.Connection, script: ScriptDirectory) -> str | None:
    """Give the step the store stands at, None for a new one."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {step.revision for step in script.walk_revisions()}:
        raise StoreError(
            "the alert store was made by a newer moneytrail",
            where=place(connection.engine),
            try_="install the newer version; this one leaves the store as it is",
        )
    if current is None and sa.inspect(connection).get_table_names():
        raise StoreError(
            "this database holds something else than an alert store",
            where=place(connection.engine),
            try_="name an empty database or a new file",
        )
    return current
