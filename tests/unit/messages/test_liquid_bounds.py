"""No text of a merchant can take a worker's memory or time, read a file, or end in a traceback."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.messages.liquid import LONGEST_SOURCE, CopyError, fill
from app.messages.liquid_bounds import CPU_SECONDS

_LETTERS = '{% assign a = "' + "a" * 4_000 + '" %}'
_WORDS = '{% assign w = "' + " ".join(str(n) for n in range(999)) + '" | split: " " %}'

TOO_MUCH = {
    "a replacement of gigabytes": _LETTERS + '{{ a | replace: "a", a | replace: "a", a }}',
    "an empty pattern": _LETTERS + '{{ a | replace: "", a }}',
    "a list joined by a book": _LETTERS + "{{ (1..900) | join: a }}",
    "a text that doubles": '{% assign x = "aaaaaaaa" %}'
    + "{% assign x = x | append: x %}" * 40
    + "{{ x }}",
    "a text that doubles in one breath": _LETTERS + "{{ a" + " | append: a" * 900 + " }}",
    "a capture that doubles": '{% assign x = "aaaaaaaa" %}'
    + "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 40,
    "a list that doubles": '{% assign a = "a,b,c" | split: "," %}'
    + "{% assign a = a | concat: a %}" * 30,
    "a number that squares": "{% assign x = 99999999 %}"
    + "{% assign x = x | times: x %}" * 30
    + "{{ x }}",
    "a number of 5,000 digits": "{{ " + "9" * 5_000 + " }}",
    "a text of 5,000 digits": '{{ "' + "9" * 5_000 + '" | plus: 1 }}',
    "a range as a text": '{{ (1..1000000000) | join: "," }}',
    "a range turned round": "{{ (1..300000000) | reverse | first }}",
    "a range without measure": "{{ (1..99999999999999999999999) | join }}",
    "a loop of a thousand million": "{% for i in (1..1000000000) %}{% endfor %}",
    "loops in loops": "{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}",
    "a page of output": "{% for i in (1..999) %}" + "x" * 1_000 + "{% endfor %}",
    "conditions in conditions": "{% if true %}" * 500 + "{% endif %}" * 500,
    "brackets in brackets": "{{ a" + "[a" * 3_000 + "]" * 3_000 + " }}",
    "a long chain of ands": "{% if " + "true and " * 1_500 + "true %}x{% endif %}",
    "more than a field may hold": "x" * (LONGEST_SOURCE + 1),
}


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_would_take_a_worker_s_memory_or_time_is_an_error_at_once(source: str) -> None:
    began = time.thread_time()

    with pytest.raises(CopyError):
        fill("body", source, {"a": "b"})

    assert time.thread_time() - began < 2 * CPU_SECONDS


@pytest.mark.parametrize(
    "source",
    [
        '{% include "/etc/passwd" %}',
        '{% render "/etc/passwd" %}',
        '{% layout "/etc/passwd" %}',
        '{% extends "/etc/passwd" %}',
        '{% import "os" %}',
    ],
)
def test_no_text_reads_a_file_or_another_text(source: str) -> None:
    with pytest.raises(CopyError, match="unexpected tag"):
        fill("body", source, {})


@pytest.mark.parametrize("path", ["__class__", "__class__.__mro__", "__init__.__globals__"])
def test_no_text_reaches_behind_a_value(path: str) -> None:
    with pytest.raises(CopyError):
        fill("body", "{{ name." + path + " }}", {"name": "Ana"})


@pytest.mark.parametrize(
    "source",
    [
        '{{ "1e999" | times: 1 | floor }}',
        '{{ "nan" | ceil }}',
        '{{ "inf" | abs | floor }}',
        '{{ "ÿÿ" | base64_decode }}',
        "{{ 1 | divided_by: 0 }}",
        "{{ 1 | modulo: 0 }}",
    ],
)
def test_what_cannot_be_worked_out_is_an_error_with_its_line(source: str) -> None:
    with pytest.raises(CopyError) as refused:
        fill("body", f"\n{source}", {})

    assert refused.value.line == 2


def test_many_slow_filters_together_are_cut_off_by_the_processor_s_time() -> None:
    slow = "{% for i in (1..999) %}{% assign z = w" + " | uniq" * 1_000 + " %}{% endfor %}"
    began = time.thread_time()

    with pytest.raises(CopyError, match="too long to work out"):
        fill("body", _WORDS + slow, {})

    assert time.thread_time() - began < 3 * CPU_SECONDS


def test_a_usual_text_is_not_touched_by_its_bounds() -> None:
    source = (
        '{{ name | upcase | append: "!" }} {{ "2026-03-02" | date: "%d %B" }} '
        '{% for p in items %}{{ p | replace: "a", "o" }}{% unless forloop.last %}, {% endunless %}'
        '{% endfor %} {{ items | join: " & " }} {{ 7 | times: 6 }}'
    )

    made = fill("body", source, {"name": "Ana", "items": ["tea", "oil"]})

    assert made == "ANA! 02 March teo, oil tea & oil 42"


_PIECE = st.sampled_from(
    [
        *("{{ ", " }}", "{% ", " %}", "{%- ", "if ", "endif", "for i in ", "endfor", "assign x = "),
        *("a", "x", "i", "nil", "true", "1", "-1", "9" * 30, "1e400", "(1..9)", '"', "'", "\0"),
        *(" | ", "append: ", "replace: ", "times: ", "split: ", "join: ", "date: ", "slice: "),
        *("case a", "when ", "endcase", "capture x", "endcapture", "[", "]", ".", ",", ":", "\n"),
        *("cycle ", "raw", "comment", "liquid ", "echo ", "and ", "contains ", "==", "ÿ", "\ud800"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECE, max_size=25).map("".join))
def test_whatever_is_typed_is_a_text_or_an_error_with_a_sentence(source: str) -> None:
    try:
        made = fill("body", source, {"a": "b", "i": [1, 2]})
    except CopyError as refused:
        assert str(refused)
    else:
        assert isinstance(made, str)
