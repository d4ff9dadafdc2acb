"""The acts of one body, field by field. What cannot be is refused by its place, as in
`acts[3].name: ...`, and one bad act refuses the whole body, so that a sender notices."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.errors import MalformedPayload
from app.events import TOLD_BY_ID, CustomerActed
from app.jsontext import storable
from app.platforms.acts.person import person_in
from app.platforms.acts.values import values_in

MOST = 100
SKEW = timedelta(minutes=5)
"""How far ahead of the moment it was told at an act may lie: two clocks never agree."""
OURS = frozenset(
    {
        *("cart_abandoned", "customer_created", "link_clicked", "order_placed", "ordered"),
        *("subscribed", "unsubscribed", "tag_added", "tag_removed", "cart_filled"),
    }
)
"""What Comeback sees for itself, or the shop tells it."""
_FIELDS = frozenset({"name", "id", "at", "person", "values"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)
_LONGEST_ID = 200
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)


def acts_in(content: Any, told_at: datetime) -> Iterator[CustomerActed]:
    """Every act of a body that was told at `told_at`. Raises MalformedPayload."""
    told = content.get("acts") if isinstance(content, dict) else None
    if not isinstance(told, list) or not 0 < len(told) <= MOST:
        raise MalformedPayload(f'acts: give {{"acts": [...]}} with 1 to {MOST} acts')
    for place, one in enumerate(told):
        try:
            yield _act(one, told_at)
        except MalformedPayload as error:
            raise MalformedPayload(f"acts[{place}]{error}") from error


def _act(told: Any, told_at: datetime) -> CustomerActed:
    if not isinstance(told, dict):
        raise MalformedPayload(": is not an object with name, id, at and person")
    if unknown := sorted(told.keys() - _FIELDS):
        raise MalformedPayload(f".{unknown[0][:60]}: there is no such field; put it into values")
    name = _name(told)
    return CustomerActed(
        event_key=f"{TOLD_BY_ID}{_id(told)}",
        name=name,
        person=person_in(told.get("person")),
        values=values_in(told.get("values"), name),
        updated_at=_moment(told, told_at),
    )


def _name(told: Mapping[str, Any]) -> str:
    name = told.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise MalformedPayload(
            ".name: give small letters, digits and _, a letter first, 61 at most"
        )
    if name in OURS:
        raise MalformedPayload(f".name: {name} is what Comeback finds out itself; choose another")
    return name


def _id(told: Mapping[str, Any]) -> str:
    given = told.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    found = storable(given).strip() if isinstance(given, str) else ""
    if not 0 < len(found) <= _LONGEST_ID:
        raise MalformedPayload(f".id: give what tells this act from others, {_LONGEST_ID} at most")
    return found


def _moment(told: Mapping[str, Any], told_at: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(str(told.get("at")))
        found = at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise MalformedPayload(".at: give a moment with its zone, like 2026-03-02T09:00:00Z")
    if not _OLDEST <= found <= told_at + SKEW:
        raise MalformedPayload(".at: lies in the future, or before the year 2000")
    return found
