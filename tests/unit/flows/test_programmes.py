"""What each programme says, by which channel and on which day, as the brief asks for it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.channels import ChannelName
from app.flows import definition as d
from app.languages import LANGUAGES
from tests.unit.flows.test_presets import SOURCES, read

WORDS = Path(__file__).parents[3] / "app" / "translations"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IDLE = HOUR
"""A cart counts as left behind, and its flow begins, an hour after its last change."""


def says(name: str) -> list[tuple[timedelta, str, str]]:
    """Its messages in the order of the file: how long after the entry, by what, and which."""
    at, said = timedelta(), []
    for node in read(name).nodes.values():
        if isinstance(node, d.WaitFor):
            at = node.duration if node.clock is d.Clock.ENTRY else at + node.duration
        elif isinstance(node, d.Send):
            said.append((at, str(node.channel), node.message))
    return said


def by_mail(*messages: tuple[int, str]) -> list[tuple[timedelta, str, str]]:
    return [(day * DAY, "email", name) for day, name in messages]


PROGRAMMES = [
    pytest.param(
        "welcome",
        by_mail((0, "hello"), (2, "choose"), (5, "care"), (7, "favourites"), (14, "check-in")),
        marks=pytest.mark.requirement(44),
    ),
    pytest.param(
        "nurture",
        by_mail((0, "value"), (4, "story"), (8, "answers"), (12, "compare"), (16, "offer")),
        marks=pytest.mark.requirement(45),
    ),
    pytest.param(
        "inactivity",  # It begins on the fourteenth day of silence.
        by_mail(
            (14 - 14, "miss-you"), (21 - 14, "whats-new"), (30 - 14, "special"), (45 - 14, "gift")
        ),
        marks=pytest.mark.requirement(46, 70),
    ),
    pytest.param(
        "post-sale",
        by_mail(
            *((1, "confirmation"), (3, "first-steps"), (7, "how-is-it"), (14, "tips")),
            *((30, "survey"), (60, "monthly"), (90, "quarterly")),
        ),
        marks=pytest.mark.requirement(47, 48, 49, 50, 51, 52, 53),
    ),
    pytest.param(
        "reactivation-60",
        [
            (0 * DAY, "email", "gift"),
            (3 * DAY, "sms", "still-waiting"),
            (7 * DAY, "email", "last-days"),
        ],
        marks=pytest.mark.requirement(43),
    ),
    pytest.param(
        "abandoned-cart",
        [
            (1 * HOUR - IDLE, "email", "reminder"),
            (24 * HOUR - IDLE, "email", "second"),
            (31 * HOUR - IDLE, "sms", "text"),
            (72 * HOUR - IDLE, "sms", "incentive"),
            (72 * HOUR - IDLE, "email", "incentive"),
        ],
        marks=pytest.mark.requirement(65, 67),
    ),
    pytest.param(
        "signs-of-leaving",  # Whoever enters gets one of the two.
        by_mail((0, "payment"), (0, "ask")),
        marks=pytest.mark.requirement(73, 76, 77),
    ),
    pytest.param("tickets-up", by_mail((1, "ask")), marks=pytest.mark.requirement(74)),
    pytest.param(
        "use-down",
        by_mail((1, "go-on"), (6, "one-thing"), (13, "together")),
        marks=pytest.mark.requirement(75),
    ),
]


@pytest.mark.parametrize(("name", "messages"), PROGRAMMES)
def test_a_programme_says_what_it_should_on_its_days(
    name: str, messages: list[tuple[timedelta, str, str]]
) -> None:
    assert says(name) == messages


@pytest.mark.requirement(60)
@pytest.mark.parametrize(
    ("name", "trigger"),
    [
        ("welcome", d.EventTrigger(event="subscribed")),
        ("inactivity", d.InactivityTrigger(days=14, since="last_active")),
        ("reactivation-60", d.InactivityTrigger(days=60, since="last_order")),
        ("complementary-upsell", d.EventTrigger(event="order_placed")),
        ("post-sale", d.EventTrigger(event="order_placed")),
    ],
)
def test_a_kind_of_automation_begins_with_its_trigger(name: str, trigger: d.Trigger) -> None:
    assert read(name).trigger == trigger


NO_OBLIGATION = {
    "en": "no obligation",
    "it": "senza nessun impegno",
    "pt-BR": "sem compromisso",
    "es": "sin compromiso",
}


@pytest.mark.requirement(69)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_of_the_soft_opt_in_says_that_nobody_need_buy(language: str) -> None:
    mail = read("complementary-upsell").messages["goes-with"][ChannelName.EMAIL][language]

    assert NO_OBLIGATION[language] in str(mail.fields).lower()


CLAIMS = re.compile(
    r"\d\s*(?:[-–]|to|a)\s*\d+\s*%|\d\s*(?:×|(?:x|times|volte|vezes|veces)\b)|\+\s*\d+\s*%"
)
"""Shares and multiples that sound like proof: "10–30 % of customers", "5×", "+25 % LTV"."""


def words_of_the_product() -> Iterator[tuple[str, str]]:
    """Every text that a customer or a merchant reads."""
    for path in sorted(WORDS.glob("*.yaml")):
        yield path.name, path.read_text(encoding="utf-8")
    for name in SOURCES:
        for channels in read(name).messages.values():
            for translations in channels.values():
                for language, copy in translations.items():
                    yield f"{name}, {language}", str(copy.fields)


@pytest.mark.requirement(130)
def test_no_word_of_the_product_claims_what_nobody_has_measured() -> None:
    words = list(words_of_the_product())

    found = [(where, claim.group()) for where, text in words for claim in CLAIMS.finditer(text)]

    assert len(words) > 100
    assert found == []


@pytest.mark.requirement(130)
@pytest.mark.parametrize("text", ["lose 10–30 % of customers", "acquiring costs 5×", "+25 % LTV"])
def test_the_claims_of_the_brief_would_be_found(text: str) -> None:
    assert CLAIMS.search(text)
