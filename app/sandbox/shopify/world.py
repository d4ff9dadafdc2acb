"""Shopify on loopback: many shops behind one address, told apart by the Host header."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from app import clock
from app.sandbox.server import Service
from app.sandbox.shopify import reading, writing
from app.sandbox.shopify.deliveries import Posted, PostOffice
from app.sandbox.shopify.records import Subscription
from app.sandbox.shopify.replies import MAXIMUM, as_json, cost, throttled, withhold
from app.sandbox.shopify.shop import SandboxShop
from app.sandbox.shopify.signing import claims_of, mint

APP_FILE = Path(__file__).parents[3] / "shopify.app.toml"
SHOP_HEADER = "X-Sandbox-Shop"
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"

_ANSWERS: Mapping[str, Callable[[SandboxShop, Mapping[str, Any]], dict[str, Any]]] = {
    "DescribeShop": reading.describe_shop,
    "FindOrders": reading.find_orders,
    "OrdersById": reading.orders_by_id,
    "MoreLines": reading.more_lines,
    "PageOrders": reading.page_orders,
    "PageCustomers": reading.page_customers,
    "PageProducts": reading.page_products,
    "FindCode": reading.find_code,
    "FindCustomer": reading.find_customer,
    "ListSegments": reading.list_segments,
    "FindSegment": reading.find_segment,
    "SegmentMembers": reading.segment_members,
    "ListWebhooks": reading.list_webhooks,
    "PollBulk": reading.poll_bulk,
    "CreateCode": writing.create_code,
    "CreateFreeShippingCode": writing.create_code,
    "DeleteCode": writing.delete_code,
    "WriteEmailConsent": writing.write_email_consent,
    "WriteSmsConsent": writing.write_sms_consent,
    "WriteWhatsAppConsent": writing.write_whatsapp_consent,
    "TagCustomer": writing.tag_customer,
    "CreateWebhook": writing.create_webhook,
    "UpdateWebhook": writing.update_webhook,
    "StartBulk": writing.start_bulk,
}


@dataclass(slots=True)
class Throttle:
    """The next `times` queries of a shop are refused with a bucket that refills in `wait`."""

    times: int
    wait: float


class ShopifyWorld(Service):
    """Shops, their Admin APIs and tokens, and the webhooks they send to the app.

    `hook_url` is where the app takes webhooks; the app's own file says which and with what fields.
    """

    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("POST", "/admin/oauth/access_token", "grant"),
        ("POST", "/admin/api/<version>/graphql.json", "graphql"),
        ("GET", "/exports/<domain>/<int:key>.jsonl", "export"),
    ]

    def __init__(
        self,
        api_key: str = "sandbox-client",
        api_secret: str = "sandbox-secret-0123456789abcdef0123",  # noqa: S107 - opens this sandbox.
        hook_url: str = "",
    ) -> None:
        super().__init__()
        self.api_key, self.api_secret, self.hook_url = api_key, api_secret, hook_url
        self.shops: dict[str, SandboxShop] = {}
        self.office = PostOffice()
        self.throttles: dict[str, Throttle] = {}
        self.operations: list[tuple[str, str]] = []
        self.app_file = tomllib.loads(APP_FILE.read_text(encoding="utf-8"))

    def reset(self) -> None:
        """Forget every shop and everything under way, as a new world would."""
        with self.lock:
            for kept in (self.shops, self.throttles, self.operations, self.requests, self.faults):
                kept.clear()
            self.office.close()
            self.office = PostOffice()

    # The merchant's deeds

    def add_shop(
        self, domain: str, currency: str = "USD", timezone: str = "America/New_York"
    ) -> SandboxShop:
        """A shop that has not installed the app: it sends no webhooks yet."""
        shop = SandboxShop(domain, currency, timezone, self.office, self.api_secret)
        shop.doorman.scope = self.app_file["access_scopes"]["scopes"]
        self.shops[domain] = shop
        return shop

    def install(self, shop: SandboxShop) -> None:
        """The merchant adds the app; from now on its own file's webhooks are sent."""
        with self.lock:
            shop.installed = True
            shop.subscriptions = [
                Subscription(topic, self.hook_url, tuple(entry.get("include_fields", ())))
                for entry in self.app_file["webhooks"]["subscriptions"]
                for topic in (*entry.get("topics", ()), *entry.get("compliance_topics", ()))
            ]

    def custom_app(self, shop: SandboxShop, token: str, secret: str) -> None:
        """The merchant makes an app of their own and gives us its token and its secret."""
        with self.lock:
            shop.installed, shop.secret = True, secret
            shop.doorman.permanent = token

    def id_token(self, shop: SandboxShop, user: str = "1", seconds: float = 60) -> str:
        """What App Bridge hands to our page when `user` opens it in the admin."""
        now = clock.now().timestamp()
        claims = {
            "iss": f"https://{shop.domain}/admin",
            "dest": f"https://{shop.domain}",
            "aud": self.api_key,
            "sub": user,
            "exp": now + seconds,
            "nbf": now,
            "iat": now,
            "jti": f"jti-{now}",
            "sid": f"sid-{user}",
        }
        return mint(claims, self.api_secret)

    def uninstall(self, shop: SandboxShop) -> None:
        """Tokens die at once, one last webhook goes out, and two days later the law's."""
        with self.lock:
            body = {"id": 1, "name": shop.name, "myshopify_domain": shop.domain}
            body |= {"currency": shop.currency, "iana_timezone": shop.timezone}
            shop.tell("app/uninstalled", body)
            redact = {"shop_id": 1, "shop_domain": shop.domain}
            shop.tell("shop/redact", redact, after=timedelta(hours=48))
            shop.doorman.shut()
            shop.subscriptions, shop.installed = [], False

    # The knobs

    def throttle(self, shop: SandboxShop, times: int = 1, wait: float = 0.05) -> None:
        self.throttles[shop.domain] = Throttle(times, wait)

    def pump(self, most: int | None = None) -> list[Posted]:
        """Deliver what is due, in the caller's thread, and what that causes in turn.

        The lock is not held while the app answers, because the app may ask us something.
        """
        done: list[Posted] = []
        while most is None or len(done) < most:
            with self.lock:
                parcels = self.office.due()
                room = len(parcels) if most is None else most - len(done)
                self.office.waiting[:0] = parcels[room:]
            if not parcels:
                break
            for parcel in parcels[:room]:
                done.append(self.office.post(parcel))
            self._drop_dead_subscriptions()
        return done

    # The wire

    def grant(self, request: Request) -> Response:
        shop, wish = self._shop(request), json.loads(request.get_data())
        if shop is None:
            return Response(status=404)
        known = wish.get("client_id") == self.api_key
        if not known or wish.get("client_secret") != self.api_secret or not shop.installed:
            return as_json({"error": "invalid_client"}, 400)
        if wish.get("grant_type") == "refresh_token":
            pair = shop.doorman.refresh(str(wish.get("refresh_token")))
            return as_json(pair) if pair else as_json({"error": "invalid_grant"}, 400)
        claims = claims_of(str(wish.get("subject_token")), self.api_secret)
        stale = claims is None or clock.now().timestamp() > claims["exp"]
        if stale or claims is None or claims["dest"] != f"https://{shop.domain}":
            return as_json({"error": "invalid_subject_token"}, 400)
        assert wish["requested_token_type"] == _OFFLINE, "we only ever ask for offline tokens"
        return as_json(shop.doorman.exchange())

    def graphql(self, request: Request, version: str) -> Response:
        shop = self._shop(request)
        if shop is None:
            return Response(status=404)
        if not shop.doorman.admits(request.headers.get("X-Shopify-Access-Token", "")):
            return as_json({"errors": "[API] Invalid API key or access token"}, 401)
        asked = json.loads(request.get_data())
        name = asked["operationName"]
        throttle = self.throttles.get(shop.domain)
        if throttle and throttle.times > 0:
            throttle.times -= 1
            return as_json(throttled(throttle.wait))
        self.operations.append((shop.domain, name))
        data = _ANSWERS[name](shop, asked["variables"])
        self._place_exports(data)
        reply: dict[str, Any] = {"data": data, "extensions": cost(10.0, MAXIMUM)}
        if shop.withholds_personal_data and (holes := withhold(data, [])):
            reply["errors"] = holes
        return as_json(reply)

    def export(self, request: Request, domain: str, key: int) -> Response:
        shop = self.shops.get(domain)
        export = shop.exports.get(key) if shop else None
        if export is None:
            return Response(status=404)
        wanted = request.range
        start = wanted.ranges[0][0] if wanted else 0
        if start >= len(export.lines):
            return Response(status=416)
        return Response(export.lines[start:], status=206 if wanted else 200)

    def _shop(self, request: Request) -> SandboxShop | None:
        host = request.headers.get(SHOP_HEADER) or request.host.partition(":")[0]
        return self.shops.get(host)

    def _drop_dead_subscriptions(self) -> None:
        """After eight failures Shopify deletes a subscription made through the API."""
        with self.lock:
            for parcel in self.office.given_up:
                shop = self.shops[parcel.shop]
                if (
                    parcel.subscription.key is not None
                    and parcel.subscription in shop.subscriptions
                ):
                    shop.subscriptions.remove(parcel.subscription)

    def _place_exports(self, data: dict[str, Any]) -> None:
        operation = data.get("bulkOperation")
        if operation and operation["url"]:
            operation["url"] = self.url + operation["url"]
