"""What people and flows are called on our pages."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.load import definition_of
from app.models import Customer, Flow, FlowVersion, Store
from app.web.shown import t
from app.web.words import language


def person_name(customer: Customer) -> str:
    """How a shop speaks of a person: by name, else by address."""
    if customer.erased_at is not None:
        return t("person.erased")
    name = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return name or customer.email or customer.phone or t("person.nameless")


def flow_name(names: Mapping[str, str], slug: str) -> str:
    """A flow's name in the reader's language, as far as its file has one."""
    return names.get(language()) or next(iter(names.values()), slug)


def flow_names(session: Session, store: Store) -> dict[UUID, str]:
    """Every flow's name by its id, for lists."""
    rows = (
        session.query(Flow.flow_id, Flow.slug, FlowVersion.source)
        .join(
            FlowVersion,
            (FlowVersion.store_id == Flow.store_id)
            & (FlowVersion.flow_id == Flow.flow_id)
            & (FlowVersion.version == Flow.version),
        )
        .filter(Flow.store_id == store.store_id)
    )
    return {flow_id: flow_name(definition_of(source).name, slug) for flow_id, slug, source in rows}
