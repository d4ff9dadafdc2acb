"""Every reason has its words in four languages, and the values it was decided on."""

import re

import pytest

from app import law
from app.customers.signals import OWNER
from app.flows.explain import events, explain, laws, named, sentences
from app.languages import LANGUAGES
from app.reasons import Reason
from app.stores.settings import Caps


def test_every_reason_has_its_words_in_every_language_and_no_words_are_left_over() -> None:
    assert set(sentences()) == {str(reason) for reason in Reason}
    assert all(set(texts) == set(LANGUAGES) for texts in sentences().values())


def test_values_stand_only_where_they_may_be_left_out_and_are_the_same_in_all_languages() -> None:
    for texts in sentences().values():
        names = [set(re.findall(r"\{\w+\}", text)) for text in texts.values()]
        assert all(found == names[0] for found in names)
        assert not any("{" in re.sub(r"\[[^\]]*\]", "", text) for text in texts.values())


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_sentence_without_values_has_no_gaps(reason: Reason, locale: str) -> None:
    told = explain(reason, {}, locale)

    assert told.endswith(".")
    assert not set("{}[]") & set(told)


def test_moments_are_told_where_the_shop_is() -> None:
    compared = {"until": "2026-03-03T09:00:00+00:00"}

    assert explain(Reason.QUIET_HOURS, compared, "it", "Europe/Rome") == (
        "Spostato fuori dalle ore di silenzio del destinatario, al 3 mar 2026 10:00."
    )


def test_a_condition_is_told_with_what_was_found() -> None:
    compared = {"customer.orders_count at_least 3": 2}

    assert explain(Reason.FILTER_NOT_MET, compared, "en") == (
        "Does not meet the flow's filter: customer.orders_count at_least 3 (2)."
    )


def test_a_sister_language_and_then_english_stand_in() -> None:
    assert explain(Reason.FLOW_PAUSED, {}, "es-MX") == "El flujo está en pausa."
    assert explain(Reason.FLOW_PAUSED, {}, "fi") == "The flow is paused."
    assert explain("of_a_later_version", {}, "en") == "of a later version"


def test_what_the_law_said_has_its_words_in_every_language() -> None:
    assert set(laws()) == {str(reason) for reason in law.Reason}
    assert all(set(texts) == set(LANGUAGES) for texts in laws().values())


def test_an_event_is_told_in_words_and_an_act_of_the_shops_own_by_its_name() -> None:
    compared = {"event": "order_placed", "at": "2026-03-04T11:15:00+00:00"}

    assert explain(Reason.GOAL_REACHED, compared, "it") == (
        "L'obiettivo è raggiunto: un ordine il 4 mar 2026 11:15."
    )
    assert all(set(texts) == set(LANGUAGES) for texts in events().values())
    assert "quiz_done" in explain(Reason.GOAL_REACHED, {**compared, "event": "quiz_done"}, "it")


def test_caps_and_owners_are_told_in_words_and_an_owner_of_the_shops_own_by_its_name() -> None:
    assert set(named()["cap"]) == set(Caps.model_fields)
    assert {str(owner) for owner in OWNER.values()} <= set(named()["owner"])
    assert all(
        set(texts) == set(LANGUAGES) for words in named().values() for texts in words.values()
    )

    cap = explain(Reason.FREQUENCY_CAP, {"cap": "email_per_day", "limit": 1}, "it")
    assert "(e-mail al giorno: 1)" in cap
    assert "il referente del cliente" in explain(Reason.TASK_MADE, {"owner": "account"}, "it")
    assert "warehouse" in explain(Reason.TASK_MADE, {"owner": "warehouse"}, "it")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_two_refusals_of_the_same_reason_are_told_apart_by_the_law(locale: str) -> None:
    told = {explain(Reason.NO_CONSENT, {"law": one}, locale) for one in law.Reason}

    assert len(told) == len(law.Reason)
    assert not any(f"({one})" in sentence for one in law.Reason for sentence in told)
    assert all(sentence.endswith(".") for sentence in told)


def test_an_unconfirmed_tick_says_what_is_missing_and_what_to_do() -> None:
    compared = {"country": "DE", "law": law.Reason.NOT_CONFIRMED}

    told = explain(Reason.OPT_IN_NOT_CONFIRMED, compared, "en")

    assert "DE: they ticked a box" in told
    assert "double opt-in in the shop" in told
    assert "switch this rule off in the settings" in told
