"""An old dump is restored, and nobody gets again what went out since it was made."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.inbox.restored import come_back
from app.stores.connections import Connections
from app.stores.install import connect
from tests.conftest import Machine
from tests.integration.operations.restoring import dump_of, restored
from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.stage import Stage, StageClock


def lives(clock: StageClock, moment: str, *, hours: int) -> None:
    """Nothing is due between; from then on the time is lived through."""
    clock.travel(datetime.fromisoformat(f"{moment}+00:00"))
    clock.advance(hours=hours)


@pytest.mark.requirement(129)
def test_after_an_old_dump_nothing_goes_out_twice_and_what_was_to_come_still_comes(
    stage: Stage, database: Machine, clock: StageClock, tmp_path: Path
) -> None:
    email, texts, shop = Mailboxes(stage), Phones(stage), ShopifyStoryShop(stage)
    old = shop.signs_up(someone("old", agrees=("email",)))
    shop.buys(old, at=clock() - timedelta(days=60) + timedelta(hours=8))
    shop.joins()
    shop.runs("abandoned-cart", "reactivation-60")
    ana = shop.signs_up(someone("ana", phone="+393471234567", agrees=("email", "sms")))
    dan = shop.signs_up(someone("dan", agrees=("email",)))
    for who in (ana, dan):
        shop.cart(who, "Timo")
    clock.advance(hours=2)
    since, dump = clock(), dump_of(database, tmp_path / "comeback.dump")

    bea = shop.signs_up(someone("bea", agrees=("email",)))
    shop.cart(bea, "Miele")
    clock.advance(hours=2)
    lives(clock, "2026-03-02T17:30", hours=1)
    lives(clock, "2026-03-03T10:00", hours=4)
    email.unsubscribe(email.to(dan)[-1])
    lives(clock, "2026-03-04T10:30", hours=4)
    before = [len(email.to(who)) for who in (ana, bea, dan, old)]
    assert before == [2, 2, 2, 1]
    assert len(texts.to(ana)) == 1

    with restored(database, dump):
        asked = come_back(shop.store_id, Connections(stage.config), since)
        assert "Open the app" in (asked.lost_shop or "")  # Its tokens were renewed since.
        connect(stage.config, shop.newcomer())
        again = come_back(shop.store_id, Connections(stage.config), since)
        assert (again.books, again.lost_shop) == (asked.books, None)
        shop.cart(bea, "Miele")
        clock.advance(hours=3)
        lives(clock, "2026-03-05T10:00", hours=4)
        lives(clock, "2026-03-06T10:00", hours=3)

        for who in (ana, bea, dan, old):
            assert max(Counter(email.subjects(who)).values()) == 1
        assert len(texts.to(ana)) == 2
        assert len(email.to(dan)) == 2
