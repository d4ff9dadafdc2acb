"""The shape of the house: budgets, the staircase, and what must never be committed."""

import ast
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES_OF_A_FILE = 400
LINES_OF_AN_ADAPTER = 150
LINES_OF_A_FUNCTION = 60
ARGUMENTS = 5


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def test_no_file_is_longer_than_its_budget() -> None:
    too_long = []
    for path in sources("app", "workers"):
        relative = path.relative_to(ROOT)
        adapter = relative.parts[1] in {"platforms", "channels"} and len(relative.parts) > 3
        budget = LINES_OF_AN_ADAPTER if adapter else LINES_OF_A_FILE
        lines = len(path.read_text().splitlines())
        if lines > budget:
            too_long.append((str(relative), lines, budget))

    assert too_long == []


def test_no_function_is_longer_than_sixty_lines_or_takes_more_than_five_arguments() -> None:
    too_big = []
    for path in sources("app", "workers"):
        for function in functions(path):
            lines = (function.end_lineno or 0) - function.lineno + 1
            arguments = [a for a in function.args.args if a.arg not in {"self", "cls"}]
            positional = len(arguments) + len(function.args.posonlyargs)
            if lines > LINES_OF_A_FUNCTION or positional > ARGUMENTS:
                too_big.append((str(path.relative_to(ROOT)), function.name, lines, positional))

    assert too_big == []


def test_half_of_all_functions_fit_in_ten_lines_and_half_of_all_files_in_ninety() -> None:
    spans = sorted(
        (function.end_lineno or 0) - function.lineno + 1
        for path in sources("app", "workers")
        for function in functions(path)
    )
    files = sorted(len(path.read_text().splitlines()) for path in sources("app", "workers"))

    assert spans[len(spans) // 2] <= 10
    assert files[len(files) // 2] <= 90


def test_the_staircase_names_every_room() -> None:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter")
    named = {
        name.strip()
        for line in parser["importlinter:contract:staircase"]["layers"].splitlines()
        for name in line.replace("|", " ").replace(":", " ").split()
    }
    rooms = {
        f"app.{path.stem}"
        for path in (ROOT / "app").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }

    assert rooms | {"workers"} == named


def test_every_room_says_its_duty_in_its_first_lines() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources("app", "workers")
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_no_machine_path_or_index_address_is_tracked() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    patterns = ["--index-url", "--extra-index-url", "--find-links", "/ro" + "ot/", "/wo" + "rk/"]
    found = []
    for name in tracked:
        path = ROOT / name
        if not name or name.startswith("tests/architecture/") or name == "Makefile":
            continue
        try:
            text = path.read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        found += [(name, pattern) for pattern in patterns if pattern in text]

    assert found == []
