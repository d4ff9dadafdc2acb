"""Where each step of a flow can lead: the shape that validation reads."""

from collections.abc import Mapping

from app.flows import definition as d


def ways_from(node: d.Node) -> tuple[str | None, ...]:
    """Every step that may come next; None is the end of the journey."""
    match node:
        case d.Branch():
            rest = () if any(way.when is None for way in node.ways) else (node.next,)
            return tuple(way.to for way in node.ways) + rest
        case d.Split():
            return tuple(share.to for share in node.shares)
        case d.WaitEvent():
            return (node.then, node.otherwise)
        case d.ExitStep():
            return ()
        case _:
            return (node.next,)


def in_order(first: str | None, nodes: Mapping[str, d.Node]) -> list[str]:
    """The ids that can be reached, each after everything that leads to it."""
    order: list[str] = []
    seen: set[str] = set()
    open_ = [(first, False)] if first is not None and first in nodes else []
    while open_:
        id_, finished = open_.pop()
        if finished:
            order.append(id_)
        elif id_ not in seen:
            seen.add(id_)
            open_.append((id_, True))
            open_ += [(to, False) for to in ways_from(nodes[id_]) if to is not None and to in nodes]
    return order[::-1]


def leads_to(definition: d.Definition, step: str) -> frozenset[str]:
    """The steps after which this one may come, and itself."""
    nodes = definition.nodes
    return frozenset(id_ for id_ in nodes if step in in_order(id_, nodes))


def offers_made_before(definition: d.Definition) -> dict[str, frozenset[str]]:
    """For every step that can be reached, the offers made on each of the ways to it."""
    made: dict[str, frozenset[str]] = {}
    for id_ in in_order(definition.first, definition.nodes):
        node = definition.nodes[id_]
        here = made.setdefault(id_, frozenset())
        after = here | {node.name} if isinstance(node, d.MakeOffer) else here
        for to in ways_from(node):
            if to is not None:
                made[to] = made[to] & after if to in made else after
    return made


def sends_after(definition: d.Definition) -> dict[str, int]:
    """For every step that can be reached, the most messages one person may get from it on."""
    most: dict[str, int] = {}
    for id_ in reversed(in_order(definition.first, definition.nodes)):
        node = definition.nodes[id_]
        most[id_] = isinstance(node, d.Send) + max(
            (most.get(to, 0) for to in ways_from(node) if to), default=0
        )
    return most
