"""Bodies of the wrong shape: refused by the name of the field, and nothing worse."""

import json

import pytest

from app.errors import MalformedPayload
from tests.unit.platforms.woocommerce_bodies import changed, facts, only_order


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "JSON"),
        (b"[1]", "object"),
        (b"[" * 100_000, "JSON"),
        (b"\xff\xfe", "JSON"),
        (changed("order_processing", id=None), "id"),
        (changed("order_processing", status=""), "status"),
        (changed("order_processing", currency=None), "currency"),
        (changed("order_processing", currency="BTCX"), "BTCX"),
        (changed("order_processing", total="12,50"), "total"),
        (changed("order_processing", total="NaN"), "total"),
        (changed("order_processing", total=None), "total"),
        (changed("order_processing", line_items=[{"quantity": "1e99"}]), "quantity"),
        (changed("order_processing", line_items=[{"quantity": "two"}]), "quantity"),
        (changed("order_processing", line_items="none"), "line_items"),
        (changed("order_processing", refunds=[1]), "refunds"),
        (changed("order_processing", date_created_gmt="yesterday"), "date_created_gmt"),
        (changed("order_processing", meta_data={"a": 1}), "meta_data"),
    ],
)
def test_a_body_of_the_wrong_shape_names_its_field(body: bytes, field: str) -> None:
    with pytest.raises(MalformedPayload, match=field):
        facts("order.updated", body)


@pytest.mark.parametrize(
    ("arg", "field"),
    [
        ([], "arg"),
        ({"currency": "EUR", "items": []}, "session"),
        ({"session": "s", "items": []}, "currency"),
        ({"session": "s", "currency": "EUR"}, "items"),
    ],
)
def test_a_snapshot_of_the_wrong_shape_names_its_field(arg: object, field: str) -> None:
    body = json.dumps({"action": "wc_comeback_cart", "arg": arg}).encode()
    with pytest.raises(MalformedPayload, match=field):
        facts("action.wc_comeback_cart", body)


def test_text_that_no_database_row_can_hold_is_cleaned() -> None:
    body = changed(
        "order_processing", billing={"first_name": "A\x00na\ud800", "email": "a@b.example"}
    )
    assert only_order(body).person.first_name == "Ana"
