"""What a flow must satisfy beyond its grammar, before it may be kept: every complaint names the
line, the field and the fix.

Must not know how copy is rendered: the caller may hand in a check of the Liquid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from app.channels import ChannelName
from app.flows import definition as d
from app.flows.graph import in_order, offers_made_before, sends_after
from app.flows.load import read_flow
from app.flows.place import FlowInvalid, Problem
from app.flows.trying import lacking
from app.flows.variants import every_copy
from app.segments import leaves


class CopyProblem(Protocol):
    @property
    def field(self) -> str: ...

    @property
    def sentence(self) -> str: ...


CopyCheck = Callable[[Mapping[str, Any], str], Sequence[CopyProblem]]
"""A message's fields and the flow's purpose to everything wrong with the words."""

_A_NIGHT = timedelta(hours=15)
"""From eight in the evening to ten in the morning, and an hour to spare."""

_MAY_BE_SERVICE = {d.Purpose.POST_SALE, d.Purpose.SURVEY, d.Purpose.SERVICE, d.Purpose.WELCOME}


def validate(
    source: str, check_copy: CopyCheck | None = None
) -> tuple[d.Definition, list[Problem]]:
    """The definition and its warnings. Raises FlowInvalid with everything that is wrong."""
    definition, problems = read_flow(source)
    problems += _check(definition, check_copy)
    problems.sort(key=lambda problem: problem.line)
    errors = [problem for problem in problems if not problem.warning]
    if errors:
        raise FlowInvalid(errors)
    return definition, problems


def _check(definition: d.Definition, check_copy: CopyCheck | None) -> Iterator[Problem]:
    yield from _reachable(definition)
    yield from _messages_exist(definition)
    yield from _asks_of_own_messages(definition)
    yield from _offers_come_first(definition)
    yield from _deadlines(definition)
    yield from _cart_rules(definition)
    yield from _basis(definition)
    for each in lacking(definition):
        yield _problem(each.node, each.sentence, warning=not each.is_grave)
    if check_copy:
        yield from _copy(definition, check_copy)


def _sends(definition: d.Definition) -> Iterator[d.Send]:
    return (node for node in definition.nodes.values() if isinstance(node, d.Send))


def _reachable(definition: d.Definition) -> Iterator[Problem]:
    reached = set(in_order(definition.first, definition.nodes))
    for id_, node in definition.nodes.items():
        if id_ not in reached:
            yield _problem(node, "nobody ever gets to this step; remove it or the exit before it")
    if not definition.nodes:
        yield Problem(line=1, field="steps", sentence="write at least one step")


def _messages_exist(definition: d.Definition) -> Iterator[Problem]:
    used = {send.message for send in _sends(definition)}
    for send in _sends(definition):
        if send.channel not in definition.messages.get(send.message, {}):
            yield _problem(
                send, f"`messages.{send.message}.{send.channel}` is missing; write its text"
            )
    for name in definition.messages.keys() - used:
        yield Problem(
            line=_line_of_message(definition, name),
            field=f"messages.{name}",
            sentence="no step sends this message; remove it or send it",
            warning=True,
        )


def _asks_of_own_messages(definition: d.Definition) -> Iterator[Problem]:
    """A question about another flow's message is a misspelt one about our own."""
    own = {
        f"can_whatsapp.{definition.slug}.{name}"
        for name, channels in definition.messages.items()
        if ChannelName.WHATSAPP in channels
    }
    for node in definition.nodes.values():
        for way in node.ways if isinstance(node, d.Branch) else ():
            asked = {leaf.fact.name for leaf in leaves(way.when)} if way.when else set()
            for name in sorted(asked - own):
                if name.startswith("can_whatsapp."):
                    yield _problem(
                        node,
                        f"`{name}` names no WhatsApp message of this flow;"
                        f" write {' or '.join(sorted(own)) or 'its message first'}",
                    )


def _offers_come_first(definition: d.Definition) -> Iterator[Problem]:
    made = offers_made_before(definition)
    for send in _sends(definition):
        if send.offer is None and _mentions_offer(definition, send):
            yield _problem(send, "the text shows a code; name the offer, such as `offer: gift`")
        if send.offer is not None and send.offer not in made.get(send.id, {send.offer}):
            yield _problem(
                send, f"put `offer: {{name: {send.offer}, ...}}` on every way before this step"
            )
    names = [node.name for node in definition.nodes.values() if isinstance(node, d.MakeOffer)]
    for node in definition.nodes.values():
        if isinstance(node, d.MakeOffer) and names.count(node.name) > 1:
            yield _problem(node, f"two steps make the offer `{node.name}`; give each its own name")


def _mentions_offer(definition: d.Definition, send: d.Send) -> bool:
    # The point is what tells `hello` from `hello-again`.
    own = f"messages.{send.message}.{send.channel}."
    copies = [copy for place, copy in every_copy(definition) if place.startswith(own)]
    return any("offer." in str(value) for copy in copies for value in copy.fields.values())


def _deadlines(definition: d.Definition) -> Iterator[Problem]:
    for send in _sends(definition):
        if send.commercial and send.deadline is not None and send.deadline < _A_NIGHT:
            yield _problem(
                send,
                "who is reached in the evening would never get this: the quiet hours of a night"
                " are longer than its deadline; write at least 15 hours",
                warning=True,
            )
        needed = definition.purpose is d.Purpose.CART or send.offer is not None
        if send.deadline is None and needed:
            yield _problem(
                send, "say how long it stays useful, such as `deadline: 12 hours`: a late one harms"
            )


def _cart_rules(definition: d.Definition) -> Iterator[Problem]:
    """C4: a discount never comes before the last step."""
    if definition.purpose is not d.Purpose.CART:
        return
    after = sends_after(definition)
    for id_, node in definition.nodes.items():
        if isinstance(node, d.MakeOffer) and after.get(id_, 0) > 1:
            yield _problem(
                node, "a discount before the last message teaches people to wait", warning=True
            )


def _basis(definition: d.Definition) -> Iterator[Problem]:
    for send in _sends(definition):
        if not send.commercial and definition.purpose not in _MAY_BE_SERVICE:
            yield _problem(
                send,
                f"a {definition.purpose} message is advertising by law; remove `commercial: false`",
            )


def _copy(definition: d.Definition, check_copy: CopyCheck) -> Iterator[Problem]:
    for place, copy in every_copy(definition):
        for wrong in check_copy(copy.fields, definition.purpose):
            field = f"{place}.{wrong.field}"
            yield Problem(line=copy.line, field=field, sentence=wrong.sentence)


def _line_of_message(definition: d.Definition, name: str) -> int:
    copies = [c for channel in definition.messages[name].values() for c in channel.values()]
    return min((copy.line for copy in copies), default=1)


def _problem(node: d.Node, sentence: str, *, warning: bool = False) -> Problem:
    return Problem(line=node.line, field=f"step {node.id}", sentence=sentence, warning=warning)
