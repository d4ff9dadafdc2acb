"""The right to be forgotten and to be told, through Shopify's own webhooks."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.customers import export_customer
from app.models import Customer, Erasure, Notice
from tests.journeys.files import ASKS, MAILS, TEXTS
from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import StageClock
from workers.jobs import drain


@pytest.mark.requirement(125)
def test_who_is_erased_is_forgotten_here_and_at_the_providers_and_does_not_come_back(
    shopify: ShopifyStoryShop, clock: StageClock, email: Mailboxes, texts: Phones
) -> None:
    shopify.chooses(caps={"promotional_per_day": 9})
    shopify.runs_file(MAILS)
    shopify.runs_file(TEXTS.replace("flow: story", "flow: texts"))
    ana = shopify.signs_up(someone("ana", phone="+393471234567", agrees=("email", "sms")))
    order = shopify.buys(ana, "Timo")
    clock.advance(hours=1)
    assert len(email.to(ana)) == len(texts.to(ana)) == 1

    shopify.redacts(ana)
    clock.advance(hours=1)

    assert ana.email in shopify.account.erased
    assert texts.to(ana) == []
    assert shopify.count(Erasure, Erasure.done_at.is_(None)) == 0
    shopify.shop.change_customer(ana.record, first_name="Anna")
    shopify.refunds(order)
    shopify.cart(ana)
    clock.advance(days=1, hours=2)

    named = (Customer.email == ana.email) | (Customer.phone == ana.phone)
    assert shopify.count(Customer, named) == 0
    assert len(email.to(ana)) == 1
    assert texts.to(ana) == []


@pytest.mark.requirement(125)
@pytest.mark.requirement(125)
def test_who_refused_and_was_forgotten_is_not_mailed_when_their_orders_come_back(
    woo: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    woo.runs_file(MAILS)
    woo.runs_file(ASKS)
    ana = woo.signs_up(someone("ana", agrees=("email",)))
    bought = woo.buys(ana, "Timo")
    clock.advance(hours=3)
    woo.withdraws(ana, "email")
    before = len(email.to(ana))

    clock.travel(clock.moment + timedelta(days=3 * 365 + 9))
    drain("retention", str(woo.store_id))
    woo.stage.settle()
    assert ana.email in woo.account.erased
    assert woo.count(Customer, Customer.erased_at.is_(None)) == 0

    woo.refunds(bought)
    woo.buys(ana, "Timo")
    woo.cart(ana)
    clock.advance(days=1, hours=2)

    assert woo.count(Customer, Customer.email == ana.email) == 0
    assert len(email.to(ana)) == before > 0


def test_who_was_forgotten_for_their_silence_is_served_again_when_they_buy(
    woo: StoryShop, clock: StageClock, email: Mailboxes
) -> None:
    woo.runs_file(ASKS)
    ana = woo.signs_up(someone("ana", agrees=("email",)))
    woo.buys(ana, "Timo")
    clock.advance(hours=3)
    before = len(email.to(ana))
    clock.travel(clock.moment + timedelta(days=3 * 365 + 9))
    drain("retention", str(woo.store_id))
    woo.stage.settle()

    clock.advance(hours=1)
    woo.buys(ana, "Timo")
    clock.advance(hours=3)

    assert len(email.to(ana)) == before + 1
    assert woo.customer(ana).orders_count == 1


def test_who_asks_for_their_data_gets_an_export_through_the_merchant(
    shopify: ShopifyStoryShop, clock: StageClock
) -> None:
    ana = shopify.signs_up(someone("ana", phone="+393471234567", agrees=("email",)))
    shopify.buys(ana, "Timo")

    shopify.requests_data_of(ana)

    notices = select(Notice).where(Notice.kind == "data_request")
    (notice,) = shopify.read(lambda session: session.scalars(notices).all())
    told = str(shopify.read(lambda s: export_customer(s, s.get_one(Customer, _whose(notice)))))
    assert "ana@example.com" in told and "Timo" in told
    assert str(ana.email) not in str(notice.details) + notice.title

    shopify.redacts(ana)

    assert shopify.count(Notice, Notice.kind == "data_request") == 0


def _whose(notice: Notice) -> tuple[UUID, UUID | None]:
    return notice.store_id, notice.customer_id
