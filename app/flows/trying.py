"""What the steps of a flow try: every trial with its ways and the messages that count for it. Pure.

A trial is known by its flow and the id of its step, a way by its name, in every version.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.experiments import Learning, Trial
from app.flows import definition as d
from app.flows.graph import in_order, sends_after
from app.flows.learning import BY_CLICKS
from app.flows.variants import variants_of


class Lack(StrEnum):
    """Why nothing can be said of a way or of a whole step. SILENT: no message comes after the way,
    and what is counted follows a message."""

    NAMELESS = "nameless"
    ONE_TEXT = "one_text"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """`step`: its id, `sends`: the steps whose messages count, `shares`: where they stay."""

    step: str
    learning: Learning
    ways: tuple[str, ...]
    sends: tuple[str, ...]
    shares: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class Lacking:
    """`where`: the way it is said of, or the place of the text in the file."""

    node: d.Send | d.Split
    lack: Lack
    where: str = ""

    @property
    def is_grave(self) -> bool:
        """A fixed split does its duty all the same, unless its file says by what to count."""
        fixed = isinstance(self.node, d.Split) and self.node.fixed
        return not fixed or (self.lack is Lack.NAMELESS and self.node.learning is not None)

    @property
    def sentence(self) -> str:
        """What to do about it."""
        match self.lack:
            case Lack.NAMELESS:
                return "give this step an `id`: what its ways bring is kept under that name"
            case Lack.SILENT:
                return (
                    f"no message comes after `{self.where}`, so nothing can be told of it;"
                    " `holdout` compares with people who get no message"
                )
            case Lack.ONE_TEXT:
                return f"write `{self.where}.variants` as well"


def trials_of(flow_id: UUID, versions: Sequence[d.Definition]) -> list[Trial]:
    """The trials of the last of these versions. People who are on an earlier one count by its
    steps."""
    sends: dict[str, dict[str, None]] = {}
    for version in versions:
        for each in tried(version):
            sends.setdefault(each.step, {}).update(dict.fromkeys(each.sends))
    return [
        Trial(
            flow_id=flow_id,
            step=each.step,
            learning=each.learning,
            ways=each.ways,
            sends=tuple(sends[each.step]),
            shares=each.shares,
        )
        for each in tried(versions[-1])
        if sends[each.step]
    ]


def tried(definition: d.Definition) -> Iterator[Tried]:
    for node in definition.nodes.values():
        if isinstance(node, d.Split) and node.learning is not None:
            yield Tried(
                step=node.id,
                learning=node.learning,
                ways=tuple(share.name for share in node.shares),
                sends=_sends_from(definition, node),
                shares=_shares_of(definition, node),
            )
        elif isinstance(node, d.Send) and (texts := variants_of(definition, node)):
            yield Tried(
                step=node.id,
                learning=node.learning or BY_CLICKS,
                ways=texts,
                sends=(node.id,),
                shares=_at_once(definition, texts),
            )


def lacking(definition: d.Definition) -> Iterator[Lacking]:
    """Steps that try something of which nothing, or not everything, can be told."""
    nameless = {each.step for each in tried(definition) if each.step[:1].isdigit()}
    after = sends_after(definition)
    for node in definition.nodes.values():
        if isinstance(node, d.Split):
            yield from _lacking_of(node, after)
        elif isinstance(node, d.Send):
            if node.id in nameless:
                yield Lacking(node, Lack.NAMELESS)
            if node.learning and not variants_of(definition, node):
                yield Lacking(node, Lack.ONE_TEXT, f"messages.{node.message}.{node.channel}")


def _lacking_of(node: d.Split, after: Mapping[str, int]) -> Iterator[Lacking]:
    silent = [share.name for share in node.shares if not (share.to and after.get(share.to))]
    if node.fixed and len(silent) == len(node.shares):
        return  # It has nothing to do with messages.
    if node.id[:1].isdigit():
        yield Lacking(node, Lack.NAMELESS)
    yield from (Lacking(node, Lack.SILENT, way) for way in silent)


def _sends_from(definition: d.Definition, node: d.Split) -> tuple[str, ...]:
    nodes = definition.nodes
    found = {id_: None for share in node.shares for id_ in in_order(share.to, nodes)}
    return tuple(id_ for id_ in found if isinstance(nodes[id_], d.Send))


def _shares_of(definition: d.Definition, node: d.Split) -> Mapping[str, float] | None:
    if node.fixed:
        return {share.name: share.share / 100 for share in node.shares}
    return _at_once(definition, [share.name for share in node.shares])


def _at_once(definition: d.Definition, ways: Sequence[str]) -> Mapping[str, float] | None:
    """Equal ones where everybody comes on one day: there is nobody left to learn for."""
    trigger = definition.trigger
    at_once = isinstance(trigger, d.DateTrigger) and trigger.on is not None
    return dict.fromkeys(ways, 1 / len(ways)) if at_once else None
