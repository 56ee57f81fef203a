"""Asking the agency's plugin which steps must approve a nomination."""

from __future__ import annotations

from uuid import UUID

from core.approvals.chain import Chain, ask, digest_of
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import NotFound
from core.hooks import types
from core.missions.models import Call, Mission, Position
from core.nominations.models import Dossier, Nomination
from core.nominations.schemas import OfNomination
from core.personnel.models import Officer
from core.use_cases.work import Moved, Work


async def ask_chain(ctx: Ctx, data: OfNomination) -> Chain:
    """Return the chain for the nomination named in ``data``: the ``before`` of submitting it."""
    try:
        key = UUID(data.id)
    except ValueError:
        raise NotFound from None
    return await ask(ctx, await describe(ctx, key))


async def describe(ctx: Ctx, nomination_id: UUID) -> types.Subject:
    """Return the nomination as plugins see it: ids and bands, no name."""
    async with tenant_session(ctx, read_only=True) as session:
        return await _describe(Work(ctx, session, ctx.today, ctx.clock.now()), nomination_id)


async def require_unmoved(work: Work, nomination_id: UUID) -> None:
    """Raise ``Moved`` if the plugin was asked for the chain of something else than what is written now."""
    asked: Chain = work.decided
    if asked.digest != digest_of(await _describe(work, nomination_id)):
        raise Moved


async def _describe(work: Work, nomination_id: UUID) -> types.Subject:
    nomination: Nomination = await work.get(Nomination, nomination_id)
    dossier: Dossier = await work.get(Dossier, nomination_id)
    officer: Officer = await work.get(Officer, dossier.officer_id)
    mission: Mission = await work.find(Mission, nomination.mission_id)
    call: Call = await work.find(Call, nomination.call_id)
    position: Position = await work.find(Position, nomination.position_id)
    ranks = await work.ctx.agencies.ranks(work.session)
    rank = ranks.get(officer.rank_code)
    person = types.Officer(
        id=officer.id,
        rank=officer.rank_code,
        band=rank.band if rank else 1,
        unit=officer.unit,
        language="fr" if officer.language == "fr" else "en",
        affiliation=officer.affiliation,  # type: ignore[arg-type]
    )
    described = types.Nomination(
        id=nomination.id,
        call_id=call.id,
        officer=person,
        state=nomination.state,
        mission=mission.acronym_en,
        country=mission.country,
        starts=call.tour_starts_on,
        months=call.tour_months,
        armed=position.armed,
    )
    return types.Subject(kind="nomination", id=nomination.id, concerns=officer.id, nomination=described)
