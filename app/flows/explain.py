"""A decision in plain words, in the merchant's language, with the values that were compared.

Must always answer: a value that is not on record is left out of the sentence, never shown as a gap.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_datetime
from ruamel.yaml import YAML

_PART = re.compile(r"\[([^\[\]]*)\]")
_VALUE = re.compile(r"\{(\w+)\}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


def explain(reason: str, compared: Mapping[str, Any], locale: str, timezone: str = "UTC") -> str:
    """One sentence: why, with the values behind it. Moments are told in `timezone`."""
    sentence = _sentence(reason, locale)
    values = {name: _shown(value, locale, timezone) for name, value in compared.items()}
    own = (("basis", bases()), ("event", events()), ("law", laws()), *named().items())
    for name, words in own:
        if name in compared:
            values[name] = _said(words.get(str(compared[name])), locale) or values[name]
    law = _said(laws().get(str(compared.get("law"))), locale)
    values["values"] = "; ".join(
        # A comparison is recorded under its own wording, with what was found.
        f"{name} ({_shown(value, locale, timezone) or '–'})"
        for name, value in compared.items()
        if " " in name
    )
    told = _PART.sub(lambda part: _filled(part[1], values), sentence)
    # Where the sentence has no place for it, the law's own word still tells two refusals apart.
    return told if not law or law in told else f"{told.rstrip('.')} ({law})."


@lru_cache(maxsize=1)
def sentences() -> Mapping[str, Mapping[str, str]]:
    """The whole file: reason to language to sentence."""
    return _file("reasons.yaml")


@lru_cache(maxsize=1)
def bases() -> Mapping[str, Mapping[str, str]]:
    """Legal basis to language to words."""
    return _file("bases.yaml")


@lru_cache(maxsize=1)
def events() -> Mapping[str, Mapping[str, str]]:
    """Event of a flow file to language to words."""
    return _file("events.yaml")


@lru_cache(maxsize=1)
def laws() -> Mapping[str, Mapping[str, str]]:
    """What the law said to language to words."""
    return _file("laws.yaml")


@lru_cache(maxsize=1)
def named() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Name of a value to what it can be to language to words."""
    text = (files("app") / "translations" / "values.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Mapping[str, str]]] = YAML(typ="safe", pure=True).load(text)
    return found


def _file(name: str) -> Mapping[str, Mapping[str, str]]:
    text = (files("app") / "translations" / name).read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = YAML(typ="safe", pure=True).load(text)
    return found


def _sentence(reason: str, locale: str) -> str:
    # A reason without a sentence is of a version newer than this program.
    return _said(sentences().get(reason), locale) or reason.replace("_", " ")


def _said(texts: Mapping[str, str] | None, locale: str) -> str:
    if texts is None:
        return ""
    language, _, _ = locale.replace("_", "-").partition("-")
    sisters = (text for name, text in texts.items() if name.partition("-")[0] == language)
    return texts.get(locale) or next(sisters, texts["en"])


def _filled(part: str, values: Mapping[str, str]) -> str:
    names = _VALUE.findall(part)
    if not all(values.get(name) for name in names):
        return ""
    return _VALUE.sub(lambda found: values[found[1]], part)


def _shown(value: Any, locale: str, timezone: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value).lower()  # As a condition writes it.
    if isinstance(value, str) and _MOMENT.match(value):
        moment = datetime.fromisoformat(value)
        return format_datetime(moment, "d MMM y HH:mm", ZoneInfo(timezone), _locale(locale))
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)


def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
