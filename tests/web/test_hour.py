"""A message's page says how its hour was chosen."""

import pytest
from flask.testing import FlaskClient

from app.models import Message
from app.tenancy import store_transaction
from tests.web.reading import read
from tests.web.rows import Filled


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("best_hour", "la migliore per questa persona"),
        ("random_hour", "lasciata al caso, per confronto"),
        (None, None),
    ],
)
def test_a_message_at_a_chosen_hour_says_by_what(
    browser: FlaskClient, filled: Filled, by: str | None, words: str | None
) -> None:
    with store_transaction(filled.store_id) as session:
        message = session.get_one(Message, (filled.store_id, filled.message))
        message.context = {"hour": {"step": "1", "hour": 19, "by": by}} if by else {}

    page = read(browser, f"/messages/{filled.message}", "it")

    assert ("<dt>Ora</dt>" in page) is (words is not None)
    assert words is None or words in page
