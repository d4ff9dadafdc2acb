import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.channels.sms_length import segments
from app.customers.snapshot import ConsentNow, Snapshot
from app.flows import definition as d
from app.flows.validate import validate
from app.languages import LANGUAGES
from app.messages.context import OfferShown, StoreShown, Surroundings, build_context
from app.messages.products import ProductShown, Recommendations
from app.messages.render import Rendered, check, render
from app.segments import holds
from tests.unit.segments.people import NOW, cart_of, order_of, person

FOLDER = Path(__file__).parents[3] / "app" / "flows" / "presets"
SOURCES = MappingProxyType(
    {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))}
)

EVERYTHING = person(
    first_name="Ana",
    email="ana@example.com",
    orders_count=2,
    carts=(cart_of(recovery_url="https://erbe.example/cart/recover?key=abc"),),
    orders=(order_of(titles=("Olio essenziale", "Tisana")),),
)
ALMOST_NOTHING = person(
    currency="JPY",
    carts=(
        cart_of(
            currency="JPY",
            total_minor=1_980,
            lines=({"product_key": "p1", "title": "緑茶", "quantity": 1, "total_minor": 1_980},),
        ),
    ),
    orders=(order_of(currency="JPY", total_minor=1_980, titles=("緑茶",)),),
)


@cache
def read(name: str) -> d.Definition:
    return validate(SOURCES[name])[0]


def copies() -> list[Any]:
    """Every text of every preset: preset, message, channel, language."""
    return [
        pytest.param(name, message, channel, language, id=f"{name}-{message}-{channel}-{language}")
        for name in SOURCES
        for message, channels in read(name).messages.items()
        for channel, translations in channels.items()
        for language in translations
    ]


def rendered(copy: d.Copy, snapshot: Snapshot, language: str) -> Rendered:
    shop = StoreShown(
        name="Erbe Buone", url="https://erbe.example", postal_address="Via Roma 1, 20121 Milano"
    )
    oil = ProductShown(title="Olio", url="https://erbe.example/olio", price_minor=1_200)
    around = Surroundings(
        store=shop,
        locale=language,
        zone=ZoneInfo("Europe/Rome"),
        targets={
            "unsubscribe": "https://m.erbe.example/u/1",
            "survey": "https://m.erbe.example/s/1",
        },
        offer=OfferShown(
            code="GRAZIE-7KQ2",
            percent=10,
            amount_minor=None,
            currency=snapshot.currency,
            expires_at=NOW + timedelta(days=10),
        ),
        recommendations=Recommendations(discover=(oil,) if snapshot.first_name else ()),
        shorten=lambda target: "https://m.erbe.example/l/1.a8f3Kq9ZrT",
    )
    context = build_context(snapshot, {"cart_id": str(UUID(int=3))}, around)
    return render(copy.fields, context, language)


def text_of(name: str, message: str, channel: str, language: str) -> d.Copy:
    return read(name).messages[message][channel][language]  # type: ignore[index]


def sends(name: str) -> list[d.Send]:
    return [node for node in read(name).nodes.values() if isinstance(node, d.Send)]


def test_the_presets_are_the_twelve_programmes() -> None:
    assert set(SOURCES) == {
        "abandoned-cart",
        "complementary-upsell",
        "inactivity",
        "low-score",
        "nurture",
        "post-sale",
        "reactivation-60",
        "referral-ask",
        "signs-of-leaving",
        "tickets-up",
        "use-down",
        "welcome",
    }


@pytest.mark.requirement(127)
@pytest.mark.parametrize("name", SOURCES)
def test_a_preset_is_valid_in_all_four_languages(name: str) -> None:
    definition, warnings = validate(SOURCES[name], check)

    assert definition.slug == name
    assert definition.languages == LANGUAGES
    assert warnings == []


@pytest.mark.parametrize(("name", "message", "channel", "language"), copies())
def test_a_preset_uses_only_variables_its_purpose_has(
    name: str, message: str, channel: str, language: str
) -> None:
    copy = text_of(name, message, channel, language)

    assert check(copy.fields, read(name).purpose) == []


@pytest.mark.requirement(111)
@pytest.mark.parametrize("snapshot", [EVERYTHING, ALMOST_NOTHING], ids=["everything", "little"])
@pytest.mark.parametrize(("name", "message", "channel", "language"), copies())
def test_a_preset_reads_well_for_everybody(
    name: str, message: str, channel: str, language: str, snapshot: Snapshot
) -> None:
    copy = text_of(name, message, channel, language)

    text = rendered(copy, snapshot, language)

    assert not re.search(r"\{\{|\}\}|\{%|  |None| ,| \.(\s|$)", text.body), text.body
    if channel == "email":
        assert 0 < len(text.subject) < 50
        assert len(text.preview) < 90
        assert text.html.startswith("<!doctype html>")
        assert "https://m.erbe.example/u/1" in text.html
        assert "https://m.erbe.example/u/1" in text.body


@pytest.mark.parametrize("snapshot", [EVERYTHING, ALMOST_NOTHING], ids=["everything", "little"])
@pytest.mark.parametrize(
    ("name", "message", "channel", "language"),
    [copy for copy in copies() if "-sms-" in str(copy.id)],
)
def test_a_text_fits_one_part_and_names_the_shop_and_the_way_out(
    name: str, message: str, channel: str, language: str, snapshot: Snapshot
) -> None:
    text = rendered(text_of(name, message, channel, language), snapshot, language).body

    assert segments(text).parts == 1, (segments(text), text)
    assert text.startswith("Erbe Buone:")
    assert "STOP" in text


@pytest.mark.requirement(65, 67)
def test_the_cart_flow_writes_at_one_and_twenty_four_hours_and_discounts_only_at_the_end() -> None:
    nodes = list(read("abandoned-cart").nodes.values())

    waits = [node.duration for node in nodes if isinstance(node, d.WaitFor)]
    kinds = [type(node) for node in nodes if isinstance(node, d.Send | d.MakeOffer)]

    # The trigger itself comes one hour after the last change.
    assert waits == [timedelta(hours=hours) for hours in (23, 30, 71)]
    assert kinds == [d.Send, d.Send, d.Send, d.MakeOffer, d.Send, d.Send]


@pytest.mark.requirement(43)
def test_win_back_shows_one_code_that_ends_on_day_ten_so_that_last_days_is_true() -> None:
    definition = read("reactivation-60")
    offers = [node for node in definition.nodes.values() if isinstance(node, d.MakeOffer)]
    waits = [node.duration for node in definition.nodes.values() if isinstance(node, d.WaitFor)]

    assert definition.trigger == d.InactivityTrigger(days=60, since="last_order")
    assert [(offer.expires_after, offer.clock) for offer in offers] == [
        (timedelta(days=10), d.Clock.ENTRY)
    ]
    assert waits == [timedelta(days=days) for days in (3, 7, 10)]
    assert {send.offer for send in sends("reactivation-60")} == {"gift"}
    last = text_of("reactivation-60", "last-days", "email", "it")
    assert "12 marzo" not in str(last.fields)
    assert "11 marzo" in rendered(last, EVERYTHING, "it").body


@pytest.mark.requirement(46, 70)
def test_inactivity_writes_once_for_each_state_and_leaves_day_sixty_to_win_back() -> None:
    definition = read("inactivity")
    waits = [node.duration for node in definition.nodes.values() if isinstance(node, d.WaitFor)]

    assert definition.trigger == d.InactivityTrigger(days=14, since="last_active")
    assert waits == [timedelta(days=day - 14) for day in (21, 30, 45, 60)]
    assert [send.offer for send in sends("inactivity")] == [None, None, "delivery", "gift"]


@pytest.mark.requirement(44, 45, 47)
@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("welcome", [2, 5, 7, 14]),
        ("nurture", [4, 8, 12, 16]),
        ("post-sale", [1, 3, 7, 14, 30, 60, 90]),
    ],
)
def test_a_sequence_keeps_its_days(name: str, days: list[int]) -> None:
    waits = [node for node in read(name).nodes.values() if isinstance(node, d.WaitFor)]

    assert [wait.duration for wait in waits] == [timedelta(days=day) for day in days]
    assert {wait.clock for wait in waits} == {d.Clock.ENTRY}


@pytest.mark.requirement(48, 71)
def test_only_what_advertises_nothing_is_sent_as_service() -> None:
    service = {name: [s.id for s in sends(name) if not s.commercial] for name in SOURCES}

    assert {name: ids for name, ids in service.items() if ids} == {
        "low-score": ["survey-whatsapp", "survey-mail"],
        "post-sale": ["day-1", "day-3"],
        "signs-of-leaving": ["payment"],
    }


@pytest.mark.requirement(74)
def test_who_has_more_tickets_is_asked_only_when_a_person_has_seen_them_through() -> None:
    nodes = read("tickets-up").nodes.values()
    (task,) = (node for node in nodes if isinstance(node, d.MakeTask))
    (ask,) = sends("tickets-up")

    assert (task.owner, task.holds_promotions) == ("success", True)
    assert ask.commercial, "or an open task would not hold it"
    assert ask.deadline == timedelta(days=13)
    for language in LANGUAGES:
        assert text_of("tickets-up", "ask", "email", language).fields["link"] == "survey"


@pytest.mark.requirement(74, 75)
def test_milder_signs_wait_for_whatever_is_more_urgent() -> None:
    grave = [read(name).priority for name in ("low-score", "signs-of-leaving", "abandoned-cart")]

    assert read("use-down").priority < read("tickets-up").priority < min(grave)
    assert (read("tickets-up").holdout, read("use-down").holdout) == (0, 10)


@pytest.mark.requirement(58, 59, 64, 80, 110)
def test_a_low_score_makes_an_urgent_call_that_holds_promotions() -> None:
    task = next(n for n in read("low-score").nodes.values() if isinstance(n, d.MakeTask))

    assert task.due <= timedelta(hours=1)
    assert task.holds_promotions
    for part in ("Opening", "Purpose", "Questions", "Listening", "Solution", "Closing"):
        assert f"{part}" in task.script["en"]


@pytest.mark.requirement(63, 93)
def test_a_high_score_is_asked_for_a_recommendation_two_days_later() -> None:
    waits = [n for n in read("referral-ask").nodes.values() if isinstance(n, d.WaitFor)]

    assert [wait.duration for wait in waits] == [timedelta(days=2)]


@pytest.mark.requirement(67)
def test_a_cart_s_incentive_is_a_text_only_where_texts_can_be_sent() -> None:
    flow = read("abandoned-cart")
    text, mail = flow.nodes["incentive-text"], flow.nodes["incentive"]
    branch = next(
        node
        for node in flow.nodes.values()
        if isinstance(node, d.Branch) and node.ways[0].to == text.id
    )
    wish = branch.ways[0].when
    assert wish is not None
    ana = person(
        country="IT",
        phone="+393471234567",
        consent={"sms": ConsentNow(state="subscribed", since=NOW, source="shopify")},
    )

    assert not holds(wish, ana, {}, NOW).result
    assert holds(wish, replace(ana, connected=frozenset({"sms"})), {}, NOW).result
    assert branch.ways[-1].to == mail.id


@pytest.mark.requirement(71)
@pytest.mark.parametrize(
    ("connected", "templates", "step"),
    [
        ({"sms", "whatsapp"}, {"low-score.survey.it"}, "survey-whatsapp"),
        ({"sms", "whatsapp"}, {"low-score.survey"}, "survey-whatsapp"),
        ({"sms", "whatsapp"}, {"low-score.survey.es", "post-sale.survey"}, "survey-mail"),
        ({"sms", "whatsapp"}, set(), "survey-mail"),
        ({"sms"}, {"low-score.survey.it"}, "survey-mail"),
    ],
)
def test_a_survey_whatsapp_would_not_take_goes_by_mail(
    connected: set[str], templates: set[str], step: str
) -> None:
    branch = next(n for n in read("low-score").nodes.values() if isinstance(n, d.Branch))
    ana = person(
        locale="it-IT",
        consent={"whatsapp": ConsentNow(state="subscribed", since=NOW, source="shopify")},
        connected=frozenset(connected),
        whatsapp_templates=frozenset(templates),
    )

    way = next(w for w in branch.ways if w.when is None or holds(w.when, ana, {}, NOW).result)

    assert way.to == step


@pytest.mark.requirement(64, 71)
@pytest.mark.parametrize(("line", "is_low"), [(5, False), (6, True)])
def test_what_a_low_score_is_follows_the_store_s_setting(line: int, is_low: bool) -> None:
    trigger = read("low-score").trigger
    ana = person(score=6, low_score=line)

    assert isinstance(trigger, d.EventTrigger)
    assert trigger.where is not None
    assert holds(trigger.where, ana, {}, NOW).result is is_low
