"""A sign-in from its first click to the session: what is read and written, and when.

No transaction is open while a provider is asked. What is refused after a flow was begun or
recognized leaves one audit line with the reason in the scope it was tried at.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.approval_links.links import find_link, usable_link
from auth.claim_rules.rules import person_in
from auth.claim_rules.service import RULED
from auth.claim_rules.settling import settle
from auth.client_keys import with_credentials
from auth.id_tokens import keep_id_token
from auth.linking.invitations import link_invited, show_name
from auth.linking.seating import seat_for
from auth.logouts import check_logouts
from auth.models import Seat, Session
from auth.red_button.stops import check_account, check_scope
from auth.refresh_grants import keep_refresh_token
from auth.relying_party import flows
from auth.relying_party.assurance import NOTHING, AssuranceRule
from auth.relying_party.conversing import asking, each_once
from auth.relying_party.flows import Flow, Purpose, RefusedFlow
from auth.relying_party.identities import identity_of, keep_person, seat_of, sitting
from auth.relying_party.party import Proof, RelyingParty
from auth.relying_party.providers import Provider, offered_providers, provider_by_id
from auth.relying_party.refusals import SignInRefused, Why
from auth.renewals import SIGN_IN
from auth.secrets import form_secret, link_cookie, session_cookie
from auth.sessions import Origin, end_session, find_session, open_session
from auth.setup.testing import TEST, finish_test
from auth.step_up.rules import check_since, rule_for
from core.context import Actor, Ctx, Language
from core.database.sessions import identity_session, tenant_session
from core.settings import Settings
from core.tokens import digest, looks_like_secret, new_secret
from core.use_cases.step_up import APPROVE
from core.use_cases.work import Work

log = logging.getLogger(__name__)
LONGEST_PATH = 2000
_PLAIN = re.compile(r"/[\x21-\x5b\x5d-\x7e]*")
_LEADS_OUT = re.compile(r"//|/\.\.?(?:/|\?|$)|%2[eEfF]")
"""An empty or dotted part of a path, written out or encoded."""


class Begun(msgspec.Struct, frozen=True):
    """Where to send the browser, and what to put into its sign-in cookie."""

    address: str
    browser: str


class Choice(msgspec.Struct, frozen=True):
    """The providers that people sign in through today, of which somebody has to choose one first."""

    providers: list[Provider]


class SignedIn(msgspec.Struct, frozen=True):
    """A new session: its cookie's name and value, none after a mere test, and where the person goes on."""

    cookie: str
    secret: str | None
    next_path: str


class Invited(msgspec.Struct, frozen=True):
    """Somebody who came back by an invitation: the name they have to confirm, and what the form says it with."""

    name: str
    issuer: str
    state: str
    language: Language


class Joined(msgspec.Struct, frozen=True):
    """Somebody whose account was linked to a seat: its name, and how they go on to sign in."""

    name: str
    language: Language
    provider_id: UUID


class SignIns:
    """Begins and finishes sign-ins. ``ctx`` is always the scope's, with nobody acting yet."""

    def __init__(self, settings: Settings, party: RelyingParty) -> None:
        self._settings = settings
        self.party = party

    def redirect_uri(self, ctx: Ctx) -> str:
        """Return the scope's own callback, as it is registered at its provider."""
        return f"{self._settings.address}/t/{ctx.scope.slug}/auth/callback"

    async def begin(
        self,
        ctx: Ctx,
        *,
        browser: str | None,
        wanted: str,
        provider_id: str | None = None,
        step_up: str | None = None,
        link: str | None = None,
        before: str | None = None,
        invitation: str | None = None,
    ) -> Begun | Choice:
        """Remember a sign-in to ``ctx.scope`` and return where it goes on, or between what to choose first.

        ``step_up`` is the action before which somebody proves anew who they are, and ``before``
        the cookie of their session; of an action without a rule it is a sign-in as any other.
        ``link`` is the secret of an approval link, to which somebody comes by proving it in any case;
        ``invitation`` that of a link to a seat: whether it is one is asked when somebody has come back.
        """
        async with tenant_session(ctx, read_only=True) as session:
            await check_scope(session, ctx.scope.id)
            if link is not None:
                purpose, anew = await _for_link(session, ctx, link)
                wanted = f"/{ctx.language}/{ctx.scope.slug}/approval-link/{purpose.link_id}"
            else:
                purpose, anew, theirs = await _for_action(session, ctx, step_up, before)
                # Who proves anew who they are does it where they have signed in.
                provider_id = provider_id if theirs is None else str(theirs)
            offered = await offered_providers(session, ctx.scope.id, provider_id)
        if invitation is not None:
            given = digest(invitation if looks_like_secret(invitation) else "")
            purpose = msgspec.structs.replace(purpose, invitation=given)
        if len(offered) > 1:
            return Choice(offered)
        provider = offered[0]
        if browser is None or not looks_like_secret(browser):
            browser = new_secret()
        async with identity_session(ctx.database) as session:
            flow = await flows.begin(
                session,
                ctx.clock,
                ctx.scope,
                provider,
                browser=browser,
                language=ctx.language,
                next_path=path_within(ctx.scope.slug, ctx.language, wanted),
                purpose=purpose,
            )
        try:
            async with asking():
                address = await self.party.authorization_url(
                    provider, self.redirect_uri(ctx), flow.secrets, ctx.language, anew
                )
        except SignInRefused as refused:
            await _keep_refusal(ctx, refused, flow.id)
            raise
        return Begun(address, browser)

    async def finish(
        self,
        ctx: Ctx,
        answer: Sequence[tuple[str, str]],
        *,
        browser: str | None,
        cookies: Mapping[str, str],
        device: str | None = None,
    ) -> SignedIn | Invited:
        """Turn what the provider sent back into a session, which takes the place of the one in ``cookies``.

        ``device`` is how its owner will recognize it. By an invitation nobody gets a session yet.

        Raises ``SignInRefused``.
        """
        flow_id: UUID | None = None
        language: Language | None = None
        back: str | None = None
        try:
            state = _state(answer)
            async with identity_session(ctx.database) as session:
                flow = await flows.claim(session, ctx.clock.now(), ctx.scope, state=state, browser=browser)
            flow_id, language = flow.id, flow.language
            stays = flow.seat_id is not None and flow.link_id is None
            back = f"/{flow.language}/{ctx.scope.slug}/" if stays else None
            if flow.purpose == TEST:
                name, uri = session_cookie(ctx.scope.slug), self.redirect_uri(ctx)
                shown = await finish_test(ctx, self.party, uri, flow, answer, before=cookies.get(name))
                return SignedIn(name, None, shown)
            given = each_once(answer)
            async with tenant_session(ctx, read_only=True) as session:
                await check_scope(session, ctx.scope.id)
                provider = await provider_by_id(session, ctx.scope.id, flow.provider_id)
                flows.check_provider(flow, provider)
                provider = await with_credentials(ctx, session, provider)
            async with asking():
                proof = await self.party.redeem(provider, self.redirect_uri(ctx), flow.secrets, given, flow.began)
            async with identity_session(ctx.database) as session:
                identity = await identity_of(session, ctx.clock, proof.issuer, proof.subject)
                await keep_person(session, identity, person_in(proof.claims, provider.person_claim))
            if flow.invitation is not None:
                name = await show_name(ctx, flow, identity, proof.issuer)
                return Invited(name, proof.issuer, state, flow.language)
            return await self._seat(ctx, flow, provider, proof, identity, cookies, device)
        except SignInRefused as refused:
            if isinstance(refused, RefusedFlow):
                flow_id = refused.flow_id
            refused.language, refused.back = language, back
            await _keep_refusal(ctx, refused, flow_id)
            raise

    async def join(self, ctx: Ctx, state: str, *, browser: str | None) -> Joined:
        """Link who says in ``browser`` that the name they were shown is theirs. They have no session by that.

        Raises ``SignInRefused``.
        """
        flow_id: UUID | None = None
        language: Language | None = None
        try:
            async with tenant_session(ctx, read_only=True) as session:
                await check_scope(session, ctx.scope.id)
            async with identity_session(ctx.database, around=True) as session:
                flow = await flows.answered(session, ctx.clock.now(), ctx.scope, state=state, browser=browser)
                flow_id, language = flow.id, flow.language
                return Joined(await link_invited(ctx, session, flow), flow.language, flow.provider_id)
        except SignInRefused as refused:
            if isinstance(refused, RefusedFlow):
                flow_id = refused.flow_id
            refused.language = language
            await _keep_refusal(ctx, refused, flow_id)
            raise

    async def _seat(  # noqa: PLR0917 - the steps of one sign-in, in their order
        self,
        ctx: Ctx,
        flow: Flow,
        provider: Provider,
        proof: Proof,
        identity: UUID,
        cookies: Mapping[str, str],
        device: str | None,
    ) -> SignedIn:
        cookie = link_cookie(ctx.scope.slug) if flow.link_id else session_cookie(ctx.scope.slug)
        before = cookies.get(cookie)
        async with identity_session(ctx.database) as session:
            seat_id = await seat_of(session, ctx.scope.id, identity)
        if flow.seat_id is not None and seat_id != flow.seat_id:
            why = Why.OTHER_ADDRESSEE if flow.link_id else Why.OTHER_PERSON
            raise SignInRefused(why, f"identity {identity} is not that of seat {flow.seat_id}")
        if seat_id is None:
            seat_id = await seat_for(ctx, flow, provider, proof, identity)
        async with sitting(ctx, identity, seat_id) as identities, tenant_session(ctx) as session:
            # Whoever signs out at the provider before the seat, as a logout does that ends what they began.
            await check_logouts(session, ctx.scope.id, proof, flow.began)
            # The seat before its sessions, as whoever shuts somebody out holds them.
            seat = await session.get(Seat, (ctx.scope.id, seat_id), with_for_update=True)
            if seat is None or not seat.active:
                raise SignInRefused(Why.NO_SEAT, f"seat {seat_id} is not active")
            await check_account(session, ctx.scope.id, seat_id)
            now = ctx.clock.now()
            if flow.step_up is not None:
                await _check_anew(session, ctx, flow.step_up, proof)
            if flow.link_id is not None:
                await _check_link(session, ctx, flow.link_id, flow.began, proof)
            previous = await find_session(session, ctx.scope, before, now, by_link=flow.link_id is not None)
            if previous is not None:
                await end_session(session, ctx.scope, previous.id, now)
            session_id, secret = await open_session(
                session,
                ctx.clock,
                self._settings,
                ctx.scope,
                seat_id=seat_id,
                origin=Origin(provider_id=provider.id, issuer=proof.issuer, sid=proof.sid),
                assurance=proof.assurance,
                device=device,
                forms=_forms(flow, previous, before),
                link_id=flow.link_id,
            )
            await keep_id_token(ctx, session, session_id, proof.id_token)
            await keep_refresh_token(ctx, session, session_id, proof)
            await session.execute(
                update(Seat).where(Seat.tenant_id == ctx.scope.id, Seat.id == seat_id).values(signed_in_at=now)
            )
            acting = ctx.acting_as(Actor(id=seat_id, name=seat.name))
            work = Work(acting, session, ctx.today, now, around=identities)
            said = str(proof.assurance)
            after = {"issuer": proof.issuer} | ({"assurance": said} if said else {})
            if flow.step_up is not None:
                after["step_up"] = flow.step_up
            if flow.link_id is not None:
                after["link"] = str(flow.link_id)
            await work.audit("session.begin", ("session", session_id), after=after)
            if ctx.scope.kind in RULED:
                await settle(work, seat_id, provider.id, proof.claims)
        return SignedIn(cookie, secret, flow.next_path)


async def _for_action(
    session: AsyncSession, ctx: Ctx, step_up: str | None, before: str | None
) -> tuple[Purpose, AssuranceRule | None, UUID | None]:
    """Return what somebody signs in for before an action, what is asked of them, and where they signed in so far."""
    anew = await rule_for(session, ctx.scope.id, step_up) if step_up is not None else None
    if anew is None:
        return Purpose(), None, None
    current = await find_session(session, ctx.scope, before, ctx.clock.now())
    if current is None:
        return Purpose(step_up=step_up), anew, None
    return Purpose(step_up=step_up, seat_id=current.seat_id), anew, current.provider_id


async def _for_link(session: AsyncSession, ctx: Ctx, secret: str) -> tuple[Purpose, AssuranceRule | None]:
    """Return what somebody signs in for who comes by a link: to prove who they are now, as for any decision."""
    link = await find_link(session, ctx.scope.id, secret, ctx.clock.now()) if ctx.scope.kind == "agency" else None
    if link is None:
        raise SignInRefused(Why.LINK_ENDED)
    asked = await rule_for(session, ctx.scope.id, APPROVE) or NOTHING
    return Purpose(seat_id=link.seat_id, link_id=link.id), msgspec.structs.replace(asked, max_age=0)


async def _check_link(session: AsyncSession, ctx: Ctx, link_id: UUID, began: datetime, proof: Proof) -> None:
    """Raise ``SignInRefused`` unless the link can still be used and its person has proved who they are since then."""
    if await usable_link(session, ctx.scope.id, link_id, ctx.clock.now()) is None:
        raise SignInRefused(Why.LINK_ENDED)
    asked = await rule_for(session, ctx.scope.id, APPROVE) or NOTHING
    asked.check(proof.assurance)
    check_since(proof.assurance, began)


async def _check_anew(session: AsyncSession, ctx: Ctx, action: str, proof: Proof) -> None:
    """Raise ``SignInRefused`` unless the person has just proved who they are as the scope asks before ``action``."""
    rule = await rule_for(session, ctx.scope.id, action)
    if rule is not None:
        rule.check_fresh(proof.assurance, ctx.clock.now())


def _forms(flow: Flow, previous: Session | None, secret: str | None) -> bytes | None:
    """Return the form secret that goes on where the same person only proved anew who they are."""
    if previous is None or secret is None or previous.seat_id != flow.seat_id:
        return None
    return previous.form_secret or form_secret(secret)


def _state(answer: Sequence[tuple[str, str]]) -> str:
    found = [value for name, value in answer if name == "state"]
    if len(found) != 1:
        raise SignInRefused(Why.CALLBACK, "not one state")
    return found[0]


def path_within(slug: str, language: Language, wanted: str) -> str:
    """Return ``wanted`` if it is a path of this scope's pages, else the scope's first page."""
    start = f"/{language}/{slug}/"
    inside = any(wanted == f"/{one}/{slug}" or wanted.startswith(f"/{one}/{slug}/") for one in ("en", "fr"))
    plain = len(wanted) <= LONGEST_PATH and _PLAIN.fullmatch(wanted) is not None and not _LEADS_OUT.search(wanted)
    return wanted if inside and plain else start


async def _keep_refusal(ctx: Ctx, refused: SignInRefused, flow_id: UUID | None) -> None:
    log.info("sign-in refused: %s", refused.why)
    if flow_id is None:
        # Nothing shows that a sign-in was ever begun: anybody can call the address, and a line
        # for each call would let them fill the log.
        return
    acting = ctx.acting_as(SIGN_IN)
    async with tenant_session(acting) as session:
        work = Work(acting, session, ctx.today, ctx.clock.now())
        after = {"why": refused.why.value, "detail": refused.detail}
        await work.audit("sign_in.refused", ("sign_in", flow_id), after=after)
