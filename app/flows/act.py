"""Doing what decisions ask for, as rows: messages planned, codes wanted, tasks, calls, notices.

Nothing here talks to anybody; other workers do, from these rows. Every row is unique by journey and
step, so that a repeat changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.flows import effects as e
from app.flows import record
from app.flows.arbiter import Place, Wish
from app.flows.best_hour import HOUR
from app.flows.bulk import insert_many
from app.flows.definition import Definition, Translated
from app.flows.happenings import OWN_NAMES
from app.jobs import nudge_after_commit
from app.messages import PlanRequest, plan_many
from app.models import Draw, Journey, OutboundCall, Store, Task, new_id
from app.models.rows import put
from app.offers import OfferSpec, want
from app.reasons import Outcome, Reason
from app.stores.notices import tell

SYNC = "sync"
_NOT_FOR_MESSAGES = OWN_NAMES - {"cart_id", "order_key", "event"}


@dataclass(frozen=True, slots=True)
class Decided:
    """A journey with its verdict."""

    journey: Journey
    definition: Definition
    verdict: e.Verdict

    def sends(self) -> list[e.Send]:
        return [effect for effect in self.verdict.effects if isinstance(effect, e.Send)]


def key_of(journey: Journey, step: str) -> str:
    return f"{journey.journey_id}/{step}"


def wish(decided: Decided, send: e.Send) -> Wish:
    """What a send asks of a person's attention."""
    return Wish(
        key=key_of(decided.journey, send.step),
        flow=decided.definition.slug,
        channel=send.channel,
        commercial=send.commercial,
        priority=decided.definition.priority,
        wanted_at=send.due_at,
        deadline_at=send.deadline_at,
    )


Rows = dict[tuple[UUID, str | None], dict[str, Any]]
"""Decisions by journey and step."""


def plan_all(
    session: Session, every: Sequence[Decided], places: Mapping[str, Place], now: datetime
) -> Rows:
    """Plan the messages that got a place, all at once; the decision about each of them."""
    sends = [
        (decided, send, places[key_of(decided.journey, send.step)])
        for decided in every
        for send in decided.sends()
    ]
    planned = plan_many(
        session,
        [
            (decided.journey, _request(decided, send, place.due_at))
            for decided, send, place in sends
            if place.due_at is not None
        ],
        now,
    )
    rows: Rows = {}
    for decided, send, place in sends:
        key = (decided.journey.journey_id, send.step)
        told = _record(send, place)
        rows[key] = record.of_journey(decided.journey, told, now, planned.get(key))
    return rows


def _request(decided: Decided, send: e.Send, due_at: datetime) -> PlanRequest:
    remembered = decided.verdict.context.items()
    context = {name: value for name, value in remembered if name not in _NOT_FOR_MESSAGES}
    if send.offer is not None:
        context["offer"] = send.offer
    if send.hour is not None:
        context[HOUR] = dict(send.hour)
    return PlanRequest(
        step=send.step,
        channel=send.channel,
        name=send.message,
        variant=send.variant,
        purpose=decided.definition.purpose,
        commercial=send.commercial,
        due_at=due_at,
        deadline_at=send.deadline_at,
        context=context,
    )


def _record(send: e.Send, place: Place) -> e.Record:
    values = {"channel": send.channel, "deadline": send.deadline_at.isoformat(), **place.compared}
    if send.variant is not None:
        values["variant"] = send.variant
    if place.due_at is None:
        outcome, reason = Outcome.REFUSED, Reason.DEADLINE_PASSED
    elif place.reason is not None:
        outcome, reason = Outcome.MOVED, place.reason
    else:
        outcome, reason = Outcome.DONE, Reason.PLANNED
        values["due_at"] = place.due_at.isoformat()
    return e.Record(step=send.step, outcome=outcome, reason=reason, compared=values)


def act(session: Session, store: Store, every: Sequence[Decided], now: datetime) -> None:
    """Everything but the messages."""
    tasks: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    draws: list[dict[str, Any]] = []
    for decided in every:
        for effect in decided.verdict.effects:
            match effect:
                case e.WantOffer():
                    want(session, decided.journey, _offer(effect), now)
                case e.MakeTask():
                    tasks.append(_task(decided.journey, effect, store.locale, now))
                case e.Notify():
                    _notify(session, decided, effect, store.locale)
                case e.Tag():
                    calls.append(_call(decided, effect.step, "tag", {"tag": effect.tag}, now))
                case e.Draw():
                    draws.append(_draw(decided.journey, effect, now))
                case e.Call():
                    calls.append(_call(decided, effect.step, "webhook", {"url": effect.url}, now))
    # Over the way of an earlier version that has gone from the file.
    put(session, Draw, draws)
    insert_many(session, Task, tasks)
    if insert_many(session, OutboundCall, calls):
        nudge_after_commit(session, SYNC, store.store_id)


def _offer(effect: e.WantOffer) -> OfferSpec:
    return OfferSpec(
        name=effect.name,
        percent=effect.percent,
        amount_minor=effect.amount_minor,
        free_shipping=effect.percent is None and effect.amount_minor is None,
        expires_at=effect.expires_at,
    )


def _task(journey: Journey, effect: e.MakeTask, locale: str, now: datetime) -> dict[str, Any]:
    return {
        **_of(journey, effect.step),
        "task_id": new_id(),
        "title": in_language(effect.title, locale),
        "script": in_language(effect.script, locale),
        "owner": effect.owner,
        "due_at": effect.due_at,
        "holds_promotions": effect.holds_promotions,
        "created_at": now,
    }


def _notify(session: Session, decided: Decided, effect: e.Notify, locale: str) -> None:
    journey = decided.journey
    tell(
        session,
        f"notify:{key_of(journey, effect.step)}",
        in_language(effect.text, locale),
        kind="notify",
        details={"customer_id": str(journey.customer_id), "flow": decided.definition.slug},
    )


def _draw(journey: Journey, effect: e.Draw, now: datetime) -> dict[str, Any]:
    return {
        "store_id": journey.store_id,
        "flow_id": journey.flow_id,
        "step": effect.step,
        "customer_id": journey.customer_id,
        "way": effect.way,
        "day": effect.day,
        "drawn_at": now,
    }


def _call(
    decided: Decided, step: str, kind: str, details: dict[str, str], now: datetime
) -> dict[str, Any]:
    journey = decided.journey
    return {
        **_of(journey, step),
        "call_id": new_id(),
        "kind": kind,
        "details": {**details, "flow": decided.definition.slug},
        "due_at": now,
        "attempts": 0,
    }


def _of(journey: Journey, step: str) -> dict[str, Any]:
    return {
        "store_id": journey.store_id,
        "journey_id": journey.journey_id,
        "customer_id": journey.customer_id,
        "step": step,
    }


def in_language(texts: Translated, locale: str) -> str:
    """The text in this language, a sister of it, English, or whichever there is."""
    language, _, _ = locale.partition("-")
    sisters = [text for name, text in texts.items() if name.partition("-")[0] == language]
    return texts.get(locale) or next(iter([*sisters, texts.get("en", ""), *texts.values()]))


def ids_of(every: Sequence[Decided]) -> list[UUID]:
    return [decided.journey.journey_id for decided in every]
