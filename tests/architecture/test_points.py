"""The path of a webhook and a message has named points, and a new step cannot do without one."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from app.points import Point
from tests.architecture.test_house import ROOT, functions, sources

PATH = ("inbox", "flows", "offers", "messages", "stores/letters.py", "stores/refresh.py")
DOORS = {"store_transaction", "platform_transaction"}
NOTHING_FOLLOWS = "one commit that nothing outside stands before or after"
READS = "reads, or takes locks that end with it"
OFF_THE_PATH = "nothing that was accepted, and no message, hangs on it"
HISTORY = "reads the shop again after a crash, from where the last commit left it"
WITHOUT = {
    "flows/advance.py:_one_by_one": NOTHING_FOLLOWS,
    "flows/calls.py": OFF_THE_PATH,
    "inbox/catch_up.py": HISTORY,
    "inbox/examine.py": OFF_THE_PATH,
    "inbox/forgetting.py": OFF_THE_PATH,
    "inbox/imports.py": HISTORY,
    "inbox/lags.py": READS,
    "inbox/looks.py": OFF_THE_PATH,
    "inbox/process.py:_give_up_on_first": NOTHING_FOLLOWS,
    "inbox/retention.py": OFF_THE_PATH,
    "inbox/rhythm.py": NOTHING_FOLLOWS,
    "inbox/silent_mail.py": OFF_THE_PATH,
    "inbox/sweep.py": READS,
    "inbox/sync.py": READS,
    "inbox/watch.py": OFF_THE_PATH,
    "messages/defects.py": NOTHING_FOLLOWS,
    "messages/erasing.py": OFF_THE_PATH,
    "messages/polling.py:_cursor": READS,
    "messages/profiles.py": OFF_THE_PATH,
    "messages/send.py:_load": READS,
    "messages/send.py:send_due": NOTHING_FOLLOWS,
    "messages/unknowns.py:_give_up": NOTHING_FOLLOWS,
    "messages/unknowns.py:_later": NOTHING_FOLLOWS,
    "messages/unknowns.py:_times_lost": READS,
    "stores/letters.py:stores_with_news": READS,
    "stores/refresh.py:fresh": READS,
    "stores/refresh.py:quiet": READS,
    "stores/refresh.py:refresh": NOTHING_FOLLOWS,
}
"""What opens a transaction on the path and passes no point, each with its reason: a function, or a
module of which no part belongs to the path."""


def modules() -> Iterator[Path]:
    for place in PATH:
        here = ROOT / "app" / place
        yield from [here] if here.suffix else sources(f"app/{place}")


def called(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node


def opens(function: ast.FunctionDef) -> bool:
    return any(getattr(call.func, "id", "") in DOORS for call in called(function))


def passed(tree: ast.AST) -> list[str]:
    """The names of the points that are passed in here."""
    return [
        ast.unparse(call.args[0]).removeprefix("Point.")
        for call in called(tree)
        if getattr(call.func, "id", "") == "pass_point"
    ]


def test_every_function_of_the_path_that_commits_passes_a_point_or_says_why_not() -> None:
    bare = {
        (str(path.relative_to(ROOT / "app")), function.name)
        for path in modules()
        for function in functions(path)
        if opens(function) and not passed(function)
    }
    unexplained = [
        f"{module}:{name}"
        for module, name in sorted(bare)
        if module not in WITHOUT and f"{module}:{name}" not in WITHOUT
    ]
    known = {module for module, _ in bare} | {f"{module}:{name}" for module, name in bare}

    assert unexplained == [], "a commit of the path needs a point, or a reason"
    assert set(WITHOUT) - known == set(), "a reason for what needs none any more"


def test_every_point_is_passed_in_one_place() -> None:
    times = Counter(
        name for path in sources("app", "workers") for name in passed(ast.parse(path.read_text()))
    )

    assert times == dict.fromkeys([point.name for point in Point], 1)


def test_only_tests_watch_the_points() -> None:
    watching = [
        str(path.relative_to(ROOT))
        for path in sources("app", "workers")
        if path.name != "points.py"
        and "points" in path.read_text()
        and "watch(" in path.read_text()
    ]

    assert watching == []
