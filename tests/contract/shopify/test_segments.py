"""The segments a shop has of its own, read through the adapter against the sandbox."""

import pytest

from app.platforms import Members, SegmentSeen
from app.platforms.shopify.shop import ShopifyShop
from app.sandbox.shopify import SandboxShop


@pytest.mark.requirement(41)
def test_segments_are_listed_and_their_members_read_page_by_page(
    shop: ShopifyShop, officina: SandboxShop
) -> None:
    people = [officina.add_customer(f"p{number}@example.com") for number in range(501)]
    segment = officina.add_segment("Ship to Italy", people)

    listed = shop.segments()
    first = shop.members(str(segment.key), None)
    assert first is not None
    last = shop.members(str(segment.key), first.cursor)
    assert last is not None

    assert listed == [SegmentSeen(str(segment.key), "Ship to Italy")]
    assert [*first.keys, *last.keys] == [str(person.key) for person in people]
    assert (len(first.keys), last.cursor) == (500, None)
    assert shop.members(str(officina.add_segment("Nobody").key), None) == Members([], None)
    del officina.segments[segment.key]
    assert shop.members(str(segment.key), first.cursor) is None
