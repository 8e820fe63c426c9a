"""The rules of the house, checked: each message names the file and the mend."""

from __future__ import annotations

import ast
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

from flows.plugins import Shelf, function_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("flows", "graphs", "detectors", "reports", "moneytrail")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# Where a plug-in of a shelf has its test (style, 3.13).
SHELF_TESTS = {
    "flows.readers": "tests/flows/readers/{name}",
    "detectors.motifs": "tests/detectors/motifs/{name}.toml",
    "detectors.indicators": "tests/detectors/indicators/{name}.toml",
    "detectors.outliers": "tests/detectors/outliers/test_{name}.py",
    "detectors.models": "tests/detectors/models/test_{name}.py",
    "reports.sections": "tests/reports/sections/test_{name}.py",
    "reports.renderers": "tests/reports/renderers/test_{name}.py",
    "reports.exports": "tests/reports/exports/test_{name}.py",
    "moneytrail.commands": "tests/moneytrail/test_{name}.py",
}

# Never said of a row of data: the holder of an account in a finding may be the person being exploited.
AVOIDED = re.compile(r"\b(criminals?|traffickers?|victims?|guilty)\b", re.IGNORECASE)

BAD_NAMES = {"utils", "misc", "helpers", "common", "core", "manager"}


# Folders that are no package, and are held to the same where the line says `BESIDE`.
BESIDE = ("benchmarks", "notebooks", "sample_data", "tests")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def comments(path: Path) -> list[tokenize.TokenInfo]:
    with tokenize.open(path) as text:
        return [token for token in tokenize.generate_tokens(text.readline) if token.type == tokenize.COMMENT]


def test_imports_only_fall_from_floor_to_floor():
    floor = {name: level for level, name in enumerate(PACKAGES)}
    climbing = []
    for path in SOURCES:
        own = floor[path.relative_to(ROOT).parts[0]]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            climbing += [
                f"{relative(path)}:{node.lineno} imports {name}; move what it needs down a floor"
                for name in names
                if floor.get(name.split(".")[0], -1) > own
            ]
    assert not climbing, "\n".join(climbing)


@pytest.mark.parametrize("package", SHELF_TESTS)
def test_every_plug_in_has_its_test(package):
    kind = function_name if package == "moneytrail.commands" else None
    shelf = Shelf(package, kind) if kind else Shelf(package)
    missing = [
        SHELF_TESTS[package].format(name=id_.replace("-", "_"))
        for id_ in shelf.ids()
        if not (ROOT / SHELF_TESTS[package].format(name=id_.replace("-", "_"))).exists()
    ]
    assert shelf.ids()
    assert not missing, f"plug-ins of {package} without a test; write {missing}"


@pytest.mark.parametrize("package", SHELF_TESTS)
def test_every_plug_in_file_holds_what_its_name_promises(package):
    shelf = Shelf(package, function_name) if package == "moneytrail.commands" else Shelf(package)
    for id_ in shelf.ids():
        assert shelf.load(id_) is not None


def test_words_about_people_carry_no_verdict():
    said = [
        f"{relative(path)}:{number}: {line.strip()[:80]!r} says {found[0]!r}; say what the money did instead"
        for path in [*SOURCES, *(ROOT / "reports").rglob("*.j2"), *(ROOT / "reports").rglob("*.html")]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := AVOIDED.search(line))
    ]
    assert not said, "\n".join(said)


def test_every_exception_to_the_linter_or_the_types_says_why():
    # The reason stands in the same comment, after the codes.
    silenced = re.compile(r"(noqa(: [A-Z]+\d+(, [A-Z]+\d+)*)?|type: ignore(\[[a-z, -]+\])?)")
    mute = [
        f"{relative(path)}:{token.start[0]} says nothing of why; mend what it hides, or give the reason after it"
        for path in sorted(set(SOURCES).union(*((ROOT / more).rglob("*.py") for more in BESIDE)))
        for token in comments(path)
        if silenced.search(token.string) and not re.search(r"[a-z]{3}", silenced.sub("", token.string))
    ]
    assert not mute, "\n".join(mute)


def test_init_files_hold_one_docstring_and_nothing_else():
    fat = [
        relative(path)
        for path in SOURCES
        if path.name == "__init__.py" and len(ast.parse(path.read_text(encoding="utf-8")).body) != 1
    ]
    assert not fat, f"import from the file where a thing lives; empty {fat}"


def test_no_file_is_named_for_nothing():
    vague = [relative(path) for path in SOURCES if path.stem in BAD_NAMES]
    assert not vague, f"name these for what they hold: {vague}"


def test_folders_are_no_deeper_than_package_shelf_file():
    deep = [relative(path) for path in SOURCES if len(path.relative_to(ROOT).parts) > 3]
    assert not deep, f"a shelf holds files, not shelves: {deep}"


def test_heavy_libraries_are_imported_where_they_belong():
    allowed = {
        "pyod": ("detectors/models/",),
        "pyspark": ("flows/engines/spark.py",),
        "numba": ("graphs/kernels/",),
        "networkx": ("graphs/", "detectors/", "reports/"),
        "deltalake": ("flows/ledger.py", "flows/ledger_writing.py", "flows/erasing.py", "flows/partitions.py"),
    }
    astray = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [module or ""]
            for name in names:
                homes = allowed.get(name.split(".")[0])
                if homes and not relative(path).startswith(homes):
                    astray.append(f"{relative(path)}:{node.lineno} imports {name}; it belongs in {' or '.join(homes)}")
    assert not astray, "\n".join(astray)


def test_every_command_has_a_heading_in_the_manual():
    manual = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    missing = [
        id_ for id_ in Shelf("moneytrail.commands", function_name).ids() if f"## moneytrail {id_}\n" not in manual
    ]
    assert not missing, f"docs/commands.md has no heading '## moneytrail VERB' for {missing}"


def test_tracked_files_are_small_and_name_no_place_outside_the_project():
    # The needles are written in two halves so that this file does not contain them.
    places = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npm", "deb" + r"\.debian")))
    try:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: nothing is tracked")
    tracked = [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]
    assert tracked
    large = [relative(path) for path in tracked if path.stat().st_size > 1_000_000]
    assert not large, f"over 1 MB: {large}"
    naming = [
        relative(path)
        for path in tracked
        if path.suffix not in {".parquet", ".png"} and places.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not naming, f"a registry host is named in {naming}"


def test_citations_of_detectors_are_known_publications():
    from detectors.catalogue import every_detector, sources

    unknown = [(entry.id, key) for entry in every_detector() for key in entry.sources if key not in sources()]
    assert not unknown, f"add to detectors/sources.toml: {unknown}"
