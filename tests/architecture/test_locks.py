"""What runs is what is locked: nothing is installed that was not named with its hash."""

import json
import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LOCKED = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+) \\$", re.M)


def entries(name: str) -> list[str]:
    """The lock of one environment, a package each."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return re.split(r"\n(?=[A-Za-z0-9])", text.strip())


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_package_is_locked_to_one_version_with_hashes(name: str) -> None:
    loose = [
        entry.splitlines()[0]
        for entry in entries(name)
        if not _LOCKED.match(entry) or "--hash=sha256:" not in entry
    ]

    assert len(entries(name)) > 10
    assert loose == []


@pytest.mark.parametrize("name", ["base", "dev"])
def test_what_is_installed_is_what_is_locked(name: str) -> None:
    locked = [found.groups() for entry in entries(name) if (found := _LOCKED.match(entry))]

    assert [(package, version(package)) for package, _ in locked] == locked


def test_what_browsers_load_is_locked_with_its_digest() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]

    assert [name for name, told in packages.items() if name and "integrity" not in told] == []


@pytest.mark.parametrize(("told", "asked"), [({}, ["test"]), ({"AUDIT": "1"}, ["test", "audit"])])
def test_ci_asks_for_known_holes_where_it_is_told_that_it_can(
    tmp_path: Path, told: dict[str, str], asked: list[str]
) -> None:
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "$@"\n')
    make.chmod(0o755)
    others = {name: value for name, value in os.environ.items() if name != "AUDIT"}
    found = {**others, "PATH": f"{tmp_path}:{os.environ['PATH']}", **told}

    ran = subprocess.run([ROOT / ".ci" / "run"], env=found, capture_output=True, check=True)

    assert ran.stdout.decode().split() == asked
