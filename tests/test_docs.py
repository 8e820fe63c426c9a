"""What the documents promise: links that lead somewhere, and the example of the README."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphs.features_page import features_page
from moneytrail.settings import load

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md")) + sorted((ROOT / "benchmarks").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    dead = [target for target in targets if not (page.parent / target).exists()]
    assert not dead, f"{page.name} links to nothing: {dead}"


def test_the_settings_of_the_readme_are_understood(tmp_path):
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    path = tmp_path / "bank.toml"
    path.write_text("\n".join(blocks), encoding="utf-8")
    settings = load(path)
    assert settings.scan.capacity == 20
    assert settings.detectors["fan-in"]["min_payers"] == 12
    assert "relay" in settings.patterns


def test_the_page_on_settings_is_what_the_code_declares():
    from moneytrail.settings_page import page

    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == page(), "run `make messages`"


def test_the_page_of_features_says_what_the_code_declares():
    written = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    assert written == features_page(), "write it again: python -m graphs.features_page docs/features.md"
