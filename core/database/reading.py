"""The short way for lists that are read all the time: compiled once, run on the driver, straight into structs.

It runs in the open session's transaction and with its login, so that the wall is the same.
Only for what shows no field whose reading is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from core.database.quick import QuickSession

S = TypeVar("S", bound=msgspec.Struct)
Processor = Callable[[Any], Any]
_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own


class Reading(Generic[S]):
    """A Core statement, ready to be run again and again; one ``into`` per row, columns in the order of its fields.

    Parameters are ``bindparam("name")`` in the statement and keywords of ``rows``. Lists are
    given with ``= ANY(:ids)``: a statement with ``IN`` changes with the number of values and
    is refused.
    """

    __slots__ = ("_into", "_parameters", "_positions", "_results", "_sql")

    def __init__(self, statement: Select[*tuple[Any, ...]], into: type[S]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        if compiled.post_compile_params:
            raise ValueError("a reading is compiled once: use = ANY(:ids) instead of IN")
        columns, fields = list(statement.selected_columns), msgspec.structs.fields(into)
        if len(columns) != len(fields):
            raise ValueError(f"{into.__name__} has {len(fields)} fields for {len(columns)} columns")
        self._sql = str(compiled)
        self._into = into
        self._parameters = dict(compiled.params)
        binds = compiled.binds
        names: list[str] = list(compiled.positiontup or ())
        self._positions = [(name, _impl(binds[name].type).bind_processor(_DIALECT)) for name in names]
        self._results = [
            (place, process)
            for place, column in enumerate(columns)
            if (process := _impl(column.type).result_processor(_DIALECT, None)) is not None
        ]

    def prepared(self, **parameters: Any) -> tuple[str, list[Any]]:
        """Return the statement and its values, as the driver takes them."""
        unknown = parameters.keys() - self._parameters.keys()
        if unknown:
            raise TypeError(f"the statement has no parameter {', '.join(sorted(unknown))}")
        given = self._parameters | parameters
        return self._sql, [process(given[name]) if process else given[name] for name, process in self._positions]

    async def rows(self, session: AsyncSession | QuickSession, **parameters: Any) -> list[S]:
        """Run it in ``session`` (one of ``core.database.sessions``, or a quick one) and return its rows."""
        statement, values = self.prepared(**parameters)
        await session.flush()
        records = await session.info["driver"].fetch(statement, *values)
        into = self._into
        if not self._results:
            return [into(*record) for record in records]
        return [into(*self._processed(record)) for record in records]

    def _processed(self, record: Any) -> list[Any]:
        values = list(record)
        for place, process in self._results:
            values[place] = process(values[place])
        return values


def _impl(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return kind.dialect_impl(_DIALECT)
