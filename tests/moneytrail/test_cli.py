"""The command line says what is wrong, where, and what to try, and leaves with the code of the contract."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(*words: str, cwd=None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "moneytrail", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300, check=False)


def test_help_lists_every_verb_and_imports_no_heavy_library():
    code = (
        "import sys; sys.argv = ['moneytrail', '--help']\n"
        "from moneytrail.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numba', 'pyod', 'pandas', 'pyarrow', 'duckdb', 'networkx', 'deltalake'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for verb in ("check", "demo", "ingest", "scan", "detectors", "doctor"):
        assert verb in done.stdout


@pytest.mark.parametrize(
    "words", [("detectors",), ("explain", "chain"), ("check", "payments.csv"), ("alerts", "list"), ("settings", "show")]
)
def test_a_command_that_searches_nothing_imports_no_numba(tmp_path, words):
    (tmp_path / "payments.csv").write_text(
        "payment_id,payer,payee,amount,currency,booked_on\n1,a,b,5.00,EUR,2026-01-01\n"
    )
    code = (
        f"import sys; sys.argv = ['moneytrail', *{words!r}]\n"
        "from moneytrail.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path
    )
    assert done.stdout.splitlines()[-1] == "False", done.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("scna",), 2, "No such command 'scna'"),
        (("scan",), 2, "Missing option"),
        (("check", "nowhere.csv"), 3, "try:"),
        (("scan", "--ledger", "nowhere", "--out", "out"), 1, "try:"),
    ],
)
def test_mistakes_leave_with_the_code_of_the_contract_and_without_a_stack(tmp_path, words, code, says):
    done = run(*words, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_stack_is_shown_when_asked_for(tmp_path):
    done = run("--trace", "check", "nowhere.csv", cwd=tmp_path)
    assert done.returncode == 3
    assert "Traceback" in done.stderr
