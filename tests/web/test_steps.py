"""A flow's page lists what each step does and says, and how many people stand before it."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import post
from tests.web.reading import read

_STEP = re.compile(r"<li>(.*?)</li>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def steps(browser: FlaskClient, slug: str, language: str = "en") -> dict[str, str]:
    """What is said of each step, by its id."""
    page = read(browser, f"/flows/{slug}", language)
    listed = page.partition('<ol class="checklist">')[2].partition("</ol>")[0]
    told = [" ".join(unescape(_TAG.sub(" ", one)).split()) for one in _STEP.findall(listed)]
    return {line.partition(" ")[0]: line.partition(" ")[2] for line in told}


WORDS = {
    "en": ("until 23 hours after the entry", "You left something", "Support · Call a customer"),
    "it": ("fino a 23 ore dall'ingresso", "Hai lasciato qualcosa", "Assistenza · Chiama"),
}


@pytest.mark.parametrize("language", WORDS)
def test_a_step_says_its_words_its_time_or_who_does_it(browser: FlaskClient, language: str) -> None:
    post(browser, "/flows/presets/low-score", {})
    wait, mail, task = WORDS[language]

    cart = steps(browser, "abandoned-cart", language)

    assert wait in cart["2"]
    assert f"E-mail · {mail}" in cart["first"]
    assert re.search(r" 1 (here|qui)$", cart["second"])
    assert task in steps(browser, "low-score", language)["call"]
