"""One connected Shopify shop, see `platforms.Shop`."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

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
    ShopProfile,
)
from app.platforms.shopify import backfill, consent, discounts, hooks, lookup, segments
from app.platforms.shopify.domains import shop_domain
from app.platforms.shopify.graphql import Access, GraphQL
from app.platforms.shopify.topics import TOPICS


class ShopifyShop:
    """Calls with one access token. Every call has a timeout; refusals are values or `errors`.

    `own_app` is for a token of the merchant's own custom app, whose webhooks we must make.
    """

    together = lookup.TOGETHER

    def __init__(
        self, domain: str, access_token: str, api: GraphQL, *, own_app: bool = False
    ) -> None:
        self._access = Access(shop_domain(domain), access_token, api)
        self._own_app = own_app

    def describe(self) -> ShopProfile:
        shop = self._access.run("describe_shop").need("shop")
        # Without the scope for locales this part alone is missing; English is the honest default.
        localization = (shop.get("primaryDomain") or {}).get("localization") or {}
        return ShopProfile(
            name=shop["name"],
            domain=shop["myshopifyDomain"],
            currency=shop["currencyCode"],
            timezone=shop["ianaTimezone"],
            country=(shop.get("shopAddress") or {}).get("countryCodeV2"),
            locale=localization.get("defaultLocale") or "en",
            contact_email=shop.get("contactEmail"),
        )

    def find_orders(self, questions: Sequence[Question]) -> list[Found]:
        return lookup.find_orders(self._access, questions)

    def read(self, resource: Resource, cursor: str | None, since: datetime | None = None) -> Page:
        if since is None:
            return backfill.read_export(self._access, resource, cursor)
        return backfill.read_changes(self._access, resource, cursor, since)

    def create_code(self, request: CodeRequest) -> CodeCreated | CodeRefused:
        return discounts.create_code(self._access, request)

    def revoke_code(self, platform_key: str) -> None:
        discounts.revoke_code(self._access, platform_key)

    def write_consent(
        self, person: Person, channel: ConsentChannel, state: ConsentState, at: datetime
    ) -> bool:
        return consent.write_consent(self._access, person, channel, state, at)

    def tag_customer(self, platform_key: str, tag: str) -> None:
        consent.tag_customer(self._access, platform_key, tag)

    def register_webhooks(self, url: str, secret: str) -> HookReport:
        """`secret` is not ours to choose: Shopify signs with the app's."""
        if not self._own_app:
            return HookReport(created=(), kept=tuple(TOPICS), repaired=())
        return hooks.register_webhooks(self._access, url)

    def segments(self) -> list[SegmentSeen]:
        return segments.list_segments(self._access)

    def members(self, segment_key: str, cursor: str | None) -> Members | None:
        return segments.read_members(self._access, segment_key, cursor)

    def cart_link(self, lines: Sequence[Line], code: str | None) -> str | None:
        """A cart permalink: https://shopify.dev/docs/apps/build/checkout/create-cart-permalinks"""
        items = [f"{line.variant_key}:{line.quantity}" for line in lines if _can_return(line)]
        if not items:
            return None
        discount = f"?discount={quote(code, safe='')}" if code else ""
        return f"https://{self._access.domain}/cart/{','.join(items)}{discount}"


def _can_return(line: Line) -> bool:
    return bool(line.variant_key) and line.quantity > 0
