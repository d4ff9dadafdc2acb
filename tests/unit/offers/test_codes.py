"""Codes people read from a phone and type: clear, unguessable, marked with their shop."""

import pytest

from app.offers.budget import estimate
from app.offers.codes import ALPHABET, canonical, new_code, prefix
from app.stores.settings import OfferBudget


def test_a_code_has_no_sign_that_looks_like_another() -> None:
    assert set(ALPHABET).isdisjoint("0O1IL5S2ZAEU")


def test_codes_differ() -> None:
    assert len({new_code("Erbe Buone") for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Erbe Buone", "ERBEBU"), ("Café Ñandú", "CAFENA"), ("日本", "GIFT"), ("A&B", "AB")],
)
def test_a_code_begins_with_the_shops_name_in_plain_letters(name: str, expected: str) -> None:
    assert prefix(name) == expected
    assert new_code(name).startswith(f"{expected}-")


def test_case_and_blanks_do_not_make_another_code() -> None:
    assert canonical(" erbebu-wx34 ") == "ERBEBU-WX34"


def test_a_percentage_is_estimated_on_an_assumed_order() -> None:
    assert estimate(15, None, OfferBudget(assumed_order_minor=6_000)) == 900


def test_an_amount_costs_itself_and_free_shipping_nothing_we_know() -> None:
    assert estimate(None, 500, OfferBudget()) == 500
    assert estimate(None, None, OfferBudget()) == 0
