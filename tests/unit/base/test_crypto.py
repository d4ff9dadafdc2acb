"""Sealing, signing and telling secrets apart."""

import pytest

from app.crypto import Signer, Vault, fingerprint, new_key, same
from app.errors import BadSignature, ConfigError

OLD, NEW = new_key(), new_key()


def test_what_an_old_key_sealed_is_read_after_rotation() -> None:
    sealed = Vault([OLD]).seal("token")

    assert Vault([NEW, OLD]).open(sealed) == "token"


def test_a_rotated_secret_needs_the_old_key_no_more() -> None:
    sealed = Vault([NEW, OLD]).rotate(Vault([OLD]).seal("token"))

    assert Vault([NEW]).open(sealed) == "token"


def test_a_key_that_is_gone_is_said_plainly() -> None:
    with pytest.raises(BadSignature, match="a key we no longer have"):
        Vault([NEW]).open(Vault([OLD]).seal("token"))


def test_a_key_of_the_wrong_shape_names_the_setting() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEYS"):
        Vault(["short"])


def test_a_signature_for_one_purpose_opens_no_other_door() -> None:
    token = Signer([NEW], "sign-in").sign({"store": 1})

    assert Signer([NEW], "sign-in").read(token) == {"store": 1}
    with pytest.raises(BadSignature):
        Signer([NEW], "unsubscribe").read(token)


def test_a_link_signed_before_rotation_still_works() -> None:
    token = Signer([OLD], "link").sign(7)

    assert Signer([NEW, OLD], "link").read(token) == 7


@pytest.mark.parametrize("broken", ["", "x", "a.b.c", "é"])
def test_a_forged_token_is_refused(broken: str) -> None:
    with pytest.raises(BadSignature):
        Signer([NEW], "link").read(broken)


def test_two_empty_secrets_are_not_the_same() -> None:
    assert not same("", "")
    assert not same(b"", "x")
    assert same("x", b"x")


def test_a_fingerprint_is_the_same_every_time_and_cannot_be_read() -> None:
    assert fingerprint(OLD, "ana@example.com") == fingerprint(OLD, "ana@example.com")
    assert fingerprint(OLD, "ana@example.com") != fingerprint(NEW, "ana@example.com")
    assert "ana" not in fingerprint(OLD, "ana@example.com")
