"""What we write to Klaviyo, without a network."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.channels import ChannelName, OutgoingMessage
from app.channels.klaviyo import payloads
from app.channels.klaviyo.metrics import quoted
from app.channels.klaviyo.naming import metric_name
from app.events import Person


def message(html: str = "", person: Person | None = None) -> OutgoingMessage:
    return OutgoingMessage(
        message_id=UUID(int=1),
        store_id=UUID(int=2),
        unique_id="journey:step",
        channel=ChannelName.EMAIL,
        to="ana@example.com",
        person=person or Person(email="ana@example.com"),
        flow="cart",
        commercial=True,
        locale="it",
        body="testo",
        subject="Oggetto",
        html=html,
        planned_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


def test_a_metric_is_named_after_its_flow_and_fits_klaviyo() -> None:
    assert metric_name("cart") == "Comeback cart"
    assert len(metric_name("x" * 500)) < 128


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>only a piece</p>", ("", "<p>only a piece</p>")),
        ("<html><head><b/></head><body>x</body></html>", ("<b/>", "x")),
        ("<HTML><HEAD lang='it'>h</HEAD>\n<BODY style='a'>x\ny</BODY></HTML>", ("h", "x\ny")),
        ("<head></head><body>a</body><body>b</body>", ("", "a</body><body>b")),
    ],
)
def test_a_page_is_taken_apart_for_the_template(html: str, expected: tuple[str, str]) -> None:
    assert payloads.split_document(html) == expected


def test_the_text_of_a_mail_is_kept_out_of_segments() -> None:
    attributes = payloads.event_body(message("<p>x</p>"))["data"]["attributes"]

    assert attributes["unique_id"] == "journey:step"
    assert attributes["properties"]["$extra"] == {
        "head_html": "",
        "body_html": "<p>x</p>",
        "body_text": "testo",
    }
    assert set(attributes["properties"]) - {"$extra"} == {
        "subject",
        "preview",
        "message_id",
        "flow",
        "locale",
        "step",
        "store",
    }


def test_the_shop_s_key_names_the_profile_only_when_there_is_one() -> None:
    def profile(person: Person) -> object:
        body = payloads.event_body(message(person=person))
        return body["data"]["attributes"]["profile"]["data"]["attributes"]

    assert profile(Person()) == {"email": "ana@example.com"}
    assert profile(Person(platform_key="7")) == {"email": "ana@example.com", "external_id": "7"}


@pytest.mark.parametrize(("size", "fits"), [(100_000, True), (100_001, False)])
def test_the_limit_is_a_hundred_kilobytes_a_string(size: int, fits: bool) -> None:
    assert (payloads.too_long(message("x" * size)) is None) is fits


def test_an_unknown_value_never_clears_what_klaviyo_has() -> None:
    ana = Person(email="ana@example.com", phone="+393331234567", locale="it")

    assert payloads.profile_body(ana, None)["data"]["attributes"] == {
        "email": "ana@example.com",
        "phone_number": "+393331234567",
    }
    assert payloads.plain_profile_body(ana, None)["data"]["attributes"] == {
        "email": "ana@example.com"
    }


def test_a_filter_s_value_keeps_its_blanks_and_quotes() -> None:
    assert quoted('two "words" \\') == '"two \\"words\\" \\\\"'
