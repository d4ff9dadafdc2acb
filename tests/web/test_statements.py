"""A page asks the database as often for many rows as for one."""

from uuid import UUID

from flask.testing import FlaskClient

from app import clock, customers
from app.customers import Incoming
from app.events import CustomerSeen, Person
from app.tenancy import store_transaction
from tests.statements import statements
from tests.web.conftest import PAGE, PUBLIC, SignIn
from tests.web.rows import Filled, fill

PAGES = (
    *("/", "/activity", "/activity/rows", "/people", "/flows", "/tasks", "/settings", "/health"),
    "/forecasts",
    "/reports/people",
    "/people/{person}",
    "/messages/{message}",
    "/flows/{slug}",
    "/segments",
    "/segments/{segment}",
)


def crowd(store_id: UUID) -> None:
    """Ten more people, and ten times as much of everything about the first."""
    for number in range(10):
        fill(store_id, slug=f"flow-{number}")
    seen = [
        Incoming(
            fact=CustomerSeen(
                person=Person(email=f"guest{number}@example.com"), updated_at=clock.now()
            ),
            source="webhook",
            live=False,
        )
        for number in range(10)
    ]
    with store_transaction(store_id) as session:
        customers.apply(session, seen, clock.now())


def asked(browser: FlaskClient, filled: Filled) -> dict[str, int]:
    """The statements each page takes."""
    found = {}
    for page in PAGES:
        path = page.format(**vars(filled))
        with statements() as seen:
            shown = browser.get(path, base_url=PUBLIC, headers=PAGE)
        assert shown.status_code == 200, path
        found[page] = seen.total()
    return found


def test_a_page_asks_as_often_for_many_rows_as_for_one(sign_in: SignIn, store_id: UUID) -> None:
    filled = fill(store_id)
    browser = sign_in(store_id)
    asked(browser, filled)  # What a process remembers from its first page on is learnt here.
    of_one = asked(browser, filled)

    crowd(store_id)

    assert asked(browser, filled) == of_one
