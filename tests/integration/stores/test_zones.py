"""A time zone that no clock of ours knows: a store keeps its own, and its merchant hears of it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.events import StoreChanged
from app.models import Notice
from app.stores import lifecycle
from app.stores.zones import known_zone
from app.tenancy import store_transaction
from tests.conftest import START


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "../etc/passwd", "UTC+25"])
def test_what_is_no_zone_gives_way_to_the_one_before_or_to_utc(name: str) -> None:
    assert known_zone(name, "Europe/Rome") == "Europe/Rome"
    assert known_zone(name, None) == "UTC"


def test_a_zone_is_taken_as_it_is() -> None:
    assert known_zone("Pacific/Apia", "Europe/Rome") == "Pacific/Apia"


def says(store_id: UUID, zone: str, hours: int) -> tuple[str, list[str]]:
    """The shop tells its zone; the one we reckon in, and what the merchant has been told."""
    fact = StoreChanged(updated_at=START + timedelta(hours=hours), timezone=zone)
    with store_transaction(store_id) as session:
        lifecycle.change(session, fact)
        zones = lifecycle.this_store(session).timezone
        told = session.scalars(select(Notice.title).where(Notice.kind == "zone_unknown"))
        return zones, list(told)


def test_a_shop_that_names_an_unknown_zone_keeps_its_own_and_its_merchant_hears_once(
    store_id: UUID,
) -> None:
    says(store_id, "Europe/Lisbon", 1)

    for hours in (2, 3):
        zone, told = says(store_id, "Mars/Olympus", hours)

    assert zone == "Europe/Lisbon"
    assert len(told) == 1
    assert "Mars/Olympus" in told[0] and "Europe/Lisbon" in told[0]
