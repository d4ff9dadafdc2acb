"""What is signed is not yet sound: callbacks and webhooks that are right but for a few places are
taken, or refused in a sentence, and never break what reads them."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.config import Config
from app.inbox.process import process_waiting
from app.inbox.receive import Kept, insert_webhooks
from app.models import Webhook, new_id
from app.platforms.acts import TOPIC as ACTS
from app.stores.credentials import Secret
from app.stores.install import save_channel
from app.stores.pushing import keep_secret
from app.tenancy import store_transaction
from tests.conftest import Clock, Machine, MakeStore
from tests.unit.platforms.shopify_bodies import TOPICS
from tests.web.conftest import PUBLIC
from tests.web.mutants import mutants
from tests.web.nasty import texts
from tests.web.rows import fill
from tests.web.searching import searched, unlimited_app
from tests.web.test_callbacks import ACCOUNT, TOKEN, call

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = "of-the-webhook"
SHOP = "officina.myshopify.com"
WOO_TOPICS = {
    "customer": "customer.updated",
    "order_draft": "order.created",
    "order_kwd": "order.updated",
    "order_partly_refunded": "order.updated",
    "order_processing": "order.updated",
    "product": "product.updated",
    "cart_snapshot": "action.wc_comeback_cart",
}
often = searched(25)


@pytest.fixture
def app(config: Config, database: Machine) -> Iterator[Flask]:
    with unlimited_app(config) as built:
        yield built


def test_twilio_may_say_anything_in_any_field(
    client: FlaskClient, store_id: UUID, config: Config
) -> None:
    values = {"account_sid": ACCOUNT, "auth_token": TOKEN, "messaging_service_sid": "MG1"}
    save_channel(config, store_id, Secret(kind="twilio", values=values))
    fill(store_id)
    known = {
        "MessageStatus": st.sampled_from(["sent", "delivered", "failed", "undelivered", "read"]),
        "MessageSid": st.sampled_from(["SM1", "SM2"]),
        "ErrorCode": st.sampled_from(["30003", "30005", "21610", "63016", "x"]),
        "To": st.sampled_from(["+393331234567", "whatsapp:+393331234567"]),
        "From": st.sampled_from(["+393331234567", "whatsapp:+15005550006", "rcs:x"]),
        "Body": st.sampled_from(["STOP", "start", "ciao"]),
        "OptOutType": st.sampled_from(["STOP", "START", "HELP"]),
        "RawDlrDoneDate": st.sampled_from(["2603020900", "9913320000"]),
    }
    forms = st.fixed_dictionaries(
        {}, optional={name: usual | texts for name, usual in known.items()}
    )

    @often
    @given(forms)
    def try_it(form: dict[str, str]) -> None:
        assert call(client, store_id, form) in {204, 400}, form

    try_it()


def klaviyo_callback(clock: Clock, message_id: UUID) -> dict[str, Any]:
    attributes = {
        "datetime": clock().isoformat(),
        "event_properties": {
            "message_id": str(message_id),
            "URL": f"https://shop.example/?message_id={message_id}",
            "$flow": "F1",
            "Bounce Type": "Hard",
        },
    }
    profile = {"data": {"type": "profile", "id": "P1"}}
    event = {"type": "event", "id": "E1", "attributes": attributes}
    person = {"type": "profile", "id": "P1", "attributes": {"email": "ana@example.com"}}
    return {
        "meta": {"klaviyo_webhook_id": "W1", "timestamp": clock().isoformat(), "version": "2"},
        "data": [
            {
                "topic": f"event:klaviyo.{name}",
                "external_id": name,
                "payload": {
                    "data": {**event, "relationships": {"profile": profile}},
                    "included": [person],
                },
            }
            for name in ("clicked_email", "bounced_email", "marked_email_as_spam")
        ],
    }


def test_klaviyo_may_say_anything_in_any_place(
    client: FlaskClient, store_id: UUID, config: Config, clock: Clock
) -> None:
    save_channel(config, store_id, Secret(kind="klaviyo", values={"private_key": "pk"}))
    keep_secret(config, store_id, "given", SECRET)
    filled = fill(store_id)

    @often
    @given(mutants(klaviyo_callback(clock, filled.message)))
    def try_it(document: Any) -> None:
        body, stamp = json.dumps(document).encode(), str(clock().timestamp())
        signature = hmac.new(SECRET.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
        headers = {
            "Klaviyo-Signature": signature,
            "Klaviyo-Timestamp": stamp,
            "Klaviyo-Webhook-Id": "W1",
        }
        path = f"/callbacks/klaviyo/{store_id}"
        reply = client.post(path, data=body, headers=headers, base_url=PUBLIC)
        assert reply.status_code in {200, 400, 401}, reply.text

    try_it()


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        *(("shopify", n) for n in TOPICS),
        *(("woocommerce", n) for n in WOO_TOPICS),
        ("acts", "help_desk"),
    ],
)
def test_a_shop_may_say_anything_in_any_place_and_what_cannot_be_read_names_the_field(
    make_store: MakeStore, config: Config, platform: str, name: str
) -> None:
    store_id = make_store(platform=platform)
    topic = {**TOPICS, **WOO_TOPICS, "help_desk": ACTS}[name]
    document = json.loads((PAYLOADS / platform / f"{name}.json").read_text())

    @often
    @given(st.lists(mutants(document), min_size=1, max_size=8))
    def try_it(told: list[Any]) -> None:
        keys = [str(new_id()) for _ in told]
        insert_webhooks(
            [
                Kept(
                    store_id=store_id,
                    webhook_key=key,
                    topic=topic,
                    body=json.dumps(one).encode(),
                    triggered_at=None,
                )
                for key, one in zip(keys, told, strict=True)
            ]
        )
        while process_waiting(store_id, config):
            pass
        with store_transaction(store_id) as session:
            rows = session.query(Webhook).where(Webhook.webhook_key.in_(keys)).all()
            broke = [row.body for row in rows if "while applying" in (row.error or "")]
            assert {row.status for row in rows} <= {"applied", "ignored", "failed"}
        assert broke == []

    try_it()
