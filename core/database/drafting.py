"""Drafts one revision per room from the models: ``python -m core.database.drafting``.

For the time before the first release, when the first revisions may still be written anew.
After it they are frozen, and a change is a new revision beside them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from sqlalchemy import MetaData, Table

from core.database.migrating import FOLDER
from core.database.rooms import MODEL_MODULES, load_models

_REVISION = '''\
"""The tables of {room}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
{imports}
revision = "{revision}"
down_revision = {down_revision}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
'''
_JSONB = "from sqlalchemy.dialects import postgresql\n"


def draft(folder: Path = FOLDER / "versions") -> list[str]:
    """Write the revisions of all rooms into ``folder``, remove those of rooms that are gone, and return the names."""
    previous: str | None = None
    names = []
    for number, (room, tables) in enumerate(tables_by_room(load_models()).items(), start=1):
        name = f"{number:04}_{room}"
        text = render(name, previous, room, tables)
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        names.append(name)
        previous = name
    for path in folder.glob("[0-9]*.py"):
        if path.stem not in names:
            path.unlink()
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", folder], check=True)  # noqa: S603 - our own tool
    return names


def tables_by_room(metadata: MetaData) -> dict[str, list[Table]]:
    """Return the tables of each room, rooms in the order of ``MODEL_MODULES``, tables before those that refer to them.

    Raises ``ValueError`` if a table refers to one of a later room, which no order could make.
    """
    packages = list(dict.fromkeys(module.rsplit(".", 1)[0] for module in MODEL_MODULES))
    found: dict[str, list[Table]] = {_room(package): [] for package in packages}
    made: set[str] = set()
    for package in packages:
        for table in metadata.sorted_tables:
            if table.info["room"] != package:
                continue
            found[_room(package)].append(table)
            made.add(table.name)
            for key in table.foreign_key_constraints:
                if key.referred_table.name not in made:
                    raise ValueError(f"{table.name} refers to {key.referred_table.name}, which a later room makes")
    left = {table.name for table in metadata.sorted_tables} - made
    if left:
        raise ValueError(f"no module of MODEL_MODULES defines {sorted(left)}")
    return {room: tables for room, tables in found.items() if tables}


def render(revision: str, previous: str | None, room: str, tables: list[Table]) -> str:
    """Return the text of a revision that makes ``tables``."""
    up: list[ops.MigrateOperation] = []
    down: list[ops.MigrateOperation] = []
    for table in tables:
        creation = ops.CreateTableOp.from_table(table)
        creation.info = {}  # the classes belong to the models, not to the structure
        up.append(creation)
        up += [ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=lambda one: str(one.name))]
        down.insert(0, ops.DropTableOp.from_table(table))
    body_up, body_down = _render(ops.UpgradeOps(up)), _render(ops.UpgradeOps(down))
    return _REVISION.format(
        room=room,
        revision=revision,
        down_revision=f'"{previous}"' if previous else "None",
        imports=_JSONB if "postgresql." in body_up else "",
        up=body_up,
        down=body_down,
    )


def _render(operations: ops.UpgradeOps) -> str:
    lines = [line for line in render_python_code(operations).splitlines() if not line.strip().startswith("#")]
    # Alembic writes JSONB's own default in a way that needs an import.
    return re.sub(r"(, )?astext_type=Text\(\)", "", "\n".join(lines)).strip()


def _room(package: str) -> str:
    return package.rsplit(".", 1)[-1]


if __name__ == "__main__":
    for name in draft():
        print(name)  # noqa: T201 - this is what the command says
