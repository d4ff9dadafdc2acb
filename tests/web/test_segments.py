"""The pages of segments: kept and changed by forms, refused in place, bounded in time."""

from decimal import Decimal

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app import clock
from app.inbox.standing import keep_standing
from app.models import Prediction, Segment, Store
from app.segments import parse_condition
from app.segments.preview import TooSlow, preview
from app.tenancy import store_transaction
from tests.conftest import Machine
from tests.web.conftest import PAGE, PUBLIC, post
from tests.web.reading import read
from tests.web.rows import Filled

MANY = "customer.orders_count: {at_least: 3}"


def keep(browser: FlaskClient, name: str, written: str, path: str = "/segments/new") -> str:
    """Where the form leads, or the page that says what is wrong."""
    reply = post(browser, path, {"name": name, "written": written})
    return reply.location if reply.status_code == 302 else reply.text


@pytest.mark.requirement(41)
def test_a_segment_is_created_changed_and_archived_by_forms(browser: FlaskClient) -> None:
    where = keep(browser, "Très loyal", f"# Many\r\n{MANY}")
    assert where == "/segments/tres-loyal"
    assert "# Many" in read(browser, where)

    assert keep(browser, "Loyal", "customer.orders_count: {is: 9}", f"{where}/edit") == where
    assert "{is: 9}" in read(browser, where) and "<h1>Loyal</h1>" in read(browser, where)

    assert post(browser, f"{where}/archive", {}).location == "/segments"
    assert "tres-loyal" not in read(browser, "/segments")


@pytest.mark.parametrize(
    ("name", "written", "said"),
    [
        ("", MANY, "write a name"),
        ("李", MANY, "it needs a letter from a to z"),
        ("New", MANY, "new is a page of ours"),
        ("Vip", "customer.order_count: {is: 1}", "did you mean"),
        ("Vip", "segment.vip: {is: true}", "it would ask for itself"),
        ("Abandoned cart people", MANY, "already a segment with this name"),
    ],
)
def test_what_is_wrong_is_said_in_place_and_nothing_typed_is_lost(
    browser: FlaskClient, name: str, written: str, said: str
) -> None:
    page = keep(browser, name, written)

    assert 'role="alert"' in page and said in page
    assert written in page and f'value="{name}"' in page


def test_a_ready_made_segment_is_where_an_own_one_begins(
    browser: FlaskClient, filled: Filled
) -> None:
    keep_standing(filled.store_id)

    moved = browser.get("/segments/champions/edit", base_url=PUBLIC, headers=PAGE)

    assert moved.location == "/segments/new?start=champions"
    assert "customer.rfm_group: {is: champions}" in read(browser, moved.location)
    assert post(browser, "/segments/champions/archive", {}).status_code == 422


@pytest.mark.parametrize(
    ("language", "name", "action"),
    [
        ("it", "Clienti fedeli", "Invitali al programma fedeltà."),
        ("pt-BR", "Clientes fiéis", "Convide-os para o programa de fidelidade."),
        ("es", "Clientes fieles", "Invítalos al programa de fidelidad."),
    ],
)
@pytest.mark.requirement(42, 103)
def test_names_and_what_to_do_are_in_the_readers_language(
    browser: FlaskClient, filled: Filled, language: str, name: str, action: str
) -> None:
    keep_standing(filled.store_id)

    page = read(browser, "/segments", language)

    assert name in page and action in page


@pytest.mark.requirement(41, 42)
def test_the_risk_of_a_segment_says_what_it_goes_by_and_of_how_many(
    browser: FlaskClient, filled: Filled
) -> None:
    keep_standing(filled.store_id)
    before = read(browser, "/segments")
    with store_transaction(filled.store_id) as session:
        own = {"store_id": filled.store_id, "customer_id": filled.person}
        session.add(Prediction(**own, will_buy=Decimal(24), predicted_at=clock.now()))
        session.execute(update(Segment).values(due_at=clock.now()))
    keep_standing(filled.store_id)

    assert "silent, of 1<" in before and "predicted of" not in before
    assert "Risk of leaving · predicted of 1<" in read(browser, "/segments/everybody")
    for page in ("/segments", "/reports/people"):
        assert '76 %<br><small class="soft">predicted of 1<' in read(browser, page)


def test_a_preview_keeps_nothing(browser: FlaskClient) -> None:
    before = read(browser, "/segments").partition("<table>")[2]

    page = post(browser, "/segments/preview", {"written": "customer.orders_count: {is: 0}"}).text

    assert "1 in it now" in page and "Ana Rossi" in page
    assert before and read(browser, "/segments").partition("<table>")[2] == before


def test_a_question_that_takes_too_long_is_broken_off_and_the_page_goes_on(
    filled: Filled, database: Machine
) -> None:
    condition = parse_condition({"customer.orders_count": {"is": 0}}, "test")
    with (
        psycopg.connect(database.owner_url) as other,
        store_transaction(filled.store_id) as session,
    ):
        store = session.get_one(Store, filled.store_id)
        other.execute("LOCK TABLE customers")
        with pytest.raises(TooSlow):
            preview(session, condition, store, clock.now(), patience_ms=50)
        other.rollback()

        assert preview(session, condition, store, clock.now()).size == 1
