"""The one e-mail layout: header, heading, paragraphs, products, button, footer, as MJML to HTML.

Must never let data become markup: every value is escaped by Liquid, and the paragraphs, which may
hold the merchant's own markup, are cleaned to a short list of tags.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import mrml
import nh3
from liquid import Markup

from app.languages import language_of
from app.messages.liquid import fill
from app.messages.words import say

_TAGS = {"a", "b", "strong", "i", "em", "br", "ul", "ol", "li"}
_ATTRIBUTES = {"a": {"href"}}
_SCHEMES = {"https", "http", "mailto", "tel"}


def paragraphs(body: str) -> list[str]:
    """Rendered copy as clean HTML paragraphs: an empty line parts two, a new line is kept."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", body.strip())]
    return [_clean(block.replace("\n", "<br>")) for block in blocks if block]


def _clean(markup: str) -> str:
    return nh3.clean(
        markup, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None
    )


def email_html(
    parts: Mapping[str, Any], products: Sequence[Mapping[str, Any]], context: Mapping[str, Any]
) -> str:
    """The whole mail. `parts`: subject, preview, heading, paragraphs, button, link, more, total."""
    locale = str(parts["locale"])
    values = {
        **parts,
        "language": language_of(locale),
        "paragraphs": [Markup(paragraph) for paragraph in parts["paragraphs"]],
        "products": products,
        "store": context["store"],
        "links": context["links"],
        "why": context["why"],
        "unsubscribe": say("unsubscribe", locale),
    }
    return str(mrml.to_html(fill("layout", _layout(), values, as_html=True)).content)


@lru_cache(maxsize=1)
def _layout() -> str:
    return (files("app.messages") / "layout" / "email.mjml").read_text(encoding="utf-8")
