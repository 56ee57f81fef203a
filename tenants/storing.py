"""Writing what a file says into the agency's own tables, in one transaction of the agency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from core.approvals.models import ChainProvider
from core.hooks.registry import Registry
from core.hooks.service import disable, enable
from core.use_cases.intake import read
from core.use_cases.work import Work
from tenants.files import Agreement
from tenants.models import (
    AgencyProfile,
    AgencySettings,
    AgreementRow,
    ExternalAct,
    PrivacyRecord,
    RankRow,
    SharingContract,
    SharingField,
)
from tenants.resolving import CHAIN_PLUGIN, Resolved

CASES = ("nomination", "release", "agreement")
"""The kinds of case for which the agency's chain plugin is asked."""


async def store_agency(work: Work, resolved: Resolved, registry: Registry) -> None:
    """Write the profile, the settings, the ladder, the gates and the plugins of ``work``'s scope."""
    agency = resolved.agency
    work.session.add(AgencyProfile(**_key(work), submitted_at=work.now, created_at=work.now, **_profile(resolved)))
    work.session.add(AgencySettings(**_key(work), created_at=work.now, **_settings(resolved)))
    for place, rank in enumerate(resolved.ranks, start=1):
        row = RankRow(
            **_key(work),
            place=place,
            code=rank.code,
            band=rank.band,
            title_en=rank.en,
            title_fr_masculine=rank.masculine,
            title_fr_feminine=rank.feminine,
            created_at=work.now,
        )
        work.session.add(row)
    for agreement in agency.agreements:
        await _agreement(work, agreement)
    await _sharing(work, resolved)
    for one in agency.privacy:
        record = PrivacyRecord(
            **_key(work),
            kind=one.kind,
            reference=one.reference,
            made_on=one.made,
            lapses_on=one.lapses,
            demonstration=one.demonstration,
            created_at=work.now,
        )
        work.session.add(record)
    await _plugins(work, resolved, registry)
    await work.session.flush()
    governance = msgspec.to_builtins(agency.governance)
    await work.audit("agency.open", ("scope", work.ctx.scope.id), after={"file": agency.slug, **governance})


def _key(work: Work) -> dict[str, Any]:
    return {"tenant_id": work.ctx.scope.id, "id": work.new_id()}


def _profile(resolved: Resolved) -> dict[str, Any]:
    agency = resolved.agency
    note = agency.participation.note
    return {
        "kind": agency.kind,
        "province": agency.province,
        "city": agency.city,
        "languages": list(agency.languages),
        "confidence": agency.participation.confidence,
        "note_en": note.en if note else None,
        "note_fr": note.fr if note else None,
    }


def _settings(resolved: Resolved) -> dict[str, Any]:
    agency = resolved.agency
    return {
        "colour": agency.colour,
        "marking_en": agency.marking.en,
        "marking_fr": agency.marking.fr,
        "ladder": agency.governance.ladder,
        "chain": agency.governance.chain,
        "regime": agency.governance.regime,
        "regime_en": resolved.regime.en,
        "regime_fr": resolved.regime.fr,
        "needs": msgspec.to_builtins(resolved.needs),
        "acts": resolved.acts,
        "sponsor": agency.governance.sponsor,
        "issuer": agency.provider.issuer,
        "claim": agency.provider.claim,
        "claim_value": agency.provider.value,
    }


async def _agreement(work: Work, agreement: Agreement) -> None:
    row = AgreementRow(
        **_key(work),
        reference=agreement.reference,
        starts_on=agreement.starts,
        expires_on=agreement.expires,
        demonstration=agreement.demonstration,
        submitted_at=work.now,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    for act in agreement.acts:
        made = ExternalAct(
            **_key(work),
            agreement_id=row.id,
            kind=act.kind,
            number=act.number,
            decided_on=act.on,
            created_at=work.now,
        )
        work.session.add(made)


async def _sharing(work: Work, resolved: Resolved) -> None:
    sharing = resolved.agency.sharing
    if sharing is None:
        return
    contract = SharingContract(
        **_key(work),
        number=1,
        since=sharing.since,
        proposed_on=sharing.proposed,
        demonstration=sharing.demonstration,
        submitted_at=work.now,
        created_at=work.now,
    )
    work.session.add(contract)
    await work.session.flush()
    for one in sharing.fields:
        field = SharingField(
            **_key(work),
            contract_id=contract.id,
            field=one.field,
            purpose=one.purpose,
            retention_days=one.retention_days,
            submitted_at=work.now,
        )
        work.session.add(field)


async def _plugins(work: Work, resolved: Resolved, registry: Registry) -> None:
    for entry in resolved.agency.plugins:
        plugin = registry.plugins[entry.name]
        struct = plugin.manifest.settings
        settings = read(struct, entry.settings) if struct else None
        await enable(work, plugin, settings, consented=plugin.manifest.asks)
        if not entry.enabled:
            await disable(work, entry.name, "As the agency's file says.")
    work.session.add_all(_providers(work, resolved))


def _providers(work: Work, resolved: Resolved) -> Iterator[ChainProvider]:
    if any(entry.name == CHAIN_PLUGIN for entry in resolved.agency.plugins):
        for kind in CASES:
            yield ChainProvider(**_key(work), kind=kind, plugin=CHAIN_PLUGIN, created_at=work.now)
