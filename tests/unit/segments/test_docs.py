import re
from pathlib import Path

import pytest

from app.segments.facts import FACTS, FAMILIES
from app.segments.operators import OPERATORS

PAGE = (Path(__file__).parents[3] / "docs" / "conditions.md").read_text(encoding="utf-8")


def test_the_page_describes_every_fact_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]*)(?:NAME)?` \| ([a-z ]+) \| (.+) \|$", PAGE, re.M)

    fixed = {name: (kind, says) for name, kind, says in rows if not name.endswith(".")}
    families = {name: says for name, _, says in rows if name.endswith(".")}

    assert fixed == {fact.name: (str(fact.kind), fact.says) for fact in FACTS.values()}
    assert families == dict(FAMILIES)


@pytest.mark.parametrize("kind", sorted(OPERATORS))
def test_the_page_names_every_operator_of_a_kind(kind: str) -> None:
    row = re.search(rf"^\| {kind} \| (.+) \|$", PAGE, re.M)
    number = re.search(r"^\| number \| (.+) \|$", PAGE, re.M)

    assert row is not None and number is not None
    described = number[1] if row[1].startswith("the same as number") else row[1]
    assert set(re.findall(r"`([a-z_]+)[`:]", described)) >= set(OPERATORS[kind])  # type: ignore[index]
