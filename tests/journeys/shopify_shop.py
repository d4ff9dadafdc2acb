"""A Shopify shop of the stories, and what its merchant does."""

from collections.abc import Callable
from typing import Any

from app.platforms.shopify import tokens
from app.sandbox.shopify import SandboxShop
from app.stores.adapters import shopify_secret
from app.stores.install import Newcomer
from tests.journeys.people import Someone
from tests.journeys.shops import GOODS, Basket, StoryShop
from tests.journeys.stage import Stage


class ShopifyStoryShop(StoryShop):
    platform = "shopify"

    def __init__(self, stage: Stage, domain: str = "erbe-buone.myshopify.com", **site: str) -> None:
        super().__init__(stage)
        self.domain = domain
        site = {
            "currency": "EUR",
            "timezone": "Europe/Rome",
            "country": "IT",
            "locale": "it",
        } | site
        self.world = stage.shopify
        self.shop: SandboxShop = self.world.add_shop(domain, site["currency"], site["timezone"])
        self.shop.country, self.shop.locale = site["country"], site["locale"]
        self.goods = {
            title: self.shop.add_product(title, price, kind=kind)
            for title, (price, kind) in GOODS.items()
        }
        if self._deliver_all not in stage.pumps:
            stage.pumps.append(self._deliver_all)

    def _deliver_all(self) -> int:
        if self in self.stage.silent:
            return 0
        return len(self.world.pump())

    def newcomer(self) -> Newcomer:
        self.world.install(self.shop)
        pair = tokens.exchange(self.stage.config, self.domain, self.world.id_token(self.shop))
        return Newcomer(
            platform="shopify",
            domain=self.domain,
            url=f"https://{self.domain}",
            secret=shopify_secret(pair),
        )

    def _sign_up(self, who: Someone) -> None:
        who.record = self.shop.add_customer(
            who.email,
            who.phone,
            first_name=who.name.title(),
            locale=who.locale,
            country=who.country,
        )
        for channel in who.agrees:
            self.shop.set_consent(who.record, channel, "subscribed")

    def _fill(self, basket: Basket) -> None:
        who = basket.who
        cart = self.shop.cart([self.goods[title] for title in basket.goods])
        self.shop.checkout(cart, who.record, email=who.email, phone=who.phone)
        basket.handle = cart

    def _order(self, who: Someone, basket: Basket, details: dict[str, Any]) -> Any:
        lines = [] if basket.handle else [self.goods[title] for title in basket.goods]
        known: dict[str, Any] = {"customer": who.record, "email": who.email, "phone": who.phone}
        if "email" in details or "phone" in details:
            known = {"customer": None, "email": None, "phone": None}
        return self.shop.order(basket.handle, lines, **known | details)

    def _refund(self, order: Any) -> None:
        self.shop.refund(order)

    def sets_consent(self, who: Someone, channel: str, state: str) -> None:
        self.shop.set_consent(who.record, channel, state)

    def _confirm(self, who: Someone, channel: str) -> None:
        self.shop.set_consent(who.record, channel, "subscribed", level="CONFIRMED_OPT_IN")

    def consent_of(self, who: Someone, channel: str) -> str:
        state: str = who.record.consent[channel].state
        return state.lower()

    def codes(self) -> list[str]:
        return [discount.code for discount in self.shop.discounts._codes.values()]

    def when_asked_for_orders(self, deed: Callable[[], object]) -> None:
        self.world.deeds["FindOrders"] = [deed]

    def redacts(self, who: Someone) -> None:
        """The platform passes a person's wish to be forgotten on to us."""
        self.shop.redact(who.record)
        self.stage.settle()

    def requests_data_of(self, who: Someone) -> None:
        self.shop.request_data(who.record)
        self.stage.settle()

    def uninstalls(self) -> None:
        self.world.uninstall(self.shop)
        self.stage.settle()
