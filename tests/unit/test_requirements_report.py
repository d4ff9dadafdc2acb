"""The account of requirements: what a passing test proves, and what nothing proves."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements_report import LEDGER, read_ledger

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
MARK = re.compile(r"mark\.requirement\(([\d, ]+)\)")

SUITE = """
import pytest

@pytest.mark.requirement(1, 2)
def test_one_and_two():
    pass

@pytest.mark.requirement(2)
@pytest.mark.parametrize("value", [1, 2])
def test_two_again(value):
    assert value == 1

@pytest.mark.requirement(3)
def test_three():
    pytest.skip("no browser")

@pytest.mark.requirement(500)
def test_no_such_thing():
    pass
"""
NUMBERS = """
1: {area: flows, title: "The rule 1"}
2: {area: flows, title: "The rule 2", open: "push"}
3: {area: flows, title: "The rule 3"}
4: {area: flows, title: "The rule 4"}
5: {area: flows, title: "The rule 5", open: "all of it"}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("suite")
    (made / "test_them.py").write_text(SUITE)
    (made / "ledger.yaml").write_text(NUMBERS)
    (made / "pytest.ini").write_text("[pytest]\nmarkers = requirement(*numbers): proved\n")
    return made


def report(folder: Path, *options: str) -> list[str]:
    command = [
        *(sys.executable, "-m", "pytest", "-p", "tests.requirements_report", "-q"),
        *("-c", str(folder / "pytest.ini"), "--rootdir", str(folder)),
        *("--ledger", str(folder / "ledger.yaml"), str(folder), *options),
    ]
    # A run of its own, whatever run it is started from.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        command, cwd=ROOT, env=plain, capture_output=True, text=True, check=False, timeout=120
    )
    lines = done.stdout.splitlines()
    start = next(i for i, line in enumerate(lines) if "= requirements =" in line)
    end = next(i for i, line in enumerate(lines) if line.startswith("missing: "))
    return lines[start + 1 : end + 1]


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "in two processes"])
def test_every_number_stands_with_the_tests_that_prove_it(
    folder: Path, options: tuple[str, ...]
) -> None:
    assert report(folder, *options) == [
        "#1   proved  flows: The rule 1",
        "       test_them.py::test_one_and_two",
        "#2   in part flows: The rule 2",
        "       still to do: push",
        "       test_them.py::test_one_and_two",
        "       test_them.py::test_two_again[1]",
        "       did not pass: test_them.py::test_two_again[2]",
        "#3   MISSING flows: The rule 3",
        "       did not pass: test_them.py::test_three",
        "#4   MISSING flows: The rule 4",
        "#5   MISSING flows: The rule 5",
        "       still to do: all of it",
        "#500 is no requirement; see test_them.py::test_no_such_thing",
        "",
        "5 requirements: 1 proved, 1 proved in part, 3 missing.",
        "proved: #1",
        "proved in part: #2",
        "       #2: push",
        "missing: #3, #4, #5",
    ]


def test_the_ledger_names_all_131_requirements_once_each() -> None:
    ledger = read_ledger(LEDGER)

    assert [requirement.number for requirement in ledger] == list(range(1, 132))
    assert len({requirement.title for requirement in ledger}) == 131
    assert {requirement.area for requirement in ledger} == {
        *("data", "segments", "flows", "messages", "risk", "operator"),
        *("loyalty", "measurement", "admin", "plans", "guides"),
    }


def test_only_what_a_test_proves_in_part_is_called_open_and_every_mark_means_a_requirement() -> (
    None
):
    marked = {
        int(number)
        for path in TESTS.rglob("test_*.py")
        if path.name != Path(__file__).name
        for numbers in MARK.findall(path.read_text(encoding="utf-8"))
        for number in numbers.split(",")
    }

    ledger = {requirement.number: requirement.open for requirement in read_ledger(LEDGER)}

    assert marked <= set(ledger)
    assert {number for number, still in ledger.items() if still} <= marked
