"""Which plugin gives the chain for each kind of case, and who decides when nobody else is left: the agency's choice."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from core.approvals.deadlocks import find_deadlocks_of
from core.approvals.lifecycle import APPROVAL_CHAIN
from core.approvals.models import ChainProvider
from core.approvals.progress import DUTIES
from core.approvals.schemas import Candidate, ChainChoice, ChainFile, ChainList, ChooseChain, OfKind, PastChoice
from core.audit.models import AuditLine
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Fault, Invalid, NotFound
from core.hooks.models import PluginEnablement
from core.hooks.plans import read_settings
from core.hooks.registry import Plugin
from core.hooks.specs import approval_chain
from core.hooks.standing import running
from core.people import Person
from core.text import Text, t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.work import Work

KINDS: dict[str, Text] = {
    "nomination": t("Nominations"),
    "release": t("Releases of officers"),
    "agreement": t("Agreements"),
}
SHOWN = 20
"""Earlier choices on the page of one kind."""


class _Chosen(NamedTuple):
    plugin: str
    outside: Person | None


@use_case(permission=APPROVAL_CHAIN, input=Nothing, output=ChainList, reads=True)
async def list_chains(work: Work, data: Nothing) -> ChainList:
    """List who gives the chain for each kind of case."""
    return ChainList([await _choice(work, kind) for kind in KINDS])


@use_case(permission=APPROVAL_CHAIN, input=OfKind, output=ChainFile, reads=True)
async def get_chain(work: Work, data: OfKind) -> ChainFile:
    """Show who gives the chain for one kind of case, who could, and what was chosen before."""
    return await _file(work, data.kind)


async def _look_at(ctx: Ctx, data: ChooseChain) -> _Chosen:
    """Return what was chosen, asked of the plugin with no transaction open. Raises ``Invalid`` with all faults."""
    if data.kind not in KINDS:
        raise NotFound
    faults: list[Fault] = []
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        known = {plugin.name: (plugin, settings) for plugin, settings in await _plugins(work)}
        people = {str(one.id): one for one in await _people(work)}
    found, outside = known.get(data.plugin), people.get(data.outside_seat or "")
    if found is None:
        faults.append(Fault("/plugin", t("Choose a plugin that is in use here and gives chains of approval.")))
    if data.outside_seat and outside is None:
        faults.append(Fault("/outside_seat", t("Choose a person of your service.")))
    if found is None or faults:
        raise Invalid(faults)
    plugin, settings = found
    seat = outside.id if outside else None
    stuck = await find_deadlocks_of(
        ctx, plugin.name, settings, data.kind, outside=seat, nobody_allowed=data.nobody_allowed
    )
    if stuck:
        raise Invalid([Fault("/plugin", one.text) for one in stuck])
    return _Chosen(plugin.name, outside)


@use_case(
    permission=APPROVAL_CHAIN,
    input=ChooseChain,
    output=ChainFile,
    before=_look_at,
    backdated=NOW,
    in_person=t("Do it on the page “Chains of approval”."),
)
async def choose_chain(work: Work, data: ChooseChain) -> ChainFile:
    """Choose which plugin gives the chain for a kind of case, and who decides when nobody else is left."""
    chosen: _Chosen = work.decided
    row = await work.session.scalar(select(ChainProvider).where(ChainProvider.kind == data.kind).with_for_update())
    before = None
    if row is None:
        row = ChainProvider(
            tenant_id=work.ctx.scope.id, id=work.new_id(), kind=data.kind, plugin=chosen.plugin, created_at=work.now
        )
        work.session.add(row)
    else:
        work.check_version(row)
        before = await _said(work, row)
    row.plugin, row.nobody_allowed = chosen.plugin, data.nobody_allowed
    row.outside_seat = chosen.outside.id if chosen.outside else None
    await work.session.flush()
    after = await _said(work, row)
    await work.audit("chain_provider.choose", ("chain_provider", row.id), before=before, after=after)
    return await _file(work, data.kind)


async def _said(work: Work, row: ChainProvider) -> dict[str, Any]:
    person = await work.ctx.people.person(work.session, row.outside_seat) if row.outside_seat else None
    return {
        "kind": row.kind,
        "plugin": row.plugin,
        "outside": person.name if person else None,
        "nobody_allowed": row.nobody_allowed,
    }


async def _choice(work: Work, kind: str) -> ChainChoice:
    row = await work.session.scalar(select(ChainProvider).where(ChainProvider.kind == kind))
    seat = row.outside_seat if row else None
    person = await work.ctx.people.person(work.session, seat) if seat else None
    return ChainChoice(
        kind=kind,
        plugin=row.plugin if row else None,
        runs=row is not None and row.plugin in {plugin.name for plugin, _ in await _plugins(work)},
        outside_seat=seat,
        outside=person.name if person else None,
        outside_active=person is not None and person.active,
        nobody_allowed=row is not None and row.nobody_allowed,
        version=row.version if row else None,
    )


async def _file(work: Work, kind: str) -> ChainFile:
    if kind not in KINDS:
        raise NotFound
    query = select(AuditLine).where(AuditLine.action == "chain_provider.choose").order_by(AuditLine.id.desc())
    lines = [line for line in await work.session.scalars(query) if line.after and line.after["kind"] == kind]
    return ChainFile(
        choice=await _choice(work, kind),
        plugins=[Candidate(plugin.name, plugin.manifest.title) for plugin, _ in await _plugins(work)],
        people={str(one.id): one.name for one in await _people(work)},
        history=[
            PastChoice(
                at=line.at,
                by=line.actor_name,
                plugin=line.after["plugin"],
                outside=line.after["outside"],
                nobody_allowed=line.after["nobody_allowed"],
            )
            for line in lines[:SHOWN]
            if line.after
        ],
    )


async def _plugins(work: Work) -> list[tuple[Plugin, Any]]:
    """Return the plugins that run here and give chains, with their settings in force."""
    registry = await work.ctx.hooks.look(work.session)
    names = await running(work.session, work.ctx, registry, approval_chain.__name__)
    rows = await work.session.scalars(
        select(PluginEnablement)
        .where(PluginEnablement.tenant_id == work.ctx.scope.id, PluginEnablement.plugin.in_(names))
        .order_by(PluginEnablement.plugin)
    )
    found: list[tuple[Plugin, Any]] = []
    for row in rows:
        plugin = registry.plugins[row.plugin]
        try:
            found.append((plugin, read_settings(plugin, row.settings)))
        except Exception:  # noqa: BLE001, S112 - a check of the plugin's own may raise anything: it does not run
            continue
    return found


async def _people(work: Work) -> list[Person]:
    """Return everybody who holds a role that decides, by name."""
    found: dict[UUID, Person] = {}
    for role in DUTIES:
        found |= {one.id: one for one in await work.ctx.people.holders(work.session, role)}
    return sorted(found.values(), key=lambda one: (one.name, one.id))
