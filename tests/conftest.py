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
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from reports.store import Store

# A Java that lives for seconds spends most of them making its code quick, and on threads to clear its memory.
SHORT_LIVED_JAVA = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the files that need Spark together: a worker gets neighbours, so that only one of two has to start it."""
    files = {item.path for item in items if "spark" in getattr(item, "fixturenames", ())}
    together = [item for item in items if item.path in files]
    if together:
        first, others = items.index(together[0]), [item for item in items if item.path not in files]
        items[:] = [*others[:first], *together, *others[first:]]


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


@pytest.fixture(scope="session")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with an empty alert store, to be copied: quicker than making one each time."""
    path = tmp_path_factory.mktemp("template") / "alerts.db"
    Store.open(path).close()
    return path


@pytest.fixture(scope="session")
def postgresql_store(postgresql: str) -> str:
    """Give the name of a database with an empty alert store, to be copied."""
    Store.open(_created(postgresql, "store_template")).close()
    return "store_template"


def _created(home: str, name: str, template: str = "template1") -> str:
    engine = sa.create_engine(f"postgresql+psycopg://postgres@/postgres?host={home}", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    return f"postgresql+psycopg://postgres@/{name}?host={home}"


@pytest.fixture(params=["sqlite", "postgresql"])
def kind_of_database(request: pytest.FixtureRequest) -> str:
    """Run a test on each kind of database."""
    return str(request.param)


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, kind_of_database: str, tmp_path: Path) -> str:
    """Give the address of a database with nothing in it."""
    if kind_of_database == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return _created(request.getfixturevalue("postgresql"), f"t_{uuid.uuid4().hex}")


@pytest.fixture
def new_database(request: pytest.FixtureRequest, kind_of_database: str, tmp_path: Path) -> Callable[[], str]:
    """Give the address of a new, empty alert store each time it is asked."""
    if kind_of_database == "sqlite":
        template = request.getfixturevalue("sqlite_store")
        return lambda: f"sqlite:///{shutil.copy(template, tmp_path / f'{uuid.uuid4().hex}.db')}"
    home, name = request.getfixturevalue("postgresql"), request.getfixturevalue("postgresql_store")
    return lambda: _created(home, f"t_{uuid.uuid4().hex}", name)


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """Give the address of a new, empty alert store."""
    return new_database()


@pytest.fixture(scope="session")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Run the demo once; give what it wrote and said, and the scan it made."""
    from moneytrail import scan
    from moneytrail.commands.demo import demo

    out, kept = tmp_path_factory.mktemp("demo") / "demo", []
    look = scan.look
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scan, "look", lambda *given, **named: kept.append(look(*given, **named)) or kept[-1])
        done = CliRunner().invoke(demo, ["--out", str(out), "--quiet"], catch_exceptions=False)
    assert done.exit_code == 0
    return SimpleNamespace(out=out, said=done.output, scan=kept[0])


@pytest.fixture(scope="session")
def pyspark_home() -> Path:
    """Say where PySpark is; without it, or without Java, the test is skipped."""
    found = pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'moneytrail[spark]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on this machine")
    return Path(found.__file__).parent


@pytest.fixture(scope="session")
def spark(pyspark_home: Path) -> Iterator[Any]:
    """Start a real Spark on two cores of this machine."""
    from flows.engines.spark import started

    with pytest.MonkeyPatch.context() as patch:
        # What tests define must be found by Spark's own Python processes, too.
        for name, value in {"PYTHONPATH": str(Path(__file__).parents[1]), **SHORT_LIVED_JAVA}.items():
            patch.setenv(name, value)
        session = started({"spark.master": "local[2]"})
        yield session
        session.stop()
