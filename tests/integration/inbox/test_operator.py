"""The operator hears of a store that cannot send: once when it begins, once when it is over."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.config import Config
from app.inbox.examine import examine
from app.models import Credential, OperatorCall, Store, StoreStatus, Trouble
from app.stores.losing import find_again
from app.stores.operator import stores_in_trouble
from app.tenancy import store_transaction
from tests.cli.test_doctor import breaks, fails
from tests.conftest import START, Clock, Machine, MakeStore
from tests.elsewhen import a_worker_compares
from tests.fakes.mail import Post, post_office
from workers.ticker import table

OPS = "ops@comeback.example"


class Receiver:
    """The operator's own server. `answers` are its next status codes; then 200."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as office:
        yield office


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def told(config: Config, post: Post, receiver: Receiver) -> Iterator[Config]:
    """A configuration in which the operator is told by both ways."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.taken.append((self.headers["Comeback-Delivery"], body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent: the test reads `taken`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield config.model_copy(
        update={
            "smtp_url": post.url,
            "mail_from": "notices@comeback.example",
            "operator_email": OPS,
            "operator_webhook": f"http://127.0.0.1:{server.server_port}/hook",
        }
    )
    server.shutdown()
    server.server_close()


def mended(store_id: UUID) -> None:
    find_again(store_id, "twilio")


def stays_well(store_id: UUID, told: Config, clock: Clock, **amount: float) -> None:
    """Looked at when the trouble is gone, and again after so long."""
    examine(store_id, told)
    clock.advance(**amount)
    examine(store_id, told)


def events(receiver: Receiver) -> list[tuple[str, str]]:
    return [(body["event"], body["code"]) for _, body in receiver.taken]


def test_a_store_that_cannot_send_is_told_once_and_its_end_once(
    store_id: UUID, told: Config, post: Post, receiver: Receiver, clock: Clock
) -> None:
    breaks(store_id)
    for _ in range(3):
        examine(store_id, told)
        clock.advance(minutes=5)
    assert (len(post.letters), len(receiver.taken)) == (1, 1)

    mended(store_id)
    stays_well(store_id, told, clock, minutes=30)
    examine(store_id, told)

    assert [letter["To"] for letter in post.letters] == [OPS, OPS]
    began, ended = (letter.get_content() for letter in post.letters)
    assert "Twilio refuses our access" in began
    assert "What to do: Give new credentials" in began
    assert "until 2026-03-02 09:15 UTC" in ended
    assert post.letters[1]["Subject"].startswith("Comeback: over at ")
    assert events(receiver) == [("began", "channel_broken"), ("ended", "channel_broken")]


def breaks_again(store_id: UUID, clock: Clock) -> None:
    with store_transaction(store_id) as session:
        session.execute(update(Credential).values(broken_since=clock()))


def test_what_was_over_and_comes_back_is_a_new_trouble(
    store_id: UUID, told: Config, receiver: Receiver, clock: Clock
) -> None:
    breaks(store_id)
    examine(store_id, told)
    mended(store_id)
    stays_well(store_id, told, clock, minutes=30)
    breaks_again(store_id, clock)
    examine(store_id, told)

    assert [event for event, _ in events(receiver)] == ["began", "ended", "began"]


WORDS = {25: 1, 40: 3, 180: 5}
"""How often one is told in a day, by the minutes between two troubles."""


@pytest.mark.parametrize("well_for", WORDS)
def test_what_comes_and_goes_all_day_is_told_a_few_times_and_no_more(
    store_id: UUID, told: Config, receiver: Receiver, clock: Clock, well_for: int
) -> None:
    breaks(store_id)
    while clock.moment < START + timedelta(hours=20):
        examine(store_id, told)
        clock.advance(hours=1)
        mended(store_id)
        stays_well(store_id, told, clock, minutes=well_for)
        breaks_again(store_id, clock)

    assert len(receiver.taken) == WORDS[well_for]


def test_a_trouble_that_paused_is_as_old_as_it_is_and_was_over_when_it_went(
    store_id: UUID, told: Config, clock: Clock
) -> None:
    breaks(store_id)
    examine(store_id, told)
    mended(store_id)
    stays_well(store_id, told, clock, minutes=20)
    breaks_again(store_id, clock)
    examine(store_id, told)
    mended(store_id)
    gone_at = clock.advance(minutes=5)
    stays_well(store_id, told, clock, hours=1)

    with store_transaction(store_id) as session:
        (trouble,) = session.scalars(select(Trouble))
    assert (trouble.began_at, trouble.ended_at) == (START, gone_at)


def test_what_is_only_amber_is_nobody_s_alarm(
    store_id: UUID, told: Config, post: Post, receiver: Receiver
) -> None:
    fails(store_id)

    assert examine(store_id, told) == 0
    assert (post.letters, receiver.taken) == ([], [])


def test_a_server_that_is_down_is_tried_again_with_the_same_delivery(
    store_id: UUID, told: Config, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = [500, 503]
    breaks(store_id)
    for _ in range(4):
        examine(store_id, told)
        clock.advance(minutes=6)

    assert len(receiver.taken) == 3
    assert len({delivery for delivery, _ in receiver.taken}) == 1


def test_an_end_is_not_told_to_whom_the_beginning_never_reached(
    store_id: UUID, told: Config, post: Post, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = [500] * 9
    breaks(store_id)
    examine(store_id, told)

    mended(store_id)
    stays_well(store_id, told, clock, minutes=30)

    assert {event for event, _ in events(receiver)} == {"began"}
    assert len(post.letters) == 2


def test_what_nobody_takes_for_a_day_is_given_up(
    store_id: UUID, told: Config, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = [500] * 100
    breaks(store_id)
    for _ in range(20):
        examine(store_id, told)
        clock.advance(hours=3)

    with store_transaction(store_id) as session:
        (call,) = session.scalars(select(OperatorCall).where(OperatorCall.way == "webhook"))
    assert call.done_at is not None
    assert call.error == "OPERATOR_WEBHOOK answered 500"


def test_two_workers_at_once_tell_it_once(
    store_id: UUID, told: Config, post: Post, receiver: Receiver
) -> None:
    breaks(store_id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: examine(store_id, told), range(4)))

    assert (len(post.letters), len(receiver.taken)) == (1, 1)


def test_a_worker_that_dies_after_its_claim_leaves_the_word_to_the_next(
    store_id: UUID, told: Config, receiver: Receiver, clock: Clock
) -> None:
    breaks(store_id)
    examine(store_id, told)
    with store_transaction(store_id) as session:
        lost = {"done_at": None, "lease_until": clock() + timedelta(minutes=1)}
        session.execute(update(OperatorCall).values(**lost))

    examine(store_id, told)
    assert len(receiver.taken) == 1
    clock.advance(minutes=10)
    examine(store_id, told)

    assert len({delivery for delivery, _ in receiver.taken}) == 1
    assert len(receiver.taken) == 2


def test_a_store_that_leaves_is_out_of_its_trouble(
    store_id: UUID, told: Config, receiver: Receiver, clock: Clock
) -> None:
    breaks(store_id)
    examine(store_id, told)
    with store_transaction(store_id) as session:
        session.get_one(Store, store_id).status = StoreStatus.UNINSTALLED
    assert stores_in_trouble() == [store_id]

    stays_well(store_id, told, clock, minutes=30)

    assert [event for event, _ in events(receiver)] == ["began", "ended"]
    assert stores_in_trouble() == []


def test_the_trouble_of_one_store_is_told_under_its_own_name(
    make_store: MakeStore, told: Config, receiver: Receiver
) -> None:
    sick, sound = make_store(domain="sick.example"), make_store(domain="sound.example")
    breaks(sick)
    for store_id in (sick, sound):
        examine(store_id, told)

    assert [body["shop"] for _, body in receiver.taken] == ["sick.example"]
    with store_transaction(sound) as session:
        assert session.scalars(select(Trouble)).all() == []


def test_without_a_way_to_the_operator_troubles_are_on_record_all_the_same(
    store_id: UUID, config: Config
) -> None:
    breaks(store_id)

    assert examine(store_id, config) == 0
    with store_transaction(store_id) as session:
        (trouble,) = session.scalars(select(Trouble))
    assert (trouble.code, trouble.subject, trouble.began_at) == ("channel_broken", "twilio", START)


def test_every_connected_store_is_examined_every_few_minutes(config: Config) -> None:
    (entry,) = [entry for entry in table(config) if entry.name == "health"]

    assert entry.seconds <= 600


def test_a_clock_that_is_off_is_told_once_for_all_stores(
    make_store: MakeStore, database: Machine, told: Config, receiver: Receiver, clock: Clock
) -> None:
    stores = [make_store() for _ in range(3)]
    a_worker_compares(database, ahead=90)
    for store_id in stores:
        examine(store_id, told)

    a_worker_compares(database, ahead=0)
    for store_id in stores:
        stays_well(store_id, told, clock, minutes=30)

    assert events(receiver) == [("began", "clock_off"), ("ended", "clock_off")]
    assert {(body["shop"], body["store_id"]) for _, body in receiver.taken} == {(None, None)}


def test_the_letter_about_a_clock_is_about_no_shop(
    store_id: UUID, database: Machine, told: Config, post: Post
) -> None:
    a_worker_compares(database, ahead=90)
    examine(store_id, told)

    (letter,) = post.letters
    assert letter["Subject"].startswith("Comeback: all stores: The clock of ")
    assert "myshopify" not in letter.get_content()
