"""Both databases an alert store can live in: every test that takes `database` runs on each."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def server_user() -> str | None:
    """Give who the server runs as: it refuses to be root; None if we are somebody else already."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Give the folder of the socket of a real server of our own, which nobody else reaches."""
    found = shutil.which("initdb") or (str(SERVERS[-1]) if SERVERS else None)
    if found is None:
        pytest.skip("PostgreSQL is not installed; apt-get install postgresql")
    tools = Path(found).parent
    user = server_user()
    # A socket's path may have 107 characters: no room for the folders of pytest, which others may not enter either.
    home = Path(tempfile.mkdtemp(prefix="mt-pg-"))
    if user is not None:
        shutil.chown(home, user)

    def run(tool: str, *arguments: str) -> None:
        done = subprocess.run(
            [tools / tool, "-D", home / "data", *arguments], user=user, cwd=home, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    try:
        run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        # Nothing of it outlives the tests, so nothing needs to reach the disk.
        settings = f"-k {home} -c listen_addresses='' -c fsync=off -c max_connections=40"
        run("pg_ctl", "-w", "-l", str(home / "log"), "-o", settings, "start")
        try:
            yield str(home)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Give the address of an empty database each time it is asked."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / uuid.uuid4().hex}.db"
    home = request.getfixturevalue("postgresql")

    def made() -> str:
        name = f"t_{uuid.uuid4().hex}"
        engine = sa.create_engine(f"postgresql+psycopg://postgres@/postgres?host={home}", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return f"postgresql+psycopg://postgres@/{name}?host={home}"

    return made


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """Give the address of an empty database."""
    return new_database()
