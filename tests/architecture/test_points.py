"""The path of a webhook and a message has named points, and a new step cannot do without one."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from app.channels import Channel
from app.platforms import Shop
from app.points import Point
from tests.architecture.test_house import ROOT, functions, sources

PATH = ("inbox", "flows", "offers", "messages", "stores")
DOORS = {"store_transaction", "platform_transaction"}
NOTHING_FOLLOWS = "one commit that nothing outside stands before or after"
READS = "reads, or takes locks that end with it"
LOOKS = "looks at somebody else's server, changes nothing there, and looks again at the next turn"
GROWS_OLD = "deletes what is too old, and the next round finds what is left"
FOUND_ANEW = "writes figures that are found anew as a whole when it did not come to its end"
BY_HAND = "somebody waits for it at a screen, and does it again"
WITHOUT = {
    "flows/advance.py:_one_by_one": NOTHING_FOLLOWS,
    "inbox/clocks.py": READS,
    "inbox/examine.py": NOTHING_FOLLOWS,
    "inbox/forecasts.py": FOUND_ANEW,
    "inbox/forgetting.py": GROWS_OLD,
    "inbox/habits.py": FOUND_ANEW,
    "inbox/imports.py": BY_HAND,
    "inbox/lags.py": READS,
    "inbox/lifts.py": NOTHING_FOLLOWS,
    "inbox/looks.py": LOOKS,
    "inbox/process.py:_give_up_on_first": NOTHING_FOLLOWS,
    "inbox/reports.py": FOUND_ANEW,
    "inbox/retention.py": GROWS_OLD,
    "inbox/rhythm.py": NOTHING_FOLLOWS,
    "inbox/shop_segments.py": LOOKS,
    "inbox/silent_mail.py": LOOKS,
    "inbox/standing.py": NOTHING_FOLLOWS,
    "inbox/sweep.py:active_stores": READS,
    "inbox/sweep.py:all_stores": READS,
    "inbox/sweep.py:due_stores": READS,
    "inbox/sync.py": READS,
    "inbox/unheard.py": READS,
    "inbox/watch.py": LOOKS,
    "inbox/waves.py": NOTHING_FOLLOWS,
    "messages/books.py": BY_HAND,
    "messages/defects.py": NOTHING_FOLLOWS,
    "messages/polling.py:_cursor": READS,
    "messages/send.py:_load": READS,
    "messages/send.py:send_due": NOTHING_FOLLOWS,
    "messages/unknowns.py:_give_up": NOTHING_FOLLOWS,
    "messages/unknowns.py:_later": NOTHING_FOLLOWS,
    "messages/unknowns.py:_times_lost": READS,
    "stores/backfill.py:_claim": READS,
    "stores/backfill.py:_postpone": NOTHING_FOLLOWS,
    "stores/backfill.py:put_off": READS,
    "stores/connections.py": READS,
    "stores/directory.py": READS,
    "stores/install.py:connect": BY_HAND,
    "stores/install.py:save_channel": BY_HAND,
    "stores/lasting.py:secret_for": READS,
    "stores/letters.py:stores_with_news": READS,
    "stores/losing.py": NOTHING_FOLLOWS,
    "stores/operator.py:stores_in_trouble": READS,
    "stores/pushing.py": BY_HAND,
    "stores/refresh.py:fresh": READS,
    "stores/refresh.py:quiet": READS,
    "stores/refresh.py:refresh": NOTHING_FOLLOWS,
    "stores/resealing.py": BY_HAND,
}
"""What opens a transaction on the path and passes no point, each with its reason: a function, or a
module of which no part belongs to the path."""
OTHERS = re.compile(
    r"(shop|channel|provider|setup|push|refreshers)\b[^.]*$|^(mail|httpx|requests)$"
)
"""Names that stand for somebody else's server, where something is asked of them."""
ASKING = {
    *(name for name in vars(Shop) if not name.startswith("_")),
    *(name for name in vars(Channel) if not name.startswith("_")),
    *("silent", "look", "post", "request"),
}
NO_ANSWER_KEPT = {
    "inbox/looks.py": LOOKS,
    "inbox/shop_segments.py": LOOKS,
    "inbox/silent_mail.py": LOOKS,
    "messages/books.py": BY_HAND,
    "stores/connections.py": LOOKS,
    "stores/pushing.py": BY_HAND,
    "stores/timed.py": "hands on what a room asks",
    "stores/watched.py": "hands on what a room asks",
}
"""Who asks somebody else's server and passes no point, each with its reason."""


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


def whom(call: ast.Call) -> str:
    """Whose method is called; for the method of an answer, who gave it."""
    asked = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    while isinstance(asked, ast.Call):
        asked = asked.func
    return ast.unparse(asked)


def asks_others(path: Path) -> bool:
    """Whether anything in here is asked of somebody else's server."""
    calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
    return any(
        (getattr(call.func, "attr", "") in ASKING and OTHERS.search(whom(call)))
        or whom(call) == "call_out"
        for call in calls
    )


def test_whoever_asks_somebody_else_s_server_passes_a_point_or_says_why_not() -> None:
    asking = {str(path.relative_to(ROOT / "app")) for path in modules() if asks_others(path)}
    bare = {name for name in asking if not passed(ast.parse((ROOT / "app" / name).read_text()))}

    assert {"messages/deliver.py", "offers/mint.py", "flows/calls.py"} <= asking
    assert sorted(bare) == sorted(NO_ANSWER_KEPT)


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
