"""The doors for providers: signed, repeatable, and closed for whoever has no such channel."""

import base64
import hmac
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.config import Config
from app.models import ReceiptEntry
from app.stores.credentials import Secret
from app.stores.install import save_channel
from app.tenancy import store_transaction
from tests.web.conftest import PUBLIC
from tests.web.rows import Filled

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "1" * 32
_NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def filled(filled: Filled, config: Config) -> Filled:
    values = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "messaging_service_sid": "MG" + "2" * 32,
    }
    save_channel(config, filled.store_id, Secret(kind="twilio", values=values))
    return filled


def delivered(filled: Filled) -> dict[str, str]:
    return {
        "AccountSid": ACCOUNT,
        "MessageSid": "SM" + "3" * 32,
        "MessageStatus": "delivered",
        "To": "+393331234567",
        "From": "+15005550006",
    }


def call(client: FlaskClient, store: object, form: dict[str, str], token: str = TOKEN) -> int:
    """As Twilio signs: the address, then each field's name and value, sorted."""
    path = f"/callbacks/twilio/{store}"
    text = f"{PUBLIC}{path}" + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()
    headers = {"X-Twilio-Signature": signature}
    # The proxy in front of us has changed scheme and host; the signature is over the public ones.
    return client.post(path, data=form, headers=headers, base_url="http://inner").status_code


def receipts(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return session.query(ReceiptEntry).filter_by(store_id=store_id).count()


def test_a_replayed_callback_is_taken_once(client: FlaskClient, filled: Filled) -> None:
    answers = [call(client, filled.store_id, delivered(filled)) for _ in range(3)]

    assert answers == [204, 204, 204]
    assert receipts(filled.store_id) == 1


def test_a_forged_callback_is_a_401_and_changes_nothing(
    client: FlaskClient, filled: Filled
) -> None:
    assert call(client, filled.store_id, delivered(filled), token="f" * 32) == 401
    assert receipts(filled.store_id) == 0


def test_an_unknown_store_or_one_without_the_channel_is_a_404(
    client: FlaskClient, filled: Filled, other_store: UUID
) -> None:
    for store in (other_store, _NOBODY, "not-an-id"):
        assert call(client, store, delivered(filled)) == 404
        assert client.post(f"/callbacks/klaviyo/{store}", base_url=PUBLIC).status_code == 404
