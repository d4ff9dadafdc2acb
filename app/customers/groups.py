"""Which names belong together: a union-find over nodes, pure and small."""

from collections.abc import Sequence
from uuid import UUID

from app.customers.facts import Node


def customer_node(customer_id: UUID) -> Node:
    return ("customer", str(customer_id))


class Groups:
    """Sets of nodes that only ever grow together."""

    def __init__(self) -> None:
        self._parent: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """The node that stands for the whole set of `node`."""
        parent = self._parent
        root = parent.setdefault(node, node)
        while parent[root] != root:
            root = parent[root]
        while parent[node] != root:
            parent[node], node = root, parent[node]
        return root

    def join(self, nodes: Sequence[Node]) -> None:
        roots = sorted({self.find(node) for node in nodes})
        for root in roots[1:]:
            self._parent[root] = roots[0]

    def customers(self) -> dict[Node, list[UUID]]:
        """The customers we know in each set."""
        found: dict[Node, list[UUID]] = {}
        for node in list(self._parent):
            if node[0] == "customer":
                found.setdefault(self.find(node), []).append(UUID(node[1]))
        return found
