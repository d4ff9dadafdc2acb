"""Rotating the key: two at once, everything sealed again, then without the old one."""

import json
from uuid import UUID

import pytest
from click.testing import CliRunner

from app.cli import comeback
from app.config import Config
from app.crypto import Signer, Vault, new_key
from app.customers.suppression import is_suppressed, suppress
from app.errors import BadSignature
from app.flows import signing_secret
from app.models import Credential, Erasure, Store
from app.stores.credentials import Secret, load, save
from app.stores.directory import Directory
from app.stores.lasting import give
from app.stores.resealing import reseal
from app.tenancy import store_transaction
from tests.awaiting import finish
from tests.conftest import Machine

SECRET = Secret(kind="webhook", values={"current": "of-the-shop"})


@pytest.fixture
def keys() -> tuple[str, str]:
    return new_key(), new_key()


@pytest.fixture
def sealed(keys: tuple[str, str], store_id: UUID) -> UUID:
    """A store whose secrets were sealed while the second key was the only one."""
    old = Vault([keys[1]])
    with store_transaction(store_id) as session:
        save(session, old, store_id, SECRET)
        addresses = old.seal(json.dumps(["ana@example.com"]))
        session.add(Erasure(store_id=store_id, sealed=addresses))
    return store_id


def test_with_both_keys_what_either_sealed_opens_and_the_new_one_seals(
    keys: tuple[str, str], sealed: UUID
) -> None:
    new, old = keys
    both = Vault([new, old])

    assert finish(Directory(both).webhook_secrets(sealed)) == ("of-the-shop",)
    with store_transaction(sealed) as session:
        save(session, both, sealed, Secret(kind="klaviyo", values={"private_key": "pk"}))
    with store_transaction(sealed) as session:
        given = load(session, Vault([new]), sealed, "klaviyo")

    assert given is not None
    assert given.values == {"private_key": "pk"}


def test_a_link_that_was_signed_before_is_read_after(keys: tuple[str, str]) -> None:
    new, old = keys
    token = Signer([old], "links").sign("journey")

    assert Signer([new, old], "links").read(token) == "journey"


def test_sealed_again_everything_opens_without_the_old_key(
    keys: tuple[str, str], sealed: UUID
) -> None:
    new, old = keys

    resealed = reseal([new, old])

    assert (resealed.done, resealed.lost) == (2, [])
    alone = Vault([new])
    assert finish(Directory(alone).webhook_secrets(sealed)) == ("of-the-shop",)
    with store_transaction(sealed) as session:
        (erasure,) = session.query(Erasure).all()
        assert json.loads(alone.open(erasure.sealed or b"")) == ["ana@example.com"]
        (row,) = session.query(Credential).all()
    with pytest.raises(BadSignature):
        Vault([old]).open(row.sealed)


def test_without_the_old_key_forgotten_people_are_recognised_and_calls_are_signed_as_before(
    keys: tuple[str, str], store_id: UUID
) -> None:
    new, old = keys
    with store_transaction(store_id) as session:
        suppress(session, "email", "ana@example.com", "erased", keys=[old])
    signs_with = signing_secret([old], store_id)

    assert reseal([new, old]).lost == []

    with store_transaction(store_id) as session:
        assert is_suppressed(session, "email", "ana@example.com", keys=[new]) == "erased"
    assert signing_secret([new], store_id) == signs_with
    with pytest.raises(BadSignature):
        signing_secret([old], store_id)


def test_a_lasting_key_that_opens_stays_and_one_that_is_lost_is_replaced_at_a_new_connection(
    keys: tuple[str, str],
) -> None:
    store = Store()
    give(store, [keys[0]])
    first = store.lasting_key

    give(store, list(keys))
    assert store.lasting_key == first

    give(store, [keys[1]])
    assert store.lasting_key != first


def test_what_no_key_opens_is_named_and_left_as_it_is(keys: tuple[str, str], sealed: UUID) -> None:
    resealed = reseal([new_key()])

    assert resealed.done == 0
    assert resealed.lost == [f"{sealed} webhook", f"{sealed} erasure"]
    with store_transaction(sealed) as session:
        assert load(session, Vault([keys[1]]), sealed, "webhook") is not None


def test_the_command_seals_with_the_first_key_and_tells_how_many(
    database: Machine,
    config: Config,
    keys: tuple[str, str],
    sealed: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", database.owner_url)
    monkeypatch.setenv("REDIS_URL", database.redis_url)
    monkeypatch.setenv("SECRET_KEYS", ",".join(keys))

    done = CliRunner().invoke(comeback, ["key", "--reseal"], prog_name="comeback")
    monkeypatch.setenv("SECRET_KEYS", new_key())
    lost = CliRunner().invoke(comeback, ["key", "--reseal"], prog_name="comeback")

    assert (done.exit_code, done.output) == (0, "Sealed with the first key: 2 credentials.\n")
    assert lost.exit_code == 1
    assert "no key opens 2 of them" in lost.output
