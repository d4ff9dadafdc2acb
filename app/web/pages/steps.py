"""The steps of a flow as its page lists them: what each does or says, and who stands before it."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.flows import definition as d
from app.flows.known import KnownFlow
from app.models import Journey, JourneyStatus
from app.tenancy import store_of
from app.web.pages.names import flow_name
from app.web.shown import length, t, word
from app.web.words import language


@dataclass(frozen=True, slots=True)
class Shown:
    """`what`: its kind, `more`: the words, time or ways of this one; `waiting`: people."""

    step: str
    what: str
    more: str
    waiting: int


def steps_shown(session: Session, known: KnownFlow) -> list[Shown]:
    rows = session.execute(
        select(Journey.step, func.count())
        .where(
            Journey.store_id == store_of(session),
            Journey.flow_id == known.flow_id,
            Journey.status == JourneyStatus.ACTIVE,
        )
        .group_by(Journey.step)
    )
    waiting = {row[0]: row[1] for row in rows}
    return [
        Shown(
            step=step,
            what=word("step", type(node).__name__),
            more=_more(known.definition, node),
            waiting=waiting.get(step, 0),
        )
        for step, node in known.definition.nodes.items()
    ]


def _more(definition: d.Definition, node: d.Node) -> str:
    match node:
        case d.Send():
            return f"{word('channel', node.channel)} · {_text(definition, node)}"
        case d.WaitFor(clock=d.Clock.ENTRY):
            return t("flow.since_entry", length=length(node.duration))
        case d.WaitFor():
            return length(node.duration)
        case d.MakeTask():
            return f"{word('owner', node.owner)} · {flow_name(node.title, node.id)}"
        case d.Split():
            return ", ".join(_way(share, node.fixed) for share in node.shares)
    return ""


def _way(share: d.Share, fixed: bool) -> str:
    return f"{share.name} {share.share}\u00a0%" if fixed else share.name


def _text(definition: d.Definition, node: d.Send) -> str:
    """The subject of a mail, the words of a text: as the file has them, values unfilled."""
    copies = definition.messages[node.message][node.channel]
    fields = copies.get(language(), next(iter(copies.values()))).fields
    return str(fields.get("subject") or fields.get("text"))
