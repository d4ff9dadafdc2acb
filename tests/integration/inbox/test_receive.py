"""Keeping webhooks: once, together, and never answered before the commit."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from psycopg.pq import Format
from sqlalchemy import func, insert, select, text

from app import db, jobs
from app.errors import Unreachable
from app.inbox.receive import Keeper, Kept, insert_webhooks
from app.models import Webhook, new_id
from app.tenancy import platform_transaction, store_transaction
from tests.awaiting import finish
from tests.conftest import START, Machine, MakeStore
from tests.waiting import until

_REST = {"topic": "t", "body": b"{}", "status": "waiting", "received_at": START}
CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'comeback_app'"


def webhook(store_id: UUID, key: str, body: bytes = b"{}") -> Kept:
    return Kept(
        store_id=store_id, webhook_key=key, topic="orders/create", body=body, triggered_at=None
    )


def keep(*webhooks: Kept) -> list[bool | BaseException]:
    """Each as a request of its own, all at once."""

    async def together() -> list[bool | BaseException]:
        keeper = Keeper()
        return await asyncio.gather(*map(keeper.keep, webhooks), return_exceptions=True)

    return finish(together())


def kept(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return session.scalar(select(func.count()).select_from(Webhook)) or 0


def test_a_repeat_is_kept_once(store_id: UUID) -> None:
    assert keep(webhook(store_id, "a")) == [True]
    assert keep(webhook(store_id, "a")) == [False]

    assert kept(store_id) == 1


def test_the_same_key_of_two_stores_is_two_webhooks(make_store: MakeStore) -> None:
    ours, theirs = make_store(), make_store()

    new = insert_webhooks([webhook(ours, "a"), webhook(theirs, "a")])

    assert new == {(ours, "a"), (theirs, "a")}
    assert (kept(ours), kept(theirs)) == (1, 1)


def test_a_crowd_of_requests_is_kept_whole_and_each_once(make_store: MakeStore) -> None:
    stores = [make_store(), make_store()]
    # More than one group holds, each webhook three times.
    calls = [webhook(stores[n % 2], str(n // 2 % 120)) for n in range(720)]

    answers = keep(*calls)

    assert answers.count(True) == 240
    assert answers.count(False) == 480
    assert [kept(store) for store in stores] == [120, 120]


def test_two_processes_that_keep_the_same_repeats_never_wait_in_a_circle(
    store_id: UUID, database: Machine
) -> None:
    repeats = [webhook(store_id, str(n)) for n in range(9)]
    middle = {"store_id": store_id, "webhook_id": new_id(), "webhook_key": "4"}

    with ThreadPoolExecutor(2) as two:
        # A third holds the one in the middle until both have met something to wait for.
        with database.owner.connect() as third:
            third.execute(insert(Webhook).values(**middle, **_REST))
            news = [two.submit(insert_webhooks, each) for each in (repeats, repeats[::-1])]
            until(lambda: _waiting_for_others(database) == 2)
        first, second = (new.result() for new in news)

    assert len(first | second) == 9
    assert first & second == set()


def _waiting_for_others(database: Machine) -> int:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with database.owner.connect() as connection:
        return int(connection.execute(text(asked)).scalar_one())


def test_a_store_that_is_gone_costs_the_others_nothing(store_id: UUID) -> None:
    good = [webhook(store_id, str(n)) for n in range(20)]

    *answers, refused = keep(*good, webhook(new_id(), "x"))

    assert answers == [True] * 20
    assert isinstance(refused, Unreachable)


def test_a_database_that_is_down_promises_nothing(store_id: UUID, database: Machine) -> None:
    db.connect("postgresql://comeback_app@127.0.0.1:1/postgres")

    (refused,) = keep(webhook(store_id, "a"))

    db.connect(database.app_url)
    assert isinstance(refused, Unreachable)
    assert "send it again" in str(refused)
    assert kept(store_id) == 0


def test_a_database_that_takes_too_long_promises_nothing_and_what_it_took_is_known_again(
    store_id: UUID, database: Machine
) -> None:
    keeper = Keeper(patience=0.2)

    async def ask_in_vain() -> None:
        with pytest.raises(Unreachable, match="send it again"):
            await keeper.keep(webhook(store_id, "a"))

    with database.owner.connect() as other:
        other.execute(text("LOCK TABLE webhooks IN EXCLUSIVE MODE"))
        finish(ask_in_vain())

    until(lambda: kept(store_id) == 1)
    assert keep(webhook(store_id, "a")) == [False]


def test_a_line_that_was_cut_while_it_lay_idle_costs_nobody_anything(
    store_id: UUID, database: Machine
) -> None:
    keep(webhook(store_id, "a"))

    with database.owner.connect() as connection:
        connection.execute(text(CUT_ALL))

    assert keep(webhook(store_id, "b")) == [True]
    assert kept(store_id) == 2


def test_a_queue_that_is_down_loses_nothing(store_id: UUID, database: Machine) -> None:
    jobs.connect("redis://127.0.0.1:1/0")

    assert keep(webhook(store_id, "a")) == [True]

    jobs.connect(database.redis_url)
    assert kept(store_id) == 1


def test_a_queue_that_never_answers_holds_nobody_up(store_id: UUID, database: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        jobs.connect(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

        async def one_after_the_other() -> list[bool]:
            keeper = Keeper()
            answers = [await keeper.keep(webhook(store_id, str(n))) for n in range(20)]
            silent.close()
            return answers

        assert finish(one_after_the_other()) == [True] * 20

    jobs.connect(database.redis_url)
    assert kept(store_id) == 20


def test_keeping_nudges_the_store_once_however_many_arrive(store_id: UUID) -> None:
    insert_webhooks([webhook(store_id, str(n)) for n in range(50)])
    insert_webhooks([webhook(store_id, str(n)) for n in range(50, 60)])

    assert jobs.queue("inbox").count == 1


def test_stores_are_nudged_together_and_only_those_for_whom_no_job_waits(
    make_store: MakeStore,
) -> None:
    first, second, third = make_store(), make_store(), make_store()
    jobs.nudge("inbox", second)

    jobs.nudge("inbox", first, second, third)

    waiting = [job.args[1] for job in jobs.queue("inbox").jobs]
    assert sorted(waiting) == sorted(map(str, (first, second, third)))


def test_a_job_that_has_begun_lets_the_next_one_in(store_id: UUID) -> None:
    jobs.nudge("inbox", store_id)
    jobs.begin("inbox", store_id)
    jobs.nudge("inbox", store_id)

    assert jobs.queue("inbox").count == 2


def test_nothing_is_asked_for_when_the_transaction_fails(store_id: UUID) -> None:
    with pytest.raises(ZeroDivisionError), store_transaction(store_id) as session:
        jobs.nudge_after_commit(session, "inbox", store_id)
        raise ZeroDivisionError

    assert jobs.queue("inbox").count == 0


def test_the_body_is_kept_to_the_byte(store_id: UUID) -> None:
    raw = b'{"total":"12.00","note":"caff\xc3\xa8 \\/ \xff"}'

    insert_webhooks([webhook(store_id, "a", raw)])

    with platform_transaction("a test reads") as session:
        assert session.scalars(select(Webhook.body)).one() == raw


def test_a_body_comes_back_byte_for_byte_and_in_binary(store_id: UUID) -> None:
    whole = bytes(range(256))
    insert_webhooks([webhook(store_id, "a", whole)])
    body = select(Webhook.body)

    with store_transaction(store_id) as session:
        line = session.connection()
        found = line.execute(body, execution_options=db.IN_BINARY)
        cursor: Any = found.cursor

        assert cursor.format == Format.BINARY
        assert found.scalar() == line.execute(body).scalar() == whole
