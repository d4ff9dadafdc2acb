"""What the page of a new segment offers: lines that can be copied, and a ready-made beginning."""

from html import unescape

import pytest
from flask.testing import FlaskClient

from app.segments.conditions import Group
from app.segments.facts import FACTS
from app.segments.written import condition_of
from app.web.pages.segment_facts import fact_lines
from tests.web.reading import read


def test_every_line_can_be_copied_into_a_condition() -> None:
    read = condition_of("all:\n" + "".join(f"  - {line}\n" for line in fact_lines()))

    assert isinstance(read, Group) and len(read.parts) == len(fact_lines())


def test_every_fact_of_a_segment_is_among_the_lines() -> None:
    names = {line.partition(":")[0] for line in fact_lines()}

    assert {name for name, fact in FACTS.items() if fact.column or fact.overlap} < names


@pytest.mark.requirement(41)
def test_an_empty_segment_offers_a_beginning_and_one_that_is_begun_does_not(
    browser: FlaskClient,
) -> None:
    empty = unescape(read(browser, "/segments/new", "it"))
    begun = unescape(read(browser, "/segments/new?start=champions", "it"))

    assert '<a href="/segments/new?start=champions">Campioni</a>' in empty
    assert "Comincia da uno già pronto" not in begun
    for page in (empty, begun):
        assert all(line in page for line in fact_lines())
