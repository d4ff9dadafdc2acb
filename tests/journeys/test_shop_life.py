"""Shops that leave and come back, lose their tokens, and bring a long past."""

import os
from datetime import timedelta
from importlib import resources

import pytest
from sqlalchemy import select

from app.errors import Unreachable
from app.inbox.sweep import due_stores
from app.models import ConsentEntry, Customer, Flow, Journey, Message, Order, Webhook
from app.sandbox.server import Fault
from app.sandbox.shopify.records import Consent
from app.stores.connections import Connections
from tests.journeys.files import TEXTS
from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.stage import Stage, StageClock
from workers.jobs import drain

PRESETS = sorted(
    path.name.removesuffix(".yaml")
    for path in resources.files("app.flows.presets").iterdir()
    if path.name.endswith(".yaml")
)
PAST = int(os.environ.get("JOURNEYS_BACKFILL", "3000"))


def test_a_shop_that_uninstalls_sends_nothing_more_and_keeps_its_data_when_it_returns(
    shopify: ShopifyStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shopify.runs("abandoned-cart")
    ana = shopify.signs_up(someone("ana", agrees=("email",)))
    shopify.cart(ana)
    clock.advance(hours=2)
    assert len(email.to(ana)) == 1

    shopify.uninstalls()
    clock.advance(hours=26)
    assert len(email.to(ana)) == 1
    assert shopify.journey(ana).end_reason == "store_gone"

    assert shopify.joins().returned
    shopify.runs("abandoned-cart")
    clock.advance(hours=24)  # Shopify's own request to erase the store comes in here.
    assert shopify.count(Webhook, Webhook.topic == "shop/redact", Webhook.status == "applied") == 1
    assert shopify.store().status == "active"
    assert shopify.customer(ana).email == ana.email

    bea = shopify.signs_up(someone("bea", agrees=("email",)))
    shopify.cart(bea, "Salvia")
    clock.advance(hours=14)
    assert len(email.to(bea)) == 1
    assert len(email.to(ana)) == 1


def test_a_shop_that_stays_away_is_erased_when_shopify_asks(
    shopify: ShopifyStoryShop, clock: StageClock
) -> None:
    shopify.signs_up(someone("ana", agrees=("email",)))

    shopify.uninstalls()
    clock.advance(hours=49)

    assert shopify.store().status == "erased"
    assert shopify.count(Customer) == 0


def test_a_shop_that_uninstalls_in_the_middle_of_a_send_sends_nothing(
    shopify: ShopifyStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shopify.runs("abandoned-cart")
    ana = shopify.signs_up(someone("ana", agrees=("email",)))
    shopify.cart(ana)

    def uninstall() -> None:
        shopify.world.uninstall(shopify.shop)
        shopify.stage.deliver()
        drain("inbox", str(shopify.store_id))

    shopify.when_asked_for_orders(uninstall)
    clock.advance(hours=30)

    assert email.to(ana) == []
    assert shopify.journey(ana).end_reason == "store_gone"


def test_while_one_worker_renews_a_dead_token_another_waits_and_the_mail_goes_once(
    shopify: ShopifyStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shopify.runs("abandoned-cart")
    ana = shopify.signs_up(someone("ana", agrees=("email",)))
    shopify.cart(ana)
    refused: list[str] = []

    def work_elsewhere() -> None:
        """What a second worker meets while the first one's request is under way."""
        with pytest.raises(Unreachable) as caught:
            Connections(shopify.stage.config).shop(shopify.store_id)
        refused.append(str(caught.value))
        drain("messages", str(shopify.store_id))

    # The token lives for an hour, so the first reminder finds it dead.
    shopify.world.deeds["grant"] = [work_elsewhere]
    clock.advance(hours=26)

    assert len(refused) == 1
    assert len(email.to(ana)) == 2


def test_a_lost_reply_to_a_renewal_does_not_lock_the_shop_out(
    shopify: ShopifyStoryShop, clock: StageClock, email: Mailboxes
) -> None:
    shopify.runs("abandoned-cart")
    ana = shopify.signs_up(someone("ana", agrees=("email",)))
    shopify.cart(ana)

    shopify.world.fail(Fault(path="/admin/oauth/access_token", after=True, hang_up=True))
    clock.advance(hours=3)

    assert len(email.to(ana)) == 1


@pytest.mark.requirement(17)
def test_a_long_history_brings_state_up_to_date_and_mails_nobody(
    stage: Stage, clock: StageClock, email: Mailboxes
) -> None:
    """With every preset live. JOURNEYS_BACKFILL says how long: 3,000 orders, or 50,000 by hand."""
    shop = ShopifyStoryShop(stage)
    _give_a_past(shop, PAST)
    for customer in shop.shop.customers.values():
        customer.consent["email"] = Consent("SUBSCRIBED", "SINGLE_OPT_IN", customer.created_at)

    shop.connects()
    shop.runs(*PRESETS)
    shop.reads_history()

    assert shop.count(Order) == PAST
    assert shop.count(Customer) == len(shop.shop.customers)
    assert shop.count(ConsentEntry) == len(shop.shop.customers)
    assert shop.count(Journey) == shop.count(Message) == 0

    clock.advance(hours=26)
    # Only of people whose day of silence came after the shop was connected.
    assert _flows_inside(shop) <= {"inactivity", "reactivation-60"}
    assert len(email.sent) < PAST // 50


def _flows_inside(shop: ShopifyStoryShop) -> set[str]:
    slugs = select(Flow.slug).join(Journey, Flow.flow_id == Journey.flow_id)
    return shop.read(lambda session: set(session.scalars(slugs)))


def _give_a_past(shop: ShopifyStoryShop, orders: int) -> None:
    """A third of the people buy three times, up to the day before the app is installed."""
    goods = list(shop.goods.values())
    now = shop.stage.clock()
    for number in range(orders):
        who = f"past{number % (orders // 3 or 1)}@example.com"
        at = now - timedelta(days=1 + number % 400)
        shop.shop.order(lines=[goods[number % len(goods)]], email=who, at=at)


def test_a_merchant_who_agrees_reaches_the_people_of_the_past_and_was_told_how_many(
    stage: Stage, clock: StageClock, email: Mailboxes
) -> None:
    shop = ShopifyStoryShop(stage)
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    shop.buys(ana, at=clock() - timedelta(days=61))
    shop.joins()

    shop.runs("reactivation-60")
    assert shop.journeys(ana) == []
    shop.runs("reactivation-60", back=timedelta(days=3))
    clock.advance(hours=2)

    assert len(email.to(ana)) == 1


def test_a_shop_that_leaves_while_its_history_is_read_leaves_no_work_behind(
    stage: Stage, clock: StageClock
) -> None:
    shop = ShopifyStoryShop(stage)
    shop.connects()
    stage.settle()
    ana = shop.signs_up(someone("ana", phone="+393471234567", agrees=("email", "sms")))
    shop.runs_file(TEXTS)
    shop.stage.phones.fail(Fault(path="/2010-04-01", method="POST", status=503), times=9)

    shop.sets_consent(ana, "email", "unsubscribed")
    shop.uninstalls()
    clock.advance(hours=3)

    waiting = {duty: stores for duty, stores in due_stores().items() if shop.store_id in stores}
    assert waiting == {}


def test_a_shop_that_has_lost_its_tokens_is_asked_now_and_then_and_not_all_the_time(
    stage: Stage, clock: StageClock
) -> None:
    """In the middle of its history; the merchant opens the app again and it is read on."""
    shop = ShopifyStoryShop(stage)
    _give_a_past(shop, 9)
    shop.shop.export_takes = timedelta(minutes=5)
    shop.connects()
    stage.settle()
    shop.shop.doorman.grants.clear()

    clock.advance(hours=3)
    assert shop.count(Order) == 0
    assert shop.store_id not in due_stores()["sync"]

    shop.joins()
    assert shop.count(Order) == 9


def test_an_odd_record_in_the_history_keeps_nothing_after_it_out(
    stage: Stage, clock: StageClock
) -> None:
    shop = ShopifyStoryShop(stage)
    _give_a_past(shop, 6)
    odd = next(iter(shop.shop.customers.values()))
    odd.first_name = "Ana\u0000"

    shop.connects()
    stage.settle()
    shop.reads_history()

    assert shop.count(Order) == 6
