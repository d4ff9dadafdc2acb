"""What we send has the shape that Klaviyo's own SDK describes, and needs the scopes we name."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.channels import ChannelName
from app.channels.klaviyo import FlowWish, Klaviyo, KlaviyoPush, KlaviyoSetup
from app.channels.klaviyo.oauth import KEY_SCOPES, SCOPES
from app.events import Person
from app.sandbox.klaviyo import Account, KlaviyoWorld
from tests.conftest import START
from tests.contract.klaviyo.conftest import CREDENTIALS, MakeMessage
from tests.contract.klaviyo.operations import operation, problems

README = Path(__file__).parents[3] / "README.md"
EVENT = {
    "properties": {},
    "metric": {"data": {"type": "metric", "attributes": {"name": "A"}}},
    "profile": {"data": {"type": "profile", "attributes": {"email": "ana@example.com"}}},
}


def test_every_request_we_make_fits_klaviyo_s_description(
    world: KlaviyoWorld,
    account: Account,
    klaviyo: Klaviyo,
    setup: KlaviyoSetup,
    message: MakeMessage,
) -> None:
    account.metric("Placed Order", "Shopify")
    made = setup.apply([FlowWish(slug="cart")], "test@erbe.example").made
    setup.set_live([str(piece.provider_id) for piece in made if piece.kind == "flow"])
    klaviyo.send(message())
    klaviyo.poll(None)
    klaviyo.test()
    klaviyo.suppress(ChannelName.EMAIL, "ana@example.com")
    klaviyo.suppress(ChannelName.SMS, "+393471234567")
    klaviyo.subscribe(ChannelName.EMAIL, "bo@example.com", START)
    ana = Person(email="ana@example.com", phone="+393471234567", first_name="Ana", country="IT")
    klaviyo.upsert_profile(ana, "ana@example.com")
    klaviyo.upsert_profile(replace(ana, email="ana@work.example"), "ana@example.com")
    klaviyo.erase("ana@example.com")
    account.has_webhooks = True
    push = KlaviyoPush(CREDENTIALS, world.url, name="Comeback x", url="https://x.example/y")
    for _ in range(2):
        push.start(push.look(), "a-secret-of-ours-that-is-long")

    found: list[str] = []
    seen: set[str] = set()
    needed: set[str] = set()
    for request in world.journal:
        asked = operation(request.method, request.path)
        seen.add(asked.name)
        needed.update(asked.scopes)
        found += [f"{asked.name}?{name}" for name in request.query if name not in asked.query]
        if request.body is not None:
            assert asked.body is not None
            found += [f"{asked.name}: {one}" for one in problems(asked.body, request.body)]
        assert request.headers["revision"] == "2026-10-15"

    assert found == []
    assert needed == set(KEY_SCOPES) < set(SCOPES.split())
    assert needed == set(re.findall(r"`([a-z-]+:(?:read|write))`", README.read_text("utf-8")))
    assert seen >= {
        "create_event",
        "get_events",
        "get_metrics",
        "get_accounts",
        "create_template",
        "create_flow",
        "update_flow",
        "bulk_suppress_profiles",
        "bulk_subscribe_profiles",
        "create_or_update_profile",
        "create_data_privacy_deletion_job",
        "get_webhooks",
        "get_webhook_topics",
        "create_webhook",
        "update_webhook",
    }


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"nmae": 1}, "metric"),
        ({**EVENT, "unique_id": 7}, "unique_id"),
        ({**EVENT, "nmae": 1}, "body.data.attributes.nmae is unknown"),
    ],
    ids=["missing", "of the wrong type", "unknown"],
)
def test_the_check_of_shapes_finds_what_is_wrong(attributes: dict[str, Any], said: str) -> None:
    model = operation("POST", "/api/events").body
    assert model is not None

    found = problems(model, {"data": {"type": "event", "attributes": attributes}})

    assert any(said in one for one in found)
