"""Scenes in which the shop is at fault: what it tells late, never or no more, what it sells in the
last moment, and the door it shuts while we change our key."""

import time
from contextlib import suppress
from datetime import timedelta

from app import clock
from app.sandbox.server import Fault
from app.sandbox.woocommerce import Shopper as Passerby
from tests.faults.last_moment import LastMoment
from tests.faults.machine import UNSETTLED
from tests.faults.opening import INSTALLED, OWN_APP
from tests.faults.post import Mode
from tests.faults.scenes import Deed, Done, Ground
from tests.waiting import until

FAILURES = 8
"""One more than WooCommerce forgives."""
LONGEST, LONGEST_IN_HAND = 40.0, 400.0
AFTERWARDS = 8.0
"""Seconds in which the last reminders leave, and the shop is looked at for each."""
IN_SILENCE = 15.0
"""Seconds in which what is due in the silence is judged."""
LOST = 0.2
"""The part of the renewals whose answer never comes."""
SOLD = ("orders/", "checkouts/")
TOKENS = "/admin/oauth/access_token"


def tell_late(here: Ground) -> Done:
    here.city.post.mode = Mode.HOLDS
    here.live_until(here.until)
    here.pass_time(timedelta(hours=5))
    return Done(1, "every webhook held back for five hours of the city's clock, then delivered")


def tell_nothing_for_a_day(here: Ground) -> Done:
    """Some carts are told of before the silence begins, nothing is in it."""
    here.live_until((time.monotonic() + here.until) / 2)
    here.city.post.mode = Mode.LOSES
    lost = here.city.post.tally.lost
    here.live_until(here.over + IN_SILENCE)
    # A day is left out at once: what is due before it is not to be late because of that.
    until(lambda: not here.machine.ask(UNSETTLED), LONGEST_IN_HAND)
    here.pass_time(timedelta(days=1))
    for who in here.people:
        who.silent_until = clock.now()
    here.look_after_shops()
    lost = here.city.post.tally.lost - lost
    return Done(
        lost, f"a day without a word: {lost} webhooks thrown away; then a look at the shops"
    )


def remove_subscriptions(here: Ground) -> Done:
    """As Shopify does after eight failures: the app is not told, and nobody tells it of sales."""
    here.live_until((time.monotonic() + here.until) / 2)
    world = here.city.world.shopify
    shop = world.shops[OWN_APP]
    with world.lock:
        gone = [each for each in shop.subscriptions if each.topic.startswith(SOLD)]
        shop.subscriptions = [each for each in shop.subscriptions if each not in gone]
    here.live_until(here.over)
    here.look_after_shops()
    topics = {each.topic for each in gone}
    back = until(lambda: topics <= {each.topic for each in shop.subscriptions}, LONGEST)
    return Done(
        len(gone), f"{len(gone)} subscriptions removed at the shop; back {back:.1f} s after a look"
    )


def disable_webhooks(here: Ground) -> Done:
    """WooCommerce meets no answer so often that it switches its webhooks off."""
    site, world = here.city.world.woo.site, here.city.world.woo
    with here.machine.down("web"):
        for _ in range(FAILURES):
            world.cart_snapshot(Passerby(session="passer-by"), {next(iter(site.products)): 1})
            world.place_order(Passerby(email="desk@storm.example"), {next(iter(site.products)): 1})
            until(here.city.post.woo_is_quiet, LONGEST, every=0.05)
    off = [hook for hook in site.hooks.values() if hook.status != "active"]
    assert off, "the web was down, and still every webhook is active"
    here.live_until(here.over)
    here.look_after_shops()
    topics = {hook.topic for hook in off}
    back = until(
        lambda: topics <= {h.topic for h in site.hooks.values() if h.status == "active"}, LONGEST
    )
    return Done(
        len(off),
        f"{len(off)} webhooks switched off by failures in a row; on {back:.1f} s after a look",
    )


def sell_in_the_last_moment(here: Ground) -> Done:
    """Who would have left the cart for good or come back buys just when a message is leaving."""
    with LastMoment(here.city, here.people) as moments:
        with suppress(TimeoutError):
            until(lambda: not moments.waiting, here.over + LONGEST - time.monotonic(), every=0.05)
        for who in moments.waiting:
            here.city.buys(who)
    return Done(sum(moments.struck.values()), f"bought {moments.told()}")


def refuse_tokens(here: Ground) -> Done:
    """Tokens live for six minutes and end with their renewal, whose answer is slow or lost."""
    world = here.city.world.shopify
    doorman, renewals = world.shops[INSTALLED].doorman, len(world.requests)
    doorman.access_life, doorman.ends_the_old = timedelta(minutes=6), True
    here.pass_time(timedelta(hours=1))  # The token at hand has run out.
    world.overheard = lambda request, answered: (
        time.sleep(here.dice.uniform(0.2, 0.7)) if answered and request.path == TOKENS else None
    )
    while time.monotonic() < here.over + AFTERWARDS:
        here.look_after_shops()  # So that both workers ask the same shop.
        here.pause(0.5, 2.0)
        if here.dice.random() < LOST:
            world.fail(Fault(path=TOKENS, method="POST", after=True, hang_up=True))
    world.overheard = lambda request, answered: None
    renewals = sum(path == TOKENS for _, _, path in world.requests[renewals:])
    assert renewals, "no token was renewed"
    doorman.access_life, doorman.ends_the_old = timedelta(hours=1), False
    return Done(
        renewals,
        f"{renewals} renewals of tokens that live for six minutes, answers slow or lost; each ends"
        " the token before it, with calls under way",
    )


SHOP_SCENES: dict[str, Deed] = {
    "webhooks five hours late": tell_late,
    "a day of silence": tell_nothing_for_a_day,
    "a subscription removed": remove_subscriptions,
    "WooCommerce's webhooks disabled": disable_webhooks,
    "orders in the last moment": sell_in_the_last_moment,
    "tokens refused while renewed": refuse_tokens,
}
