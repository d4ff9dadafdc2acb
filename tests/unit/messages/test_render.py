from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.customers.snapshot import Snapshot
from app.messages.context import OfferShown, StoreShown, Surroundings, build_context
from app.messages.liquid import CopyError
from app.messages.products import ProductShown, Recommendations
from app.messages.render import Rendered, check, render
from app.messages.variables import ALWAYS, BY_PURPOSE
from tests.unit.segments.people import NOW, cart_of, order_of, person

CART = {"cart_id": str(UUID(int=3))}
MAIL = {
    "subject": "Your cart",
    "preview": "Still here",
    "heading": "Hello",
    "body": "{{ greeting }}\n\nfirst line\nsecond line",
    "button": "Back",
    "link": "cart",
    "show": "cart",
}
NASTY = "Oil <b>30</b> &amp; \"'><script>alert(1)</script>"


def shopper(**values: Any) -> Snapshot:
    return person(**{"first_name": "Ana", "carts": (cart_of(),), **values})


def surroundings(**values: Any) -> Surroundings:
    return Surroundings(
        **{
            "store": StoreShown(
                name="Erbe & Buone", url="https://shop.example", postal_address="Via Roma 1"
            ),
            "locale": "en",
            "zone": ZoneInfo("Europe/Rome"),
            "targets": {"unsubscribe": "https://c.example/u?a=1&b=2"},
            **values,
        }
    )


def made(copy: dict[str, Any], snapshot: Snapshot | None = None, **values: Any) -> Rendered:
    around = surroundings(**values)
    context = build_context(snapshot or shopper(), CART, around)
    return render(copy, context, around.locale)


def test_a_mail_has_everything_the_law_and_the_reader_want() -> None:
    mail = made(MAIL)

    for text in (mail.html, mail.body):
        assert "Hi Ana," in text
        assert "Via Roma 1" in text
        assert "because you asked" in text
        assert "€49.50" in text
    assert 'href="https://c.example/u?a=1&amp;b=2"' in mail.html
    assert "Unsubscribe: https://c.example/u?a=1&b=2" in mail.body
    assert 'lang="en"' in mail.html
    assert mail.subject == "Your cart"
    assert mail.preview in mail.html


def test_paragraphs_and_line_breaks_of_the_copy_are_kept() -> None:
    mail = made(MAIL)

    assert "first line<br" in mail.html
    assert "Hi Ana,\n\nfirst line\nsecond line" in mail.body


def test_what_comes_from_the_shop_can_never_become_markup() -> None:
    line = {
        "product_key": "p1",
        "title": NASTY,
        "quantity": 1,
        "total_minor": 100,
        "url": 'https://shop.example/p?"><script>alert(1)</script>',
        "image_url": "javascript:alert(1)",
    }
    snapshot = shopper(carts=(cart_of(lines=(line,), recovery_url="javascript:alert(2)"),))

    mail = made({**MAIL, "subject": "{{ cart.first }}", "body": "{{ cart.first }}"}, snapshot)

    assert "<script>alert" not in mail.html
    assert "javascript:" not in mail.html
    assert "Oil 30 & \"'>" in mail.body
    assert mail.subject == "Oil 30 & \"'>"
    assert 'href="https://shop.example"' in mail.html


def test_a_merchants_own_markup_is_kept_to_a_short_list() -> None:
    body = '<b>Bold</b> <a href="https://x.example/?a=1&b=2">here</a> <img src=x onerror=hack()>'

    mail = made({**MAIL, "body": body})

    assert "<b>Bold</b>" in mail.html
    assert "onerror" not in mail.html
    assert "Bold here (https://x.example/?a=1&b=2)" in mail.body


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Ana", "Hi Ana,"),
        ("MARIA JOSÉ", "Hi Maria José,"),
        ("d'Angelo", "Hi d'Angelo,"),
        ("李", "Hi 李,"),
        (None, "Hi,"),
        ("", "Hi,"),
        ("x1234", "Hi,"),
        ("WIN $500 http://evil.example", "Hi,"),
        ("www.evil.example", "Hi,"),
        ("a" * 41, "Hi,"),
        ("{{ store.name }}", "Hi,"),
    ],
)
def test_a_greeting_uses_only_what_can_be_a_name(name: str | None, greeting: str) -> None:
    assert made({"text": "{{ greeting }}"}, shopper(first_name=name)).body == greeting


@pytest.mark.parametrize(
    ("locale", "greeting", "total", "day"),
    [
        ("en", "Hi Ana,", "€49.50", "March 11"),
        ("en-GB", "Hi Ana,", "€49.50", "11 March"),
        ("it", "Ciao Ana,", "49,50 €", "11 marzo"),
        ("pt-BR", "Olá, Ana!", "€ 49,50", "11 de março"),
        ("pt-PT", "Olá, Ana!", "49,50 €", "11 de março"),
        ("es", "Hola, Ana:", "49,50 €", "11 de marzo"),
        ("de", "Hi Ana,", "€49.50", "March 11"),
        ("xx-nonsense", "Hi Ana,", "€49.50", "March 11"),
    ],
)
def test_prices_and_dates_are_written_as_the_reader_writes_them(
    locale: str, greeting: str, total: str, day: str
) -> None:
    offer = OfferShown(
        code="A", percent=10, amount_minor=None, currency="EUR", expires_at=NOW + timedelta(days=10)
    )
    copy = {"text": "{{ greeting }}|{{ cart.total }}|{{ offer.expires_on }}"}

    assert made(copy, locale=locale, offer=offer).body == f"{greeting}|{total}|{day}"


@pytest.mark.parametrize(
    ("hours", "zone", "day"),
    [
        (10 * 24, "Europe/Rome", "March 11"),
        (10 * 24 + 14, "Europe/Rome", "March 12"),
        (9 * 24 + 15, "Asia/Tokyo", "March 11"),
        (3, "Europe/Rome", "March 2"),
    ],
)
def test_the_last_day_named_is_one_on_which_the_code_works_until_midnight(
    hours: float, zone: str, day: str
) -> None:
    ends = NOW + timedelta(hours=hours)
    offer = OfferShown(code="A", percent=None, amount_minor=500, currency="EUR", expires_at=ends)

    text = made({"text": "{{ offer.expires_on }}"}, offer=offer, zone=ZoneInfo(zone)).body

    assert text == day


@pytest.mark.parametrize(
    ("percent", "amount", "what"),
    [(10, None, "10%"), (None, 500, "€5.00"), (None, None, "free shipping")],
)
def test_an_offers_worth_is_said_in_words(
    percent: int | None, amount: int | None, what: str
) -> None:
    offer = OfferShown(
        code="A", percent=percent, amount_minor=amount, currency="EUR", expires_at=NOW
    )

    assert made({"text": "{{ offer.what }}"}, offer=offer).body == what


@pytest.mark.parametrize(
    ("copy", "field", "line", "words"),
    [
        ({"text": "{{ offer.code }}"}, "text", 1, "offer"),
        ({**MAIL, "body": "ok\n\n{{ customer.surname }}"}, "body", 3, "customer.surname"),
        ({**MAIL, "subject": "{{ nothing }}"}, "subject", 1, "nothing"),
        ({"text": "{{ 'a' | shout }}"}, "text", 1, "shout"),
        ({"text": "{% include 'etc/passwd' %}"}, "text", 1, "include"),
        ({"text": "{% if %}"}, "text", 1, "missing expression"),
        ({"text": "{{ 'open"}, "text", 1, "expected"),
        ({"text": "x" * 20_001}, "text", None, "longer"),
        ({"text": "{% for i in (1..100000) %}x{% endfor %}"}, "text", 1, "loop"),
        ({"text": "hi", "link": "ftp://x.example"}, "link", None, "https://"),
        ({"text": "hi", "link": "survey"}, "link", None, "survey"),
    ],
)
def test_what_cannot_be_said_is_an_error_with_its_field_and_line(
    copy: dict[str, Any], field: str, line: int | None, words: str
) -> None:
    with pytest.raises(CopyError) as caught:
        made(copy)

    assert caught.value.field == field
    assert caught.value.line == line
    assert words in caught.value.problem


def test_a_cart_that_is_no_longer_there_is_an_error_not_an_empty_mail() -> None:
    with pytest.raises(CopyError):
        made(MAIL, shopper(carts=()))


def test_a_loop_inside_loops_cannot_keep_a_worker_busy() -> None:
    inner = "{% for a in (1..99) %}{% for b in (1..99) %}{% for c in (1..99) %}.{% endfor %}"

    with pytest.raises(CopyError):
        made({"text": inner + "{% endfor %}{% endfor %}"})


def test_a_phone_text_has_plain_signs_and_one_line() -> None:
    text = made({"text": "It’s “10\u00a0%” –\n\n here… {{ link }}", "link": "shop"}).body

    assert text == 'It\'s "10 %" - here... https://shop.example'


def test_a_whatsapp_templates_values_keep_their_order() -> None:
    copy = {"text": "x", "variables": ["{{ greeting }}", "{{ store.name }}", "{{ link }}"]}

    assert made({**copy, "link": "shop"}).variables == (
        "Hi Ana,",
        "Erbe & Buone",
        "https://shop.example",
    )


def test_only_links_that_are_shown_are_made_short_and_the_way_out_never_is() -> None:
    asked: list[str] = []

    def shorten(target: str) -> str:
        asked.append(target)
        return "https://s.example/1"

    mail = made(
        {**MAIL, "body": "x", "link": "shop", "show": "recommendations"},
        shopper(carts=(cart_of(recovery_url="https://shop.example/recover"),)),
        shorten=shorten,
        recommendations=Recommendations(
            discover=[ProductShown(title="Oil", url="https://shop.example/oil")]
        ),
    )

    assert set(asked) == {"https://shop.example", "https://shop.example/oil"}
    assert 'href="https://c.example/u?a=1&amp;b=2"' in mail.html


@pytest.mark.parametrize(
    ("basis", "orders", "reason"),
    [
        ("opt_in", 0, "you asked"),
        ("soft_opt_in", 1, "you have bought"),
        ("soft_opt_in", 0, "you left your address"),
        ("transactional", 1, "your order"),
        ("transactional", 0, "you left your address"),
    ],
)
def test_the_reason_in_the_footer_is_true(basis: str, orders: int, reason: str) -> None:
    mail = made(MAIL, shopper(orders_count=orders), basis=basis)

    assert reason in mail.body


def test_a_long_cart_shows_eight_products_and_how_many_more() -> None:
    lines = tuple(
        {"product_key": f"p{n}", "title": f"Oil {n}", "quantity": 1, "total_minor": 100}
        for n in range(20)
    )

    mail = made(MAIL, shopper(carts=(cart_of(lines=lines),)))

    assert mail.body.count("- Oil") == 8
    assert "and 12 more" in mail.body


@pytest.mark.parametrize(
    ("copy", "purpose", "sentences"),
    [
        (MAIL, "cart", []),
        ({"body": "{{ order.first }}"}, "cart", ["'order.first' is not known in a cart flow"]),
        ({"body": "{{ order.first }}"}, None, []),
        ({"body": "{{ custmer.first_name }}"}, "cart", ["there is no variable"]),
        ({"body": "{% for p in cart.lines %}{{ p.title }}{% endfor %}"}, "cart", []),
        ({"body": "{% assign a = 1 %}{{ a }}"}, "cart", []),
        ({"body": "{% for p in recommendations.discover %}{{ p.price }}{% endfor %}"}, "cart", []),
        ({"body": "{% if recommendations.replenish.size > 0 %}x{% endif %}"}, "cart", []),
        ({"body": "{{ recommendations[0].title }}"}, "cart", ["show the list by a loop"]),
        ({"body": "{{ recommendations.first.title }}"}, "cart", ["show the list by a loop"]),
        ({"body": "{{ recommendations.bought.size }}"}, "cart", ["show the list by a loop"]),
        ({"body": "{% if %}"}, "cart", ["missing expression"]),
        ({"show": "order"}, "cart", ["cart, recommendations"]),
        ({"link": "chart"}, "cart", ["https://"]),
        ({"variables": ["{{ greeting }}", "{{ nope }}"]}, "cart", ["nope"]),
    ],
)
def test_copy_is_checked_when_it_is_saved(
    copy: dict[str, Any], purpose: str | None, sentences: list[str]
) -> None:
    problems = check(copy, purpose)

    assert len(problems) == len(sentences)
    for problem, sentence in zip(problems, sentences, strict=True):
        assert sentence in problem.sentence


@pytest.mark.parametrize(
    "name", sorted({*ALWAYS, *(name for names in BY_PURPOSE.values() for name in names)})
)
def test_every_variable_of_the_merchants_list_has_a_value(name: str) -> None:
    offer = OfferShown(
        code="A", percent=10, amount_minor=None, currency="EUR", expires_at=NOW + timedelta(days=9)
    )
    targets = {"unsubscribe": "https://c.example/u", "survey": "https://c.example/s"}
    snapshot = shopper(orders=(order_of(),))
    told = Recommendations(
        replenish=[ProductShown(title="Oil")], discover=[ProductShown(title="Tea")]
    )
    around = surroundings(offer=offer, targets=targets, recommendations=told)

    context = build_context(snapshot, CART, around)

    assert render({"text": f"{{{{ {name} }}}}", "link": "shop"}, context, "en").body


PICKS = (
    "{% for p in recommendations %}{{ p.title }} {{ p.price }};{% else %}nothing{% endfor %}"
    "{{ recommendations.size }}{{ recommendations.replenish.size }}"
)


def test_what_is_recommended_is_looped_over_and_an_empty_list_says_nothing() -> None:
    oil = ProductShown(title="Oil", price_minor=1_250, currency="EUR")
    tea = ProductShown(title="<b>Tea</b>", price_minor=900, currency="EUR")
    both = Recommendations(replenish=[oil], discover=[tea])

    assert made({"text": PICKS}, recommendations=both).body == "Oil €12.50;Tea €9.00;21"
    assert made({"text": PICKS}, locale="it", recommendations=both).body.startswith("Oil 12,50 €;")
    assert made({"text": PICKS}).body == "nothing00"


@pytest.mark.parametrize(
    ("show", "shown"),
    [
        ("recommendations", ["Oil", "Tea"]),
        ("recommendations.replenish", ["Oil"]),
        ("recommendations.discover", ["Tea"]),
    ],
)
def test_a_mail_shows_the_purpose_it_names(show: str, shown: list[str]) -> None:
    told = Recommendations(
        replenish=[ProductShown(title="Oil")], discover=[ProductShown(title="Tea")]
    )

    mail = made({**MAIL, "body": "x", "link": "shop", "show": show}, recommendations=told)

    assert [title for title in ("Oil", "Tea") if f"- {title}" in mail.body] == shown
    assert [title for title in ("Oil", "Tea") if f">{title}<" in mail.html] == shown
