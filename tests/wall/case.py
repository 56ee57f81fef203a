"""One attempt: a table, another tenant's row in it, and a function that says how often it reached that row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from tests.wall.rows import Row

Attempt = Callable[[Any, "Case"], Awaitable[int]]


@dataclass(frozen=True)
class Case:
    """A table, the row of another tenant that is tried, and what a row of one's own would be."""

    table: Table
    foreign: Row
    own: Row | None
    fresh: Row
    """A row that does not exist yet, for the other tenant."""

    @property
    def name(self) -> str:
        return f'"{self.table.name}"'

    @property
    def where(self) -> str:
        return self.matching("")

    def matching(self, alias: str) -> str:
        """Return the condition that only the other tenant's row fulfils, its key being the parameters."""
        return " AND ".join(f'{alias}"{name}" = ${n}' for n, name in enumerate(self.key_names, start=1))

    @property
    def key(self) -> list[Any]:
        return [self.foreign[name] for name in self.key_names]

    @property
    def key_names(self) -> list[str]:
        return [column.name for column in self.table.primary_key]

    @property
    def tenant(self) -> Any:
        return self.foreign["tenant_id"]

    @property
    def settable(self) -> str:
        """A column that an update may name."""
        keys = self.key_names
        names = [column.name for column in self.table.columns if column.name not in keys and column.identity is None]
        return f'"{[*names, *(name for name in keys if name != "tenant_id")][0]}"'


@dataclass(frozen=True)
class Operation:
    """``needs``: what the other side must have been given for this to reach a row."""

    name: str
    needs: frozenset[str]
    attempt: Attempt
    tolerated: tuple[type[Exception], ...] = ()


OPERATIONS: list[Operation] = []


def operation(*needs: str, tolerated: tuple[type[Exception], ...] = ()) -> Callable[[Attempt], Attempt]:
    def add(attempt: Attempt) -> Attempt:
        name = attempt.__name__.replace("_", " ")
        OPERATIONS.append(Operation(name, frozenset(needs), attempt, tolerated))
        return attempt

    return add
