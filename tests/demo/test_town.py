"""The simulated shoppers: with the same seed the same visits, whatever reaches whom."""

from datetime import timedelta
from random import Random

import httpx

from app import clock
from app.sandbox.klaviyo import KlaviyoWorld
from app.sandbox.klaviyo_account import DeliveredEmail
from app.sandbox.shopify import ShopifyWorld
from app.sandbox.town import Crowd, ShopifyFront, residents
from app.sandbox.town.letters import Letters
from app.sandbox.twilio import TwilioWorld
from tests.conftest import Clock


def letter(to: str, key: str) -> DeliveredEmail:
    return DeliveredEmail(
        to=to,
        subject="",
        preview="",
        html="",
        text="",
        at=clock.now(),
        message_id=None,
        unsubscribe_url="",
        facts={},
        account_key=key,
    )


def visits(now: Clock, seed: int, *, written_to: bool) -> set[tuple[str | None, float]]:
    """Who began a cart when, in twenty days, in seconds from the beginning."""
    world, mail = ShopifyWorld(), KlaviyoWorld()
    shop = world.add_shop("town.myshopify.com", "EUR", "Europe/Rome")
    account = mail.add_account("Town", private_key="pk_town")
    dice = Random(seed)
    people = residents(20, ("it",), dice)
    letters = Letters(mail, TwilioWorld(), httpx.Client())
    crowd, began = Crowd(ShopifyFront(world, shop), people, letters, dice), now()
    for _ in range(20 * 24):
        now.advance(seconds=3600)
        if written_to and now().hour == 9:
            account.mails += [letter(who.email, account.key) for who in people]
        crowd.live(now())
    assert account.mails or not written_to
    return {
        (cart.email, (cart.created_at - began) / timedelta(seconds=1))
        for cart in shop.carts.values()
    }


def test_the_same_seed_brings_the_same_visits_whatever_reaches_whom(clock: Clock) -> None:
    alone = visits(clock, 3, written_to=False)

    assert len(alone) > 20
    assert alone == visits(clock, 3, written_to=False)
    written_to = visits(clock, 3, written_to=True)
    assert alone < written_to, "mails bring visits, and move none"
    assert alone != visits(clock, 4, written_to=False)
