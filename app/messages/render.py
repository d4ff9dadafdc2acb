"""From copy and variables to the message itself. Pure: the same inputs give the same text.

What is missing raises `CopyError` with the field and the line, at save, at rehearsal and at the
send alike; a customer never gets a half-filled text.
"""

import html as markup
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nh3

from app.messages.context import safe_url
from app.messages.layout import email_html, paragraphs
from app.messages.liquid import CopyError, fill, variables
from app.messages.variables import ALWAYS, BY_PURPOSE
from app.messages.words import say

LINKS = ("shop", "cart", "offer", "support", "survey", "share", "unsubscribe")
SHOWS = ("cart", "recommendations", "recommendations.replenish", "recommendations.discover")
_MAY_BE_EMPTY = (
    "nothing may be recommended to somebody: show the list by a loop, such as"
    " {% for p in recommendations %}, and ask recommendations.size"
)

# What a phone would send as two-byte characters although a plain one says the same
# (https://www.twilio.com/docs/messaging/services#smart-encoding).
_FOR_PHONES = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
    }
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in one language. `subject`, `preview` and `html` are a mail's; `variables` are a
    WhatsApp template's, in its order."""

    subject: str
    preview: str
    html: str
    body: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with copy before anybody gets it. `line` counts within the field."""

    field: str
    line: int
    sentence: str


def render(copy: Mapping[str, Any], context: Mapping[str, Any], locale: str) -> Rendered:
    """The message `copy` makes of `context`. A `text` is for a phone, a `subject` for a mailbox."""
    context = {**context, **_link(copy, context)}
    if "text" in copy:
        return _phone_text(copy, context)
    return _mail(copy, context, locale)


def check(copy: Mapping[str, Any], purpose: str | None = None) -> list[Problem]:
    """Everything wrong with `copy` that can be known at save. Purpose None: of any purpose."""
    return [problem for field, source in _texts(copy) for problem in _check(field, source, purpose)]


def _link(copy: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, str]:
    named = copy.get("link")
    if not named:
        return {}
    if named in LINKS:
        if named not in context["links"]:
            raise CopyError("link", f"there is no address for {named!r} here")
        return {"link": context["links"][named]}
    address = safe_url(fill("link", str(named), context))
    if not address:
        raise CopyError("link", f"write an https:// address or one of {', '.join(LINKS)}")
    return {"link": address}


def _phone_text(copy: Mapping[str, Any], context: Mapping[str, Any]) -> Rendered:
    body = _one_line(fill("text", copy["text"], context).translate(_FOR_PHONES))
    values = tuple(
        _one_line(fill(f"variables[{place}]", source, context))
        for place, source in enumerate(copy.get("variables") or ())
    )
    return Rendered("", "", "", body, values)


def _mail(copy: Mapping[str, Any], context: Mapping[str, Any], locale: str) -> Rendered:
    plain = {
        name: _one_line(fill(name, str(copy.get(name) or ""), context))
        for name in ("subject", "preview", "heading", "button")
    }
    blocks = paragraphs(fill("body", copy["body"], context, as_html=True))
    products, ending = _products(copy.get("show"), context, locale)
    parts = {
        **plain,
        **ending,
        "paragraphs": blocks,
        "link": context.get("link", ""),
        "locale": locale,
    }
    text = _plain_text(parts, products, context)
    return Rendered(plain["subject"], plain["preview"], email_html(parts, products, context), text)


def _products(
    show: str | None, context: Mapping[str, Any], locale: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The products a mail lists, and the two lines under them."""
    if show not in SHOWS:
        return [], {"more": "", "total": ""}
    if show != "cart":
        name, _, part = show.partition(".")
        lines = context[name][part] if part else context[name]
        return [_shown(line, locale, "") for line in lines], {"more": "", "total": ""}
    if "cart" not in context:
        raise CopyError("show", "there is no cart to show here")
    cart = context["cart"]
    return [_shown(line, locale, "pieces") for line in cart["lines"]], {
        "more": say("more", locale, count=cart["more"]) if cart["more"] else "",
        "total": say("total", locale, amount=cart["total"]),
    }


def _shown(line: Mapping[str, Any], locale: str, pieces: str) -> dict[str, Any]:
    return {
        **line,
        "pieces": say(pieces, locale, count=line["quantity"]) if pieces else "",
    }


def _plain_text(
    parts: Mapping[str, Any], products: Sequence[Mapping[str, Any]], context: Mapping[str, Any]
) -> str:
    """The mail for readers without HTML, and for spam filters that compare the two."""
    locale = parts["locale"]
    blocks = [parts["heading"], *(_without_markup(block) for block in parts["paragraphs"])]
    lines = [_product_line(product) for product in products]
    blocks += ["\n".join([*lines, parts["more"], parts["total"]]).strip()]
    blocks += [f"{parts['button']}: {parts['link']}" if parts["button"] else ""]
    store = context["store"]
    footer = [
        "--",
        context["why"],
        " · ".join(part for part in (store["name"], store["postal_address"]) if part),
        f"{say('unsubscribe', locale)}: {context['links']['unsubscribe']}",
    ]
    return "\n\n".join(block for block in [*blocks, "\n".join(footer)] if block)


def _product_line(product: Mapping[str, Any]) -> str:
    details = " · ".join(part for part in (product["pieces"], product["price"]) if part)
    return f"- {product['title']}" + (f" ({details})" if details else "")


def _without_markup(block: str) -> str:
    linked = re.sub(r'<a href="([^"]*)">\s*\1\s*</a>', r"\1", block)
    linked = re.sub(r'<a href="([^"]*)">(.*?)</a>', r"\2 (\1)", linked)
    spaced = linked.replace("<li>", "\n- ").replace("<br>", "\n")
    return markup.unescape(nh3.clean(spaced, tags=set())).strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _texts(copy: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, value in copy.items():
        if field == "variables":
            yield from ((f"variables[{place}]", str(item)) for place, item in enumerate(value))
        else:
            yield field, str(value)


def _check(field: str, source: str, purpose: str | None) -> Iterator[Problem]:
    if field == "show":
        if source not in SHOWS:
            yield Problem(field, 1, f"write one of {', '.join(SHOWS)}")
        return
    if field == "link" and source in LINKS:
        return
    try:
        used = list(variables(field, source))
    except CopyError as error:
        yield Problem(field, error.line or 1, error.sentence)
        return
    known = _known(purpose)
    for name, line in used:
        if name.startswith("recommendations.") and not _is_there_when_empty(name):
            yield Problem(field, line, _MAY_BE_EMPTY)
        elif not any(name == variable or name.startswith(f"{variable}.") for variable in known):
            yield Problem(field, line, _unknown(name, purpose))
    if field == "link" and not used and not safe_url(source):
        yield Problem(field, 1, f"write an https:// address or one of {', '.join(LINKS)}")


def _is_there_when_empty(name: str) -> bool:
    return name.removesuffix(".size") in SHOWS


def _known(purpose: str | None) -> set[str]:
    chosen = BY_PURPOSE.values() if purpose is None else (BY_PURPOSE.get(purpose, {}),)
    return {*ALWAYS, *(name for names in chosen for name in names)}


def _unknown(name: str, purpose: str | None) -> str:
    known_elsewhere = name in _known(None)
    if known_elsewhere:
        return f"{name!r} is not known in a {purpose} flow"
    return f"there is no variable {name!r}"
