"""Reading a shop's past in bounded pieces, and catching up on what webhooks missed.

A piece is safe to read twice. It must never hold more than one page, and one row that cannot be
read must never stop the rest.
"""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from app import clock
from app.errors import InvalidInput, MalformedPayload
from app.events import Fact
from app.platforms import Page, Resource, ShopFacts
from app.platforms.woocommerce import orders, products
from app.platforms.woocommerce.client import Client, Value
from app.platforms.woocommerce.payload import Body, moment, text
from app.platforms.woocommerce.people import customer_facts

PAGE_SIZE = 100
_OVERLAP = timedelta(seconds=5)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the next piece starts: a page of what comes after a moment."""

    page: int = 1
    after: str = ""
    done: int = 0
    total: int | None = None


def read(
    client: Client, shop: ShopFacts, resource: Resource, cursor: str | None, since: datetime | None
) -> Page:
    place = _Place() if cursor is None else _parse(cursor)
    if resource is Resource.ORDERS:
        return _orders(client, place, since)
    if resource is Resource.CUSTOMERS:
        return _customers(client, place, since)
    return _products(client, shop, place, since)


def _parse(cursor: str) -> _Place:
    try:
        return _Place(**json.loads(cursor))
    except (ValueError, TypeError) as error:
        raise InvalidInput("cursor", "is not one of ours; start the backfill again") from error


def _orders(client: Client, place: _Place, since: datetime | None) -> Page:
    """By date of change, oldest first: a change moves an order to the end, where it is met again.

    `modified_after` is exclusive and counts whole seconds, so a piece starts a second before the
    last row of the one before. Pages are turned only inside one crowded second, as after an import.
    """
    if not place.after and since is not None:
        place = replace(place, after=_gmt(since - _OVERLAP))
    limits: dict[str, Value] = {"modified_after": place.after} if place.after else {}
    answer = client.get(
        "orders",
        **limits,
        dates_are_gmt=True,
        orderby="modified",
        order="asc",
        page=place.page,
        per_page=PAGE_SIZE,
        dp=orders.EXACT,
        _fields=orders.FIELDS,
    )
    rows: list[Body] = answer.body
    place = _counted(place, rows, answer.total)
    facts = _facts(rows, lambda row: orders.order_facts(row, clock.now()))
    last = moment(rows[-1], "date_modified_gmt") if len(rows) == PAGE_SIZE else None
    next_after = _gmt(last - timedelta(seconds=1)) if last else ""
    if next_after > place.after:
        place = replace(place, page=0, after=next_after)
    return _turn(place, facts, ended=len(rows) < PAGE_SIZE)


def _customers(client: Client, place: _Place, since: datetime | None) -> Page:
    """All accounts, staff who buy included. The list knows no date: a catch-up reads the newest
    registrations and leaves changes to the webhooks.
    https://github.com/woocommerce/woocommerce/issues/31482
    """
    answer = client.get(
        "customers",
        role="all",
        orderby="id" if since is None else "registered_date",
        order="asc" if since is None else "desc",
        page=place.page,
        per_page=PAGE_SIZE,
    )
    rows: list[Body] = answer.body
    place = _counted(place, rows, answer.total)
    facts = _facts(rows, lambda row: customer_facts(row, clock.now()))
    registered = moment(rows[-1], "date_created_gmt") if rows else None
    reached = since is not None and registered is not None and registered < since - _OVERLAP
    return _turn(place, facts, ended=len(rows) < PAGE_SIZE or reached)


def _products(client: Client, shop: ShopFacts, place: _Place, since: datetime | None) -> Page:
    limits: dict[str, Value] = {} if since is None else {"modified_after": _gmt(since - _OVERLAP)}
    answer = client.get(
        "products",
        **limits,
        dates_are_gmt=True,
        orderby="id",
        order="asc",
        page=place.page,
        per_page=PAGE_SIZE,
        _fields=products.FIELDS,
    )
    rows: list[Body] = answer.body
    place = _counted(place, rows, answer.total)
    facts = _facts(rows, lambda row: [products.product_seen(row, shop, clock.now())])
    return _turn(place, facts, ended=len(rows) < PAGE_SIZE)


def _facts(rows: Iterable[Body], read_row: Callable[[Body], list[Fact]]) -> list[Fact]:
    facts: list[Fact] = []
    for row in rows:
        try:
            facts += read_row(row)
        except MalformedPayload as error:
            log.warning("Left out row %s of a backfill: %s", text(row, "id"), error)
    return facts


def _counted(place: _Place, rows: list[Body], total: int | None) -> _Place:
    known = place.total if place.total is not None else total
    done = place.done + len(rows)
    return replace(place, total=known, done=done if known is None else min(done, known))


def _turn(place: _Place, facts: list[Fact], *, ended: bool) -> Page:
    following = json.dumps(asdict(replace(place, page=place.page + 1)))
    return Page(
        facts=facts, cursor=None if ended else following, done=place.done, total=place.total
    )


def _gmt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
