"""The storm in short: killed inside a call and inside intake, nothing is lost, nothing doubled."""

import json
import subprocess
import sys
from typing import Any

import pytest

from app.launch import ROOT


@pytest.fixture(scope="module")
def storm() -> dict[str, Any]:
    """The short storm's figures. A process of its own: it has its clock, servers and database."""
    command = [sys.executable, "-m", "tests.faults", "--short"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1} and done.stdout, done.stderr[-2000:]
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def test_workers_die_inside_a_call_and_web_inside_intake(storm: dict[str, Any]) -> None:
    assert storm["hits"] >= 1, "a worker died while a provider held its call"
    assert storm["unanswered"] >= 1, "a webhook met no answer"
    assert storm["accepted"] > 30


def test_a_kill_loses_no_order_and_no_message(storm: dict[str, Any]) -> None:
    missing = {name: storm[name] for name in ("lost", "orders_missing", "webhooks_unsettled")}

    assert storm["due"] > 0 and storm["orders"] > 0
    assert missing == dict.fromkeys(missing, 0), storm["details"]


def test_a_kill_puts_nobody_s_address_in_the_logs(storm: dict[str, Any]) -> None:
    assert storm["overheard"] == 0, storm["details"]


def test_a_kill_sends_nothing_twice(storm: dict[str, Any]) -> None:
    assert storm["duplicated"] == 0, storm["details"]


def test_a_kill_lets_no_reminder_follow_a_purchase_or_a_refusal(storm: dict[str, Any]) -> None:
    assert (storm["after_purchase"], storm["after_opt_out"]) == (0, 0), storm["details"]
