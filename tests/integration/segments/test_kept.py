"""Segments as a merchant keeps them: what may be kept, changed and archived, and what not."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app import clock, segments
from app.errors import InvalidInput
from app.models import Segment
from app.segments import Draft
from app.segments.presets import PRESETS
from app.tenancy import store_transaction
from tests.conftest import MakeStore

MANY = "customer.orders_count: {at_least: 3}"


@pytest.fixture
def session(store_id: UUID) -> Iterator[Session]:
    with store_transaction(store_id) as opened:
        segments.plant(opened, clock.now())
        yield opened


def keep(session: Session, slug: str, written: str) -> Segment:
    return segments.keep(session, Draft(slug, slug.title(), written), clock.now())[0]


def refused(session: Session, slug: str, written: str) -> str:
    with pytest.raises(InvalidInput) as error:
        keep(session, slug, written)
    return str(error.value)


@pytest.mark.requirement(25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36)
def test_every_store_has_the_ready_made_segments_in_four_languages(session: Session) -> None:
    kept = segments.list_segments(session)

    assert [each.slug for each in kept] == list(PRESETS)
    covered = {number for preset in PRESETS.values() for number in preset.requirements}
    assert set(range(25, 37)) <= covered
    for preset in PRESETS.values():
        assert set(preset.names) == set(preset.actions) == {"en", "it", "pt-BR", "es"}
        assert segments.check(session, preset.slug, preset.written)


def test_planting_again_changes_nothing_but_what_reads_otherwise(session: Session) -> None:
    before = {each.slug: each.segment_id for each in segments.list_segments(session)}
    segments.get_segment(session, "champions").written = "customer.orders_count: {is: 9}"
    session.flush()

    segments.plant(session, clock.now())
    session.expire_all()

    after = segments.list_segments(session)
    assert {each.slug: each.segment_id for each in after} == before
    assert {each.written for each in after} == {each.written for each in PRESETS.values()}


def test_an_own_segment_with_the_name_of_a_later_preset_stays_what_it_is(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        keep(session, "champions", MANY)

        segments.plant(session, clock.now())

        assert segments.get_segment(session, "champions").written == MANY


def test_a_segment_is_created_changed_and_archived(session: Session) -> None:
    made = keep(session, "vip", MANY)

    changed = keep(session, "vip", f"# Better\n{MANY}")
    segments.archive(session, "vip", clock.now())

    assert changed.segment_id == made.segment_id
    assert changed.written == f"# Better\n{MANY}"
    assert "vip" not in {each.slug for each in segments.list_segments(session)}
    assert keep(session, "vip", MANY).archived_at is None


@pytest.mark.parametrize(
    ("written", "place", "hint"),
    [
        (
            "all:\n  - segment.champion: {is: true}",
            "condition.all[0].segment.champion",
            "champions",
        ),
        ("all:\n  - no.fact: {is: 1}", "condition.all[0].no.fact", "line 2: there is no fact"),
        ("since_entry.ordered: {is: true}", "condition.since_entry.ordered", "inside a flow"),
        ("segment.vip: {is: true}", "segment.vip", "vip → vip"),
        ("a: [", "condition", "line 1: this is not YAML"),
        ("any: &a\n  - all: *a", "condition", "write out what *a refers to"),
        (" ", "condition", "write who is in it"),
        ("segment.UPPER: {is: true}", "condition.segment.UPPER", "there is no fact"),
        ("[" * 9_000, "condition", "too deeply"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_place(
    session: Session, written: str, place: str, hint: str
) -> None:
    said = refused(session, "vip", written)

    assert said.startswith(f"{place}: ") and hint in said


def test_no_way_round_leads_a_segment_to_itself(session: Session) -> None:
    keep(session, "first", MANY)
    keep(session, "second", "segment.first: {is: true}")
    keep(session, "third", "none: [{segment.second: {is: true}}]")

    said = refused(session, "first", "any: [{segment.third: {is: false}}]")

    assert "first → third → second → first" in said


def test_segments_that_name_segments_do_not_grow_without_end(session: Session) -> None:
    keep(session, "s0", MANY)
    for number in range(1, 9):
        twice = f"{{segment.s{number - 1}: {{is: true}}}}"
        keep(session, f"s{number}", f"all: [{twice}, {twice}]")

    said = refused(session, "s9", "all: [{segment.s8: {is: true}}, {segment.s8: {is: true}}]")
    grown = refused(session, "s0", f"all: [{{{MANY}}}, {{{MANY}}}]")

    assert said == (
        "segment.s9: with the segments it names it would hold 512 comparisons, and 300 is the most"
    )
    assert "segment.s8" in grown


def test_a_segment_in_use_stays_and_says_by_what(session: Session) -> None:
    keep(session, "first", MANY)
    keep(session, "second", "segment.first: {is: true}")

    with pytest.raises(InvalidInput, match="used by the segment second, the flow win-back"):
        segments.archive(session, "first", clock.now(), ["win-back"])
    with pytest.raises(InvalidInput, match="ready-made"):
        segments.archive(session, "champions", clock.now())
    with pytest.raises(InvalidInput, match="did you mean 'first'"):
        segments.archive(session, "frist", clock.now())
    assert "ready-made" in refused(session, "champions", MANY)


def test_one_store_does_not_see_another_s_segments(make_store: MakeStore) -> None:
    with store_transaction(make_store()) as session:
        keep(session, "vip", MANY)

    with store_transaction(make_store()) as session:
        assert segments.list_segments(session) == []
        assert "there is no segment 'vip'" in refused(session, "a", "segment.vip: {is: true}")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("VIP è qui!", "vip-e-qui"),
        ("  São   Paulo ", "sao-paulo"),
        ("李", ""),
        ("a" * 80, "a" * 60),
    ],
)
def test_a_short_name_is_made_of_a_name(name: str, slug: str) -> None:
    assert segments.slug_of(name) == slug
