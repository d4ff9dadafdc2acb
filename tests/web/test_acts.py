"""The door by which a shop's own software tells what else a person did."""

import json
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.config import Config
from app.flows.calls import sign
from app.inbox import process_waiting
from app.models import Customer, WebhookStatus
from app.stores.lasting import secret_for
from app.tenancy import store_transaction
from tests.conftest import Clock, MakeStore
from tests.web.conftest import PAGE, PUBLIC, SignIn
from tests.web.test_bad_input import SHOP, deliver, kept
from tests.web.test_recipient import acts

ACT: dict[str, Any] = {
    "name": "demo_requested",
    "id": "crm-1",
    "at": "2026-03-02T08:59:00Z",
    "person": {"email": "ana@example.com"},
    "values": {"value": "Tuesday"},
}


class Software:
    """A program of the shop that knows its secret."""

    def __init__(self, client: FlaskClient, store_id: UUID, config: Config, clock: Clock) -> None:
        self.client, self.store_id, self.clock = client, store_id, clock
        self.secret = secret_for(config.keys, store_id, "acts")

    def tells(self, *told: dict[str, Any], to: object = None, off: float = 0) -> int:
        body = json.dumps({"acts": told}).encode()
        at = self.clock()
        signature = sign(self.secret, body, at.fromtimestamp(at.timestamp() + off, at.tzinfo))
        reply = self.client.post(
            f"/webhooks/acts/{to or self.store_id}",
            data=body,
            headers={"Comeback-Signature": signature},
            base_url=PUBLIC,
        )
        return reply.status_code


@pytest.fixture
def crm(client: FlaskClient, store_id: UUID, config: Config, clock: Clock) -> Software:
    return Software(client, store_id, config, clock)


@pytest.mark.requirement(12, 15)
def test_an_act_is_kept_once_and_stands_on_the_person_s_page(
    crm: Software, config: Config, sign_in: SignIn
) -> None:
    assert [crm.tells(ACT), crm.tells(ACT)] == [200, 200]
    process_waiting(crm.store_id, config)
    crm.tells({**ACT, "values": {"value": "Monday"}})
    process_waiting(crm.store_id, config)

    assert acts(crm.store_id) == [("demo_requested", "Tuesday")]
    assert {row.status for row in kept(crm.store_id)} == {WebhookStatus.APPLIED}
    with store_transaction(crm.store_id) as session:
        person = session.query(Customer).one().customer_id
    page = sign_in(crm.store_id).get(f"/people/{person}", base_url=PUBLIC, headers=PAGE).text
    assert "Asked for a demo" in page
    assert "Tuesday" in page


@pytest.mark.parametrize(("off", "answer"), [(-300, 200), (-301, 401), (300, 200), (301, 401)])
def test_what_was_signed_more_than_five_minutes_off_is_refused(
    crm: Software, off: float, answer: int
) -> None:
    assert crm.tells(ACT, off=off) == answer
    assert len(kept(crm.store_id)) == (answer == 200)


def test_another_secret_opens_nothing(crm: Software, config: Config, make_store: MakeStore) -> None:
    for secret in (
        secret_for(config.keys, crm.store_id, "calls"),
        secret_for(config.keys, make_store(), "acts"),
        "",
    ):
        crm.secret = secret
        assert crm.tells(ACT) == 401
    assert kept(crm.store_id) == []


@pytest.mark.parametrize("name", ["not-an-id", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_store_is_a_404(crm: Software, name: str) -> None:
    assert crm.tells(ACT, to=name) == 404


def test_one_bad_act_is_named_and_its_webhook_kept_as_failed(
    crm: Software, config: Config, sign_in: SignIn
) -> None:
    assert crm.tells(ACT, {**ACT, "id": "2", "name": "link_clicked"}) == 200
    process_waiting(crm.store_id, config)

    (webhook,) = kept(crm.store_id)
    assert webhook.status == WebhookStatus.FAILED
    assert (webhook.error or "").startswith("acts[1].name: link_clicked")
    assert acts(crm.store_id) == []
    assert "acts[1].name" in sign_in(crm.store_id).get("/", base_url=PUBLIC, headers=PAGE).text


def test_a_shop_s_topic_which_nobody_signs_is_not_taken_for_acts(
    client: FlaskClient, make_store: MakeStore
) -> None:
    store_id = make_store(domain=SHOP)

    body = json.dumps({"acts": [ACT]}).encode()

    assert deliver(client, body, **{"X-Shopify-Topic": "comeback/acts"}) == 401
    assert kept(store_id) == []
