"""Notices by e-mail: each brought once, together, in the store's language, to its own people."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import select

from app import clock as app_clock
from app import customers
from app.config import Config
from app.customers import Incoming
from app.events import CustomerSeen, Person
from app.models import Customer, Letter, Notice, Store, StoreStatus
from app.stores import lifecycle
from app.stores.letters import notify_address, send_letters, stores_with_news
from app.stores.notices import tell
from app.tenancy import store_transaction
from tests.conftest import START, Clock, MakeStore
from tests.fakes.mail import Post, post_office
from workers.main import Burst
from workers.ticker import table

ADDRESS = "ciao@erbebuone.example"


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as office:
        yield office


@pytest.fixture
def mailing(config: Config, post: Post) -> Config:
    return config.model_copy(update={"smtp_url": post.url, "mail_from": "notices@comeback.example"})


@pytest.fixture
def shop(make_store: MakeStore) -> UUID:
    """A store whose shop says where it can be written to."""
    return make_store(contact_email=ADDRESS)


def notice(store_id: UUID, key: str, title: str = "Chiama Bruno") -> None:
    with store_transaction(store_id) as session:
        tell(session, key, title, kind="notify")


def choose(store_id: UUID, **settings: object) -> None:
    with store_transaction(store_id) as session:
        session.get_one(Store, store_id).settings = settings


def letters(store_id: UUID) -> list[Letter]:
    with store_transaction(store_id) as session:
        return list(session.scalars(select(Letter).order_by(Letter.letter_id)))


def texts(post: Post) -> list[str]:
    return [letter.get_content() for letter in post.letters]


def test_a_notice_is_brought_once_in_the_language_of_the_store_with_the_way_to_its_page(
    shop: UUID, post: Post, mailing: Config
) -> None:
    with store_transaction(shop) as session:
        tell(session, "shop_broken:1", kind="shop_broken", details={"problem": "401"})

    assert send_letters(shop, mailing) == 1
    assert send_letters(shop, mailing) == 0

    letter = post.letters[0]
    assert (letter["To"], letter["From"]) == (ADDRESS, "notices@comeback.example")
    assert letter["Subject"].startswith("Erbe Buone: Il negozio ci rifiuta")
    text = letter.get_content()
    assert "2 mar 2026, 10:00: Il negozio ci rifiuta" in text
    assert "Leggili e segnali come visti: https://comeback.example/" in text
    assert len(post.letters) == 1


@pytest.mark.parametrize(
    ("contact", "chosen", "to"),
    [
        (ADDRESS, {}, ADDRESS),
        (ADDRESS, {"notify_email": "ana@studio.example"}, "ana@studio.example"),
        (ADDRESS, {"notify_email": ""}, None),
        (None, {}, None),
        (None, {"notify_email": "ana@studio.example"}, "ana@studio.example"),
    ],
)
def test_the_merchant_says_where_notices_go_and_the_shop_does_until_then(
    make_store: MakeStore, contact: str | None, chosen: dict[str, object], to: str | None
) -> None:
    store_id = make_store(contact_email=contact, settings=chosen)

    with store_transaction(store_id) as session:
        assert notify_address(session.get_one(Store, store_id)) == to


def test_a_store_without_an_address_is_written_to_once_it_has_one(
    store_id: UUID, post: Post, mailing: Config
) -> None:
    notice(store_id, "a")
    assert send_letters(store_id, mailing) == 0

    choose(store_id, notify_email="ana@studio.example")
    send_letters(store_id, mailing)

    assert [letter["To"] for letter in post.letters] == ["ana@studio.example"]


def test_without_a_mail_server_notices_stay_on_the_page(shop: UUID, config: Config) -> None:
    notice(shop, "a")

    assert send_letters(shop, config) == 0
    assert letters(shop) == []


def test_what_comes_within_ten_minutes_waits_and_comes_together(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    notice(shop, "first", "Primo")
    send_letters(shop, mailing)
    for number in range(3):
        clock.advance(minutes=3)
        notice(shop, f"more-{number}", f"Avviso {number}")
        assert send_letters(shop, mailing) == 0

    clock.advance(minutes=2)
    send_letters(shop, mailing)

    first, second = texts(post)
    assert "Primo" in first
    assert "Primo" not in second
    assert all(f"Avviso {number}" in second for number in range(3))
    assert post.letters[1]["Subject"] == "Erbe Buone: 3 avvisi da Comeback"


def test_more_notices_than_anybody_reads_are_counted(
    shop: UUID, post: Post, mailing: Config
) -> None:
    for number in range(53):
        notice(shop, f"n-{number}", f"Avviso {number}")

    send_letters(shop, mailing)

    assert texts(post)[0].count("Avviso") == 50
    assert "e altri 3 nella pagina" in texts(post)[0]


def test_what_was_seen_on_the_page_or_is_days_old_is_not_brought(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    notice(shop, "old", "Vecchio")
    clock.advance(hours=25)
    notice(shop, "seen", "Visto")
    with store_transaction(shop) as session:
        session.scalars(select(Notice).where(Notice.title == "Visto")).one().seen_at = START

    assert stores_with_news() == []
    assert send_letters(shop, mailing) == 0
    assert post.letters == []


def test_a_server_in_trouble_is_asked_again_later_and_less_often(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    post.answers = ["451 later"] * 3
    notice(shop, "a")

    send_letters(shop, mailing)
    assert send_letters(shop, mailing) == 0  # Not at once.
    tried = [clock.moment]
    while not post.letters:
        clock.advance(minutes=1)
        if send_letters(shop, mailing):
            tried.append(clock.moment)

    waits = [(after - before).seconds // 60 for before, after in pairwise(tried)]
    assert waits == [1, 2, 4]
    assert len(post.letters) == 1
    assert [(one.attempts, one.error) for one in letters(shop)] == [(4, None)]


def test_a_letter_that_does_not_get_through_for_a_day_is_given_up_and_its_notices_stay(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    post.answers = ["451 later"] * 100
    notice(shop, "a")
    for _ in range(40):
        send_letters(shop, mailing)
        clock.advance(hours=1)

    (letter,) = letters(shop)
    assert letter.done_at is not None
    assert letter.error == "the mail server answered 451"
    assert post.letters == []
    with store_transaction(shop) as session:
        assert session.scalars(select(Notice)).one().seen_at is None


def test_new_notices_do_not_pile_up_letters_while_one_does_not_get_through(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    post.answers = ["451 later"] * 4
    for number in range(5):
        notice(shop, f"n-{number}", f"Avviso {number}")
        send_letters(shop, mailing)
        clock.advance(minutes=20)
    clock.advance(hours=3)
    send_letters(shop, mailing)
    clock.advance(minutes=11)
    send_letters(shop, mailing)

    assert [text.count("Avviso ") for text in texts(post)] == [1, 4]


def test_an_address_that_is_refused_is_not_tried_again_and_is_not_repeated(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    post.refuses = "550 5.1.1 unknown"
    notice(shop, "a")

    send_letters(shop, mailing)
    clock.advance(days=2)

    assert send_letters(shop, mailing) == 0
    assert [one.error for one in letters(shop)] == ["the mail server refuses this address (550)"]


def test_a_letter_whose_answer_was_lost_is_sent_again_as_the_same_letter(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    post.loses_answers = 1
    notice(shop, "a")

    send_letters(shop, mailing)
    clock.advance(minutes=1)
    send_letters(shop, mailing)

    assert len(post.letters) == 2
    assert len({letter["Message-ID"] for letter in post.letters}) == 1


def test_a_worker_that_dies_while_it_sends_leaves_the_letter_to_the_next(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    notice(shop, "a")
    with pytest.raises(KeyError):  # A server nobody can talk to stands for the process that ends.
        send_letters(shop, mailing.model_copy(update={"smtp_url": "gopher://127.0.0.1"}))

    assert send_letters(shop, mailing) == 0
    clock.advance(minutes=10)
    assert send_letters(shop, mailing) == 1
    assert len(post.letters) == len(letters(shop)) == 1


def test_two_workers_write_one_letter(shop: UUID, post: Post, mailing: Config) -> None:
    for number in range(5):
        notice(shop, f"n-{number}")
    post.on_letter = lambda: send_letters(shop, mailing)  # Somebody else looks in the meantime.

    with ThreadPoolExecutor(4) as pool:
        tried = list(pool.map(lambda _: send_letters(shop, mailing), range(4)))

    assert sum(tried) == len(post.letters) == len(letters(shop)) == 1


def test_nobody_reads_another_stores_notices(
    shop: UUID, make_store: MakeStore, post: Post, mailing: Config
) -> None:
    other = make_store(contact_email="hola@ajena.example", name="Tienda", locale="es-MX")
    notice(shop, "a", "Nostro")
    notice(other, "a", "Suyo")

    for store_id in stores_with_news():
        send_letters(store_id, mailing)

    told = {letter["To"]: letter.get_content() for letter in post.letters}
    assert "Nostro" in told[ADDRESS]
    assert "Suyo" not in told[ADDRESS]
    assert "Suyo" in told["hola@ajena.example"]
    assert "Nostro" not in told["hola@ajena.example"]
    assert "Novedades para Tienda" in told["hola@ajena.example"]


def test_what_is_forgotten_before_it_left_is_not_brought(
    shop: UUID, post: Post, mailing: Config, clock: Clock, config: Config
) -> None:
    seen = CustomerSeen(person=Person(email="bea@example.com"), updated_at=START)
    with store_transaction(shop) as session:
        customers.apply(session, [Incoming(fact=seen, source="webhook", live=True)], START)
        bea = session.scalars(select(Customer)).one()
        about = {"customer_id": str(bea.customer_id)}
        tell(session, "a", "Chiama Bea", kind="notify", details=about)
    post.answers = ["451 later"]
    send_letters(shop, mailing)
    with store_transaction(shop) as session:
        person = session.scalars(select(Customer)).one()
        customers.erase_customer(session, person, keys=config.keys, now=clock.moment)

    clock.advance(minutes=1)
    send_letters(shop, mailing)

    assert post.letters == []
    assert [one.done_at for one in letters(shop)] == [clock.moment]


def test_a_store_that_has_left_is_not_written_to(
    shop: UUID, post: Post, mailing: Config, clock: Clock
) -> None:
    post.answers = ["451 later"]
    notice(shop, "a")
    send_letters(shop, mailing)
    with store_transaction(shop) as session:
        lifecycle.uninstall(session, clock.moment)

    clock.advance(minutes=1)
    send_letters(shop, mailing)

    with store_transaction(shop) as session:
        assert session.get_one(Store, shop).status == StoreStatus.UNINSTALLED
    assert post.letters == []
    assert [one.error for one in letters(shop)] == ["there is nobody to write to any more"]
    assert stores_with_news() == []


def test_the_ticker_asks_and_a_worker_sends(shop: UUID, post: Post, mailing: Config) -> None:
    notice(shop, "a")
    (entry,) = [entry for entry in table(mailing) if entry.name == "letters"]

    entry.call()
    Burst(mailing).run()

    assert len(post.letters) == 1
    assert app_clock.now() == START
