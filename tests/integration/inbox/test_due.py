"""One list of what is due: what the sweep asks for is what the numbers tell, and a little more."""

from uuid import UUID

from app import clock as time
from app.inbox.due import due_work
from app.inbox.lags import Lag, read_standing
from app.stores.troubles import Red, settle
from app.tenancy import store_transaction
from tests.conftest import Clock


def test_a_word_that_the_operator_has_not_heard_is_told_as_late(
    store_id: UUID, clock: Clock
) -> None:
    with store_transaction(store_id) as session:
        settle(session, [Red("shop_broken", "", {})], ["webhook"], clock.moment)
    clock.advance(seconds=40)

    assert Lag("health", "operator_calls", 1, 40.0) in read_standing().lags


def test_a_row_that_waits_and_is_not_due_is_nobody_s_delay(store_id: UUID, clock: Clock) -> None:
    with store_transaction(store_id) as session:
        settle(session, [Red("shop_broken", "", {})], ["webhook"], clock.moment)
    clock.advance(seconds=-40)

    assert Lag("health", "operator_calls", 0, 0.0) in read_standing().lags


def test_all_that_is_swept_for_is_counted(store_id: UUID) -> None:
    swept = {(due.duty, due.since.class_.__tablename__) for due in due_work(time.now())}
    counted = {(lag.duty, lag.work) for lag in read_standing().lags}

    assert swept < counted
