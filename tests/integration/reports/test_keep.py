"""Reports are measured once a day, by one worker."""

from uuid import UUID

from app import reports
from app.inbox.reports import measure_reports
from app.tenancy import store_transaction
from tests.conftest import Clock


def ask(store_id: UUID, clock: Clock) -> None:
    with store_transaction(store_id) as session:
        reports.ask(session, clock())


def claim(store_id: UUID, clock: Clock) -> bool:
    with store_transaction(store_id) as session:
        return reports.claim(session, clock())


def test_while_a_worker_is_at_it_nobody_begins_again_until_that_one_is_dead(
    store_id: UUID, clock: Clock
) -> None:
    ask(store_id, clock)
    assert claim(store_id, clock)

    ask(store_id, clock)
    assert not claim(store_id, clock)

    clock.advance(hours=1)
    assert claim(store_id, clock)


def test_it_is_measured_again_when_it_is_asked_for_on_another_day(
    store_id: UUID, clock: Clock
) -> None:
    ask(store_id, clock)
    assert measure_reports(store_id) == 1

    clock.advance(hours=1)
    ask(store_id, clock)
    assert measure_reports(store_id) == 0

    clock.advance(days=1)
    ask(store_id, clock)
    assert measure_reports(store_id) == 1
    with store_transaction(store_id) as session:
        known = reports.kept(session)
        assert known is not None
        assert known[1] == clock()
