"""From a planned row to the message itself: its copy, its links, its text, its length and price.

Everything is stored on the row before the call, so that what was sent can be read for ever and an
attempt whose answer was lost can be repeated word for word. Must never send.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels import ChannelName
from app.channels.sms_length import price_minor, segments
from app.config import Config
from app.customers.snapshot import Snapshot
from app.errors import InvalidInput
from app.languages import language_of
from app.messages.context import (
    OfferShown,
    StoreShown,
    Surroundings,
    build_context,
)
from app.messages.facts import Facts
from app.messages.links import Shortener
from app.messages.liquid import CopyError
from app.messages.recommend import Picked, recommend
from app.messages.render import Rendered, render
from app.messages.timing import zone_of
from app.messages.tokens import survey_token, unsubscribe_token
from app.messages.truth import address_of
from app.messages.verdict import Go
from app.messages.words import formats_of
from app.models import FlowVersion, Message, Offer
from app.models.rows import STORE, given, packed, table_of
from app.tenancy import store_of

_wanted = given(table_of(FlowVersion), ("flow_id", "version"))
_SOURCES = (
    select(FlowVersion.flow_id, FlowVersion.version, FlowVersion.source)
    .join(
        _wanted,
        (FlowVersion.flow_id == _wanted.c.flow_id) & (FlowVersion.version == _wanted.c.version),
    )
    .where(FlowVersion.store_id == STORE)
)


class NoTranslation(InvalidInput):
    """The flow has no copy for this channel in any language the person could read."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What composing a group of messages shares. `sources`: flow files by flow and version;
    `picked`: by person, for those whose message shows it."""

    config: Config
    links: Shortener
    sources: Mapping[tuple[UUID, int], str]
    picked: Mapping[UUID, Picked]

    @classmethod
    def open(cls, session: Session, config: Config, every: Sequence[Facts]) -> "Desk":
        messages = [facts.message for facts in every]
        sources = _sources(session, messages)
        picked = recommend(session, [one for facts in every for one in _shown_to(facts, sources)])
        return cls(config, Shortener(session, config, messages), sources, picked)

    def close(self) -> None:
        """Write the links that were made."""
        self.links.write()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The copy in the language chosen for the person, and where the cart's link leads."""

    locale: str
    copy: Mapping[str, Any]
    cart_link: str | None


def compose(facts: Facts, go: Go, desk: Desk, cart_link: str | None) -> None:
    """Write the rendered message onto its row. `cart_link` came from the shop, before.

    Raises CopyError, NoTranslation.
    """
    message, person = facts.message, facts.snapshot
    assert person is not None
    locale, copy = _copy(facts, desk.sources[message.flow_id, message.version])
    around = _surroundings(facts, go, desk, _Chosen(locale, copy, cart_link))
    context = build_context(person, {**facts.journey.context, **message.context}, around)
    rendered = render(copy, context, locale)
    message.locale, message.basis = locale, go.basis
    message.address = address_of(person, message.channel)
    message.subject, message.preview = rendered.subject or None, rendered.preview or None
    message.html, message.body = rendered.html or None, rendered.body
    _weigh(facts, rendered)


def _sources(session: Session, messages: Sequence[Message]) -> Mapping[tuple[UUID, int], str]:
    wanted = {(message.flow_id, message.version) for message in messages}
    named = packed([{"flow_id": flow_id, "version": version} for flow_id, version in wanted])
    rows = session.execute(_SOURCES, {"store": store_of(session), **named})
    return {(flow_id, version): source for flow_id, version, source in rows}


def _copy(facts: Facts, source: str) -> tuple[str, Mapping[str, Any]]:
    """(locale, fields) of the version the person entered on, nearest to their own language."""
    message = facts.message
    written = dict(_messages_in(source).get(message.name, {}).get(message.channel, {}))
    # The message's own text is none of its variants: then nothing takes the place of its words.
    instead = written.pop("variants", {}).get(message.variant, {})
    wished = language_of(message.locale)
    for language in (wished, language_of(facts.store.locale), "en", *written):
        if language in written:
            # British prices and days in English words: the person's own kind of the language.
            own = formats_of(message.locale).replace("_", "-")
            copy = {**written[language], **instead.get(language, {})}
            return (own if language_of(own) == language else language), copy
    raise NoTranslation(message.name, f"has no copy for {message.channel}")


@lru_cache(maxsize=256)
def _messages_in(source: str) -> Mapping[str, Any]:
    """The `messages` of a flow file. Versions are immutable, so each is parsed once."""
    messages: Mapping[str, Any] = YAML(typ="safe", pure=True).load(source).get("messages") or {}
    return messages


def _targets(facts: Facts, config: Config, cart_link: str | None) -> dict[str, str]:
    """Where the names of links lead. The cart's link carries the code when there is one."""
    public, number = config.public_url.rstrip("/"), facts.store.number
    message_id = facts.message.message_id
    return {
        "unsubscribe": f"{public}/u/{unsubscribe_token(config, number, message_id)}",
        "survey": f"{public}/s/{survey_token(config, number, message_id, None)}",
        "cart": cart_link or "",
        "offer": (facts.offer and cart_link) or "",
    }


def _surroundings(facts: Facts, go: Go, desk: Desk, chosen: _Chosen) -> Surroundings:
    store, settings, message = facts.store, facts.settings, facts.message
    assert facts.snapshot is not None
    return Surroundings(
        store=StoreShown(
            name=settings.sender_name or store.name,
            url=store.url,
            postal_address=settings.postal_address,
            support_url=settings.support_url,
        ),
        locale=chosen.locale,
        zone=ZoneInfo(zone_of(facts, facts.snapshot)),
        targets=_targets(facts, desk.config, chosen.cart_link),
        basis=go.basis,
        offer=_offer_shown(facts.offer),
        recommendations=desk.picked.get(message.customer_id, Picked()).shown(),
        shorten=partial(desk.links.shorten, message),
    )


def _offer_shown(offer: Offer | None) -> OfferShown | None:
    if offer is None:
        return None
    return OfferShown(
        code=offer.code,
        percent=offer.percent,
        amount_minor=offer.amount_minor,
        currency=offer.currency,
        expires_at=offer.expires_at,
    )


def _shown_to(facts: Facts, sources: Mapping[tuple[UUID, int], str]) -> list[Snapshot]:
    """The person, where the message shows what is recommended to them."""
    if facts.snapshot is None:
        return []
    with suppress(NoTranslation):
        _, copy = _copy(facts, sources[facts.message.flow_id, facts.message.version])
        if any("recommendations" in str(value) for value in copy.values()):
            return [facts.snapshot]
    return []


def _weigh(facts: Facts, rendered: Rendered) -> None:
    """What a phone message takes: parts of a text and their price, or a template and its values."""
    message = facts.message
    if message.channel == ChannelName.WHATSAPP:
        message.segments = 1
        key = template_key(facts)
        values = {str(place): text for place, text in enumerate(rendered.variables, 1)}
        message.context = {**message.context, "template": {"key": key, "values": values}}
    elif message.channel == ChannelName.SMS:
        message.segments = segments(rendered.body).parts
        prices = {c: Decimal(price) for c, price in facts.settings.sms_price_minor.items()}
        assert facts.snapshot is not None
        country = facts.snapshot.country or facts.store.country or ""
        price = price_minor(message.segments, country, prices)
        message.price_minor = None if price is None else int(price.to_integral(ROUND_HALF_UP))


def template_key(facts: Facts) -> str:
    """The approved template of this message: the most exact name the merchant has given one for.

    WhatsApp takes no free text from a business that was not asked. Raises CopyError.
    """
    name = f"{facts.flow.slug}.{facts.message.name}"
    chosen = facts.settings.whatsapp_templates
    for known in (f"{name}.{language_of(facts.message.locale)}", name):
        if known in chosen:
            return chosen[known]
    raise CopyError("whatsapp_templates", f"name the approved template for {name!r} in settings")
