"""Link tokens: short, readable with an old key, and worthless in anybody else's hands."""

from uuid import UUID

import pytest

from app.config import Config
from app.crypto import new_key
from app.errors import BadSignature
from app.messages.tokens import (
    Resolved,
    read_survey,
    read_unsubscribe,
    resolve,
    short_token,
    survey_token,
    unsubscribe_token,
)

MESSAGE = UUID("01935a2b-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("store", "link"), [(1, 1), (127, 128), (2_000_000, 2**42 - 1), (500, 10**9)]
)
def test_a_short_token_names_its_store_and_link_in_at_most_22_characters(
    config: Config, store: int, link: int
) -> None:
    token = short_token(config.keys, store, link)

    assert len(token) <= 22
    assert resolve(token, config) == Resolved(store, link)


def test_a_token_of_an_old_key_still_opens(config: Config) -> None:
    token = short_token(config.keys, 7, 99)
    rotated = config.model_copy(update={"secret_keys": f"{new_key()},{config.secret_keys}"})

    assert resolve(token, rotated) == Resolved(7, 99)


@pytest.mark.parametrize("spoilt", ["", "x", "é", "a" * 30, "=", "AAAAAAAAAA"])
def test_a_made_up_token_is_refused(config: Config, spoilt: str) -> None:
    with pytest.raises(BadSignature):
        resolve(spoilt, config)


def test_changing_any_character_breaks_a_token(config: Config) -> None:
    token = short_token(config.keys, 7, 99)

    for place, sign in enumerate(token[:-1]):
        other = "A" if sign != "A" else "B"
        with pytest.raises(BadSignature):
            resolve(token[:place] + other + token[place + 1 :], config)


def test_another_installation_cannot_make_our_tokens(config: Config) -> None:
    foreign = short_token([new_key()], 7, 99)

    with pytest.raises(BadSignature):
        resolve(foreign, config)


def test_an_unsubscribe_token_opens_no_survey(config: Config) -> None:
    token = unsubscribe_token(config, 7, MESSAGE)

    assert read_unsubscribe(token, config).message_id == MESSAGE
    with pytest.raises(BadSignature):
        read_survey(token, config)


def test_a_survey_button_carries_its_score(config: Config) -> None:
    told = read_survey(survey_token(config, 7, MESSAGE, 9), config)

    assert (told.store_number, told.message_id, told.score) == (7, MESSAGE, 9)
