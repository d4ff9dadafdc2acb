"""What a shop's own software may say, and how it is told what it may not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.errors import BadSignature, MalformedPayload
from app.events import CustomerActed
from app.flows.calls import sign
from app.platforms import Delivery, ShopFacts
from app.platforms.acts import TOPIC, Acts
from app.platforms.acts.payload import OURS

SHOP = ShopFacts(currency="EUR", timezone="Europe/Rome", domain="erbe.example")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "name": "demo_requested",
    "id": "1",
    "at": "2026-03-02T09:00:00Z",
    "person": {"email": "ana@example.com"},
}
BODY = (Path(__file__).parents[2] / "payloads" / "acts" / "help_desk.json").read_bytes()


def read(*acts: Any) -> list[CustomerActed]:
    body = json.dumps({"acts": acts}).encode()
    return [f for f in Acts().normalise(TOPIC, body, SHOP, NOW) if isinstance(f, CustomerActed)]


def delivered(signature: str, body: bytes = BODY) -> Delivery:
    return Delivery(headers={"comeback-signature": signature}, body=body)


def test_the_signature_is_the_one_openssl_makes() -> None:
    # Computed apart from our code: printf '1772442000.{}' | openssl dgst -sha256 -hmac secret
    proof = "42da5635361679af8c9d0cb072d39554bce22bc54735a28ffcae11cc5f70fe72"

    verified = Acts().verify(delivered(f"t=1772442000,v1={proof}", b"{}"), ["secret"])

    assert (verified.topic, verified.triggered_at) == (TOPIC, NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["other"]])
def test_an_empty_or_wrong_secret_never_verifies(secrets: list[str]) -> None:
    for secret in ("secret", ""):
        with pytest.raises(BadSignature):
            Acts().verify(delivered(sign(secret, BODY, NOW)), secrets)


@pytest.mark.parametrize(
    "given", ["", "t=1,v1=", "v1=00", "t=x,v1=" + "0" * 64, "t=99999999999,v1=" + "0" * 64]
)
def test_a_changed_byte_another_moment_or_no_header_is_refused(given: str) -> None:
    good = sign("secret", BODY, NOW)
    later = good.replace(f"t={int(NOW.timestamp())}", f"t={int(NOW.timestamp()) + 1}")
    for signature, body in ((given, BODY), (later, BODY), (good, BODY + b" ")):
        with pytest.raises(BadSignature):
            Acts().verify(delivered(signature, body), ["secret"])


def test_acts_are_told_with_their_person_their_moment_and_flat_values() -> None:
    ticket, score = Acts().normalise(TOPIC, BODY, SHOP, NOW)

    assert isinstance(ticket, CustomerActed)
    assert isinstance(score, CustomerActed)
    assert (ticket.name, ticket.event_key) == ("ticket_opened", "act:T-1041")
    assert (ticket.person.email, ticket.person.platform_key) == ("ana@example.com", "7012")
    assert ticket.values == {
        "subject": "Where is my parcel?",
        "urgent": True,
        "waited_hours": 2.5,
    }
    assert score.updated_at == NOW - timedelta(minutes=2)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": "Demo"}, "acts[1].name: give small letters"),
    ({"name": "x" * 62}, "acts[1].name: give small letters"),
    *(
        ({"name": name}, f"acts[1].name: {name} is what Comeback finds out")
        for name in sorted(OURS)
    ),
    ({"id": ""}, "acts[1].id: "),
    ({"id": True}, "acts[1].id: "),
    ({"at": "2026-03-02T09:00:00"}, "acts[1].at: give a moment with its zone"),
    ({"at": "2026-03-02T09:05:01Z"}, "acts[1].at: lies in the future"),
    ({"at": "9999-12-31T23:59:59-12:00"}, "acts[1].at: "),
    ({"person": {}}, "acts[1].person: give email, phone or customer"),
    ({"person": {"mail": "ana@example.com"}}, "acts[1].person: give email, phone or customer"),
    ({"person": {"email": "ana at example"}}, "acts[1].person.email: "),
    ({"person": {"phone": "333 1234567"}}, "acts[1].person.phone: "),
    ({"person": {"customer": None}}, "acts[1].person.customer: "),
    ({"values": {"Plan": 1}}, "acts[1].values: names have"),
    ({"values": {"plan": {"a": 1}}}, "acts[1].values.plan: "),
    ({"values": {"plan": "x" * 501}}, "acts[1].values.plan: "),
    ({"values": {"plan": 10**16}}, "acts[1].values.plan: "),
    ({"values": {f"v{n}": n for n in range(21)}}, "acts[1].values: give an object of 20"),
    ({"name": "score_given", "values": {"value": 11}}, "acts[1].values.value: a score is"),
    ({"properties": {}}, "acts[1].properties: there is no such field"),
]


@pytest.mark.parametrize(("change", "says"), BAD)
def test_what_cannot_be_is_named_by_its_place(change: dict[str, Any], says: str) -> None:
    with pytest.raises(MalformedPayload) as refused:
        read(GOOD, {**GOOD, **change})

    assert str(refused.value).startswith(says)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"acts": []}', b'{"acts": {}}', b'{"acts": [1]}'])
def test_a_body_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        Acts().normalise(TOPIC, body, SHOP, NOW)


def test_a_hundred_acts_are_taken_and_no_more() -> None:
    assert len(read(*[GOOD] * 100)) == 100
    with pytest.raises(MalformedPayload, match="1 to 100 acts"):
        read(*[GOOD] * 101)
