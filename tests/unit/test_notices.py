"""What a notice says: in four languages, with its values, and never with a gap."""

import re

import pytest

from app.stores.notices import sentences, words

LANGUAGES = ("en", "it", "pt-BR", "es")


@pytest.mark.parametrize("kind", sentences())
def test_every_notice_is_there_in_four_languages_with_the_same_values(kind: str) -> None:
    texts = sentences()[kind]
    values = [sorted(re.findall(r"\{(\w+)\}", text)) for text in texts.values()]

    assert tuple(texts) == LANGUAGES
    assert all(text.strip() for text in texts.values())
    assert all(found == values[0] for found in values)


def test_a_value_that_is_not_there_leaves_no_gap() -> None:
    assert words("call_failed", {}, "en") == "A step that calls another system was given up"
    told = words("call_failed", {"flow": "care", "error": "it answers 500"}, "pt-PT")
    assert told.endswith("no fluxo care: it answers 500")


def test_a_sentence_that_cannot_do_without_its_value_is_not_told() -> None:
    assert words("channel_broken", {}, "it") == ""


def test_a_language_we_do_not_have_is_told_in_english() -> None:
    assert words("reply", {}, "de-DE") == words("reply", {}, "en")


def test_a_kind_without_words_has_none() -> None:
    assert words("a-flow's-own", {}, "it") == ""
