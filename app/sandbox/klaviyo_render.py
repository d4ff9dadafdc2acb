"""The few words of Klaviyo's template language that a template of ours uses.

A missing value prints nothing, as there; a word this sandbox does not know is a template error, and
a mail with one is never sent.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

_WORDS = re.compile(r"\{\{\s*(?P<value>[^}]+?)\s*\}\}|\{%\s*(?P<tag>[^%]+?)\s*%\}")


class TemplateError(Exception):
    """The mail is skipped; nobody is told by API."""


def render(template: str, values: Mapping[str, Any], unsubscribe_url: str) -> str:
    """`template` with `values` such as `{"event": {...}, "organization": {...}}`."""

    def one(found: re.Match[str]) -> str:
        if found["tag"]:
            return _tag(found["tag"], unsubscribe_url)
        return _value(found["value"], values)

    return _WORDS.sub(one, template)


def _tag(tag: str, unsubscribe_url: str) -> str:
    if tag == "unsubscribe":
        return f'<a href="{escape(unsubscribe_url)}">Unsubscribe</a>'
    if tag == "unsubscribe_link":
        return unsubscribe_url
    raise TemplateError(tag)


def _value(expression: str, values: Mapping[str, Any]) -> str:
    path, *filters = (part.strip() for part in expression.split("|"))
    if any(name != "safe" for name in filters):
        raise TemplateError(expression)
    found: Any = values
    for step in path.split("."):
        # `event.extra` is what was filed under `$extra`.
        found = found.get(step, found.get(f"${step}", "")) if isinstance(found, Mapping) else ""
    text = "" if found is None else str(found)
    return text if "safe" in filters else escape(text)
