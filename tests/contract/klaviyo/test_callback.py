"""System webhooks: believed only when signed, fresh and of one name."""

import json

import pytest

from app.channels import CallbackRequest, Inbound, Receipt, ReceiptStatus
from app.channels.klaviyo import Klaviyo, KlaviyoCredentials
from app.errors import BadSignature, MalformedPayload
from app.sandbox.klaviyo import Account, KlaviyoWorld, SignedCallback, sign
from tests.conftest import Clock
from tests.contract.klaviyo.conftest import CREDENTIALS, KEY

URL = "https://comeback.example/callbacks/klaviyo/x"


def request_of(signed: SignedCallback, **headers: str) -> CallbackRequest:
    return CallbackRequest(
        url=URL, headers={**signed.headers, **headers}, form={}, body=signed.body
    )


def receipts(found: list[Receipt | Inbound]) -> list[Receipt]:
    return [receipt for receipt in found if isinstance(receipt, Receipt)]


@pytest.fixture
def klaviyo(world: KlaviyoWorld, account: Account) -> Klaviyo:
    """One that knows which flow is ours."""
    return Klaviyo(CREDENTIALS, world.url, flows={"F1"})


@pytest.fixture
def signed(world: KlaviyoWorld, account: Account, clock: Clock) -> SignedCallback:
    """A delivery with an arrival, an open and an opt-out of Ana."""
    ana = account.profile({"email": "ana@example.com"})
    account.report("Received Email", ana, {"$flow": "F1"})
    account.report("Opened Email", ana, {"$flow": "F1"})
    account.opt_out(ana)
    return world.signed_callback(account, secret="new-secret")


def test_a_good_callback_gives_receipts_and_skips_opens(
    klaviyo: Klaviyo, signed: SignedCallback
) -> None:
    found = receipts(klaviyo.read_callback(request_of(signed)))

    assert [(r.status, r.address) for r in found] == [
        (ReceiptStatus.DELIVERED, "ana@example.com"),
        (ReceiptStatus.UNSUBSCRIBED, "ana@example.com"),
    ]


def test_until_our_flows_are_known_a_callback_tells_only_of_people(
    world: KlaviyoWorld, signed: SignedCallback
) -> None:
    stranger = Klaviyo(CREDENTIALS, world.url)

    found = receipts(stranger.read_callback(request_of(signed)))

    assert [receipt.status for receipt in found] == [ReceiptStatus.UNSUBSCRIBED]


def test_a_callback_and_a_poll_tell_the_same_thing_under_one_key(
    klaviyo: Klaviyo, signed: SignedCallback
) -> None:
    pushed = receipts(klaviyo.read_callback(request_of(signed)))
    page = klaviyo.poll(None)

    assert page is not None
    assert {r.receipt_key for r in pushed} == {r.receipt_key for r in page.receipts}


def test_a_replayed_callback_gives_the_same_keys(klaviyo: Klaviyo, signed: SignedCallback) -> None:
    first = klaviyo.read_callback(request_of(signed))

    assert klaviyo.read_callback(request_of(signed)) == first


def test_the_previous_secret_still_opens(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, signed: SignedCallback
) -> None:
    older = world.signed_callback(account, secret="old-secret")

    assert len(klaviyo.read_callback(request_of(older))) == 2


def test_a_callback_without_a_true_signature_is_refused(
    klaviyo: Klaviyo, signed: SignedCallback
) -> None:
    altered = SignedCallback(headers=signed.headers, body=signed.body + b" ")
    wrong_time = request_of(signed, **{"klaviyo-timestamp": "Mon, 02 Mar 2026 09:00:01 GMT"})

    for request in (
        request_of(altered),
        wrong_time,
        request_of(signed, **{"klaviyo-signature": ""}),
        request_of(signed, **{"klaviyo-signature": "é"}),
        CallbackRequest(url=URL, headers={}, form={}, body=signed.body),
    ):
        with pytest.raises(BadSignature):
            klaviyo.read_callback(request)


def test_without_a_secret_nothing_is_believed(world: KlaviyoWorld, account: Account) -> None:
    forged = world.signed_callback(account, secret="x")

    for secrets in ((), ("",)):
        credentials = KlaviyoCredentials(private_key=KEY, webhook_secrets=secrets)
        with pytest.raises(BadSignature):
            Klaviyo(credentials, world.url).read_callback(request_of(forged))


def test_a_stale_callback_is_refused_by_the_time_signed_in_its_body(
    klaviyo: Klaviyo, signed: SignedCallback, clock: Clock
) -> None:
    clock.advance(minutes=61)

    with pytest.raises(BadSignature, match="too old"):
        klaviyo.read_callback(request_of(signed))


def test_a_callback_that_names_two_webhooks_is_refused(
    klaviyo: Klaviyo, signed: SignedCallback
) -> None:
    with pytest.raises(BadSignature, match="two different webhooks"):
        klaviyo.read_callback(request_of(signed, **{"klaviyo-webhook-id": "wh_other"}))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"data": [], "meta": {}}', b"null"],
)
def test_a_signed_body_of_another_shape_is_malformed(klaviyo: Klaviyo, body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        klaviyo.read_callback(request_of(sign(body, "wh_A00001", "new-secret")))


def test_a_thousand_events_in_one_delivery_are_all_read(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo
) -> None:
    ana = account.profile({"email": "ana@example.com"})
    for _ in range(1000):
        account.report("Clicked Email", ana, {"$flow": "F1", "URL": "https://erbe.example/"})

    found = klaviyo.read_callback(request_of(world.signed_callback(account, secret="new-secret")))

    assert len({receipt.receipt_key for receipt in found}) == 1000


def test_an_event_that_names_nobody_is_left_to_the_poll(
    klaviyo: Klaviyo, signed: SignedCallback
) -> None:
    content = json.loads(signed.body)
    for item in content["data"]:
        item["payload"].pop("included")
    bare = sign(json.dumps(content).encode(), "wh_A00001", "new-secret")

    assert klaviyo.read_callback(request_of(bare)) == []
