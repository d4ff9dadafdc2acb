"""The scraper's door: shut without a token, and one answer for all processes."""

import socket
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app import jobs, metrics
from app.config import Config
from app.factory import create_app
from app.inbox.process import process_waiting
from app.inbox.readings import Reading, keep_reading
from app.inbox.receive import Kept, insert_webhooks
from app.models import Credential, Notice, PollCursor, Trouble
from app.platforms import Resource
from app.tenancy import store_transaction
from app.web.limits import limiter
from tests.conftest import Clock, Machine
from tests.elsewhen import a_worker_compares

TOKEN = "a-scraper-nobody-can-guess"
ORDER = Path(__file__).parents[1] / "payloads" / "shopify" / "orders_create.json"
WAITED = ("comeback_webhook_seconds_sum", ("applied", "orders/create"))
Numbers = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def scraped(config: Config, database: Machine) -> Flask:
    app = create_app(config.model_copy(update={"metrics_token": TOKEN}))
    limiter.reset()
    metrics.share(jobs.redis())
    return app


def scrape(app: Flask) -> Numbers:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_a_token_in_the_settings_there_is_no_such_door(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}"])
def test_whoever_does_not_show_the_token_reads_nothing(scraped: Flask, shown: str) -> None:
    answer = scraped.test_client().get("/metrics", headers={"Authorization": shown})

    assert answer.status_code == 401
    assert "comeback_" not in answer.text


def test_guessing_the_token_is_counted_and_the_right_one_is_free(scraped: Flask) -> None:
    browser = scraped.test_client()
    guesses = [
        browser.get("/metrics", headers={"Authorization": f"Bearer {n}"}).status_code
        for n in range(31)
    ]

    assert guesses == [401] * 30 + [429]
    limiter.reset()
    assert [scrape(scraped) != {} for _ in range(32)] == [True] * 32


def test_what_is_due_is_told_with_the_age_of_the_oldest(
    scraped: Flask, store_id: UUID, clock: Clock
) -> None:
    insert_webhooks(
        [
            Kept(store_id=store_id, webhook_key=key, topic="t", body=b"{}", triggered_at=None)
            for key in ("one", "two")
        ]
    )
    clock.advance(seconds=40)

    numbers = scrape(scraped)

    assert numbers["comeback_due", ("inbox", "webhooks")] == 2
    assert numbers["comeback_due_oldest_seconds", ("inbox", "webhooks")] == 40
    assert numbers["comeback_due", ("steps", "journeys")] == 0
    assert numbers["comeback_due_oldest_seconds", ("steps", "journeys")] == 0
    assert numbers["comeback_queue_jobs", ("inbox",)] == 1
    assert numbers["comeback_stores", ("active",)] == 1
    assert numbers["comeback_up", ("database",)] == 1


def test_a_connection_that_is_refused_and_a_notice_are_told(
    scraped: Flask, store_id: UUID, clock: Clock
) -> None:
    with store_transaction(store_id) as session:
        broken = {"broken_since": clock.moment, "broken_reason": "refused"}
        session.add(Credential(store_id=store_id, kind="klaviyo", sealed=b"", **broken))
        for key, age in (("new", 1), ("old", 30)):
            told_at = clock.moment - timedelta(hours=age)
            session.add(
                Notice(
                    store_id=store_id,
                    notice_key=key,
                    kind="channel_broken",
                    title="",
                    created_at=told_at,
                )
            )

    numbers = scrape(scraped)

    assert numbers["comeback_broken_credentials", ("klaviyo",)] == 1
    assert numbers["comeback_notices", ("channel_broken",)] == 1


def test_what_another_process_counted_is_in_the_same_answer(scraped: Flask) -> None:
    metrics.SENDS.labels("sms", "accepted").inc()
    before = scrape(scraped)["comeback_sends_total", ("sms", "accepted")]
    field = '["comeback_sends", "_total", {"channel": "sms", "outcome": "accepted"}]'

    jobs.redis().hincrbyfloat("metrics", field, 41.0)
    metrics.SENDS.labels("sms", "accepted").inc()

    assert scrape(scraped)["comeback_sends_total", ("sms", "accepted")] == before + 42


def test_a_histogram_of_several_processes_is_whole_and_in_order(scraped: Flask) -> None:
    with metrics.timed("klaviyo", "poll"):
        pass
    answer = scraped.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    lines = [line for line in answer.text.splitlines() if 'call="poll"' in line]
    buckets = [line.partition('le="')[2].partition('"')[0] for line in lines if "_bucket" in line]

    assert buckets == ["0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "+Inf"]
    assert any(line.startswith("comeback_provider_seconds_sum") for line in lines)


def test_a_queue_that_is_away_is_told_as_away_and_the_rows_are_still_told(
    scraped: Flask, machine: Machine, store_id: UUID
) -> None:
    jobs.connect("redis://127.0.0.1:1/0")
    try:
        numbers = scrape(scraped)
    finally:
        jobs.connect(machine.redis_url)

    assert numbers["comeback_up", ("queue",)] == 0
    assert numbers["comeback_up", ("database",)] == 1
    assert numbers["comeback_stores", ("active",)] == 1
    assert not [name for name, _ in numbers if name.startswith("comeback_sends")]


def test_a_trouble_that_is_not_over_is_told(scraped: Flask, store_id: UUID, clock: Clock) -> None:
    with store_transaction(store_id) as session:
        for subject, ended_at in (("orders", None), ("carts", None), ("old", clock.moment)):
            session.add(
                Trouble(
                    store_id=store_id,
                    code="silence",
                    subject=subject,
                    finding={},
                    ended_at=ended_at,
                )
            )

    assert scrape(scraped)["comeback_troubles", ("silence",)] == 2


def test_how_long_a_webhook_waited_is_told_by_topic_and_a_strange_topic_is_not(
    scraped: Flask, store_id: UUID, config: Config, clock: Clock
) -> None:
    for topic in ("orders/create", "strange/topic"):
        body = ORDER.read_bytes()
        given = Kept(
            store_id=store_id, webhook_key=topic, topic=topic, body=body, triggered_at=None
        )
        insert_webhooks([given])
    before = scrape(scraped).get(WAITED, 0)
    clock.advance(seconds=7)
    assert process_waiting(store_id, config) == 2

    told = scrape(scraped)

    assert told[WAITED] - before == 7
    assert not [labels for _, labels in told if "strange/topic" in labels]


def test_no_number_carries_a_store_or_a_person(scraped: Flask, store_id: UUID) -> None:
    told = scrape(scraped)

    assert told
    assert [labels for _, labels in told if str(store_id) in labels] == []


def test_what_a_shop_did_not_tell_is_counted_by_resource_for_a_day(
    scraped: Flask, store_id: UUID, clock: Clock
) -> None:
    now = clock().isoformat()
    with store_transaction(store_id) as session:
        keep_reading(session, Resource.ORDERS, Reading(since=now, missed=3, missed_at=now))
        keep_reading(session, Resource.CUSTOMERS, Reading(since=now))
        session.add(PollCursor(store_id=store_id, name="rhythm:orders", cursor=""))

    assert scrape(scraped)["comeback_gaps", ("orders",)] == 1
    clock.advance(hours=25)
    assert not [name for name, _ in scrape(scraped) if name == "comeback_gaps"]


def test_how_far_a_machine_s_clock_is_from_the_database_s(
    scraped: Flask, database: Machine
) -> None:
    a_worker_compares(database, ahead=-90)

    ahead = scrape(scraped)["comeback_clock_ahead_seconds", (socket.gethostname(),)]

    assert ahead == pytest.approx(90, abs=2)
