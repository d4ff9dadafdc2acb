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
