"""What we send has the shape of Klaviyo's own OpenAPI document, and says so when it cannot look."""

import gzip
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.channels import ChannelName
from app.channels.klaviyo import FlowWish, Klaviyo, KlaviyoPush, KlaviyoSetup
from app.channels.klaviyo.oauth import SCOPES
from app.events import Person
from app.sandbox.klaviyo import Account, KlaviyoWorld
from tests.conftest import START
from tests.contract.klaviyo.conftest import CREDENTIALS, MakeMessage

README = Path(__file__).parents[3] / "README.md"
DOCUMENT = Path(__file__).parents[4] / "shared" / "specs" / "klaviyo_2026-07-15.json.gz"

TYPES = {"string": str, "object": dict, "array": list, "boolean": bool, "integer": int}


@cache
def document() -> dict[str, Any]:
    if not DOCUMENT.exists():
        pytest.skip(f"LOOK: no OpenAPI document at {DOCUMENT}; the shapes are not checked")
    content: dict[str, Any] = json.loads(gzip.decompress(DOCUMENT.read_bytes()))
    return content


def problems(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    """Missing, unknown and mistyped parts of `value`; of alternatives, the best one's."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            tried = [problems(value, option, at) for option in schema[choice]]
            return min(tried, key=len)
    if value is None:
        return [] if schema.get("nullable") else [f"{at} is null"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at} is {value!r}"]
    if not isinstance(value, TYPES.get(schema.get("type", ""), object)):
        return [f"{at} is a {type(value).__name__}"]
    return inner_problems(value, schema, at)


def inner_problems(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    if isinstance(value, list):
        return [p for item in value for p in problems(item, schema.get("items", {}), f"{at}[]")]
    if isinstance(value, dict) and schema.get("properties"):
        return object_problems(value, schema, at)
    return []


def object_problems(value: dict[str, Any], schema: dict[str, Any], at: str) -> list[str]:
    known = schema["properties"]
    missing = [
        f"{at}.{name} is missing" for name in schema.get("required", []) if name not in value
    ]
    unknown = [f"{at}.{name} is unknown" for name in value if name not in known]
    inside = [
        p
        for name in value
        if name in known
        for p in problems(value[name], known[name], f"{at}.{name}")
    ]
    return missing + unknown + inside


def test_every_request_we_make_fits_klaviyo_s_document(
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
    seen, needed = set(), set()
    for request in world.journal:
        path = re.sub(r"^(/api/(?:flows|webhooks)/).+", r"\1{id}", request.path)
        operation = document()["paths"][path][request.method.lower()]
        seen.add(operation["operationId"])
        needed.update(operation["x-klaviyo-scopes"])
        named = {parameter["name"] for parameter in operation["parameters"]}
        found += [f"{path}?{name} is unknown" for name in request.query if name not in named]
        if request.body is not None:
            schema = operation["requestBody"]["content"]["application/vnd.api+json"]["schema"]
            found += problems(request.body, schema, f"{request.method} {path}")
        assert request.headers["revision"] == "2026-10-15"

    assert found == []
    assert needed <= set(SCOPES.split())
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
        "request_profile_deletion",
        "get_webhooks",
        "get_webhook_topics",
        "create_webhook",
        "update_webhook",
    }


def test_the_check_of_shapes_finds_what_is_wrong() -> None:
    operation = document()["paths"]["/api/events"]["post"]
    schema = operation["requestBody"]["content"]["application/vnd.api+json"]["schema"]

    found = problems({"data": {"type": "evnt", "attributes": {"nmae": 1}}}, schema, "body")

    assert "body.data.type is 'evnt'" in found
    assert "body.data.attributes.nmae is unknown" in found
    assert "body.data.attributes.metric is missing" in found
