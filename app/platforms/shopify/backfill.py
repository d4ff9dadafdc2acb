"""Reading a shop's history: a bulk export for the first import, pages for a catch-up.

Every call does one bounded piece and returns a cursor that says where to go on, so that a process
may die between any two of them.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from app.errors import AccessLost, MalformedPayload, Unreachable
from app.events import Fact
from app.platforms import Page, Resource
from app.platforms.shopify.documents import document
from app.platforms.shopify.export import read_piece
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.orders import whole_order
from app.platforms.shopify.record_nodes import customer_of, product_of

log = structlog.get_logger()

_RUNNING = {"CREATED", "RUNNING", "CANCELING"}
_POLL_SECONDS = 10.0
_BUSY_SECONDS = 60.0
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cursor:
    """How far an export is: asked for, or read up to `offset`.

    The file's address is asked for anew each time: whoever has it can read the whole shop, so it
    is not for keeping.
    """

    operation: str | None = None
    offset: int = 0
    done: int = 0
    total: int | None = None
    tries: int = 0

    def text(self) -> str:
        return json.dumps(asdict(self))


def read_export(access: Access, resource: Resource, cursor: str | None) -> Page:
    """The next step of a bulk export: start it, wait for it, or read a piece of its file."""
    at = _Cursor(**json.loads(cursor)) if cursor else _Cursor()
    return _start(access, resource, at) if at.operation is None else _go_on(access, resource, at)


def read_changes(access: Access, resource: Resource, cursor: str | None, since: datetime) -> Page:
    """The next page of what changed at or after `since`, oldest first."""
    at: dict[str, Any] = (
        json.loads(cursor) if cursor else {"after": None, "since": _text(since), "done": 0}
    )
    search = f"updated_at:>='{at['since']}'"
    page = access.run(f"page_{resource.value}", search=search, after=at["after"]).need("page")
    facts = [fact for node in page["nodes"] for fact in _readable(access, resource, node)]
    done = at["done"] + len(page["nodes"])
    more = page["pageInfo"]["hasNextPage"]
    next_at = {"after": page["pageInfo"]["endCursor"], "since": at["since"], "done": done}
    return Page(facts=facts, cursor=json.dumps(next_at) if more else None, done=done, total=None)


def _readable(access: Access, resource: Resource, node: dict[str, Any]) -> list[Fact]:
    try:
        return _facts(access, resource, node)
    except MalformedPayload as error:
        # One odd record must not keep everything after it out.
        log.warning("shopify_record_skipped", shop=access.domain, problem=str(error))
        return []


def _facts(access: Access, resource: Resource, node: dict[str, Any]) -> list[Fact]:
    if resource is Resource.ORDERS:
        return [whole_order(access, node)]
    if resource is Resource.CUSTOMERS:
        return customer_of(node)
    return [product_of(node, node["variants"]["nodes"], access.domain)]


def _start(access: Access, resource: Resource, at: _Cursor) -> Page:
    grouped = resource is not Resource.CUSTOMERS
    query = document(f"bulk_{resource.value}")
    started = access.run("start_bulk", query=query, grouped=grouped).need("bulkOperationRunQuery")
    errors = (started or {}).get("userErrors") or ()
    if any(e.get("code") in {"LIMIT_REACHED", "OPERATION_IN_PROGRESS"} for e in errors):
        # Other exports of ours are running; five may at a time.
        return _wait(at, _BUSY_SECONDS)
    if errors:
        raise Unreachable(f"Shopify does not start the export: {errors[0]['message']}")
    return _wait(replace(at, operation=started["bulkOperation"]["id"]), _POLL_SECONDS)


def _go_on(access: Access, resource: Resource, at: _Cursor) -> Page:
    operation = access.run("poll_bulk", id=at.operation).need("bulkOperation") or {}
    if operation.get("status") in _RUNNING:
        return _wait(at, _POLL_SECONDS)
    if operation.get("errorCode") == "ACCESS_DENIED":
        raise AccessLost("The shop has not granted what its history needs: open the app in it.")
    if operation.get("status") != "COMPLETED":
        return _again(at)
    at = replace(at, total=int(operation["rootObjectCount"]))
    if operation["url"] is None:
        return Page(facts=(), cursor=None, done=at.done, total=at.total)
    return _download(access, resource, at, operation["url"])


def _download(access: Access, resource: Resource, at: _Cursor, url: str) -> Page:
    piece = read_piece(access, resource, url, at.offset)
    if piece is None and at.tries < _MOST_TRIES:
        return _wait(replace(at, tries=at.tries + 1), _BUSY_SECONDS)
    if piece is None:
        return _again(at)
    after = replace(at, offset=piece.offset, done=at.done + piece.roots, tries=0)
    cursor = None if piece.finished else after.text()
    return Page(facts=piece.facts, cursor=cursor, done=after.done, total=at.total)


def _again(at: _Cursor) -> Page:
    """Ask for the export anew. What was read already is read again, which changes nothing."""
    if at.tries >= _MOST_TRIES:
        raise Unreachable("Shopify's export of this shop keeps failing.", retry_after=3600.0)
    return _wait(_Cursor(tries=at.tries + 1), _BUSY_SECONDS)


def _wait(at: _Cursor, seconds: float) -> Page:
    return Page(facts=(), cursor=at.text(), done=at.done, total=at.total, wait_seconds=seconds)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
