"""docs/security.md names every door and only tests that exist."""

import ast
import re
from pathlib import Path

from app.config import Config
from app.crypto import new_key
from app.factory import create_app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
_INTAKE = {"/webhooks/shopify", "/webhooks/woocommerce/<store>", "/webhooks/acts/<store>"}


def test_every_address_of_the_app_is_on_the_page_and_no_other_is() -> None:
    rules = {rule.rule for rule in create_app(Config(secret_keys=new_key())).url_map.iter_rules()}
    named = set(re.findall(r"`(/[^`\s]*)`", PAGE))

    assert named == rules | _INTAKE


def test_every_test_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    missing = [f"{file}::{name}" for file, name in named if name not in {"", *_tests(file)}]

    assert len(named) > 40
    assert missing == []


def _tests(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
