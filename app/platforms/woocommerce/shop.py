"""One connected WooCommerce shop: the `Shop` contract, each call handed to the file that knows it.

It must never let a vendor's exception out: only values and our own errors.
"""

from collections.abc import Sequence
from datetime import datetime

from app.events import ConsentChannel, ConsentState, Line, Person
from app.platforms import (
    CodeCreated,
    CodeRefused,
    CodeRequest,
    Found,
    HookReport,
    Members,
    Page,
    Question,
    Resource,
    SegmentSeen,
    ShopFacts,
    ShopProfile,
)
from app.platforms.woocommerce import accounts, backfill, coupons, hooks, links, lookup, profile
from app.platforms.woocommerce.client import Access, Client
from app.platforms.woocommerce.payload import text


class WooCommerceShop:
    """`Shop` for WooCommerce. Keep one per task: it learns the shop's version once."""

    together = 1
    """The REST API takes one customer and one search for each request."""

    def __init__(self, access: Access, facts: ShopFacts) -> None:
        self._client = Client(access)
        self._facts = facts
        self._allow_private = access.allow_private
        self._version: str | None = None

    def describe(self) -> ShopProfile:
        return profile.describe(self._client, allow_private=self._allow_private)

    def find_orders(self, questions: Sequence[Question]) -> list[Found]:
        return [lookup.find_orders(self._client, question) for question in questions]

    def read(self, resource: Resource, cursor: str | None, since: datetime | None = None) -> Page:
        return backfill.read(self._client, self._facts, resource, cursor, since)

    def create_code(self, request: CodeRequest) -> CodeCreated | CodeRefused:
        return coupons.create(self._client, request)

    def revoke_code(self, platform_key: str) -> None:
        coupons.revoke(self._client, platform_key)

    def write_consent(
        self, person: Person, channel: ConsentChannel, state: ConsentState, at: datetime
    ) -> bool:
        return accounts.write_consent(self._client, person, channel, state, at)

    def tag_customer(self, platform_key: str, tag: str) -> None:
        accounts.tag(self._client, platform_key, tag)

    def register_webhooks(self, url: str, secret: str) -> HookReport:
        return hooks.register(self._client, url, secret)

    def segments(self) -> Sequence[SegmentSeen]:
        return ()

    def members(self, segment_key: str, cursor: str | None) -> Members:
        return Members((), None)

    def cart_link(self, lines: Sequence[Line], code: str | None) -> str | None:
        if self._version is None:
            self._version = self._newest_version()
        return links.cart_link(self._client.url, lines, code, self._version)

    def _newest_version(self) -> str:
        """Orders carry the version that made them; no other cheap answer does."""
        orders = self._client.get("orders", per_page=1, _fields="version").body
        return (text(orders[0], "version") or "") if orders else ""
