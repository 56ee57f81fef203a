"""A test sign-in in a second window: all that a sign-in checks, and of what it changes only its own record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import update

from auth.claim_rules.rules import matching, named
from auth.claim_rules.service import RULED
from auth.claim_rules.settling import rules_of
from auth.client_keys import with_credentials
from auth.models import BREAK_GLASS, IdentityProvider
from auth.relying_party import flows
from auth.relying_party.conversing import asking, each_once
from auth.relying_party.flows import Flow, Purpose
from auth.relying_party.party import Proof, RelyingParty
from auth.relying_party.providers import Provider, provider_of
from auth.relying_party.refusals import SignInRefused
from auth.sessions import find_session
from auth.setup.claims import masked
from auth.setup.configuration import fingerprint
from auth.setup.entering import linked_seat, managing
from auth.setup.lacks import LACKS, lacking
from auth.setup.lifecycle import PROVIDER_MANAGE
from auth.setup.models import ProviderTest
from auth.setup.sharing import beside
from core.context import Actor, Ctx
from core.database.sessions import identity_session, tenant_session
from core.errors import Forbidden, NotFound, Refused
from core.text import t
from core.tokens import looks_like_secret, new_secret
from core.use_cases.work import Work

TEST = "test"
KEPT = timedelta(hours=1)
"""For how long the claims of a test, and whose they are, are kept."""


class Begun(msgspec.Struct, frozen=True):
    """Where the second window goes, and what to put into its browser's sign-in cookie."""

    address: str
    browser: str


def described(row: IdentityProvider) -> Provider:
    """Return the provider of a row; raises ``Refused`` for a set-up that cannot even be read."""
    try:
        return provider_of(row)
    except SignInRefused as refused:
        raise Refused(*refused.sentences) from None


def is_fresh(test: ProviderTest, now: datetime) -> bool:
    """Say whether what a test has brought may still be looked at and used."""
    return now - test.created_at < KEPT


def result_path(ctx: Ctx, provider_id: UUID) -> str:
    """Return the page that shows the newest test of a provider."""
    return f"/{ctx.language}/{ctx.scope.slug}/sign-in/{provider_id}/tested"


async def begin_test(
    ctx: Ctx, party: RelyingParty, redirect_uri: str, provider_id: str, *, browser: str | None
) -> Begun:
    """Remember a test by the acting administrator and return where it goes on.

    Raises ``Forbidden``, ``NotFound`` or, for one that is switched off, ``Refused``.
    """
    actor = ctx.actor
    if actor.kind != "person" or not actor.may(PROVIDER_MANAGE):
        raise Forbidden(PROVIDER_MANAGE)
    async with tenant_session(ctx, read_only=True) as session:
        row: IdentityProvider = await Work(ctx, session, ctx.today, ctx.clock.now()).get(IdentityProvider, provider_id)
        if row.state == "off":
            raise Refused(t("This provider is switched off."), t("Set it up anew first."))
        provider, tried = described(row), fingerprint(row)
    if browser is None or not looks_like_secret(browser):
        browser = new_secret()
    back = result_path(ctx, provider.id)
    async with identity_session(ctx.database) as session:
        flow = await flows.begin(
            session,
            ctx.clock,
            ctx.scope,
            provider,
            browser=browser,
            language=ctx.language,
            next_path=back,
            purpose=Purpose(TEST, seat_id=actor.id),
        )
    try:
        async with asking():
            address = await party.authorization_url(provider, redirect_uri, flow.secrets, ctx.language)
    except SignInRefused as refused:
        await _keep(ctx, provider.id, tried, refused=refused)
        address = back
    return Begun(address, browser)


async def finish_test(
    ctx: Ctx,
    party: RelyingParty,
    redirect_uri: str,
    flow: Flow,
    answer: Sequence[tuple[str, str]],
    *,
    before: str | None,
) -> str:
    """Check what came back as a sign-in does, keep what came of it, and return the page that shows it.

    ``before`` is the cookie of the session in which the test was begun: it must still be on, and
    whose it is must still be an administrator's, or a break-glass account's. Raises ``Forbidden`` otherwise.
    """
    async with tenant_session(ctx, read_only=True) as session:
        current = await find_session(session, ctx.scope, before, ctx.clock.now())
        tester = await ctx.people.person(session, flow.seat_id) if flow.seat_id is not None else None
        if current is None or tester is None or current.seat_id != tester.id:
            raise Forbidden(PROVIDER_MANAGE)
        broken = current.kind == BREAK_GLASS
        if not broken and (not tester.active or managing(ctx.scope.kind).isdisjoint(tester.roles)):
            raise Forbidden(PROVIDER_MANAGE)
        row = await session.get(IdentityProvider, (ctx.scope.id, flow.provider_id))
        if row is None:
            raise NotFound
        tried = fingerprint(row)
    acting = ctx.acting_as(Actor(id=tester.id, name=tester.name))
    try:
        provider = provider_of(row)
        flows.check_provider(flow, provider)
        async with tenant_session(ctx, read_only=True) as session:
            provider = await with_credentials(ctx, session, provider)
        async with asking():
            proof = await party.redeem(provider, redirect_uri, flow.secrets, each_once(answer), flow.began)
    except SignInRefused as refused:
        await _keep(acting, row.id, tried, refused=refused)
    else:
        await _keep(acting, row.id, tried, provider=provider, proof=proof, broken=broken)
    return flow.next_path


async def clear_claims(ctx: Ctx) -> None:
    """Forget the claims of the tests that are old enough, and whose they were."""
    async with tenant_session(ctx) as session:
        old = update(ProviderTest).where(
            ProviderTest.tenant_id == ctx.scope.id,
            ProviderTest.created_at <= ctx.clock.now() - KEPT,
            ProviderTest.claims.is_not(None) | ProviderTest.subject.is_not(None),
        )
        await session.execute(old.values(claims=None, subject=None))


async def _keep(
    ctx: Ctx,
    provider_id: UUID,
    tried: str,
    *,
    provider: Provider | None = None,
    proof: Proof | None = None,
    refused: SignInRefused | None = None,
    broken: bool = False,
) -> None:
    """Keep what came of a test: either what was proved, or why it was refused. ``broken``: by a break-glass account."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        row = ProviderTest(
            tenant_id=ctx.scope.id,
            id=work.new_id(),
            provider_id=provider_id,
            seat_id=ctx.actor.id,
            configuration=tried,
            created_at=work.now,
        )
        if refused is not None:
            row.why, row.detail = refused.why.value, refused.detail
        if provider is not None and proof is not None:
            await _tell(work, row, provider, proof, broken=broken)
        session.add(row)
        await session.flush()
        after = {"why": row.why, "detail": row.detail} if row.why else {"roles": row.roles}
        await work.audit("identity_provider.test", ("identity_provider", provider_id), after=after)


async def _tell(work: Work, row: ProviderTest, provider: Provider, proof: Proof, *, broken: bool) -> None:
    ruled = work.ctx.scope.kind in RULED
    rules = await rules_of(work, provider.id) if ruled else []
    shown = [*named(rules), *([provider.pinned[0]] if provider.pinned else [])]
    row.subject = proof.subject
    row.assurance = str(proof.assurance)
    row.claims = masked(proof.claims, {name.split("/")[1] if name.startswith("/") else name for name in shown})
    row.roles = sorted({rule.role for rule in matching(proof.claims, rules)})
    row.led_to = await linked_seat(work, proof.issuer, proof.subject)
    # Nobody signs in as a break-glass account: whoever tests for it shows that somebody comes in again.
    tester = row.led_to if broken else row.seat_id
    missing = lacking(
        proof.claims,
        row.roles,
        ruled=bool(rules),
        person_claim=provider.person_claim,
        linked=row.led_to,
        tester=tester,
    )
    missing += [one.key for one in await beside(work.ctx, provider) if one.tone == "warn"]
    row.missing = sorted(missing, key=list(LACKS).index)
