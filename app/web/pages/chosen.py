"""Which of several ways led to a message, and why: what chance has chosen before it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.flows.explain import explain
from app.flows.graph import leads_to
from app.flows.known import versions
from app.flows.trying import tried
from app.models import Decision, Message, Store
from app.reasons import Reason
from app.web.words import language, way_in

_BY_CHANCE = (Reason.SPLIT, Reason.DRAWN, Reason.DRAWN_BEFORE)


@dataclass(frozen=True, slots=True)
class Choice:
    """`step`: where it was made; `learns`: the flow's page shows what each way has brought."""

    step: str
    way: str
    why: str
    learns: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """`holdout`: percent of the people whom the flow never messages."""

    choices: list[Choice]
    holdout: int


def chosen_for(session: Session, store: Store, message: Message) -> Chosen:
    version = (message.flow_id, message.version)
    definition = versions(session, store.store_id, {version})[version]
    made = session.scalars(
        select(Decision)
        .where(
            Decision.store_id == store.store_id,
            Decision.journey_id == message.journey_id,
            Decision.reason.in_(_BY_CHANCE),
            Decision.step.in_(leads_to(definition, message.step)),
        )
        .order_by(Decision.decided_at, Decision.decision_id)
    )
    learning = {each.step for each in tried(definition)}
    choices = [_choice(row, store, learns=row.step in learning) for row in made]
    return Chosen(choices, definition.holdout)


def _choice(row: Decision, store: Store, *, learns: bool) -> Choice:
    why = explain(row.reason, row.compared, language(), store.timezone)
    return Choice(row.step or "", way_in(row.compared["variant"], language()), why, learns)
