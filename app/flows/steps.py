"""Reading the steps of a flow file into the flat graph that `decide` walks.

Every step gets an id: its own, or its place in the file (`4`, `4.2.1`, `4.then.1`). The end of an
inner list leads to the step after the one that holds it, so a graph can only go forward.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil, floor
from typing import Any

from app.channels import ChannelName
from app.errors import InvalidInput
from app.flows import definition as d
from app.flows.learning import BY_CLICKS, BY_ORDERS, MOST_WAYS, read_learning
from app.flows.place import Place, Problem
from app.money import minor_units
from app.reasons import Reason
from app.segments import Condition, parse_condition

EXIT_REASONS = (
    Reason.EXITED_BY_STEP,
    Reason.COMPLETED,
    Reason.UNRESPONSIVE,
    Reason.ACTIVE_AGAIN,
    Reason.RESTING,
    Reason.EXIT_CONDITION,
)
_MOST_STEPS = 300
BEST_TIME = "best_time"
DAY = tuple(range(9, 20))
"""The hours of a `best_time` that names none: from nine to eight in the evening."""


@dataclass
class Graph:
    """The nodes read so far."""

    languages: tuple[str, ...]
    nodes: dict[str, d.Node] = field(default_factory=dict)

    def add(self, steps: Place, prefix: str, after: str | None) -> str | None:
        """Read a list of steps whose end leads to `after`; the id of the first."""
        places = steps.items()
        ids = [_id_of(place, f"{prefix}{number}") for number, place in enumerate(places, 1)]
        for place, id_, next_ in zip(places, ids, [*ids[1:], after], strict=False):
            self._add_step(place, id_, next_)
        return ids[0] if ids else after

    def _add_step(self, place: Place, id_: str, next_: str | None) -> None:
        if id_ in self.nodes:
            place.complain(f"another step has the id `{id_}` already; give this one its own")
            return
        if len(self.nodes) >= _MOST_STEPS:
            place.complain(f"a flow has {_MOST_STEPS} steps at most; split it in two")
            return
        found = place.fields("id", *_READERS)
        kinds = [name for name in found if name != "id"]
        if len(kinds) != 1:
            place.complain(f"write exactly one of these in a step: {', '.join(_READERS)}")
            return
        common = {"id": id_, "line": place.line, "next": next_}
        self.nodes[id_] = _HOLE  # Keeps the file's order, and the id, while inner steps are read.
        self.nodes[id_] = _READERS[kinds[0]](found[kinds[0]], common, self)


def read_condition(place: Place | None) -> Condition | None:
    """A condition of the one condition language, or None where the file has none."""
    if place is None:
        return None
    try:
        return parse_condition(place.plain(), place.path)
    except InvalidInput as error:
        problem = Problem(line=place.line, field=error.field, sentence=error.problem)
        place.problems.append(problem)
        return None


def _id_of(place: Place, from_place: str) -> str:
    if not isinstance(place.value, dict) or "id" not in place.value:
        return from_place
    own = dict(place.entries())["id"]
    if str(own.value)[:1].isdigit():
        own.complain("begin an id with a letter; numbers are the ids of steps without one")
    return own.slug()


def _wait(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    kinds = {"for": _wait_for, "until": _wait_until, "event": _wait_event}
    for name, read in kinds.items():
        if isinstance(body.value, dict) and name in body.value:
            return read(body, common, graph)
    body.complain(
        'say how long: `for: 3 days`, `until: "10:00"`, `until: best_time`,'
        " or `event:` with a `timeout:`"
    )
    return d.WaitFor(**common, duration=timedelta(), clock=d.Clock.STEP)


def _wait_for(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("for", "since")
    return d.WaitFor(**common, duration=found["for"].duration(), clock=_clock(found))


def _wait_until(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("until", "within")
    if found["until"].value == BEST_TIME:
        return d.WaitBest(**common, hours=_within(found["within"]) if "within" in found else DAY)
    if "within" in found:
        found["within"].complain(f"`within` goes with `until: {BEST_TIME}`")
    return d.WaitUntil(**common, at=found["until"].time())


def _within(place: Place) -> tuple[int, ...]:
    """The hours of which the whole lies between the two times."""
    times = [each.time() for each in place.items()]
    if len(times) != 2:
        place.complain('write two times, such as `["09:00", "20:00"]`')
        return DAY
    begin, end = (each.hour + each.minute / 60 for each in times)
    hours = tuple(range(ceil(begin), floor(end)))
    if len(hours) < 2:
        place.complain("leave at least two whole hours to choose from, the earlier time first")
    return hours or DAY


def _wait_event(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("event", "where", "timeout", "since", "then", "otherwise")
    ways = {"then": common["next"], "otherwise": common["next"]}
    for name in ways.keys() & found.keys():
        ways[name] = graph.add(found[name], f"{common['id']}.{name}.", common["next"])
    return d.WaitEvent(
        **common,
        **ways,
        event=found["event"].slug(),
        where=_where(body, found),
        timeout=_needed(body, found, "timeout").duration(),
        clock=_clock(found),
    )


def _where(body: Place, found: dict[str, Place]) -> Condition | None:
    if "where" in found and _clock(found) is d.Clock.ENTRY:
        # Only the name and the moment of an act are remembered once the act itself is over.
        body.complain("`where` looks at acts as they happen; leave out `since: entry`")
    return read_condition(found.get("where"))


def _send(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("channel", "message", "commercial", "deadline", "offer", "variants")
    offer, deadline, tried = found.get("offer"), found.get("deadline"), found.get("variants")
    return d.Send(
        **common,
        channel=ChannelName(_needed(body, found, "channel").choice(*ChannelName)),
        message=_needed(body, found, "message").slug(),
        commercial=found["commercial"].flag() if "commercial" in found else True,
        deadline=deadline.duration() if deadline else None,
        offer=offer.slug() if offer else None,
        learning=read_learning(tried.fields("by", "within"), BY_CLICKS) if tried else None,
    )


def _branch(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    ways: list[d.Way] = []
    for number, place in enumerate(body.items(), 1):
        found = place.fields("when", "steps")
        if ways and ways[-1].when is None:
            place.complain("nobody gets here: the way before it has no `when`; put that one last")
        to = graph.add(_needed(place, found, "steps"), f"{common['id']}.{number}.", common["next"])
        ways.append(d.Way(when=read_condition(found.get("when")), to=to))
    return d.Branch(**common, ways=tuple(ways))


def _split(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    if isinstance(body.value, dict):
        return _split_by(body, common, graph)
    # Without an id of its own it is a split as any other, of which nothing is counted.
    learning = None if common["id"][0].isdigit() else BY_ORDERS
    shares = _fixed_shares(body, common, graph)
    return d.Split(**common, shares=shares, fixed=True, learning=learning)


def _split_by(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("by", "within", "ways")
    ways = _needed(body, found, "ways")
    fixed = isinstance(ways.value, list) and any(
        isinstance(way, dict) and "share" in way for way in ways.value
    )
    if not fixed:
        _needed(body, found, "by")
    read = _fixed_shares if fixed else _shares
    shares = read(ways, common, graph)
    if not 2 <= len(shares) <= MOST_WAYS:
        ways.complain(f"write 2 to {MOST_WAYS} ways")
    learning = read_learning(found, BY_ORDERS)
    return d.Split(**common, shares=shares, fixed=fixed, learning=learning)


def _fixed_shares(body: Place, common: dict[str, Any], graph: Graph) -> tuple[d.Share, ...]:
    shares = _shares(body, common, graph, "share")
    if sum(share.share for share in shares) != 100:
        body.complain("the shares must add up to 100")
    return shares


def _shares(body: Place, common: dict[str, Any], graph: Graph, *more: str) -> tuple[d.Share, ...]:
    shares = []
    for number, place in enumerate(body.items(), 1):
        found = place.fields("name", *more, "steps")
        share = _share(place, found) if more else 0
        to = graph.add(_needed(place, found, "steps"), f"{common['id']}.{number}.", common["next"])
        name = _needed(place, found, "name").slug()
        shares.append(d.Share(name=name, share=share, to=to))
    if len({share.name for share in shares}) != len(shares):
        body.complain("give every variant its own name")
    return tuple(shares)


def _share(place: Place, found: dict[str, Place]) -> int:
    if "share" in found:
        return found["share"].number(0, 100)
    if isinstance(place.value, dict):
        place.complain(
            "`share` is missing: give every way one, which then stays, or none of them and write"
            " `{by: orders, ways: [...]}`, so that the better way gets more people"
        )
    return 0


def _offer(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("name", "percent", "amount", "free_shipping", "expires")
    if len(found.keys() & {"percent", "amount", "free_shipping"}) != 1:
        body.complain('write one of `percent: 10`, `amount: "5.00 EUR"`, `free_shipping: true`')
    amount, currency = _amount(found.get("amount"))
    expires = _needed(body, found, "expires").fields("after", "since")
    return d.MakeOffer(
        **common,
        name=_needed(body, found, "name").slug(),
        percent=found["percent"].number(1, 100) if "percent" in found else None,
        amount_minor=amount,
        currency=currency,
        expires_after=_needed(body, expires, "after").duration(),
        clock=_clock(expires),
    )


def _amount(place: Place | None) -> tuple[int | None, str | None]:
    if place is None:
        return None, None
    number, _, currency = str(place.value).partition(" ")
    try:
        return minor_units(number, currency), currency
    except ValueError as error:
        place.complain(f'{error}; write an amount with its currency, such as "5.00 EUR"')
        return None, None


def _task(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("title", "script", "owner", "due", "holds_promotions")
    return d.MakeTask(
        **common,
        title=_needed(body, found, "title").translated(graph.languages),
        script=_needed(body, found, "script").translated(graph.languages),
        owner=_needed(body, found, "owner").slug(),
        due=found["due"].duration() if "due" in found else timedelta(days=1),
        holds_promotions="holds_promotions" in found and found["holds_promotions"].flag(),
    )


def _notify(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("text")
    return d.Notify(**common, text=_needed(body, found, "text").translated(graph.languages))


def _tag(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    return d.AddTag(**common, tag=_needed(body, body.fields("add"), "add").text())


def _webhook(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    place = _needed(body, body.fields("url"), "url")
    url = place.text()
    if not url.startswith(("https://", "http://")):
        place.complain("write a whole address such as https://shop.example/hook")
    return d.CallWebhook(**common, url=url)


def _exit(body: Place, common: dict[str, Any], graph: Graph) -> d.Node:
    found = body.fields("reason", "rest")
    reason = found["reason"].choice(*EXIT_REASONS) if "reason" in found else EXIT_REASONS[0]
    rest = found["rest"].duration() if "rest" in found else None
    return d.ExitStep(**common, reason=str(reason), rest=rest)


def _clock(found: dict[str, Place]) -> d.Clock:
    return d.Clock(found["since"].choice(*d.Clock)) if "since" in found else d.Clock.STEP


def _needed(parent: Place, found: dict[str, Place], name: str) -> Place:
    """A field that must be there. Its absence is one complaint, on the parent's line."""
    if name not in found and isinstance(parent.value, dict):
        parent.complain(f"`{name}` is missing")
    return found.get(name) or Place(None, f"{parent.path}.{name}", parent.line, [])


Reader = Callable[[Place, dict[str, Any], Graph], d.Node]
_READERS: dict[str, Reader] = {
    "wait": _wait,
    "send": _send,
    "branch": _branch,
    "split": _split,
    "offer": _offer,
    "task": _task,
    "notify": _notify,
    "tag": _tag,
    "webhook": _webhook,
    "exit": _exit,
}
_HOLE = d.ExitStep(id="", line=0, next=None, reason=Reason.COMPLETED, rest=None)
