"""The decision about one journey at one moment. Pure: facts and a clock in, effects and reasons
out; production and the time machine run this same code.

Endings are looked at first, then steps run until one waits. Must never act, and never ask twice
for what a step has asked for already: a step is left before the next look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from app.customers.snapshot import Snapshot
from app.flows import definition as d
from app.flows import effects as e
from app.flows.best_hour import HOUR, choose_hour
from app.flows.draws import Drawn, draw, draw_fixed
from app.flows.endings import ending
from app.flows.happenings import happened
from app.flows.localtime import next_time_of_day
from app.flows.refusals import Later, Never, refusal
from app.flows.variants import variants_of
from app.reasons import Outcome, Reason
from app.segments import holds


@dataclass(frozen=True, slots=True)
class _Go:
    """On to `to`, which was due to begin at `since`."""

    to: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class _Stay:
    """Look again at `until`."""

    until: datetime


_Next = _Go | _Stay | e.End


def decide(
    definition: d.Definition,
    journey: e.JourneyView,
    snapshot: Snapshot,
    situation: e.Situation,
    now: datetime,
) -> e.Verdict:
    """What to do about `journey` now, and why. The same arguments give the same verdict."""
    look = _Look(definition, journey, snapshot, situation, now, dict(journey.context))
    return look.verdict(look.run())


@dataclass(slots=True)
class _Look:
    """One look at one journey, and what it has come to so far."""

    definition: d.Definition
    journey: e.JourneyView
    snapshot: Snapshot
    situation: e.Situation
    now: datetime
    context: dict[str, Any]
    effects: list[e.Effect] = field(default_factory=list)
    records: list[e.Record] = field(default_factory=list)

    def run(self) -> e.MoveTo | e.End:
        ended = ending(self.definition, self.journey, self.snapshot, self.now)
        if ended is not None:
            self.records.append(ended.record)
            return ended.end
        step, since = self.journey.step, self.journey.step_since
        # Flows only go forward, so every pass takes another step.
        while step is not None:
            outcome = self._take(self.definition.nodes[step], since)
            if isinstance(outcome, e.End):
                return outcome
            if isinstance(outcome, _Stay):
                return e.MoveTo(step=step, since=since, due_at=outcome.until)
            step, since = outcome.to, outcome.since
        return self._end(None, Reason.COMPLETED)

    def verdict(self, next_: e.MoveTo | e.End) -> e.Verdict:
        return e.Verdict(
            effects=tuple(self.effects),
            records=tuple(self.records),
            next=next_,
            context=self.context,
        )

    def _take(self, node: d.Node, since: datetime) -> _Next:
        match node:
            case d.WaitFor() | d.WaitUntil() | d.WaitBest():
                return self._wait(node, since)
            case d.WaitEvent():
                return self._wait_event(node, since)
            case d.Branch():
                return _Go(self._way_of(node), since)
            case d.Split():
                return _Go(self._variant_of(node), since)
            case d.ExitStep():
                return self._exit(node)
            case _:
                return self._perform(node, since)

    def _perform(self, node: d.Node, since: datetime) -> _Next:
        if self.journey.arm == e.Arm.HOLDOUT:
            self._record(node.id, Outcome.REFUSED, Reason.HOLDOUT)
            return _Go(node.next, since)
        if isinstance(node, d.Send):
            return self._send(node, since)
        self._act(node, since)
        return _Go(node.next, since)

    def _wait(self, node: d.WaitFor | d.WaitUntil | d.WaitBest, since: datetime) -> _Next:
        if isinstance(node, d.WaitBest):
            return self._wait_best(node, since)
        self.context.pop(HOUR, None)
        if isinstance(node, d.WaitFor):
            until = self._start(node.clock, since) + node.duration
        else:
            until = next_time_of_day(since, node.at, self.situation.timezone)
        if self.now < until:
            return self._stay(node.id, until, Reason.WAITED, {"until": until.isoformat()})
        return _Go(node.next, max(since, until))

    def _wait_best(self, node: d.WaitBest, since: datetime) -> _Next:
        """The hour is chosen once, however the store's hours change meanwhile."""
        hour = self.context.get(HOUR, {})
        if hour.get("step") != node.id:
            hour = choose_hour(node, self.journey, self.snapshot, self.situation)
            self.context[HOUR] = hour
        until = next_time_of_day(since, time(hour["hour"]), self.situation.timezone)
        reason, values = Reason(hour["by"]), {"until": until.isoformat(), "hour": hour["hour"]}
        if self.now < until:
            return self._stay(node.id, until, reason, values)
        if self.context.get("waiting") != f"{node.id}/{reason}":
            self._record(node.id, Outcome.DONE, reason, values)
        return _Go(node.next, max(since, until))

    def _wait_event(self, node: d.WaitEvent, since: datetime) -> _Next:
        self.context.pop(HOUR, None)
        start = self._start(node.clock, since)
        until = start + node.timeout
        heard = self._heard(node, start)
        if heard is not None and heard <= until:
            values = {"event": node.event, "at": heard.isoformat()}
            self._record(node.id, Outcome.DONE, Reason.WAITED, values)
            return _Go(node.then, max(since, heard))
        values = {"event": node.event, "until": until.isoformat()}
        if self.now < until:
            return self._stay(node.id, until, Reason.WAITING_FOR_EVENT, values)
        self._record(node.id, Outcome.DONE, Reason.WAITED, {**values, "at": None})
        return _Go(node.otherwise, max(since, until))

    def _heard(self, node: d.WaitEvent, start: datetime) -> datetime | None:
        """With a `where`, only `triggers` has seen the act's values; it leaves a mark."""
        mark = self.context.get("heard", {}).get(node.id)
        if mark is not None:
            return datetime.fromisoformat(mark)
        if node.where is not None:
            return None
        return happened(node.event, self.snapshot, start, self.context)

    def _way_of(self, node: d.Branch) -> str | None:
        compared: dict[str, Any] = {}
        for number, way in enumerate(node.ways, 1):
            found = self._holds(way, compared)
            if found:
                values = {**compared, "way": number}
                self._record(node.id, Outcome.DONE, Reason.BRANCHED, values)
                return way.to
        self._record(node.id, Outcome.DONE, Reason.BRANCHED, {**compared, "way": 0})
        return node.next

    def _holds(self, way: d.Way, compared: dict[str, Any]) -> bool:
        if way.when is None:
            return True
        asked = {**self.context, "entered_at": self.journey.entered_at}
        found = holds(way.when, self.snapshot, asked, self.now)
        compared.update(found.compared)
        return found.result

    def _variant_of(self, node: d.Split) -> str | None:
        if not node.fixed and self.journey.arm == e.Arm.HOLDOUT:
            self._record(node.id, Outcome.REFUSED, Reason.HOLDOUT)
            return node.shares[0].to
        ways = {share.name: share.to for share in node.shares}
        if node.fixed:
            way = self._keep(draw_fixed(self.journey, node, self.situation))
        else:
            way = self._draw(node.id, tuple(ways))
        self.context["splits"] = {**self.context.get("splits", {}), node.id: way}
        return ways[way]

    def _draw(self, step: str, ways: Sequence[str]) -> str:
        return self._keep(draw(self.journey, step, ways, self.situation))

    def _keep(self, drawn: Drawn) -> str:
        self.records.append(drawn.record)
        if drawn.effect is not None:
            self.effects.append(drawn.effect)
        return drawn.way

    def _send(self, node: d.Send, since: datetime) -> _Next:
        deadline = since + (node.deadline or d.DEFAULT_DEADLINE)
        offer = self._offer(node)
        if offer is not None:
            deadline = min(deadline, offer.expires_at)
        refused = refusal(node, self.snapshot, offer, deadline, self.now)
        if isinstance(refused, Later):
            return self._stay(node.id, refused.until, refused.reason, refused.compared)
        if isinstance(refused, Never):
            self._record(node.id, Outcome.REFUSED, refused.reason, refused.compared)
            return _Go(node.next, since)
        texts = variants_of(self.definition, node)
        variant = self._draw(node.id, texts) if texts else None
        self.effects.append(
            e.Send(
                step=node.id,
                channel=node.channel,
                message=node.message,
                commercial=node.commercial,
                due_at=self.now,
                deadline_at=deadline,
                offer=node.offer,
                hour=self.context.get(HOUR),
                variant=variant,
            )
        )
        # When it will really go is the arbiter's to say; the record then says that instead.
        values = {"channel": node.channel, "deadline": deadline.isoformat()}
        self._record(node.id, Outcome.DONE, Reason.PLANNED, values)
        return _Go(node.next, since)

    def _offer(self, node: d.Send) -> e.OfferState | None:
        """The code this message shows; one asked for in this very look is still in the making."""
        wanted = [w for w in self.effects if isinstance(w, e.WantOffer) and w.name == node.offer]
        if wanted:
            return e.OfferState(status="wanted", expires_at=wanted[0].expires_at)
        return self.situation.offers.get(node.offer) if node.offer else None

    def _act(self, node: d.Node, since: datetime) -> None:
        match node:
            case d.MakeOffer():
                self._want_offer(node, since)
            case d.MakeTask():
                task = e.MakeTask(
                    step=node.id,
                    title=node.title,
                    script=node.script,
                    owner=node.owner,
                    due_at=self.now + node.due,
                    holds_promotions=node.holds_promotions,
                )
                self._do(task, Reason.TASK_MADE, {"owner": node.owner})
            case d.Notify():
                self._do(e.Notify(step=node.id, text=node.text), Reason.NOTIFIED, {})
            case d.AddTag():
                self._do(e.Tag(step=node.id, tag=node.tag), Reason.TAGGED, {"tag": node.tag})
            case d.CallWebhook():
                self._do(e.Call(step=node.id, url=node.url), Reason.CALLED, {"url": node.url})

    def _want_offer(self, node: d.MakeOffer, since: datetime) -> None:
        if node.currency not in (None, self.snapshot.currency):
            values = {"offer": node.currency, "store": self.snapshot.currency}
            self._record(node.id, Outcome.REFUSED, Reason.OFFER_REFUSED, values)
            return
        expires_at = self._start(node.clock, since) + node.expires_after
        offer = e.WantOffer(
            step=node.id,
            name=node.name,
            percent=node.percent,
            amount_minor=node.amount_minor,
            expires_at=expires_at,
        )
        self._do(offer, Reason.OFFER_MADE, {"expires_at": expires_at.isoformat()})

    def _do(self, effect: e.Effect, reason: Reason, compared: Mapping[str, Any]) -> None:
        self.effects.append(effect)
        self._record(effect.step, Outcome.DONE, reason, compared)

    def _exit(self, node: d.ExitStep) -> e.End:
        if node.rest is not None:
            self.context["rest_until"] = (self.now + node.rest).isoformat()
        return self._end(node.id, Reason(node.reason))

    def _end(self, step: str | None, reason: Reason) -> e.End:
        self._record(step, Outcome.ENDED, reason)
        return e.End(reason=reason)

    def _stay(
        self, step: str, until: datetime, reason: Reason, compared: Mapping[str, Any]
    ) -> _Stay:
        """Wait; the record says so once, however often we look."""
        mark = f"{step}/{reason}"
        if self.context.get("waiting") != mark:
            self.context["waiting"] = mark
            self._record(step, Outcome.WAITING, reason, compared)
        return _Stay(max(until, self.now + timedelta(seconds=1)))

    def _start(self, clock: d.Clock, since: datetime) -> datetime:
        return self.journey.entered_at if clock is d.Clock.ENTRY else since

    def _record(
        self,
        step: str | None,
        outcome: Outcome,
        reason: Reason,
        compared: Mapping[str, Any] | None = None,
    ) -> None:
        record = e.Record(step=step, outcome=outcome, reason=reason, compared=compared or {})
        self.records.append(record)
