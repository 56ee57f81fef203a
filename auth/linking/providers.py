"""Use cases on how accounts of a provider find their seat by themselves: off, until an administrator turns it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import select

from auth.linking.schemas import Linking, LinkingRule, ProviderLinking
from auth.linking.seating import NUMBERED, OPENING
from auth.models import IdentityProvider
from auth.relying_party.claims import UNDECIDING, decides
from auth.relying_party.identities import identities, known_elsewhere
from auth.service import SEAT_MANAGE, SEAT_READ
from core.context import Ctx
from core.errors import Fault
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.intake import refuse
from core.use_cases.output import shown
from core.use_cases.work import Work


@use_case(permission=SEAT_READ, input=Nothing, output=Linking, scopes=OPENING, reads=True)
async def list_linking(work: Work, data: Nothing) -> Linking:
    """Show how accounts of each provider find their seat by themselves."""
    chosen = (
        select(IdentityProvider)
        .where(IdentityProvider.tenant_id == work.ctx.scope.id, IdentityProvider.state != "off")
        .order_by(IdentityProvider.created_at, IdentityProvider.id)
    )
    rows = (await work.session.scalars(chosen)).all()
    return Linking([shown(ProviderLinking, row, shared=await _is_shared(work, row)) for row in rows])


async def _is_shared(work: Work, row: IdentityProvider) -> bool:
    if row.pinned_claim is not None or (row.number_claim is None and not row.just_in_time):
        return False
    async with identities(work) as session:
        return await known_elsewhere(session, work.ctx.scope.id, row.issuer)


def _wrong(ctx: Ctx, given: Mapping[str, Any]) -> Iterator[Fault]:
    claim = given.get("number_claim")
    if claim is not None and ctx.scope.kind not in NUMBERED:
        yield Fault("/number_claim", t("Nobody here has an employee number: leave this empty."))
    elif claim is not None and not decides(claim):
        yield Fault("/number_claim", UNDECIDING)


@use_case(
    permission=SEAT_MANAGE,
    input=LinkingRule,
    output=Linking,
    scopes=OPENING,
    backdated=NOW,
    in_person=t("Do it on the page “Linking accounts”."),
    checks=_wrong,
)
async def set_linking(work: Work, data: LinkingRule) -> Linking:
    """Say by which claim the accounts of a provider are linked, and whether unknown ones are added without a role."""
    refuse(_wrong(work.ctx, msgspec.structs.asdict(data)), LinkingRule)
    row: IdentityProvider = await work.get(IdentityProvider, data.id)
    work.check_version(row)
    before = {"number_claim": row.number_claim, "just_in_time": row.just_in_time}
    row.number_claim, row.just_in_time = data.number_claim, data.just_in_time
    await work.session.flush()
    after = {"number_claim": row.number_claim, "just_in_time": row.just_in_time}
    await work.audit(
        "identity_provider.change", ("identity_provider", row.id), before=before, after=after, reason=data.reason
    )
    return await list_linking(work, Nothing())
