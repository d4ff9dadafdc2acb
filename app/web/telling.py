"""An entry of a person's timeline in words, the same on the page and at a terminal.

What the entry is comes from `customers.timeline`, why a decision was made from `flows.explain`;
nothing is read or decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.customers import Entry, EntryKind
from app.flows.explain import explain
from app.models import Store
from app.money import format_money
from app.web.words import say, way_in, word_in


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: in which language, of which store, and what its flows are called for them."""

    language: str
    store: Store
    flows: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as it is read: what it is, what it came to, the rest, and who said so."""

    title: str
    state: str
    detail: str
    source: str


def tell(entry: Entry, reader: Reader) -> Told:
    """An entry in words."""
    title = _TITLES.get(entry.kind, _title)(entry, reader)
    group = _STATES.get(entry.kind)
    state = word_in(group, entry.state, reader.language) if group and entry.state else ""
    # Some sources say more behind a colon: which file it was, which form.
    source = (entry.source or "").partition(":")[0]
    detail = _DETAILS.get(entry.kind, _nothing)(entry, reader)
    return Told(title, state, detail, word_in("source", source, reader.language) if source else "")


_STATES = {
    EntryKind.ORDER_SEEN: "order",
    EntryKind.CART_SEEN: "cart",
    EntryKind.CART_ENDED: "cart",
    EntryKind.CONSENT: "consent",
    EntryKind.DECISION: "outcome",
    EntryKind.MESSAGE: "status",
}


def _title(entry: Entry, reader: Reader) -> str:
    return say(f"entry.{entry.kind}", reader.language)


def _acted(entry: Entry, reader: Reader) -> str:
    return word_in("act", entry.values["name"], reader.language)


def _decided(entry: Entry, reader: Reader) -> str:
    flow, step = _flow(entry, reader), entry.values["step"]
    if step is None:
        return say("timeline.at_the_door", reader.language, flow=flow)
    return say("timeline.step", reader.language, flow=flow, step=step)


def _sent(entry: Entry, reader: Reader) -> str:
    return say("timeline.message", reader.language, channel=_channel(entry, reader))


_TITLES: dict[EntryKind, Callable[[Entry, Reader], str]] = {
    EntryKind.CUSTOMER_ACTED: _acted,
    EntryKind.DECISION: _decided,
    EntryKind.MESSAGE: _sent,
}


def _nothing(entry: Entry, reader: Reader) -> str:
    return ""


def _sum(entry: Entry, reader: Reader) -> str:
    """The number of the order and the money, as far as they are known."""
    values = entry.values
    parts = [str(values["number"])] if values.get("number") else []
    if values.get("total_minor") is not None:
        currency = values.get("currency") or reader.store.currency
        parts.append(format_money(values["total_minor"], currency, reader.language))
    return " · ".join(parts)


def _cart(entry: Entry, reader: Reader) -> str:
    titles, left = entry.values["titles"], entry.values["products"] - len(entry.values["titles"])
    if not titles:
        return ""
    more = say("timeline.more_products", reader.language, count=left) if left else ""
    return " · ".join(part for part in (", ".join(titles), more, _sum(entry, reader)) if part)


def _why(entry: Entry, reader: Reader) -> str:
    values = entry.values
    zone = reader.store.timezone
    return explain(values["reason"], values["compared"], reader.language, zone)


def _credit(entry: Entry, reader: Reader) -> str:
    return f"{_sum(entry, reader)} · {_flow(entry, reader)} · {_channel(entry, reader)}"


def _merged(entry: Entry, reader: Reader) -> str:
    return ", ".join(word_in("identity", kind, reader.language) for kind in entry.values["by"])


def _written(entry: Entry, reader: Reader) -> str:
    parts = [_flow(entry, reader), entry.values["text"]]
    way = entry.values.get("variant")
    if way is not None:
        name = way_in(way, reader.language)
        parts.append(say("timeline.variant", reader.language, way=name))
    return " · ".join(parts)


def _said(entry: Entry, reader: Reader) -> str:
    told = entry.values["told"]
    return "" if told is None else str(told)


def _channel(entry: Entry, reader: Reader) -> str:
    return word_in("channel", entry.values["channel"], reader.language)


def _flow(entry: Entry, reader: Reader) -> str:
    assert entry.flow_id is not None  # Decisions, messages, clicks and credits have one.
    return reader.flows[entry.flow_id]


_DETAILS: dict[EntryKind, Callable[[Entry, Reader], str]] = {
    EntryKind.ORDER_SEEN: _sum,
    EntryKind.ORDER_DELETED: _sum,
    EntryKind.REFUND_SEEN: _sum,
    EntryKind.CART_SEEN: _cart,
    EntryKind.CART_ENDED: _sum,
    EntryKind.CUSTOMER_ACTED: _said,
    EntryKind.CONSENT: _channel,
    EntryKind.DECISION: _why,
    EntryKind.MESSAGE: _written,
    EntryKind.CLICK: _written,
    EntryKind.MERGE: _merged,
    EntryKind.CREDIT: _credit,
}
