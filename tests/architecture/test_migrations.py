"""A migration must not stop a busy shop: squawk reads the SQL of each after the first."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger

from app.models import Base

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "migrations"
SQUAWK = Path(sys.executable).with_name("squawk")
HEAD = '''"""One more."""

from alembic import op

revision = "9999"
down_revision = "{after}"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
'''
CONCURRENTLY = """\
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_carts_total", "carts", ["store_id", "total_minor"], postgresql_concurrently=True
        )
"""
UNSAFE = {
    'op.create_index("ix_carts_total", "carts", ["store_id", "total_minor"])': (
        "require-concurrent-index-creation"
    ),
    'op.execute("ALTER TABLE carts ADD COLUMN color text NOT NULL")': "adding-required-field",
    'op.alter_column("carts", "recovery_url", nullable=False)': "adding-not-nullable-field",
    'op.execute("ALTER TABLE carts ALTER COLUMN total_minor TYPE numeric")': "changing-column-type",
    'op.drop_column("carts", "currency")': "ban-drop-column",
    'op.create_foreign_key("fk", "carts", "stores", ["store_id"], ["store_id"])': (
        "adding-foreign-key-constraint"
    ),
    'op.rename_table("carts", "baskets")': "renaming-table",
}


def after_the_first(folder: Path = MIGRATIONS) -> Iterator[tuple[str, str]]:
    """Each later migration with the one before it. The first locks nothing: its tables are new."""
    script = ScriptDirectory(str(folder))
    for revision in script.walk_revisions():
        if revision.down_revision is not None:
            assert isinstance(revision.down_revision, str), "a merge of two heads"
            yield revision.down_revision, revision.revision


def sql_of(before: str, revision: str, folder: Path = MIGRATIONS) -> str:
    """What `alembic upgrade before:revision --sql` writes."""
    written = io.StringIO()
    config = Config(output_buffer=written)
    config.set_main_option("script_location", str(folder))
    command.upgrade(config, f"{before}:{revision}", sql=True)
    return written.getvalue()


def complaints(sql: str) -> list[str]:
    """What squawk says of it, each with its rule."""
    done = subprocess.run(
        [SQUAWK, "--config", ROOT / ".squawk.toml", "--reporter", "json"],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    found = json.loads(done.stdout)
    assert bool(found) == bool(done.returncode)
    return [f"{one['rule_name']}, line {one['line'] + 1}: {one['message']}" for one in found]


@pytest.mark.parametrize(("before", "revision"), sorted(after_the_first()))
def test_a_migration_stops_no_busy_shop(before: str, revision: str) -> None:
    sql = sql_of(before, revision)

    assert f"-- Running upgrade {before} -> {revision}" in sql
    assert complaints(sql) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def one_more(folder: Path, body: str) -> str:
    """The SQL of a migration after the newest, as anybody might write it."""
    (newest,) = ScriptDirectory(str(folder)).get_heads()
    (folder / "versions" / "9999_one_more.py").write_text(HEAD.format(after=newest) + body)
    return sql_of(newest, "9999", folder)


@pytest.mark.parametrize(("statement", "rule"), UNSAFE.items(), ids=UNSAFE.values())
def test_a_change_that_locks_or_breaks_a_busy_table_is_found(
    folder: Path, statement: str, rule: str
) -> None:
    found = complaints(one_more(folder, f"    {statement}\n"))

    assert rule in {complaint.partition(",")[0] for complaint in found}


def test_an_index_that_is_built_beside_the_work_may_pass(folder: Path) -> None:
    assert complaints(one_more(folder, CONCURRENTLY)) == []


def test_what_nobody_reads_any_more_is_dropped_by_saying_so(folder: Path) -> None:
    body = (
        "    op.execute(\n"
        '        "-- squawk-ignore ban-drop-column\\nALTER TABLE carts DROP COLUMN recovery_url"\n'
        "    )\n"
    )

    assert complaints(one_more(folder, body)) == []


def test_a_new_table_may_have_its_indexes_at_once(folder: Path) -> None:
    body = (
        '    op.execute("CREATE TABLE colors (store_id uuid PRIMARY KEY, name text NOT NULL)")\n'
        '    op.create_index("ix_colors_name", "colors", ["store_id", "name"])\n'
    )

    assert complaints(one_more(folder, body)) == []


def test_money_is_never_kept_in_32_bits() -> None:
    narrow = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_minor") and not isinstance(column.type, BigInteger)
    ]

    assert narrow == []
