"""What the operator stops at the command line, for when no page is left: the same as on the page."""

from __future__ import annotations

from collections.abc import Sequence

from auth.command_line import opened
from contingent.offered import offered
from core.context import Scope
from core.errors import Misconfigured, NotFound, Refused
from core.extensions.allowing import AllowPlugin, Whom, decide
from core.extensions.reading import agencies
from core.extensions.stopping import begin_stop, end_stop, known_plugins, own_stops
from core.use_cases.work import Work

OPERATOR = "operator"
"""The word of the scope in whose name it is done."""


async def stop(plugin: str | None, tenant: str | None, reason: str) -> None:
    """Stop the plugin (all, if ``None``) in the service (every one, if ``None``). Raises ``Misconfigured``."""
    async with opened(OPERATOR, program=False) as (ctx, work):
        known = await known_plugins(work, await offered(ctx.database.settings))
        if plugin is not None and plugin not in known:
            raise Misconfigured(f"There is no plugin {plugin!r}. There are: {', '.join(sorted(known))}.")
        try:
            await begin_stop(work, plugin, await _service(work, tenant), reason)
        except Refused as error:
            raise Misconfigured(
                f"{plugin or 'Every plugin'} is stopped in {tenant or 'every service'} already."
            ) from error


async def resume(plugin: str | None, tenant: str | None, reason: str) -> None:
    """End what the operator stopped just so. Raises ``Misconfigured`` where that is nothing."""
    async with opened(OPERATOR, program=False) as (_, work):
        service = await _service(work, tenant)
        place = service.id if service else None
        rows = [row for row in await own_stops(work) if (row.plugin, row.scope_id) == (plugin, place)]
        if not rows:
            raise Misconfigured(
                f"The operator has not stopped {plugin or 'every plugin'} in {tenant or 'every service'}."
            )
        for row in rows:
            await end_stop(work, row, reason)


async def allow(plugin: str, whom: Whom, tenants: Sequence[str], reason: str) -> None:
    """Say whom the plugin is for: everyone, nobody, or these services. Raises ``Misconfigured``."""
    async with opened(OPERATOR, program=False) as (ctx, work):
        registry = await offered(ctx.database.settings)
        for slug in tenants:
            await _service(work, slug)
        try:
            await decide(work, registry, AllowPlugin(name=plugin, whom=whom, services=list(tenants), reason=reason))
        except NotFound as error:
            raise Misconfigured(
                f"There is no plugin {plugin!r}. There are: {', '.join(sorted(registry.plugins))}."
            ) from error
        except Refused as error:
            raise Misconfigured(f"{plugin} is for {', '.join(tenants) or whom} already.") from error


async def _service(work: Work, slug: str | None) -> Scope | None:
    known = {scope.slug: scope for scope in await agencies(work)}
    if slug is not None and slug not in known:
        raise Misconfigured(f"There is no service called {slug}. There are: {', '.join(known) or 'none yet'}.")
    return known[slug] if slug else None
