"""A step that learns which of its ways is best: its file, who is drawn, and what is said of it."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.experiments import Learning, Reward
from app.flows import effects as e
from app.flows.chance import way_of
from app.flows.explain import explain
from app.flows.place import FlowInvalid
from app.flows.trying import trials_of
from app.flows.validate import validate
from tests.unit.flows.making import FLOW, NOW, flow, flow_text, look, person, reasons, sends

SPLIT = """\
  - id: gift
    split:
      by: orders
      within: 5 days
      ways:
        - {name: mail, steps: [{send: {channel: email, message: hello}}]}
        - {name: later, steps: [{wait: {for: 1 day}}, {send: {channel: email, message: again}}]}
"""
FIXED = """\
  - id: gift
    split:
      - {name: mail, share: 70, steps: [{send: {channel: email, message: hello}}]}
      - {name: later, share: 30, steps: [{send: {channel: email, message: again}}]}
"""
FIXED_BY = """\
  - id: gift
    split:
      by: clicks
      ways:
        - {name: mail, share: 70, steps: [{send: {channel: email, message: hello}}]}
        - {name: later, share: 30, steps: [{send: {channel: email, message: again}}]}
"""
NAMELESS = FIXED.replace("  - id: gift\n    split", "  - split")
NO_MESSAGE = FIXED.replace("{send: {channel: email, message: again}}", "{tag: {add: x}}")
TRIED = "  - id: subject\n    send: {channel: email, message: tried}\n"
MOST = e.Wave({"mail": 0.9, "later": 0.1}, NOW.date(), NOW)


def ways(verdict: e.Verdict) -> list[str]:
    return [effect.way for effect in verdict.effects if isinstance(effect, e.Draw)]


def test_a_trial_is_known_by_its_flow_its_step_and_the_names_of_its_ways() -> None:
    split, tried = trials_of(FLOW, [flow(SPLIT + TRIED)])

    assert split.learning == Learning(reward=Reward.ORDERS, within=timedelta(days=5))
    assert (split.step, split.ways) == ("gift", ("mail", "later"))
    assert set(split.sends) == {"gift.1.1", "gift.2.2", "subject"}
    assert tried.learning == Learning(reward=Reward.CLICKS, within=timedelta(days=3))
    assert (tried.step, tried.ways, tried.sends) == ("subject", ("original", "short"), ("subject",))


@pytest.mark.requirement(116)
@pytest.mark.parametrize(
    ("steps", "reward", "days"),
    [
        (FIXED, Reward.ORDERS, 7),
        (FIXED_BY, Reward.CLICKS, 3),
        (FIXED_BY.replace("by: clicks", "within: 14 days"), Reward.ORDERS, 14),
    ],
)
def test_a_split_with_shares_is_a_trial_whose_shares_stay(
    steps: str, reward: Reward, days: int
) -> None:
    definition, warnings = validate(flow_text(steps))

    (trial,) = trials_of(FLOW, [definition])

    assert [one.field for one in warnings] == ["messages.tried"], "which no step here sends"
    assert trial.learning == Learning(reward=reward, within=timedelta(days=days))
    assert trial.shares == {"mail": 0.7, "later": 0.3}
    assert trial.sends == ("gift.1.1", "gift.2.1")
    assert trials_of(FLOW, [flow(SPLIT)])[0].shares is None


@pytest.mark.parametrize(
    ("steps", "line", "complaint"),
    [
        (NAMELESS, 8, "give this step an `id`"),
        (NO_MESSAGE, 8, "no message comes after `later`"),
        (FIXED_BY.replace("{send: {channel: email, message: again}}", ""), 8, "after `later`"),
    ],
)
def test_a_fixed_split_of_which_nothing_can_be_told_is_kept_with_a_warning(
    steps: str, line: int, complaint: str
) -> None:
    (warning, *more) = validate(flow_text(steps))[1]

    assert (warning.line, warning.warning) == (line, True)
    assert complaint in warning.sentence
    assert {one.sentence for one in more} <= {"no step sends this message; remove it or send it"}


def test_a_split_without_a_message_after_it_is_no_trial_and_no_mistake() -> None:
    tags = NO_MESSAGE.replace("{send: {channel: email, message: hello}}", "{tag: {add: y}}")
    definition, warnings = validate(flow_text(tags))

    assert trials_of(FLOW, [definition]) == []
    assert {one.field for one in warnings} == {"messages.hello", "messages.again", "messages.tried"}


def test_people_on_an_earlier_version_count_by_its_steps() -> None:
    before = SPLIT.replace("message: hello", "message: again").replace(
        "wait: {for: 1 day}", "tag: {add: a}"
    )
    earlier, now = flow(f"  - branch: [{{steps: [{{tag: {{add: x}}}}]}}]\n{before}"), flow(TRIED)

    assert [trial.step for trial in trials_of(FLOW, [earlier, now])] == ["subject"]
    assert set(trials_of(FLOW, [now, earlier])[0].sends) == {"gift.1.1", "gift.2.2"}


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        (SPLIT.replace("by: orders", "by: opens"), "write one of: clicks, orders"),
        (SPLIT.replace("      by: orders\n", ""), "`by` is missing"),
        (SPLIT.replace("5 days", "5 minutes"), "write a time from 1 hour to 60 days"),
        (SPLIT.replace("name: later", "name: mail"), "give every variant its own name"),
        (SPLIT.replace("  - id: gift\n    split", "  - split"), "give this step an `id`"),
        (SPLIT.replace("name: mail, ", "name: mail, share: 100, "), "`share` is missing"),
        (FIXED.replace("share: 30, ", ""), "line 11, .*`share` is missing: give every way one"),
        (FIXED_BY.replace("share: 70, ", ""), "line 12, .*`share` is missing: give every way one"),
        (FIXED_BY.replace("share: 30", "share: 40"), "line 11, .*the shares must add up to 100"),
        (FIXED_BY.replace("  - id: gift\n    split", "  - split"), "give this step an `id`"),
        (FIXED_BY.replace("by: clicks", "by: opens"), "write one of: clicks, orders"),
        (FIXED_BY.replace("- {name: mail", "- 7\n        - {name: mail"), "write fields here"),
        (SPLIT.replace("send: {channel: email, message: hello}", "tag: {add: x}"), "no message"),
        (TRIED.replace("  - id: subject\n    send", "  - send"), "give this step an `id`"),
        (TRIED.replace("tried}", "hello, variants: {by: clicks}}"), "variants` as well"),
    ],
)
def test_what_nothing_could_be_learnt_of_is_refused(steps: str, complaint: str) -> None:
    with pytest.raises(FlowInvalid, match=complaint) as refused:
        validate(flow_text(steps))

    assert all(problem.line > 1 for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("{original: {en: {subject: Hi}}}", "the message's own text"),
        ("{short: {}}", "the en text is missing"),
        ("{short: {en: {}}}", "say what is different"),
        ("{}", "write one to 7 texts"),
        ("{short: {en: {subject: 'Now {{ offer.code }}'}}}", "the text shows a code"),
    ],
)
def test_a_variant_that_is_none_is_refused(written: str, complaint: str) -> None:
    text = flow_text(TRIED).replace("{short: {en: {subject: Hi}}}", written)

    with pytest.raises(FlowInvalid, match=complaint):
        validate(text)


def test_a_variant_says_its_own_and_the_rest_like_the_message() -> None:
    (short,) = flow(TRIED).variants.values()

    assert short["short"]["en"].fields == {"subject": "Hi", "body": "Come back"}


def test_shares_are_equal_until_the_first_wave_and_after_an_edit_of_the_ways() -> None:
    for waves in ({}, {"gift": e.Wave({"mail": 0.9, "gone": 0.1}, NOW.date(), NOW)}):
        verdict = look(flow(SPLIT), around={"waves": waves})
        drawn = next(record for record in verdict.records if record.reason == "drawn")

        assert drawn.compared == {"variant": ways(verdict)[0], "share": 50}


def test_people_are_drawn_by_the_shares_of_the_wave_and_the_record_says_so() -> None:
    every = [
        look(flow(SPLIT), around={"waves": {"gift": MOST}}, customer_id=UUID(int=number))
        for number in range(2_000)
    ]

    mail = [verdict for verdict in every if ways(verdict) == ["mail"]]
    assert len(mail) / 2_000 == pytest.approx(0.9, abs=0.02)
    drawn = mail[0].records[0]
    assert drawn.compared == {"variant": "mail", "share": 90, "since": NOW.isoformat()}
    said = explain(drawn.reason, drawn.compared, "en")
    assert said.startswith("Drawn into a variant of the test: mail, as are 90 of 100 people since")


def test_who_was_drawn_keeps_their_way_whatever_the_shares_are() -> None:
    for before in ("mail", "later"):
        around = {"waves": {"gift": MOST}, "drawn": {"gift": before}}
        verdict = look(flow(SPLIT), around=around)

        assert ways(verdict) == []
        assert verdict.context["splits"] == {"gift": before}
        assert verdict.records[0].compared == {"variant": before}


@pytest.mark.requirement(116)
def test_a_fixed_split_remembers_the_way_and_keeps_it_when_the_shares_change() -> None:
    every = [look(flow(FIXED), customer_id=UUID(int=number)) for number in range(1_000)]
    mail = [verdict for verdict in every if ways(verdict) == ["mail"]]

    assert len(mail) / 1_000 == pytest.approx(0.7, abs=0.04)
    assert mail[0].records[0].compared == {"variant": "mail"}
    for before in ("mail", "later"):
        kept = look(flow(FIXED), around={"drawn": {"gift": before}})
        assert (ways(kept), kept.context["splits"]) == ([], {"gift": before})


def test_a_way_that_gets_nobody_any_more_keeps_nobody() -> None:
    ended = flow(FIXED.replace("share: 70", "share: 0").replace("share: 30", "share: 100"))

    for before in ("mail", "gone"):
        assert ways(look(ended, around={"drawn": {"gift": before}})) == ["later"]
    assert ways(look(ended, around={"drawn": {"gift": "later"}})) == []


@pytest.mark.parametrize("steps", [FIXED, FIXED_BY])
def test_who_is_held_out_of_a_fixed_split_passes_it_and_is_not_counted(steps: str) -> None:
    held_out = look(flow(steps), arm=e.Arm.HOLDOUT)

    assert ways(held_out) == []
    assert reasons(held_out) == ["split", "holdout", "completed"]


def test_a_split_without_a_name_shares_out_as_ever_and_counts_nobody() -> None:
    verdict = look(flow(NAMELESS))

    assert ways(verdict) == []
    assert reasons(verdict) == ["split", "planned", "completed"]


def test_a_message_is_sent_in_the_variant_that_was_drawn() -> None:
    short = {"drawn": {"subject": "short"}}

    assert [send.variant for send in sends(look(flow(TRIED), around=short))] == ["short"]
    assert reasons(look(flow(TRIED), around=short)) == ["drawn_before", "planned", "completed"]
    assert reasons(look(flow(TRIED))) == ["drawn", "planned", "completed"]


def test_who_is_held_out_or_may_not_be_written_to_is_not_drawn() -> None:
    held_out = look(flow(SPLIT + TRIED), arm=e.Arm.HOLDOUT)
    refused = look(flow(TRIED), who=person(email=None))

    assert ways(held_out) == ways(refused) == []
    assert set(reasons(held_out)) == {"holdout", "completed"}
    assert "no_address" in reasons(refused)


@given(st.lists(st.floats(0.05, 1), min_size=2, max_size=8), st.uuids())
@settings(max_examples=50)
def test_a_draw_falls_into_one_share_and_always_the_same(parts: list[float], who: UUID) -> None:
    shares = [part / sum(parts) for part in parts]
    drawn = way_of(shares, "draw", FLOW, "gift", who)

    assert 0 <= drawn < len(shares)
    assert drawn == way_of(shares, "draw", FLOW, "gift", who)
