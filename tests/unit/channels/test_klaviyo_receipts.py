"""Klaviyo's events as receipts, without a network."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.channels import Advice, Receipt, ReceiptStatus
from app.channels.klaviyo.receipts import MEANINGS, TOPICS, moment, receipt_of

AT = "2026-03-02 09:00:00+00:00"


def receipt(
    name: str,
    properties: dict[str, object],
    *,
    address: str | None = "ana@example.com",
    flows: Collection[str] | None = None,
) -> Receipt | None:
    event = {"id": "E1", "attributes": {"datetime": AT, "event_properties": properties}}
    return receipt_of(MEANINGS[name], event, address, flows)


def test_every_polled_metric_has_its_webhook_topic() -> None:
    assert {"event:klaviyo.received_email", "event:klaviyo.marked_email_as_spam"} <= set(TOPICS)
    assert len(TOPICS) == len(MEANINGS) + 2
    assert not any("open" in topic for topic in TOPICS)


@pytest.mark.parametrize(
    "text", ["2026-03-02T09:00:00+00:00", AT, "2026-03-02T10:00:00+01:00", "2026-03-02T09:00:00"]
)
def test_times_are_read_in_every_way_klaviyo_writes_them(text: str) -> None:
    assert moment(text) == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_mail_counts_when_its_flow_is_ours() -> None:
    assert receipt("Received Email", {"$flow": "F1"}, flows={"F1"}) is not None
    assert receipt("Received Email", {"$flow": "F2"}, flows={"F1"}) is None
    assert receipt("Received Email", {"$flow": "F2"}, flows=()) is None
    assert receipt("Received Email", {}, flows=None) is None


def test_a_click_on_a_link_that_names_our_message_is_matched_to_it() -> None:
    url = f"https://erbe.example/?utm_source=x&message_id={UUID(int=7)}"

    found = receipt("Clicked Email", {"URL": url}, address=None, flows={"F1"})

    assert found is not None
    assert found.message_id == UUID(int=7)


@pytest.mark.parametrize("url", ["https://erbe.example/?message_id=7", "", "not a url", None])
def test_a_link_that_names_no_message_is_no_match(url: str | None) -> None:
    found = receipt("Clicked Email", {"URL": url, "$flow": "F1"}, flows={"F1"})

    assert found is not None
    assert found.message_id is None


def test_what_names_nobody_is_no_receipt() -> None:
    assert receipt("Unsubscribed from Email Marketing", {}, address=None) is None


@pytest.mark.parametrize("kind", ["Hard", "HardBounce"])
def test_a_hard_bounce_of_any_mail_marks_the_address(kind: str) -> None:
    found = receipt("Bounced Email", {"Bounce Type": kind})

    assert found is not None
    assert (found.status, found.advice) == (ReceiptStatus.BOUNCED, Advice.BAD_ADDRESS)


@pytest.mark.parametrize("kind", ["Soft", None])
def test_a_soft_bounce_is_one_mail_of_ours_lost_and_no_more(kind: str | None) -> None:
    ours = receipt("Bounced Email", {"Bounce Type": kind, "$flow": "F1"}, flows={"F1"})
    other = receipt("Bounced Email", {"Bounce Type": kind, "$flow": "F2"}, flows={"F1"})

    assert ours is not None
    assert (ours.status, ours.advice) == (ReceiptStatus.UNDELIVERED, None)
    assert other is None
