"""Every word of our pages, in four languages, from `app/translations/pages.yaml`.

A key that is missing is an error at once: a page must never show a key to a person.
"""

from functools import cache
from pathlib import Path

from flask import g, has_request_context, request
from ruamel.yaml import YAML

from app.flows.copies import ORIGINAL
from app.languages import LANGUAGES, known_language

_FILE = Path(__file__).resolve().parent.parent / "translations" / "pages.yaml"


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(_FILE.read_text("utf-8"))
    return words


def say(key: str, language: str, **values: object) -> str:
    """The sentence of `key` in `language`. Raises KeyError for a key nobody has written."""
    sentence = _words()[key][language]
    return sentence.format(**values) if values else sentence


def has(key: str) -> bool:
    return key in _words()


def word_in(group: str, value: str, language: str) -> str:
    """The word for a value of ours (`status`, `sent`); the value itself if it has none."""
    key = f"{group}.{value}"
    return say(key, language) if has(key) else value.replace("_", " ")


def way_in(way: str, language: str) -> str:
    """A way of a trial: by its name in the file, which a message's own text has not."""
    return say("trial.original", language) if way == ORIGINAL else way


def language() -> str:
    """The language of this request: what the page has settled on, else what the browser asks for.

    A merchant's own browser says better than their shop which language they read.
    """
    if not has_request_context():
        return LANGUAGES[0]
    settled: str | None = g.get("language")
    if settled is None:
        settled = g.language = _asked_for() or known_language(g.get("shop_locale")) or LANGUAGES[0]
    return settled


def _asked_for() -> str | None:
    for locale in request.accept_languages.values():
        found = known_language(locale)
        if found is not None:
            return found
    return None
