"""What a merchant can choose: read with clear errors, hours that mean what they say."""

import pytest

from app.errors import InvalidInput
from app.stores.settings import read_settings


def test_hours_may_last_until_midnight() -> None:
    settings = read_settings({"quiet_hours": {"opens": "08:00", "closes": "00:00"}})

    assert settings.quiet_hours.span == (480, 1440)


@pytest.mark.parametrize(
    ("opens", "closes"), [("20:00", "10:00"), ("10:00", "10:00"), ("22:00", "02:00")]
)
def test_hours_that_would_never_open_are_refused(opens: str, closes: str) -> None:
    with pytest.raises(InvalidInput, match="closes must be later than opens"):
        read_settings({"quiet_hours": {"opens": opens, "closes": closes}})


@pytest.mark.parametrize("text", ["24:00", "8", "8:00", "noon", ""])
def test_a_time_that_is_none_names_its_field(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings({"quiet_hours": {"opens": text}})

    assert refused.value.field == "settings.quiet_hours.opens"


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings({"quiet_hour": {}})

    assert refused.value.field == "settings.quiet_hour"


@pytest.mark.parametrize(
    "stored",
    [
        {"caps": {"email_per_day": -1}},
        {"caps": {"sms_per_month": 10**9}},
        {"offers": {"month_minor": -1}},
        {"offers": {"assumed_order_minor": -1}},
        {"credit": {"email_days": 0}},
        {"credit": {"whatsapp_days": 1000}},
        {"low_score": 11},
        {"sms_segments_per_second": 0},
        {"sms_segments_per_second": float("inf")},
        {"sms_price_minor": {"IT": -1}},
        {"sms_price_minor": {"IT": "much"}},
        {"sms_price_minor": {"Italy": 7}},
        {"forget_people_after_months": 11},
        {"forget_people_after_months": 121},
        {"forget_people_after_months": "soon"},
    ],
)
def test_a_number_no_shop_can_mean_is_refused_by_name(stored: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings(stored)

    assert refused.value.field.startswith(f"settings.{next(iter(stored))}")


@pytest.mark.parametrize(
    ("given", "kept"), [(7, "7"), ("0.83", "0.83"), ("0,83", "0.83"), (0, "0"), ("70", "70")]
)
def test_a_text_may_cost_less_than_a_cent(given: object, kept: str) -> None:
    assert read_settings({"sms_price_minor": {"US": given}}).sms_price_minor == {"US": kept}


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, None), ("", ""), (" ", ""), (" Ana@Shop.Example.com ", "Ana@shop.example.com")],
)
def test_an_address_for_notices_may_be_the_shops_nobodys_or_ones_own(
    given: str | None, kept: str | None
) -> None:
    assert read_settings({"notify_email": given}).notify_email == kept


def test_what_is_no_address_for_notices_names_its_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings({"notify_email": "ana at the shop"})

    assert refused.value.field == "settings.notify_email"


@pytest.mark.parametrize(
    ("stored", "months"),
    [
        ({}, 36),
        ({"forget_people_after_months": 12}, 12),
        ({"forget_people_after_months": 0}, None),
        ({"forget_people_after_months": None}, None),
    ],
)
def test_people_are_forgotten_after_three_years_unless_the_shop_says_otherwise(
    stored: dict[str, int | None], months: int | None
) -> None:
    assert read_settings(stored).forget_people_after_months == months
