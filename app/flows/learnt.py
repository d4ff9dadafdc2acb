"""What trials have learnt, read for a batch of journeys: the shares of now, and who was drawn into
what before. Nothing is asked for flows that try nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import experiments
from app.flows import effects as e
from app.flows.known import Versions
from app.flows.trying import tried
from app.models import Draw, Journey
from app.models.rows import STORE, listed, one_of
from app.tenancy import store_of

_DRAWS = select(Draw.flow_id, Draw.customer_id, Draw.step, Draw.way).where(
    Draw.store_id == STORE,
    one_of(Draw.flow_id, "flows"),
    one_of(Draw.customer_id, "people"),
)


@dataclass(frozen=True, slots=True)
class Learnt:
    """`waves`: by flow and step; `drawn`: by flow and person, then by step."""

    waves: Mapping[UUID, Mapping[str, e.Wave]] = field(default_factory=dict)
    drawn: Mapping[tuple[UUID, UUID], Mapping[str, str]] = field(default_factory=dict)


def load_learnt(session: Session, journeys: Sequence[Journey], known: Versions) -> Learnt:
    flows = {flow_id for (flow_id, _), definition in known.items() if any(tried(definition))}
    if not flows:
        return Learnt()
    waves: dict[UUID, dict[str, e.Wave]] = defaultdict(dict)
    for wave in experiments.newest(session, flows):
        waves[wave.flow_id][wave.step] = e.Wave(wave.shares, wave.day, wave.made_at)
    people = {journey.customer_id for journey in journeys if journey.flow_id in flows}
    asked = {"store": store_of(session), "flows": listed(flows), "people": listed(people)}
    drawn: dict[tuple[UUID, UUID], dict[str, str]] = defaultdict(dict)
    for flow_id, customer_id, step, way in session.execute(_DRAWS, asked):
        drawn[flow_id, customer_id][step] = way
    return Learnt(waves, drawn)
