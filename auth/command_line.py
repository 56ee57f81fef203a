"""What the commands share: whose it is, a transaction of that scope, and who acts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

import click

from auth.roles import ROLES, unknown_roles
from core.clock import SystemClock
from core.context import Actor, Ctx, Scope
from core.database.directory import list_scopes
from core.database.engines import Database
from core.database.sessions import public_session, tenant_session
from core.settings import read_settings
from core.use_cases.work import Work

P = ParamSpec("P")
COMMAND_LINE = Actor(id=UUID(int=0), name="command line", kind="system")


def run(function: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Let click call a coroutine."""

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(function(*args, **kwargs))

    return called


def whose(function: Callable[..., None]) -> Callable[..., None]:
    """Add the two ways to say whose it is."""
    program = click.option("--program", is_flag=True, help="For the programme (IPOB).")
    tenant = click.option("--tenant", metavar="SLUG", help="For this agency, department or the operator: qc-spvm, psc.")
    return tenant(program(function))


@asynccontextmanager
async def opened(tenant: str | None, program: bool) -> AsyncIterator[tuple[Ctx, Work]]:
    """Open the database and a transaction of the scope that was named."""
    if bool(tenant) == program:
        raise click.UsageError("Say whose it is: --tenant SLUG, or --program.")
    database = await Database.open(read_settings())
    try:
        async with public_session(database) as session:
            scopes = await list_scopes(session)
        ctx = Ctx(scope=_scope(scopes, tenant), actor=COMMAND_LINE, clock=SystemClock(), database=database)
        async with tenant_session(ctx) as session:
            yield ctx, Work(ctx, session, ctx.today, ctx.clock.now())
    finally:
        await database.close()


def _scope(scopes: list[Scope], tenant: str | None) -> Scope:
    for scope in scopes:
        if (tenant is None and scope.kind == "program") or scope.slug == tenant:
            return scope
    known = ", ".join(scope.slug for scope in scopes) or "none yet"
    raise click.ClickException(f"There is no scope called {tenant or 'the programme'}. There are: {known}.")


def check_roles(scope: Scope, roles: tuple[str, ...]) -> None:
    """Raise ``click.BadParameter`` for a role that such a scope does not have."""
    unknown = unknown_roles(scope.kind, roles)
    if unknown:
        known = ", ".join(ROLES[scope.kind])
        raise click.BadParameter(f"{scope.slug} has no role {', '.join(unknown)}. It has: {known}", param_hint="--role")
