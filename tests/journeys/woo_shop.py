"""A WooCommerce shop of the stories, and what its merchant does."""

from collections.abc import Callable
from typing import Any

from app.sandbox.woocommerce import Settings, Shopper
from app.sandbox.woocommerce import at as back_to
from app.stores.credentials import Secret
from app.stores.install import Newcomer
from tests.journeys.people import Someone
from tests.journeys.shops import GOODS, Basket, StoryShop
from tests.journeys.stage import ListeningWoo, Stage


class WooStoryShop(StoryShop):
    platform = "woocommerce"

    def __init__(self, stage: Stage, **site: Any) -> None:
        super().__init__(stage)
        self.world = ListeningWoo(Settings(**{"timezone": "Europe/Rome", **site}))
        self.world.start()
        stage.woo_sites.append(self.world)
        stage.pumps.append(self._deliver_all)
        self.domain = self.world.url.partition("://")[2]
        decimals = self.world.site.settings.decimals
        self.goods = {
            title: self.world.add_product(
                title, f"{price / 10**decimals:.{decimals}f}", category=kind
            ).id
            for title, (price, kind) in GOODS.items()
        }
        self._sessions = 0

    def _deliver_all(self) -> int:
        if self in self.stage.silent:
            return 0
        return len(self.world.pump())

    def newcomer(self) -> Newcomer:
        key = self.world.key
        values = {"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
        return Newcomer(
            platform="woocommerce",
            domain=self.domain,
            url=self.world.url,
            secret=Secret(kind="shop", values=values),
        )

    def _sign_up(self, who: Someone) -> None:
        agreed = dict.fromkeys(who.agrees, "subscribed")
        who.record = self.world.add_customer(self._shopper(who, consents=agreed))

    def _fill(self, basket: Basket) -> None:
        self._sessions += 1
        basket.handle = f"session-{self._sessions}"
        shopper = self._shopper(basket.who, session=basket.handle)
        self.world.cart_snapshot(shopper, self._lines(basket))

    def _order(self, who: Someone, basket: Basket, details: dict[str, Any]) -> Any:
        code, at = details.pop("code", None), details.pop("at", None)
        shopper = self._shopper(who, session=basket.handle or "", **details)
        if at is None:
            return self.world.place_order(shopper, self._lines(basket), coupon=code)
        with back_to(at):
            return self.world.place_order(shopper, self._lines(basket), coupon=code)

    def _refund(self, order: Any) -> None:
        self.world.refund(order)

    def sets_consent(self, who: Someone, channel: str, state: str) -> None:
        self.world.set_consent(who.record, channel, state)

    def _confirm(self, who: Someone, channel: str) -> None:
        self.world.set_consent(who.record, channel, "subscribed confirmed")

    def consent_of(self, who: Someone, channel: str) -> str:
        stored: str = who.record.meta.get(f"_comeback_consent_{channel}", "")
        return stored.partition(" ")[0]

    def codes(self) -> list[str]:
        return [coupon.code.upper() for coupon in self.world.site.coupons.values()]

    def when_asked_for_orders(self, deed: Callable[[], object]) -> None:
        self.world.deeds["orders"] = [deed]

    def _lines(self, basket: Basket) -> dict[int, int]:
        return {self.goods[title]: 1 for title in basket.goods}

    def _shopper(self, who: Someone, **details: Any) -> Shopper:
        """With another address they are a guest."""
        is_guest = "email" in details or "phone" in details or who.record is None
        known: dict[str, Any] = {
            "email": who.email or "",
            "phone": who.phone or "",
            "first_name": who.name.title(),
            "country": who.country or "",
            "customer_id": 0 if is_guest else who.record.id,
        }
        if "email" in details:
            known["phone"] = ""
        return Shopper(**known | details)
