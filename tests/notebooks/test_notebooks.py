"""Every notebook runs from its first cell to its last, and what its cells show can be shown."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PUBLIC = NOTEBOOKS.parent.parent / "shared" / "data"
ON_THE_BANK = sorted(
    path.stem for path in NOTEBOOKS.glob("*.py") if path.stem not in ("fincen_files", "whole_investigation")
)


@pytest.fixture
def surroundings(demonstrated, tmp_path, monkeypatch):
    """Stand where a reader would, with the demo made and nothing drawn on a screen."""
    monkeypatch.setenv("MONEYTRAIL_DEMO", str(demonstrated.out))
    monkeypatch.setenv("MONEYTRAIL_OUT", str(tmp_path / "out"))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.chdir(tmp_path)
    mpl.use("agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def run_cells(path: Path) -> tuple[dict[str, object], list[str]]:
    """Run a notebook cell by cell, and show the last line of each as Jupyter would."""
    names: dict[str, object] = {"__name__": "__main__"}
    shown = []
    for number, cell in enumerate(re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:], 1):
        if cell.startswith(" [markdown]"):
            continue
        body = ast.parse(cell.partition("\n")[2])
        last = body.body.pop() if body.body and isinstance(body.body[-1], ast.Expr) else None
        exec(compile(body, f"{path.name}, cell {number}", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), f"{path.name}, cell {number}", "eval"), names)
            if hasattr(value, "_repr_html_"):
                shown.append(value._repr_html_())
    return names, shown


@pytest.mark.parametrize("name", ON_THE_BANK)
def test_it_runs_and_shows_what_it_found(name, surroundings, capsys):
    _, shown = run_cells(NOTEBOOKS / f"{name}.py")
    assert len(shown) >= 3
    assert all(shown)
    assert capsys.readouterr().out.count("\n") > 10


def test_the_investigation_leaves_a_dossier_that_replays(surroundings, tmp_path):
    names, shown = run_cells(NOTEBOOKS / "whole_investigation.py")
    assert len(shown) >= 5
    assert {path.name for path in (tmp_path / "out" / "dossier").iterdir()} >= {"dossier.html", "payments.gexf"}
    assert names["again"].steps == names["case"].steps


def test_it_runs_as_a_plain_script_too(demonstrated, tmp_path):
    done = subprocess.run(
        [sys.executable, str(NOTEBOOKS / "first_look.py")],
        cwd=tmp_path,
        env={
            **os.environ,
            "MONEYTRAIL_DEMO": str(demonstrated.out),
            "MPLBACKEND": "agg",
            "PYTHONPATH": str(NOTEBOOKS.parent),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert "payments, booked" in done.stdout


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.py")), ids=lambda path: path.stem)
def test_it_begins_with_a_title_and_names_no_account(path):
    text = path.read_text(encoding="utf-8")
    assert re.match(r"# %% \[markdown\]\n# # \S", text), "the first cell is the title"
    assert not re.findall(r"[\"'][A-Z]{1,4}\d{5,}[\"']", text), "find the account through the alerts, not by its id"


@pytest.mark.shared
@pytest.mark.skipif(not (PUBLIC / "fincen_files").is_dir(), reason="the public sets are not in ../shared/data")
def test_the_walk_through_the_fincen_files_draws_its_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MONEYTRAIL_OUT", str(tmp_path / "out"))
    mpl.use("agg")
    monkeypatch.setenv("MONEYTRAIL_DATA", str(PUBLIC))
    monkeypatch.setattr("sys.argv", ["fincen_files.py"])
    _, shown = run_cells(NOTEBOOKS / "fincen_files.py")
    assert shown
    assert "4,507 rows = 4,500 kept" in capsys.readouterr().out
    for name in ("corridors.png", "months.png"):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")


def test_without_the_public_data_the_walk_says_so_and_ends_well(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["fincen_files.py", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        run_cells(NOTEBOOKS / "fincen_files.py")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("Skipped: there is no ")
