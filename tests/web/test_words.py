"""Our own words: there in four languages, with the same values, for every key a page asks for."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from app.channels import ChannelName, ReceiptStatus
from app.channels.klaviyo.pieces import Kind
from app.channels.klaviyo.push import Push
from app.events import ConsentState, OrderStatus
from app.flows import definition
from app.languages import LANGUAGES, known_language
from app.models import FlowStatus, JourneyStatus, MessageStatus
from app.platforms import Resource
from app.reasons import Outcome
from app.reports.leaving import Sign
from app.segments.risk import By
from app.web.pages.settings import SECTIONS
from app.web.words import say

APP = Path(__file__).parents[2] / "app"
WORDS: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(
    (APP / "translations" / "pages.yaml").read_text("utf-8")
)
_KEY = re.compile(r"""\b(?:t|say)\(\s*["']([a-z_.]+[a-z_])["']\s*[,)]""")
_GROUPS: dict[str, type[StrEnum]] = {
    "outcome": Outcome,
    "journey": JourneyStatus,
    "flow_status": FlowStatus,
    "status": MessageStatus,
    "consent": ConsentState,
    "order": OrderStatus,
    "purpose": definition.Purpose,
    "channel": ChannelName,
    "resource": Resource,
    "piece": Kind,
    "push": Push,
}


def asked_for() -> Iterator[tuple[str, str]]:
    for path in [*(APP / "web").rglob("*.py"), *(APP / "web" / "templates").rglob("*.html")]:
        for key in _KEY.findall(path.read_text("utf-8")):
            yield path.name, key


def test_every_key_a_page_asks_for_is_written() -> None:
    assert [(name, key) for name, key in asked_for() if key not in WORDS] == []


@pytest.mark.parametrize("key", WORDS)
def test_every_sentence_is_there_in_four_languages_with_the_same_values(key: str) -> None:
    values = [sorted(re.findall(r"\{(\w+)\}", text)) for text in WORDS[key].values()]

    assert tuple(WORDS[key]) == LANGUAGES
    assert all(text.strip() for text in WORDS[key].values())
    assert all(found == values[0] for found in values)


def test_every_status_has_a_word() -> None:
    missing = [f"{group}.{v}" for group, kind in _GROUPS.items() for v in kind]
    missing += [f"status.{status}" for status in ReceiptStatus]
    steps = definition.Node.__args__
    missing += [f"step.{step.__name__}" for step in steps]
    missing += [f"settings.section_{section}" for section in SECTIONS]
    missing += [f"settings.{field.path}" for fields in SECTIONS.values() for field in fields]

    missing += [f"reports.{told}_{sign}" for told in ("sign", "act") for sign in Sign]
    missing += [f"segments.risk_{by}" for by in By]

    assert [key for key in missing if key not in WORDS] == []


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("it-CH", "it"),
        ("pt", "pt-BR"),
        ("es_MX", "es"),
        ("en-GB", "en"),
        ("de", None),
        (None, None),
    ],
)
def test_a_reader_gets_the_nearest_of_our_languages(
    locale: str | None, language: str | None
) -> None:
    assert known_language(locale) == language


def test_a_key_that_nobody_has_written_is_an_error_and_not_a_page() -> None:
    with pytest.raises(KeyError):
        say("home.nothing_like_it", "en")
