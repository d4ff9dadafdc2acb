"""What the documents promise exists: settings, commands, make targets, addresses, files."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli import comeback
from app.config import Config
from app.factory import create_app
from app.web.webhooks import ADDRESSES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")])


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the README, without its head."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that does something, as it is typed."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        yield from leaves(inner, (*path, name))


def default_of(name: str) -> str:
    value = Config.model_fields[name].default
    words = {None: "none", "": "empty"}
    return words[value] if value in ("", None) else f"`{value}`"


def test_every_setting_is_in_the_readme_with_its_default_and_no_other_is() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("Settings")}

    assert told == {name.upper(): default_of(name) for name in Config.model_fields}


def test_every_setting_says_what_it_means() -> None:
    assert [row[0] for row in rows("Settings") if len(row[2]) < 5] == []


def test_the_readme_lists_every_command_and_no_other() -> None:
    told = [row[0].strip("`") for row in rows("Command line")]

    assert sorted(told) == sorted(f"comeback {' '.join(path)}" for path in leaves(comeback))


def test_every_command_named_anywhere_exists() -> None:
    known = {path[:depth] for path in leaves(comeback) for depth in range(1, len(path) + 1)}
    unknown = [
        (document.name, found[0])
        for document in DOCUMENTS
        for found in re.finditer(
            r"(?:^|`|\./)comeback ((?:[a-z]+(?:-[a-z]+)* ?)+)", document.read_text(), re.M
        )
        if not _leads_to(tuple(found[1].split()), known)
    ]

    assert unknown == []


def test_every_option_the_readme_uses_exists() -> None:
    lines = re.findall(r"(?:^|`|\./)comeback ([^`\n]*--[^`\n]*)", README, re.M)
    wrong = [line for line in lines if not set(re.findall(r"--[a-z-]+", line)) <= _options(line)]

    assert len(lines) >= 3
    assert wrong == []


def _options(line: str) -> set[str]:
    words = line.split()
    (path,) = [path for path in leaves(comeback) if tuple(words[: len(path)]) == path]
    command: click.Command | None = comeback
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts}


def _leads_to(words: tuple[str, ...], known: set[tuple[str, ...]]) -> bool:
    """Whether the words begin with a command; what follows a whole command are its arguments."""
    longest = max((n for n in range(1, len(words) + 1) if words[:n] in known), default=0)
    is_group = any(path[:longest] == words[:longest] and len(path) > longest for path in known)
    return longest > 0 and (longest == len(words) or not is_group)


@pytest.mark.parametrize("path", [(), *leaves(comeback)], ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(comeback, [*path, "--help"])

    assert shown.exit_code == 0, shown.output
    assert "Usage: comeback" in shown.output
    assert len(shown.output.splitlines()) > 3


def test_every_make_target_named_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.M))

    assert {"demo", "test", "run", "help"} <= named <= targets


def test_every_address_named_in_the_readme_is_served(config: Config) -> None:
    behind_flask = map(str, create_app(config).url_map.iter_rules())
    rules = {re.sub(r"<[^>]+>", "<>", rule) for rule in (*behind_flask, *ADDRESSES)}
    named = re.findall(r"`(?:PUBLIC_URL)?(/[a-z/]+(?:<store id>)?[a-z/]*)`", README)

    assert len(named) >= 5
    assert [path for path in named if re.sub(r"<[^>]+>", "<>", path) not in rules] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        (document.name, target)
        for document in DOCUMENTS
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_every_file_the_architecture_names_exists() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    named = re.findall(r"`((?:app|workers|docs|migrations)/[\w./-]+)`", page)
    in_the_path = re.findall(
        r"`((?:web|inbox|flows|customers|offers|messages|attribution)/\w+\.py)`", page
    )

    assert len(named) > 30
    assert [
        n for n in (*named, *(f"app/{n}" for n in in_the_path)) if not (ROOT / n).exists()
    ] == []
