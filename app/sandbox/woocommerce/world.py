"""One WordPress site with WooCommerce on loopback, and the hands that move it.

Nothing happens by itself: queued webhooks leave when `pump` is called, as WP-Cron would send them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import ClassVar

import httpx
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from app.sandbox.server import Service
from app.sandbox.woocommerce import access, bodies, deliveries, grant, rest, shoppers
from app.sandbox.woocommerce.deliveries import Sent
from app.sandbox.woocommerce.shoppers import Basket, Shopper
from app.sandbox.woocommerce.state import Customer, Key, Order, Product, Refund, Settings, Site


class WooWorld(Service):
    """One site. `key` is a key pair that its owner has made by hand."""

    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("GET", "/wp-json/", "index"),
        *(
            (method, "/wp-json/wc/v3/<path:path>", "api")
            for method in ("GET", "POST", "PUT", "DELETE")
        ),
        ("GET", "/wc-auth/v1/authorize", "authorize"),
        ("GET", "/wc-auth/v1/access_granted", "access_granted"),
        ("GET", "/checkout-link/", "checkout_link"),
        ("GET", "/", "storefront"),
        ("GET", "/<path:page>", "storefront"),
    ]

    def __init__(self, settings: Settings | None = None, *, late_pings: bool = False) -> None:
        super().__init__()
        self.site = Site(settings or Settings())
        self.key = self.site.new_key()
        self.sent: list[Sent] = []
        self.timeout_seconds = 10.0
        self.late_pings = late_pings
        self._nonce = token_hex(5)
        # WordPress opens a connection for each delivery.
        self._client = httpx.Client(
            trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def start(self, port: int = 0) -> str:
        self.site.url = super().start(port)
        return self.site.url

    # Requests.

    def index(self, request: Request) -> Response:
        """Public, and the only place that tells where the site really is."""
        settings = self.site.settings
        about = {
            "name": settings.title,
            "url": self.site.url,
            "home": self.site.url,
            "gmt_offset": 0,
            "timezone_string": settings.timezone,
            "namespaces": ["oembed/1.0", "wc/v3", "wc-analytics", "wp/v2"],
        }
        return Response(bodies.write(about), content_type="application/json")

    def api(self, request: Request, path: str) -> Response:
        refusal = access.refusal(self.site, request)
        return rest.problem(refusal) if refusal else rest.answer(self.site, request, path)

    def authorize(self, request: Request) -> Response:
        return grant.refuse(request) or grant.consent_page(request, self._nonce)

    def access_granted(self, request: Request) -> Response:
        if request.args.get("wc_auth_nonce") != self._nonce:
            return Response("Error: Invalid nonce verification", status=401)
        refused = grant.refuse(request)
        if refused is not None:
            return refused
        key = self.site.new_key(request.args["scope"])
        with self._unlocked():
            taken = grant.post_keys(request, key, self.site.url)
        if not taken:
            del self.site.keys[key.consumer_key]
            return Response("Error: unable to send the consumer data", status=401)
        return redirect(grant.returned(request, approved=True))

    def checkout_link(self, request: Request) -> Response:
        """Fill a cart and go to the checkout: since version 10, a 404 before."""
        if int(self.site.settings.version.partition(".")[0]) < 10:
            return Response("Not found", status=404)
        wanted = [pair.split(":") for pair in request.args.get("products", "").split(",")]
        names = [f"{self.site.products[int(p)].name} x {int(n)}" for p, n in wanted]
        return Response(f"Checkout: {', '.join(names)} {request.args.get('coupon', '')}".strip())

    def storefront(self, request: Request, page: str = "") -> Response:
        """Any page a link in a message leads to."""
        return Response(f"{self.site.settings.title}: /{page}")

    @contextmanager
    def _unlocked(self) -> Iterator[None]:
        """Whoever takes the keys proves them at once, by calling us before they answer."""
        self.lock.release()
        try:
            yield
        finally:
            self.lock.acquire()

    # Webhooks.

    def pump(self) -> list[Sent]:
        """Deliver what waits, one after the other, and return what was sent."""
        done: list[Sent] = []
        if not self.late_pings:
            done += self._ping()
        with self.lock:
            waiting = len(self.site.queue)
        for _ in range(waiting):
            with self.lock:
                outgoing = deliveries.prepare(self.site, self.site.next_event())
            if outgoing is not None:
                done.append(self._send(outgoing))
        done += self._ping()
        self.sent += done
        return done

    def _ping(self) -> list[Sent]:
        with self.lock:
            due = [hook for hook in self.site.hooks.values() if hook.ping_due]
        return [self._send(deliveries.ping(hook)) for hook in due]

    def _send(self, outgoing: deliveries.Outgoing) -> Sent:
        sent = deliveries.send(outgoing, self._client, self.timeout_seconds)
        with self.lock:
            deliveries.record(outgoing.hook, sent)
        return sent

    # Shoppers.

    def add_product(
        self, name: str, price: str, *, stock: int = 100, category: str = "Tutto"
    ) -> Product:
        with self.lock:
            return shoppers.add_product(self.site, name, price, stock, category)

    def add_customer(self, shopper: Shopper) -> Customer:
        with self.lock:
            return shoppers.add_customer(self.site, shopper)

    def cart_snapshot(self, shopper: Shopper, basket: Basket) -> None:
        with self.lock:
            shoppers.cart_snapshot(self.site, shopper, basket)

    def draft(self, shopper: Shopper, basket: Basket) -> Order:
        with self.lock:
            return shoppers.draft(self.site, shopper, basket)

    def place_order(
        self,
        shopper: Shopper,
        basket: Basket,
        *,
        coupon: str | None = None,
        draft: Order | None = None,
        pays: bool = True,
    ) -> Order:
        """Raises CouponRefused, and then nothing has happened."""
        with self.lock:
            order = shoppers.place_order(self.site, shopper, basket, coupon, draft)
            if pays:
                shoppers.pay(self.site, order)
            return order

    def pay(self, order: Order) -> None:
        with self.lock:
            shoppers.pay(self.site, order)

    def refund(self, order: Order, amount: str | None = None) -> Refund:
        with self.lock:
            return shoppers.refund(self.site, order, amount)

    def cancel(self, order: Order) -> None:
        self.set_status(order, "cancelled")

    def set_status(self, order: Order, status: str) -> None:
        with self.lock:
            shoppers.set_status(self.site, order, status)

    def trash_order(self, order: Order) -> None:
        with self.lock:
            shoppers.trash(self.site, order)

    def restore_order(self, order: Order) -> None:
        with self.lock:
            shoppers.restore(self.site, order)

    def delete_customer(self, customer: Customer) -> None:
        with self.lock:
            shoppers.delete_customer(self.site, customer)

    def set_consent(self, customer: Customer, channel: str, state: str) -> None:
        with self.lock:
            shoppers.set_consent(self.site, customer, channel, state)

    def expire_drafts(self) -> None:
        with self.lock:
            shoppers.expire_drafts(self.site)

    def issue_key(self, scope: str = "read_write") -> Key:
        with self.lock:
            return self.site.new_key(scope)

    def revoke_key(self, key: Key | None = None) -> None:
        """The owner deletes a key, or the user it belongs to."""
        with self.lock:
            self.site.keys.pop((key or self.key).consumer_key, None)
