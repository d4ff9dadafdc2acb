"""A segment of the shop's own is chosen on a page and read from the shop: end to end, over HTTP."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock as app_clock
from app import customers
from app.config import Config
from app.customers import Incoming
from app.errors import Unreachable
from app.events import CustomerSeen, Person
from app.inbox.shop_segments import read_members
from app.inbox.sweep import due_stores
from app.models import ShopSegment, Store
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from app.stores.connections import Connections
from app.tenancy import platform_transaction, store_transaction
from tests.conftest import Clock, MakeStore
from tests.web.conftest import PAGE, PUBLIC, SignIn


@pytest.fixture
def browser(frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop) -> FlaskClient:
    """Inside the shop's admin."""
    frame.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {world.id_token(officina)}"
    return frame


def known(store_id: UUID, key: int) -> None:
    fact = CustomerSeen(
        person=Person(platform_key=str(key), email="ana@example.com", first_name="Ana"),
        updated_at=app_clock.now(),
    )
    with store_transaction(store_id) as session:
        incoming = [Incoming(fact=fact, source="backfill", live=False)]
        customers.apply(session, incoming, app_clock.now())


def segments_due() -> list[UUID]:
    with platform_transaction("a test finds what is due") as session:
        due = ShopSegment.due_at <= app_clock.now()
        return list(session.scalars(select(ShopSegment.store_id).where(due)))


@pytest.mark.requirement(41)
def test_a_segment_of_the_shop_is_read_in_until_it_is_there_no_more(
    browser: FlaskClient,
    world: ShopifyWorld,
    officina: SandboxShop,
    app_of_shopify: Config,
    clock: Clock,
) -> None:
    ana = officina.add_customer("ana@example.com")
    segment = officina.add_segment("Ship to Italy", [ana])
    assert "Read one from the shop" in browser.get("/segments", base_url=PUBLIC, headers=PAGE).text
    listed = browser.get("/segments/shop", base_url=PUBLIC, headers=PAGE).text
    assert "Ship to Italy" in listed

    def choose(key: object) -> str | None:
        form = {"key": key}
        return browser.post("/segments/shop", base_url=PUBLIC, headers=PAGE, data=form).location

    assert choose("999") is None
    where = choose(segment.key)
    with platform_transaction("a test finds its store") as session:
        store_id = session.query(Store.store_id).scalar()
    known(store_id, ana.key)
    assert store_id in due_stores()["sync"]
    assert read_members(store_id, Connections(app_of_shopify)) == 1

    assert where is not None and where.startswith("/segments/ship-to-italy")
    page = browser.get("/segments/ship-to-italy", base_url=PUBLIC, headers=PAGE).text
    assert "1 in it now" in page and "Change" not in page and "Archive" in page
    assert "no more since" not in page
    assert read_members(store_id, Connections(app_of_shopify)) == 0

    del officina.segments[segment.key]
    clock.advance(days=1)
    browser.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {world.id_token(officina)}"
    assert read_members(store_id, Connections(app_of_shopify)) == 1
    page = browser.get("/segments/ship-to-italy", base_url=PUBLIC, headers=PAGE).text
    assert "1 in it now" in page and "no more since" in page
    assert (
        "no longer has the segment Ship to Italy"
        in browser.get("/", base_url=PUBLIC, headers=PAGE).text
    )


def test_a_shop_that_is_busy_is_asked_again_when_it_says_and_not_an_hour_later(
    browser: FlaskClient,
    world: ShopifyWorld,
    officina: SandboxShop,
    app_of_shopify: Config,
    clock: Clock,
) -> None:
    segment = officina.add_segment("Ship to Italy", [officina.add_customer("ana@example.com")])
    browser.post("/segments/shop", base_url=PUBLIC, headers=PAGE, data={"key": segment.key})
    with platform_transaction("a test finds its store") as session:
        store_id = session.query(Store.store_id).scalar()
    world.throttle(officina, wait=6)

    with pytest.raises(Unreachable):
        read_members(store_id, Connections(app_of_shopify))
    assert store_id not in segments_due()
    clock.advance(seconds=7)
    assert store_id in segments_due()
    assert read_members(store_id, Connections(app_of_shopify)) == 1
    assert store_id not in segments_due()


def test_a_woocommerce_store_does_not_see_the_choice(
    sign_in: SignIn, make_store: MakeStore
) -> None:
    browser = sign_in(make_store(platform="woocommerce"))

    page = browser.get("/segments", base_url=PUBLIC, headers=PAGE)

    assert "Read one from the shop" not in page.text
    assert browser.get("/segments/shop", base_url=PUBLIC, headers=PAGE).status_code == 404


def test_a_shop_that_does_not_answer_is_a_sentence(sign_in: SignIn, store_id: UUID) -> None:
    page = sign_in(store_id).get("/segments/shop", base_url=PUBLIC, headers=PAGE)

    assert page.status_code == 200 and "is not connected" in page.text
    assert "has no segments" not in page.text, "nobody could be asked"
