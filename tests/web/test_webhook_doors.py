"""The doors of shops stand in front of Flask and keep its manners."""

import base64
import hmac
from io import BytesIO
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import db
from app.models import Webhook
from app.tenancy import store_transaction
from tests.conftest import Machine, MakeStore
from tests.web.conftest import PUBLIC

SHOP = "doors.myshopify.com"
BODY = b'{"id": 7}'
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def store(make_store: MakeStore) -> UUID:
    return make_store(domain=SHOP, url=f"https://{SHOP}")


def signed(body: bytes, prefix: str = "X-Shopify") -> dict[str, str]:
    digest = base64.b64encode(hmac.digest(b"test-secret", body, "sha256")).decode()
    return {
        f"{prefix}-Shop-Domain": SHOP,
        f"{prefix}-Topic": "orders/create",
        f"{prefix}-Hmac-Sha256": digest,
        f"{prefix}-Webhook-Id": "one",
    }


def kept(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return session.scalar(select(func.count()).select_from(Webhook)) or 0


@pytest.mark.parametrize("prefix", ["X-Shopify", "Shopify"])
def test_both_families_of_shopifys_headers_open_the_door(
    client: FlaskClient, store: UUID, prefix: str
) -> None:
    reply = client.post(
        "/webhooks/shopify", data=BODY, headers=signed(BODY, prefix), base_url=PUBLIC
    )

    assert (reply.status_code, reply.data) == (200, b"")
    assert kept(store) == 1


@pytest.mark.parametrize(
    "path",
    ["/webhooks/shopify", *(f"/webhooks/{name}/{NOBODY}" for name in ("woocommerce", "acts"))],
)
def test_a_door_of_shops_is_only_for_posting(client: FlaskClient, path: str) -> None:
    reply = client.get(path, base_url=PUBLIC)

    assert reply.status_code == 405
    assert reply.headers["Allow"] == "POST"


def test_a_body_that_does_not_tell_its_length_is_refused_once_it_is_too_long(
    client: FlaskClient, store: UUID
) -> None:
    endless = BytesIO(b"x" * 3 * 1024 * 1024)

    reply = client.post(
        "/webhooks/shopify",
        input_stream=endless,
        headers=signed(BODY),
        base_url=PUBLIC,
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert reply.status_code == 413
    assert kept(store) == 0


def test_a_refusal_says_in_json_what_is_wrong_and_is_kept_by_no_cache(
    client: FlaskClient, store: UUID
) -> None:
    headers = signed(BODY) | {"X-Shopify-Hmac-Sha256": "bm8="}

    reply = client.post("/webhooks/shopify", data=BODY, headers=headers, base_url=PUBLIC)

    assert reply.status_code == 401
    assert b'"error": "The signature' in reply.data
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_database_that_is_down_says_when_to_come_again(
    client: FlaskClient, store: UUID, database: Machine
) -> None:
    db.connect("postgresql://nobody@127.0.0.1:1/none")
    try:
        reply = client.post("/webhooks/shopify", data=BODY, headers=signed(BODY), base_url=PUBLIC)
    finally:
        db.connect(database.app_url)

    assert reply.status_code == 503
    assert reply.headers["Retry-After"] == "5"
    assert b"Traceback" not in reply.data
