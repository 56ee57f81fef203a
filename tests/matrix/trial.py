"""One try of the matrix: what the guard answers over HTTP, what the use case itself does, and what the database saw.

Every transaction ends without keeping anything, so that each try finds the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from unittest.mock import AsyncMock
from uuid import UUID

import httpx
import pytest

from auth.callers import Signed
from auth.matrix.cells import BREAK_GLASS, LINK, NOBODY, READ_ONLY, Cell, Surface
from auth.matrix.who import API, held, roles_of
from auth.step_up.rules import STANDING
from core.context import Actor, Scope, ScopeKind
from core.database import sessions
from core.database.quick import QuickPool
from core.errors import ContingentError
from core.ids import new_id
from core.use_cases import execution
from core.use_cases.declaration import UseCase
from core.use_cases.execution import execute
from core.use_cases.intake import read
from tests.http.land import NOWHERE, Whole, sample
from tests.wall.rows import SHOWN

DONE = 200
"""Whatever status a success has."""
NOT_SIGNED_IN, REFUSED = 401, 403
STUMBLED = 500
"""Something failed that nobody has words for."""
WALLED = 599
"""The use case was let in, and the database's role has no grant on what it asks for."""
NO_GRANT = "42501"
SEEN = "SELECT current_user::text, current_setting('app.tenant', true), has_table_privilege('fitness', 'SELECT')"


class Seen(NamedTuple):
    """What the database says of one transaction: its role, whose rows it has, and whether it reads health's tables."""

    role: str
    tenant: str | None
    health: bool


def somebody(
    kind: ScopeKind, who: str, surface: Surface, *, seat: UUID, officer: UUID | None, link: UUID | None
) -> Actor:
    """Return ``who`` as the application knows them: who comes to the API is a program, and has no officer file.

    ``officer`` and ``link``: the file of whoever has one, and what whoever comes by a link has come to.
    """
    program = surface in API
    return Actor(
        id=seat,
        name="Alix Tremblay",
        kind="token" if program else "person",
        roles=roles_of(kind, who),
        permissions=held(kind, who, surface),
        officer_id=None if program or who == BREAK_GLASS else officer,
        reads_only=who == READ_ONLY,
        only=link if who == LINK else None,
        ruled=frozenset(STANDING) if program else frozenset(),
    )


@dataclass
class Trial:
    """The whole application, and a scope of each kind that has rows.

    ``stranger``: whether whoever is tried is somebody of whom no row speaks. Otherwise the rows are their doing.
    """

    whole: Whole
    filled: dict[ScopeKind, Scope]
    stranger: bool = False
    seen: list[Seen] = field(default_factory=list)

    def scope(self, cell: Cell) -> Scope:
        """Return the scope in which the cell is tried."""
        return self.filled[cell.kind]

    def row(self, cell: Cell) -> UUID:
        """Return the id of the row that a filled scope of the cell's kind has in each table."""
        tenant = next(one for one in self.whole.land.tenants if one.kind == cell.kind)
        return self.whole.land.id_of(tenant, SHOWN)

    def actor(self, cell: Cell) -> Actor:
        """Return whom the cell speaks of; in its rows' place somebody else where it says so, as every program is."""
        somebody_else = self.stranger or cell.relation == "other" or cell.address.surface in API
        return somebody(
            cell.kind,
            cell.who,
            cell.address.surface,
            seat=new_id(self.whole.ring.platform.clock) if somebody_else else self.row(cell),
            officer=self.row(cell) if cell.relation == "own" else NOWHERE,
            link=self.row(cell),
        )

    @contextmanager
    def known(self, cell: Cell) -> Iterator[str]:
        """Let the application know the cell's somebody, and give the secret by which it does."""
        callers, scope = self.whole.ring.callers, self.scope(cell)
        secret, caller = self.whole.ring.caller(scope, details=Signed(NOWHERE, NOWHERE, "https://id.example/realm"))
        callers.known[scope.id, secret] = type(caller)(
            actor=self.actor(cell), secret=caller.secret, details=caller.details
        )
        yield secret
        del callers.known[scope.id, secret]

    def script(self, cell: Cell, secret: str) -> httpx.AsyncClient:
        """Return the cell's somebody as a client of the API."""
        ring = self.whole.ring
        return ring.client() if cell.who == NOBODY else ring.bearing(self.scope(cell), secret)

    def browser(self, cell: Cell, secret: str) -> httpx.AsyncClient:
        """Return the cell's somebody in a browser."""
        ring, cookie = self.whole.ring, f"{'link' if cell.who == LINK else 'session'}-{self.scope(cell).slug}"
        return ring.client() if cell.who == NOBODY else ring.client(**{cookie: secret})

    async def served(self, cell: Cell, case: UseCase[Any, Any], values: dict[str, Any] | None = None) -> int:
        """Return as a status what the use case itself answers the cell's somebody."""
        return (await self.made(cell, case, values or sample(case, self.row(cell))))[0]

    async def made(self, cell: Cell, case: UseCase[Any, Any], values: dict[str, Any]) -> tuple[int, Any]:
        """Return the same with what it makes, if it is done."""
        ctx = self.whole.site.context(self.scope(cell), "en", "matrix", self.actor(cell))
        try:
            return DONE, await execute(case, ctx, read(case.input, values))
        except ContingentError as error:
            return error.status, None
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            walled = NO_GRANT in (getattr(one, "sqlstate", None) for one in causes(error))
            return WALLED if walled else STUMBLED, None

    def taken(self) -> list[Seen]:
        """Return the transactions that were begun since this was last asked."""
        found, self.seen[:] = self.seen[:], []
        return found


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__


@contextmanager
def nothing_kept(seen: list[Seen]) -> Iterator[None]:
    """Take back at its end whatever a transaction did, and write down what the database says at its beginning."""
    begin, take = sessions._begin, QuickPool.take

    async def begun(*args: Any) -> Any:
        connection, driver = await begin(*args)
        seen.append(Seen(*await driver.fetchrow(SEEN)))
        return connection, driver

    async def taken(pool: QuickPool, beginning: str) -> Any:
        driver = await take(pool, beginning)
        seen.append(Seen(*await driver.fetchrow(SEEN)))
        return driver

    async def taken_back(driver: Any) -> None:
        # What is checked at the end alone is checked all the same.
        await driver.execute("SET CONSTRAINTS ALL IMMEDIATE")
        await driver.execute("ROLLBACK")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "_begin", begun)
        patch.setattr(sessions, "_commit", taken_back)
        patch.setattr(QuickPool, "take", taken)
        # The claim of a key is taken back like all else: there is none to be held.
        patch.setattr(execution, "hold", AsyncMock())
        yield
