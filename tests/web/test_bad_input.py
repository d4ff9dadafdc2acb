"""Bad input at the doors of shops: a clear error each time, and nothing lost."""

import base64
import hmac
import json
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from app import db
from app.config import Config
from app.inbox import process_waiting
from app.models import Webhook, WebhookStatus
from app.tenancy import store_transaction
from tests.conftest import Machine, MakeStore
from tests.web.conftest import PAGE, PUBLIC, SignIn, post
from tests.web.rows import fill
from tests.web.whole import whole_app

SHOP = "bad-input.myshopify.com"
TOO_LARGE = b"x" * (5 * 1024 * 1024)


@pytest.fixture
def store(make_store: MakeStore) -> UUID:
    return make_store(domain=SHOP, url=f"https://{SHOP}")


def deliver(
    client: FlaskClient,
    body: bytes,
    *,
    key: str = "hook-1",
    secret: str = "test-secret",
    **headers: str,
) -> int:
    digest = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    sent = {
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Hmac-Sha256": digest,
        "X-Shopify-Webhook-Id": key,
        **headers,
    }
    return client.post("/webhooks/shopify", data=body, headers=sent, base_url=PUBLIC).status_code


def kept(store_id: UUID) -> list[Webhook]:
    with store_transaction(store_id) as session:
        return list(session.query(Webhook).filter_by(store_id=store_id))


def test_a_signed_webhook_is_kept_once(client: FlaskClient, store: UUID) -> None:
    assert [deliver(client, b'{"id": 1}') for _ in range(3)] == [200, 200, 200]
    assert len(kept(store)) == 1


def test_a_wrong_or_empty_signature_is_a_401(client: FlaskClient, store: UUID) -> None:
    assert deliver(client, b"{}", secret="wrong") == 401
    assert deliver(client, b"{}", **{"X-Shopify-Hmac-Sha256": ""}) == 401
    assert kept(store) == []


def test_an_app_without_a_secret_believes_nobody(
    config: Config, store: UUID, database: Machine
) -> None:
    app = whole_app(Config(**{**config.model_dump(), "shopify_api_secret": ""}))

    assert deliver(app.test_client(), b"{}", secret="") == 401
    assert kept(store) == []


def test_an_unknown_store_is_a_404(client: FlaskClient, store: UUID) -> None:
    assert deliver(client, b"{}", **{"X-Shopify-Shop-Domain": "nobody.myshopify.com"}) == 404
    for name in ("not-an-id", "00000000-0000-4000-8000-000000000000", str(store)):
        reply = client.post(f"/webhooks/woocommerce/{name}", data=b"{}", base_url=PUBLIC)
        assert reply.status_code == 404


def test_a_body_of_five_megabytes_is_a_413(client: FlaskClient, store: UUID) -> None:
    assert deliver(client, TOO_LARGE) == 413
    assert kept(store) == []


def test_truncated_json_is_kept_shown_as_failed_and_can_be_tried_again(
    client: FlaskClient, store: UUID, config: Config, sign_in: SignIn
) -> None:
    assert deliver(client, b'{"id": 820982911946154508, "line_items": [') == 200
    process_waiting(store, config)
    (webhook,) = kept(store)
    assert webhook.status == WebhookStatus.FAILED
    browser = sign_in(store)

    page = browser.get("/", base_url=PUBLIC, headers=PAGE).text
    assert "orders/create" in page
    assert webhook.error is not None and webhook.error[:20] in page.replace("&#39;", "'")

    post(browser, f"/webhooks/{webhook.webhook_id}/retry", {})
    assert kept(store)[0].status == WebhookStatus.WAITING


def test_a_payload_with_missing_fields_is_kept_and_names_the_field(
    client: FlaskClient, store: UUID, config: Config
) -> None:
    assert deliver(client, json.dumps({"id": 1}).encode()) == 200
    process_waiting(store, config)

    (webhook,) = kept(store)
    assert webhook.status == WebhookStatus.FAILED
    assert webhook.body == b'{"id": 1}'
    assert webhook.error


def test_a_database_that_is_down_is_a_503_so_that_the_shop_sends_again(
    client: FlaskClient, store: UUID, database: Machine
) -> None:
    db.connect("postgresql://nobody@127.0.0.1:1/none")
    try:
        assert deliver(client, b'{"id": 1}') == 503
        assert client.get("/readyz", base_url=PUBLIC).status_code == 503
        assert client.get("/healthz", base_url=PUBLIC).status_code == 200
        page = client.get("/l/AAAAAAAA", base_url=PUBLIC, headers=PAGE)
        assert "Traceback" not in page.text
    finally:
        db.connect(database.app_url)

    assert deliver(client, b'{"id": 1}') == 200
    assert len(kept(store)) == 1
    assert client.get("/readyz", base_url=PUBLIC).json == {"database": True, "queue": True}


def test_a_webhook_kept_before_the_lost_answer_is_not_kept_twice(
    client: FlaskClient, store: UUID
) -> None:
    deliver(client, b'{"id": 1}', key="hook-1")
    deliver(client, b'{"id": 1}', key="hook-1")
    deliver(client, b'{"id": 1}', key="hook-2")

    assert sorted(row.webhook_key for row in kept(store)) == ["hook-1", "hook-2"]


def test_a_flow_file_with_a_mistake_names_the_line_and_keeps_nothing(
    sign_in: SignIn, store: UUID
) -> None:
    source = "flow: broken\nname: {en: Broken}\npurpose: cart\nsurprise: yes\nsteps: []\n"
    page = post(sign_in(store), "/flows/new", {"source": source})

    assert page.status_code == 422
    assert "Line 4" in page.text
    assert 'id="line-4" class=wrong' in page.text
    assert "flow: broken" in page.text  # What was typed is not lost.


@pytest.mark.parametrize("address", ["/activity?flow=%00", "/people?q=a%00b"])
def test_what_no_row_can_hold_is_a_sentence(sign_in: SignIn, store: UUID, address: str) -> None:
    reply = sign_in(store).get(address, base_url=PUBLIC, headers={"Accept": "application/json"})

    assert (reply.status_code, "cannot be kept" in reply.text) == (400, True)


def test_what_could_not_be_kept_is_in_the_log_by_its_place(sign_in: SignIn, store: UUID) -> None:
    browser = sign_in(store)

    with capture_logs() as told:
        reply = browser.get("/people?q=a%00b", base_url=PUBLIC)

    lines = [line for line in told if line["event"] == "cannot_be_kept"]
    assert (reply.status_code, [line["door"] for line in lines]) == (400, ["/people"])


@pytest.mark.parametrize("form", [{"days": "²"}, {"count": "many"}, {"count": "9" * 5_000}])
def test_a_number_that_is_none_activates_nothing(
    sign_in: SignIn, store: UUID, form: dict[str, object]
) -> None:
    fill(store)

    assert post(sign_in(store), "/flows/abandoned-cart/activate", form).status_code == 400
