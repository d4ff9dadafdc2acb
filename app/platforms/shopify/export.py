"""The file of a finished bulk export, a bounded piece at a time and never whole in memory."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from app.errors import MalformedPayload, Unreachable
from app.events import Fact
from app.platforms import Resource
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.order_nodes import order_of
from app.platforms.shopify.record_nodes import customer_of, product_of

log = structlog.get_logger()

ROOTS_PER_PIECE = 500


@dataclass(slots=True)
class Piece:
    """Facts up to `offset`, where the next unread object begins."""

    offset: int
    facts: list[Fact] = field(default_factory=list)
    roots: int = 0
    finished: bool = False


def read_piece(access: Access, resource: Resource, url: str, offset: int) -> Piece | None:
    """The next objects from `offset` on; None when the address has expired."""
    response = access.api.transport.download(url, offset)
    try:
        if response.status_code in {403, 404, 410}:
            return None
        if response.status_code == 416:
            return Piece(offset, finished=True)
        if response.status_code not in {200, 206}:
            raise Unreachable(f"The export answered {response.status_code}.")
        skip = offset if response.status_code == 200 else 0
        return _collect(access, resource, _lines(response, skip), offset)
    except httpx.HTTPError as error:
        raise Unreachable("The export broke off while it was read.") from error
    finally:
        response.close()


def _collect(access: Access, resource: Resource, lines: Iterator[bytes], offset: int) -> Piece:
    """Whole objects only: the children of a grouped export follow their parent."""
    piece = Piece(offset)
    root: dict[str, Any] | None = None
    children: list[dict[str, Any]] = []
    position = offset
    for line in lines:
        value = _object(line)
        if value is not None and "__parentId" in value:
            children.append(value)
        elif value is not None:
            _take(piece, access, resource, root, children)
            piece.offset = position
            if piece.roots >= ROOTS_PER_PIECE:
                return piece
            root, children = value, []
        position += len(line)
    _take(piece, access, resource, root, children)
    piece.offset, piece.finished = position, True
    return piece


def _take(
    piece: Piece,
    access: Access,
    resource: Resource,
    root: dict[str, Any] | None,
    children: Sequence[dict[str, Any]],
) -> None:
    if root is None:
        return
    piece.roots += 1
    try:
        piece.facts.extend(_facts(access.domain, resource, root, children))
    except MalformedPayload as error:
        # One odd record must not keep a shop's whole history out.
        log.warning("shopify_record_skipped", shop=access.domain, problem=str(error))


def _facts(
    domain: str, resource: Resource, root: dict[str, Any], children: Sequence[dict[str, Any]]
) -> list[Fact]:
    if resource is Resource.ORDERS:
        return [order_of(root, children)]
    if resource is Resource.CUSTOMERS:
        return customer_of(root)
    return [product_of(root, children, domain)]


def _object(line: bytes) -> dict[str, Any] | None:
    if not line.strip():
        return None
    try:
        value = json.loads(line)
    except ValueError as error:
        raise Unreachable("The export broke off in the middle of a line.") from error
    return value if isinstance(value, dict) else None


def _lines(response: httpx.Response, skip: int) -> Iterator[bytes]:
    """The body's lines with their ends, after `skip` bytes a server sent although not asked."""
    rest = b""
    for chunk in response.iter_raw():
        kept, skip = chunk[skip:], max(0, skip - len(chunk))
        *whole, rest = (rest + kept).splitlines(keepends=True) or [b""]
        if rest.endswith(b"\n"):
            whole, rest = [*whole, rest], b""
        yield from whole
    if rest:
        yield rest
