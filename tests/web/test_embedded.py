"""Inside the Shopify admin: id tokens for cookies, the bounce page, one install."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from app.models import Credential, Store
from app.sandbox.shopify import SandboxShop, ShopifyWorld
from app.stores.credentials import mark_broken
from app.tenancy import platform_transaction, store_transaction
from tests.conftest import Clock
from tests.web.conftest import PAGE, PUBLIC


def document(token: str, path: str = "/", **query: str) -> str:
    pairs = {"shop": "officina.myshopify.com", "host": "aG9zdA", "embedded": "1", **query}
    return f"{path}?" + "&".join(f"{k}={v}" for k, v in pairs.items()) + f"&id_token={token}"


def stores() -> list[Store]:
    with platform_transaction("a test counts stores") as session:
        return list(session.query(Store))


def exchanges(world: ShopifyWorld) -> int:
    return sum(path == "/admin/oauth/access_token" for _, _, path in world.requests)


def test_the_first_document_installs_the_shop_and_shows_the_page(
    frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop
) -> None:
    page = frame.get(document(world.id_token(officina)), base_url=PUBLIC, headers=PAGE)

    assert page.status_code == 200
    assert page.text.index("app-bridge.js") < page.text.index("<meta charset")
    assert [store.domain for store in stores()] == ["officina.myshopify.com"]
    assert "Set-Cookie" not in page.headers
    assert "csrf_token" not in page.text
    policy = page.headers["Content-Security-Policy"]
    allowed = "frame-ancestors https://officina.myshopify.com https://admin.shopify.com"
    assert allowed in policy
    assert "X-Frame-Options" not in page.headers


def test_links_inside_the_frame_say_that_they_are(
    frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop
) -> None:
    page = frame.get(document(world.id_token(officina)), base_url=PUBLIC, headers=PAGE)

    assert "/flows?embedded=1&amp;shop=officina.myshopify.com&amp;host=aG9zdA" in page.text
    beside = page.text.partition('<nav class="beside"')[2].partition("</nav>")[0]
    assert "/health?embedded=1&amp;shop=officina.myshopify.com" in beside
    assert "id_token" not in page.text


def test_a_working_pair_is_never_exchanged_again(
    frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop
) -> None:
    for path in ("/", "/flows", "/activity"):
        frame.get(document(world.id_token(officina), path), base_url=PUBLIC, headers=PAGE)

    assert exchanges(world) == 1


def test_a_pair_that_broke_is_replaced_when_the_merchant_opens_the_app(
    frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop
) -> None:
    frame.get(document(world.id_token(officina)), base_url=PUBLIC, headers=PAGE)
    (store,) = stores()
    with store_transaction(store.store_id) as session:
        mark_broken(session, store.store_id, "shop", "Our access has run out.")

    frame.get(document(world.id_token(officina)), base_url=PUBLIC, headers=PAGE)

    assert exchanges(world) == 2
    with store_transaction(store.store_id) as session:
        assert session.get_one(Credential, (store.store_id, "shop")).broken_since is None


def test_a_document_without_a_token_goes_through_the_bounce_page_and_back(
    frame: FlaskClient, officina: SandboxShop
) -> None:
    path = "/flows?shop=officina.myshopify.com&host=aG9zdA&embedded=1"
    reply = frame.get(path, base_url="http://inner.example", headers=PAGE)
    aim = urlsplit(reply.location)

    assert f"{aim.scheme}://{aim.netloc}" == PUBLIC
    assert parse_qs(aim.query)["shopify-reload"] == [path]

    page = frame.get(f"{aim.path}?{aim.query}", base_url=PUBLIC, headers=PAGE)
    assert "app-bridge.js" in page.text
    assert "officina.myshopify.com" in page.headers["Content-Security-Policy"]


def test_an_expired_token_bounces_a_document_and_asks_a_script_to_retry(
    frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop, clock: Clock
) -> None:
    token = world.id_token(officina)
    clock.advance(minutes=5)

    page = frame.get(document(token), base_url=PUBLIC, headers=PAGE)
    script = frame.get(
        "/activity/rows",
        base_url=PUBLIC,
        headers={**PAGE, "Authorization": f"Bearer {token}", "HX-Request": "true"},
    )

    assert page.status_code == 302
    assert "id_token" not in page.location
    assert script.status_code == 401
    assert script.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"
    assert stores() == []


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_a_forged_token_opens_nothing(frame: FlaskClient, token: str, world: object) -> None:
    reply = frame.get(
        "/people", base_url=PUBLIC, headers={**PAGE, "Authorization": f"Bearer {token}"}
    )

    assert reply.status_code in {302, 401}
    assert stores() == []


def test_a_token_for_another_app_opens_nothing(
    frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop
) -> None:
    kept, world.api_key = world.api_key, "another-app"
    token = world.id_token(officina)
    world.api_key = kept

    assert frame.get(document(token), base_url=PUBLIC, headers=PAGE).status_code == 302
    assert stores() == []


def test_a_form_of_the_frame_is_proved_by_its_token(
    frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop
) -> None:
    frame.get(document(world.id_token(officina)), base_url=PUBLIC, headers=PAGE)

    reply = frame.post(
        "/flows/presets/welcome",
        base_url=PUBLIC,
        headers={**PAGE, "Authorization": f"Bearer {world.id_token(officina)}"},
    )

    assert reply.status_code == 302
    assert "/flows/welcome?embedded=1" in reply.location


def test_the_address_says_nothing_about_whose_store_it_is(
    frame: FlaskClient, world: ShopifyWorld, officina: SandboxShop
) -> None:
    other = world.add_shop("altra.myshopify.com", "EUR", "Europe/Rome")
    world.install(other)
    frame.get(document(world.id_token(other)), base_url=PUBLIC, headers=PAGE)

    page = frame.get(
        document(world.id_token(officina), shop="altra.myshopify.com"),
        base_url=PUBLIC,
        headers=PAGE,
    )

    assert "<p>officina.myshopify.com</p>" in page.text
    assert "https://officina.myshopify.com https:" in page.headers["Content-Security-Policy"]


def test_a_bounce_page_for_no_shop_is_refused(frame: FlaskClient) -> None:
    for query in ("", "?shop=evil.example", "?shop=a.myshopify.com&shopify-reload=//evil.example"):
        reply = frame.get(f"/shopify/id-token{query}", base_url=PUBLIC, headers=PAGE)
        assert reply.status_code == 422
