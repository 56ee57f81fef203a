"""Use cases on setting up sign-in: list, add, change, look, put in force, let go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from auth.break_glass.standing import keep_apart
from auth.client_keys import add_key, has_key, renew_key
from auth.models import IdentityProvider
from auth.relying_party.assurance import AssuranceRule, keep_rule
from auth.relying_party.client_auth import PRIVATE_KEY
from auth.relying_party.identities import identities, identity_of, linking, sit_down
from auth.service import EVERYWHERE, SEAT_READ
from auth.setup.copying import copied, copy_rules
from auth.setup.documents import read_document
from auth.setup.entering import has_room, hold_providers
from auth.setup.filling import fill, told, wrong, wrong_in_new
from auth.setup.gates import ENFORCING, LEAVING, Look, look, tested_lately
from auth.setup.lacks import UNLINKED
from auth.setup.lifecycle import PROVIDER, PROVIDER_MANAGE
from auth.setup.reading import all_providers, file_of, newest_test
from auth.setup.schemas import (
    AssuranceIn,
    ChangeProvider,
    CopyProvider,
    HandInDocument,
    ProviderFile,
    ProviderIn,
    ProviderList,
    Reported,
)
from auth.setup.testing import TEST, is_fresh
from core.documents.disposal import dispose
from core.errors import Refused
from core.text import Text, t
from core.use_cases.declaration import NOW, ById, Nothing, use_case
from core.use_cases.lifecycle import Step, move
from core.use_cases.work import Work

SERVED = EVERYWHERE - {"mission"}
"""Whose people sign in through a provider of their own; a commander comes in through the program."""
SUBJECT = "identity_provider"
GATES: dict[str, list[Look]] = {"confirm": [tested_lately], "enforce": ENFORCING, "switch_off": LEAVING}
"""What each step asks for."""


@use_case(permission=SEAT_READ, input=Nothing, output=ProviderList, scopes=SERVED, reads=True)
async def list_providers(work: Work, data: Nothing) -> ProviderList:
    """List through which providers people sign in, and those that are being set up."""
    return ProviderList(await all_providers(work))


@use_case(permission=SEAT_READ, input=ById, output=ProviderFile, scopes=SERVED, reads=True)
async def get_provider(work: Work, data: ById) -> ProviderFile:
    """Show a provider: its set-up without the secret, what was found, the newest test, and what is missing."""
    return await file_of(work, await work.get(IdentityProvider, data.id))


@use_case(
    permission=PROVIDER_MANAGE,
    input=ProviderIn,
    output=ProviderFile,
    scopes=SERVED,
    backdated=NOW,
    checks=wrong_in_new,
)
async def add_provider(work: Work, data: ProviderIn) -> ProviderFile:
    """Begin to set up a provider. Nobody signs in through it before it is put in force."""
    row = IdentityProvider(
        tenant_id=work.ctx.scope.id, id=work.new_id(), state="draft", assurance={}, created_at=work.now
    )
    fill(work, row, data)
    work.session.add(row)
    await work.session.flush()
    await work.audit(f"{SUBJECT}.add", (SUBJECT, row.id), after=told(row))
    await _give_key(work, row)
    return await file_of(work, row)


@use_case(
    permission=PROVIDER_MANAGE, input=ChangeProvider, output=ProviderFile, scopes=SERVED, backdated=NOW, checks=wrong
)
async def change_provider(work: Work, data: ChangeProvider) -> ProviderFile:
    """Change the set-up of a provider that is not in force. What was tested before is to be tested again."""
    row = await _open_row(work, data.id)
    before = told(row)
    fill(work, row, data)
    return await _changed(work, row, before)


@use_case(permission=PROVIDER_MANAGE, input=AssuranceIn, output=ProviderFile, scopes=SERVED, backdated=NOW)
async def set_assurance(work: Work, data: AssuranceIn) -> ProviderFile:
    """Say how people must have proved who they are when they sign in through a provider not yet in force."""
    row = await _open_row(work, data.id)
    before = told(row)
    rule = AssuranceRule(
        acr=tuple(data.acr.split()),
        amr_all=tuple(data.amr_all.split()),
        amr_any=tuple(data.amr_any.split()),
        acr_values=tuple(data.acr_values.split()),
        acrs=(data.acrs or "").strip() or None,
        max_age=None if data.minutes is None else data.minutes * 60,
    )
    row.assurance = keep_rule(rule)
    return await _changed(work, row, before)


@use_case(
    permission=PROVIDER_MANAGE,
    input=HandInDocument,
    output=ProviderFile,
    scopes=SERVED,
    backdated=NOW,
    before=read_document,
)
async def hand_in_document(work: Work, data: HandInDocument) -> ProviderFile:
    """Take what a provider says of itself from a file: it is then not asked for it. The file is not kept."""
    row = await _open_row(work, data.id)
    before = told(row)
    row.document = work.decided
    # The secret was given for the addresses of before: it goes to no others.
    row.secret_sealed, row.secret_ref = None, None
    await dispose(work, UUID(data.document_id))
    return await _changed(work, row, before)


@use_case(permission=PROVIDER_MANAGE, input=ById, output=ProviderFile, scopes=SERVED, backdated=NOW)
async def forget_document(work: Work, data: ById) -> ProviderFile:
    """Ask the provider again for what it says of itself."""
    row = await _open_row(work, data.id)
    before = told(row)
    row.document = None
    return await _changed(work, row, before)


@use_case(permission=PROVIDER_MANAGE, input=Reported, output=ProviderFile, scopes=SERVED, backdated=NOW)
async def keep_report(work: Work, data: Reported) -> ProviderFile:
    """Keep what a look at a provider has found."""
    row: IdentityProvider = await work.get(IdentityProvider, data.id)
    row.report = {"findings": msgspec.to_builtins(data.findings)}
    row.reported_at = work.now
    await work.session.flush()
    found = {one.key: one.tone for one in data.findings if one.tone != "ok"}
    await work.audit(f"{SUBJECT}.look", (SUBJECT, row.id), after={"faults": sorted(found)})
    return await file_of(work, row)


@use_case(
    permission=PROVIDER_MANAGE,
    input=Step,
    output=ProviderFile,
    scopes=SERVED,
    backdated=NOW,
    in_person=t("Do it on the page “Sign-in”."),
)
async def move_provider(work: Work, data: Step) -> ProviderFile:
    """Confirm a test, put a provider in force, begin to replace it, or switch it off.

    What a step asks for is looked at while nobody else can change who comes in.
    """
    await hold_providers(work)
    row: IdentityProvider = await work.get(IdentityProvider, data.id)
    if row.state in PROVIDER.find(data.step).sources:
        unmet = [gate for gate in await look(work, row, GATES.get(data.step, ())) if not gate.met]
        if unmet:
            words = Text("%(missing)s", {"missing": [gate.note or gate.title for gate in unmet]})
            raise Refused(t("This is not possible yet: something is missing."), words)
    await move(work, row, PROVIDER, data.step, reason=data.reason)
    return await file_of(work, row)


@use_case(permission=PROVIDER_MANAGE, input=ById, output=ProviderFile, scopes=SERVED, backdated=NOW, around=linking)
async def link_tested(work: Work, data: ById) -> ProviderFile:
    """Link the account of one's own newest test to one's own seat: by the test one has shown that it is one's own."""
    nothing = Refused(t("There is no fresh test of yours with an account to link."), t("Make a test sign-in first."))
    scope = work.ctx.scope
    async with identities(work) as session:
        row: IdentityProvider = await work.get(IdentityProvider, data.id)
        test = await newest_test(work, row)
        if test is None or test.why is not None or test.seat_id != work.ctx.actor.id or UNLINKED not in test.missing:
            raise nothing
        if test.subject is None or not is_fresh(test, work.now):
            raise nothing
        await keep_apart(work, test.seat_id)
        if not await has_room(work, session, test.seat_id, row.issuer):
            raise Refused(
                t("Your seat has another account of this provider already."),
                t("Test with that one, or unlink it first on your page under “People and roles”."),
            )
        identity = await identity_of(session, work.ctx.clock, row.issuer, test.subject)
        if not await sit_down(session, work.ctx.clock, identity, scope.id, test.seat_id, TEST):
            raise Refused(t("This account leads into a seat here by now."), t("Test again to see whose it is."))
        test.led_to, test.missing = test.seat_id, [key for key in test.missing if key != UNLINKED]
        await work.session.flush()
        after = {"issuer": row.issuer, "subject": test.subject, "origin": TEST}
        await work.audit("identity.link", ("seat", test.seat_id), after=after)
    return await file_of(work, row)


@use_case(permission=PROVIDER_MANAGE, input=CopyProvider, output=ProviderFile, scopes=SERVED, backdated=NOW)
async def copy_provider(work: Work, data: CopyProvider) -> ProviderFile:
    """Prepare a change of a provider: a copy to change and test, while people go on signing in as before."""
    row: IdentityProvider = await work.get(IdentityProvider, data.id)
    made = copied(work, row, data.name)
    work.session.add(made)
    await work.session.flush()
    await work.audit(f"{SUBJECT}.add", (SUBJECT, made.id), after=told(made), reason=data.reason)
    await _give_key(work, made)
    await copy_rules(work, row.id, made.id, data.reason)
    return await file_of(work, made)


@use_case(permission=PROVIDER_MANAGE, input=ById, output=ProviderFile, scopes=SERVED, backdated=NOW)
async def renew_client_key(work: Work, data: ById) -> ProviderFile:
    """Make the key that follows the one we sign with: published at once, used after a day."""
    row: IdentityProvider = await work.get(IdentityProvider, data.id)
    if row.client_auth != PRIVATE_KEY:
        raise Refused(t("No key of ours signs for this provider."), t("Change how we prove who we are first."))
    await renew_key(work, row.id)
    return await file_of(work, row)


async def _open_row(work: Work, provider_id: str) -> IdentityProvider:
    """Return a provider that may be changed: nobody signs in through it."""
    row: IdentityProvider = await work.get(IdentityProvider, provider_id)
    work.check_version(row)
    if row.state not in PROVIDER.find("revise").sources:
        raise Refused(
            t("People sign in through this provider, so it is not changed under them."),
            t("Prepare a change: a copy is tested first and then takes its place."),
        )
    return row


async def _changed(work: Work, row: IdentityProvider, before: dict[str, Any]) -> ProviderFile:
    """Write a change of the set-up; what was found and tested before holds no longer."""
    row.report, row.reported_at = None, None
    await work.session.flush()
    await work.audit(f"{SUBJECT}.change", (SUBJECT, row.id), before=before, after=told(row))
    if row.state != PROVIDER.initial:
        await move(work, row, PROVIDER, "revise")
    await _give_key(work, row)
    return await file_of(work, row)


async def _give_key(work: Work, row: IdentityProvider) -> None:
    """Make the first key of a provider to which we prove ourselves by one."""
    if row.client_auth == PRIVATE_KEY and not await has_key(work.session, row.tenant_id, row.id, work.now):
        await add_key(work, row.id, "RS256")
