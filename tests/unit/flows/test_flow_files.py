"""What a flow file may say, and the sentence its author reads when it says something else."""

import pytest

from app.flows import definition as d
from app.flows.load import definition_of
from app.flows.place import FlowInvalid, Problem
from app.flows.validate import validate
from tests.unit.flows.making import HEAD, flow, flow_text

SEND = "  - send: {channel: email, message: hello}"


def complaints(text: str) -> list[str]:
    with pytest.raises(FlowInvalid) as refused:
        validate(text)
    return [str(problem) for problem in refused.value.problems]


def warnings(text: str) -> list[str]:
    return [str(problem) for problem in validate(text)[1]]


def test_a_flow_becomes_a_graph_whose_inner_ends_lead_on() -> None:
    definition = flow(
        "  - branch:\n"
        "      - when: {customer.orders_count: {at_least: 1}}\n"
        "        steps: [{wait: {for: 1 day}}]\n"
        "      - steps: [{tag: {add: new}}]\n" + SEND
    )

    assert list(definition.nodes) == ["1", "1.1.1", "1.2.1", "2"]
    assert definition.nodes["1.1.1"].next == "2"
    assert definition.nodes["1.2.1"].next == "2"
    assert definition.nodes["2"].next is None


def test_a_step_keeps_its_own_id() -> None:
    definition = flow("  - id: first\n    send: {channel: email, message: hello}")

    assert definition.first == "first"


def test_the_same_text_is_read_once() -> None:
    text = flow_text(SEND)

    assert definition_of(text) is definition_of(text)


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ("{event: score_given, where: {journey.score: {at_least: 9}}}", d.EventTrigger),
        ("{segment: {entered: {customer.orders_count: {at_least: 3}}}}", d.SegmentTrigger),
        ("{inactivity: {days: 60, since: last_order}}", d.InactivityTrigger),
        ("{date: {on: 2026-11-27, at: '09:00'}}", d.DateTrigger),
        ("{date: {anniversary_of: first_order}}", d.DateTrigger),
    ],
)
def test_every_kind_of_trigger_is_read(trigger: str, kind: type) -> None:
    text = flow_text(SEND).replace("{event: customer_created}", trigger)

    assert isinstance(validate(text)[0].trigger, kind)


def test_rules_have_their_defaults() -> None:
    definition = flow(SEND)

    assert (definition.priority, definition.holdout) == (50, 10)
    assert definition.reentry == d.Reentry(once=False, after=None)


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ("  - sned: {channel: email}", "line 8, steps[0].sned: there is no such field"),
        ("  - goto: 1", "a flow only goes forward, it cannot loop"),
        ("  - wait: {for: tomorrow}", "line 8, steps[0].wait.for: 'tomorrow' is not a length"),
        ("  - wait: {until: '25:00'}", "write a time of the day in quotes"),
        ("  - wait: {event: link_clicked}", "`timeout` is missing"),
        ("  - send: {channel: pigeon, message: hello}", "write one of: email, sms, whatsapp"),
        ("  - send: {channel: email, message: nope}", "`messages.nope.email` is missing"),
        (
            "  - branch: [{when: {can_whatsapp.other.hello: {is: true}}, steps: []}]",
            "`can_whatsapp.other.hello` names no WhatsApp message of this flow",
        ),
        ("  - split: [{name: a, share: 60, steps: []}]", "the shares must add up to 100"),
        ("  - offer: {name: gift, expires: {after: 1 day}}", "write one of `percent: 10`"),
        ("  - offer: {name: gift, amount: '5.00 XXZ', expires: {after: 1 day}}", "ISO 4217"),
        ("  - exit: {}\n" + SEND, "step 2: nobody ever gets to this step"),
        ("  - branch: [{steps: []}, {when: {customer.score: {at_least: 1}}, steps: []}]", "nobody"),
        ("  - branch: [{when: {customer.shoe: {is: 1}}, steps: []}]", "customer.shoe"),
        ("  - send: {channel: email, message: hello, offer: gift, deadline: 1 day}", "put `offer:"),
        ("  - webhook: {url: ftp://x}", "write a whole address"),
        ("  - id: a\n    exit: {}\n  - id: a\n    exit: {}", "another step has the id `a` already"),
        ("  - id: 3\n    exit: {}", "begin an id with a letter"),
        ("  - {tag: {add: a}, exit: {}}", "write exactly one of these in a step"),
        ("  steps: 3", "write a list here"),
        ("  - task: {title: {en: Call}, script: {it: Ciao}, owner: support}", "the en text is"),
    ],
)
def test_a_mistake_is_told_with_its_line_field_and_fix(steps: str, sentence: str) -> None:
    assert any(sentence in told for told in complaints(flow_text(steps)))


def test_every_mistake_is_told_at_once() -> None:
    told = complaints(flow_text("  - wait: {for: x}\n  - wait: {for: y}", more="colour: red"))

    assert len(told) == 3


def test_an_unknown_field_of_the_file_is_refused() -> None:
    assert (
        "line 6, colour: there is no such field" in complaints(flow_text(SEND, more="colour: 1"))[0]
    )


def test_a_missing_translation_is_refused() -> None:
    text = flow_text(SEND).replace("languages: [en]", "languages: [en, it]")

    told = complaints(text)

    assert any("messages.hello.email: the it text is missing" in line for line in told)
    assert any("name: the it text is missing" in line for line in told)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("flow: [", "this is not YAML"),
        ("- a\n- b", "a flow file begins with"),
        ("a: &x {b: 1}\nc: *x", "line 2, flow: write the steps out instead of referring to *x"),
        ("a: 1\na: 2", "this is not YAML"),
        ("[" * 5_000, "nested too deeply"),
        ("a: " + "x" * 600_000, "larger than 512 KB"),
        ("a: \x00", "this is not YAML"),
        ("a: !!python/object:os.system {}", "a: there is no such field"),
    ],
)
def test_text_that_is_no_flow_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    assert any(sentence in line for line in complaints(text))


def test_a_code_in_the_text_needs_its_offer_named() -> None:
    text = flow_text(SEND).replace("body: Come back", "body: 'Use {{ offer.code }}'")

    assert any("name the offer" in line for line in complaints(text))


def test_an_offer_made_on_one_way_only_is_not_made() -> None:
    steps = (
        "  - branch:\n"
        "      - when: {customer.orders_count: {at_least: 1}}\n"
        "        steps: [{offer: {name: gift, percent: 10, expires: {after: 1 day}}}]\n"
        "  - send: {channel: email, message: hello, offer: gift, deadline: 1 day}"
    )

    assert any("on every way before this step" in line for line in complaints(flow_text(steps)))


def test_a_cart_message_needs_a_deadline() -> None:
    told = complaints(flow_text(SEND, purpose="cart"))

    assert any("say how long it stays useful" in line for line in told)


@pytest.mark.requirement(65, 67)
def test_a_cart_discount_before_the_last_message_is_warned_about() -> None:
    steps = (
        "  - offer: {name: gift, percent: 10, expires: {after: 3 days}}\n"
        "  - send: {channel: email, message: hello, deadline: 1 day}\n"
        "  - send: {channel: email, message: again, offer: gift, deadline: 1 day}"
    )

    assert any(
        "teaches people to wait" in line for line in warnings(flow_text(steps, purpose="cart"))
    )


def test_a_deadline_that_ends_in_the_night_is_warned_about() -> None:
    steps = "  - send: {channel: email, message: hello, deadline: 12 hours}"

    assert any("the quiet hours of a night" in line for line in warnings(flow_text(steps)))


def test_advertising_cannot_call_itself_service() -> None:
    steps = "  - send: {channel: email, message: hello, commercial: false}"

    assert any(
        "advertising by law" in line for line in complaints(flow_text(steps, purpose="win_back"))
    )


def test_a_message_nobody_sends_is_warned_about() -> None:
    assert any("no step sends this message" in line for line in warnings(flow_text(SEND)))


def test_the_check_of_the_copy_names_the_text() -> None:
    with pytest.raises(FlowInvalid) as refused:
        validate(
            flow_text(SEND),
            lambda copy, purpose: [Problem(line=1, field="body", sentence="close the tag")],
        )

    assert "messages.hello.email.en.body: close the tag" in str(refused.value)


def test_a_file_without_its_needed_fields_says_which() -> None:
    told = complaints(HEAD)

    assert {"`purpose` is missing", "`trigger` is missing", "`steps` is missing"} <= {
        line.split(": ", 1)[1] for line in told
    }
