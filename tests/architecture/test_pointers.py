"""What a file of ours tells people to read must be there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_DOCUMENT = re.compile(r"\b(?:docs/[\w./-]+\.(?:md|yaml)|README\.md|CHANGELOG\.md)")
_FILES = [ROOT / "shopify.app.toml", ROOT / "README.md"]


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_every_document_it_names_exists(path: Path) -> None:
    named = set(_DOCUMENT.findall(path.read_text("utf-8")))

    assert sorted(name for name in named if not (ROOT / name).exists()) == []
