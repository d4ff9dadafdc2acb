"""A message's page says how its hour was chosen."""

from uuid import UUID

import pytest

from app.models import Message
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.web.conftest import PAGE, PUBLIC, SignIn
from tests.web.rows import fill


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("best_hour", "la migliore per questa persona"),
        ("random_hour", "lasciata al caso, per confronto"),
        (None, None),
    ],
)
def test_a_message_at_a_chosen_hour_says_by_what(
    sign_in: SignIn, store_id: UUID, clock: Clock, by: str | None, words: str | None
) -> None:
    filled = fill(store_id)
    with store_transaction(store_id) as session:
        message = session.get_one(Message, (store_id, filled.message))
        message.context = {"hour": {"step": "1", "hour": 19, "by": by}} if by else {}

    page = sign_in(store_id).get(
        f"/messages/{filled.message}", base_url=PUBLIC, headers={**PAGE, "Accept-Language": "it"}
    )

    assert page.status_code == 200
    assert ("<dt>Ora</dt>" in page.text) is (words is not None)
    assert words is None or words in page.text
