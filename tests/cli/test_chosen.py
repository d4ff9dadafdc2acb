"""Which of several ways led to a message, and why: on its page, and at a terminal."""

from html import unescape
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.config import Config
from app.models import Message
from tests.cli.conftest import Run
from tests.cli.test_timeline import sign_in
from tests.integration.flows.conftest import Shop, shop
from tests.web.conftest import PAGE, PUBLIC

__all__ = ["shop"]
STEPS = """  - id: tone
    split: [{name: warm, share: 50, steps: [{tag: {add: w}}]},
            {name: short, share: 50, steps: [{tag: {add: s}}]}]
  - id: gift
    split:
      by: orders
      ways:
        - {name: a, steps: [{id: one, send: {channel: email, message: hello}}]}
        - {name: b, steps: [{id: two, send: {channel: email, message: again}}]}
  - id: subject
    send: {channel: email, message: tried}"""


@pytest.fixture
def written(shop: Shop) -> list[Message]:
    """The two messages of the first who is not held out, both sent."""
    shop.has_flow(STEPS, holdout="10%")
    people = [shop.customer(f"p{number}") for number in range(6)]
    shop.fire(*(shop.act(one, key=f"e-{one}") for one in people))
    shop.advance()
    shop._change(Message, Message.status == "planned", status="delivered", sent_at=shop.clock())
    own = shop.messages(customer_id=shop.messages()[0].customer_id)
    return sorted(own, key=lambda message: message.step == "subject")


def chosen(browser: FlaskClient, message_id: UUID, language: str = "en") -> str:
    headers = {**PAGE, "Accept-Language": language}
    page = browser.get(f"/messages/{message_id}", base_url=PUBLIC, headers=headers)
    assert page.status_code == 200
    return unescape(page.text.partition('<section id="chosen">')[2].partition("</section>")[0])


@pytest.mark.requirement(116)
def test_a_message_says_what_chance_chose_on_its_way_and_why(
    shop: Shop, written: list[Message], config: Config
) -> None:
    browser = sign_in(config, shop.store_id)
    first, second = written
    assert second.variant in ("original", "short")
    gift = {"one": "a", "two": "b"}[first.step]

    on_first, on_second = (chosen(browser, one.message_id) for one in written)

    assert ["at tone" in on_first, "at gift" in on_first, "at subject" in on_first] == [
        True,
        True,
        False,
    ]
    assert f"variant of the test: {gift}, as are 50 of 100 people" in on_first
    assert "at gift" in on_second and "at subject" in on_second
    assert f"variant of the test: {second.variant}, as are 50 of 100" in on_second
    assert 'href="/flows/test-flow#trial-subject"' in on_second
    assert 'href="/flows/test-flow#trial-tone"' in on_second, "fixed shares are counted, too"
    for language, words in (
        ("en", "Of 100 people this flow never writes to 10"),
        ("it", "A 10 persone su 100"),
        ("pt-BR", "A 10 de cada 100 pessoas"),
        ("es", "A 10 de cada 100 personas"),
    ):
        assert words in chosen(browser, first.message_id, language)


def test_where_nothing_was_tried_the_page_says_so(shop: Shop, config: Config) -> None:
    shop.has_flow("  - send: {channel: email, message: hello}")
    shop.fire(shop.act(shop.customer()))
    shop.advance()
    (message,) = shop.messages()

    told = chosen(sign_in(config, shop.store_id), message.message_id)

    assert "Nothing was tried." in told
    assert "writes to everybody it lets in" in told


def test_the_record_at_a_terminal_names_the_variant_of_a_message(
    run: Run, shop: Shop, written: list[Message]
) -> None:
    message = written[1]
    way = {"original": "the original text"}.get(str(message.variant), message.variant)

    record = run("why", str(shop.store_id), str(message.customer_id), "--lang", "en").stdout

    told = " ".join(record.split())
    assert f"variant {way}" in told
    assert "test-flow · subject" in told
