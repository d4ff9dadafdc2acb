"""What the steps of a flow try: every trial with its ways and the messages that count for it. Pure.

A trial is known by its flow and the id of its step, a way by its name, in every version.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from app.experiments import Learning, Trial
from app.flows import definition as d
from app.flows.graph import in_order, sends_after
from app.flows.learning import BY_CLICKS
from app.flows.variants import variants_of

Tried = tuple[str, Learning, tuple[str, ...], tuple[str, ...]]
"""The id of the step, what it learns by, its ways, and the steps whose messages count."""


def trials_of(flow_id: UUID, versions: Sequence[d.Definition]) -> list[Trial]:
    """The trials of the last of these versions. People who are on an earlier one count by its
    steps."""
    sends: dict[str, dict[str, None]] = {}
    for version in versions:
        for step, _, _, own in tried(version):
            sends.setdefault(step, {}).update(dict.fromkeys(own))
    trigger = versions[-1].trigger
    return [
        Trial(
            flow_id=flow_id,
            step=step,
            learning=learning,
            ways=ways,
            sends=tuple(sends[step]),
            at_once=isinstance(trigger, d.DateTrigger) and trigger.on is not None,
        )
        for step, learning, ways, _ in tried(versions[-1])
    ]


def tried(definition: d.Definition) -> Iterator[Tried]:
    for node in definition.nodes.values():
        if isinstance(node, d.Split) and node.learning is not None:
            ways = tuple(share.name for share in node.shares)
            yield node.id, node.learning, ways, _sends_from(definition, node)
        elif isinstance(node, d.Send) and (texts := variants_of(definition, node)):
            yield node.id, node.learning or BY_CLICKS, texts, (node.id,)


def what_cannot_be_learnt(definition: d.Definition) -> Iterator[tuple[d.Node, str]]:
    """Steps that try something, and why nothing would come of it."""
    after = sends_after(definition)
    nameless = {step for step, *_ in tried(definition) if step[:1].isdigit()}
    for node in definition.nodes.values():
        if node.id in nameless:
            yield node, "give this step an `id`: what it learns is kept under that name"
        if isinstance(node, d.Send) and node.learning and not variants_of(definition, node):
            yield node, f"write `messages.{node.message}.{node.channel}.variants` as well"
        for share in node.shares if isinstance(node, d.Split) and node.learning else ():
            if not (share.to and after.get(share.to)):
                yield node, f"no message comes after `{share.name}`, so nothing is learnt of it"


def _sends_from(definition: d.Definition, node: d.Split) -> tuple[str, ...]:
    nodes = definition.nodes
    found = {id_: None for share in node.shares for id_ in in_order(share.to, nodes)}
    return tuple(id_ for id_ in found if isinstance(nodes[id_], d.Send))
