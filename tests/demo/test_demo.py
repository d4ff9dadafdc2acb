"""The demo plays by itself, tells what happened, and keeps the laws; broken ones are seen."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands.demo_report import LAWS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    arguments = ["demo", "--once", "--days", "3", "--people", "8", "--seed", "9"]
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path_factory.mktemp("demo")), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def figures(line: str) -> list[int]:
    return [int(cell) for cell in line.replace("│", " ").split() if cell.isdigit()]


def test_it_ends_by_itself_and_says_that_no_law_was_broken(
    played: subprocess.CompletedProcess[str],
) -> None:
    assert played.returncode == 0, played.stdout + played.stderr
    assert "No law was broken." in played.stdout


@pytest.mark.requirement(1, 108)
def test_people_shopped_and_were_written_to(played: subprocess.CompletedProcess[str]) -> None:
    lines = played.stdout.splitlines()
    webhooks = next(line for line in lines if "webhook applied" in line)

    assert min(figures(webhooks)) > 5
    assert any("delivered" in line and "email" in line for line in lines)


def test_people_of_either_shop_read_their_mail_and_click(
    played: subprocess.CompletedProcess[str],
) -> None:
    (clicks,) = [line for line in played.stdout.splitlines() if "links clicked" in line]

    assert min(figures(clicks)) > 0


def test_what_is_logged_meanwhile_is_about_nobody(
    played: subprocess.CompletedProcess[str],
) -> None:
    numbers = re.findall(r"\+\d{8,}", played.stderr)

    assert "@" not in played.stderr
    assert numbers == []


@pytest.mark.parametrize("law", LAWS)
def test_every_law_is_counted_and_kept(played: subprocess.CompletedProcess[str], law: str) -> None:
    (line,) = [line for line in played.stdout.splitlines() if law in line]

    assert figures(line) == [0, 0]
