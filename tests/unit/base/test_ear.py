"""The listener of the whole suite hears what it should, and only that."""

import pytest
import structlog

from app import logs
from tests.ear import Ear, addresses_in


@pytest.mark.parametrize(
    "said",
    [
        "to ana@example.com",
        "GET /people?email=ana.b%2Bx%40example.co.uk",
        '"phone": "+393471234567"',
        "whatsapp:+393471234567",
        "To=%2B393471234567&x",
    ],
)
def test_an_address_or_a_number_is_heard(said: str) -> None:
    assert len(addresses_in(said)) == 1


@pytest.mark.parametrize(
    "said",
    [
        "2026-03-02T09:00:00.123456+00:00",
        "postgresql://comeback_app@127.0.0.1:5432/postgres",
        "019cadc6-9a80-7000-802e-f41c2b16dcc4",
        "1_000+23456789",
    ],
)
def test_times_and_places_are_not(said: str) -> None:
    assert addresses_in(said) == []


def test_what_is_logged_is_heard_at_its_lowest_level() -> None:
    ear = Ear()
    logs.configure("DEBUG", ear)

    structlog.get_logger().debug("a_slip", about="ana@example.com")

    assert addresses_in(ear.getvalue()) == ["ana@example.com"]
