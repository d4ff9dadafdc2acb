"""The segments of a store: the ready-made ones and its own, created, changed, archived, listed.

Never does anything to people: who enters a flow by a segment is for `flows` to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.customers.snapshots import read_segments
from app.errors import InvalidInput
from app.models import Segment, SegmentKind, new_id
from app.segments.conditions import Condition, ConditionError, leaves, needs_journey
from app.segments.facts import SLUG
from app.segments.from_shop import forget_source
from app.segments.naming import TAKEN, check_names, check_whole, unknown, users
from app.segments.presets import PRESETS
from app.segments.written import WHERE, condition_of
from app.tenancy import store_of

MOST = 500
"""Segments of one store: each costs a little of every day's count."""

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """What a merchant wants kept under `slug`."""

    slug: str
    name: str
    written: str


class InUse(InvalidInput):
    """A segment that somebody asks for is not archived. `used`: by what, under their own names."""

    def __init__(self, slug: str, segments: Sequence[str], flows: Sequence[str]) -> None:
        named = [f"the segment {name}" for name in segments]
        named += [f"the flow {name}" for name in flows]
        super().__init__("segment", f"{slug} is used by {', '.join(named)}: change that first")
        self.used = (*segments, *flows)


def list_segments(session: Session) -> Sequence[Segment]:
    """Those that are not archived: the ready-made ones in their order, then the store's own."""
    place = {slug: number for number, slug in enumerate(PRESETS)}
    found = session.scalars(
        select(Segment).where(Segment.store_id == store_of(session), Segment.archived_at.is_(None))
    )
    return sorted(found, key=lambda each: (place.get(each.slug, len(place)), each.name.lower()))


def get_segment(session: Session, slug: str) -> Segment:
    """Raises InvalidInput for one that is not there."""
    found = session.scalar(_by_slug(session, slug).where(Segment.archived_at.is_(None)))
    if found is None:
        raise InvalidInput("segment", unknown(slug, read_segments(session)))
    return found


def check(session: Session, slug: str, written: str) -> Condition:
    """The condition, if it could be kept under this name. Raises InvalidInput."""
    condition = condition_of(written)
    if needs_journey(condition):
        leaf = next(leaf for leaf in leaves(condition) if needs_journey(leaf))
        raise ConditionError(
            leaf.where, f"{leaf.fact.name} is only known inside a flow, not for a set of people"
        )
    others = read_segments(session)
    check_names(condition, {**others, slug: written})
    check_whole(slug, {**others, slug: written})
    return condition


def keep(session: Session, draft: Draft, now: datetime) -> tuple[Segment, bool]:
    """Create a segment of the store's own, or change it; whether people may stand elsewhere by it
    than before. Raises InvalidInput."""
    _take_turns(session)
    _check_draft(draft)
    check(session, draft.slug, draft.written)
    found = session.scalar(_by_slug(session, draft.slug))
    if found is None:
        return _create(session, draft, now), True
    if found.kind != SegmentKind.OWN:
        whose = "ready-made" if found.kind == SegmentKind.PRESET else "read from the shop"
        raise InvalidInput("segment", f"{draft.slug} is {whose}: keep yours under another name")
    moved = found.written != draft.written or found.archived_at is not None
    found.name, found.written, found.archived_at = draft.name.strip(), draft.written, None
    found.changed_at = now
    if moved:
        found.due_at = now
    session.flush()
    return found, moved


def archive(session: Session, slug: str, now: datetime, flows: Sequence[str] = ()) -> None:
    """Ask it no longer; its days are kept. `flows`: those that use it. Raises InvalidInput."""
    _take_turns(session)
    found = get_segment(session, slug)
    if found.kind == SegmentKind.PRESET:
        raise InvalidInput("segment", f"{slug} is a ready-made one, which stays")
    segments = users(slug, read_segments(session))
    if segments or flows:
        raise InUse(slug, segments, flows)
    found.archived_at, found.due_at = now, None
    if found.kind == SegmentKind.SHOP:
        forget_source(session, found)
    session.flush()


def _create(session: Session, draft: Draft, now: datetime) -> Segment:
    many = select(func.count()).where(Segment.store_id == store_of(session))
    if (session.scalar(many) or 0) >= MOST:
        raise InvalidInput("segment", f"a store keeps {MOST} at most; change one that is there")
    made = Segment(
        store_id=store_of(session),
        segment_id=new_id(),
        slug=draft.slug,
        name=draft.name.strip(),
        written=draft.written,
        created_at=now,
        changed_at=now,
        due_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _check_draft(draft: Draft) -> None:
    if not 0 < len(draft.name.strip()) <= _LONGEST_NAME:
        raise InvalidInput("name", f"write a name of at most {_LONGEST_NAME} letters")
    if not SLUG.fullmatch(draft.slug):
        raise InvalidInput("name", "it needs a letter from a to z, or a digit")
    if draft.slug in TAKEN:
        raise InvalidInput("name", f"{draft.slug} is a page of ours; write a longer one")
    if not draft.written.strip():
        raise InvalidInput(WHERE, "write who is in it, such as customer.orders_count: {is: 1}")


def _by_slug(session: Session, slug: str) -> Select[Segment]:
    return select(Segment).where(Segment.store_id == store_of(session), Segment.slug == slug)


def _take_turns(session: Session) -> None:
    """Two changes at once could each be right, and name each other."""
    session.execute(
        select(Segment.segment_id)
        .where(Segment.store_id == store_of(session))
        .order_by(Segment.segment_id)
        .with_for_update()
    )
