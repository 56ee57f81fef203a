"""Nobody acts for the programme on a case that they touched for an agency, whichever seat of theirs it was."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

import httpx
import msgspec
import pytest
from sqlalchemy import delete, select, update

from auth.linking.schemas import Unlink
from auth.linking.service import unlink
from auth.models import Identity, IdentityProvider, IdentitySeat, Seat, Touched
from auth.relying_party.identities import give_seat, identity_of, keep_person, seats_beside
from auth.tokens import create_token
from contingent.assembly import ALL_ROOMS
from contingent.demo.acting import Cast
from core.app import create_app
from core.context import Ctx, Scope
from core.database.sessions import identity_session, tenant_session
from core.deployments.schemas import MovementIn, OrderIn, TourStep
from core.deployments.service import move_tour, order_tour, report_movement
from core.errors import Refused
from core.nominations.candidacies import open_candidacy
from core.nominations.candidacy_schemas import CandidacyStep, OfCandidacy
from core.nominations.models import Dossier
from core.nominations.schemas import OfNomination
from core.nominations.selection import move_candidacy
from core.nominations.service import withdraw_nomination
from core.returns.models import ProgramMilestone
from core.returns.program import PlanOfTour, complete_program_milestone, plan_program_milestones
from core.returns.schemas import ProgramIn
from core.use_cases.declaration import DECLARED
from core.use_cases.execution import execute
from core.web.callers import Caller
from tests.auth.hostile import sets
from tests.auth.rig import SETTINGS, Browser, Rig, make_rig, sent_with
from tests.http.ring import Anybody, main_of
from tests.platform import Platform
from tests.way import AGENCY, World

IN_WORDS = "Another person at IPOB has to act."
ISSUER = "https://login.example.org"


@asynccontextmanager
async def one_person(cast: Cast, *people: Ctx) -> AsyncIterator[UUID]:
    """Let these be one person, who signs in to each of their seats with one account, until the block ends; give it."""
    database, clock = cast.assembly.database, cast.assembly.clock
    async with identity_session(database) as session:
        identity = await identity_of(session, clock, ISSUER, f"both-{secrets.token_hex(8)}")
        for ctx in people:
            await give_seat(session, clock, identity, ctx.scope.id, ctx.actor.id)
    try:
        yield identity
    finally:
        async with identity_session(database) as session:
            await session.execute(delete(IdentitySeat).where(IdentitySeat.identity_id == identity))


def step(nomination: UUID, name: str) -> CandidacyStep:
    return CandidacyStep(agency=AGENCY, id=str(nomination), step=name)


async def test_whoever_nominated_somebody_does_not_screen_them(world: World) -> None:
    nomination = (await world.at("nominated")).nomination
    coordinator, selection = await world.ctx("coordinator"), await world.ipob("selection")
    async with one_person(world.cast, coordinator, selection):
        with pytest.raises(Refused, match="You have worked on this file for a service") as refused:
            await execute(move_candidacy, selection, step(nomination, "screen"))
        assert str(refused.value.remedy) == IN_WORDS
        assert (await execute(open_candidacy, selection, of(nomination))).touched, "they may read it, as anybody there"
    file = await execute(move_candidacy, selection, step(nomination, "screen"))
    assert (file.summary.state, file.touched) == ("screening", False), "another person acts"


def of(nomination: UUID) -> OfCandidacy:
    return OfCandidacy(agency=AGENCY, id=str(nomination))


async def test_whoever_screened_somebody_and_then_acts_for_the_agency_is_out_of_it_from_then_on(world: World) -> None:
    nomination = (await world.at("screening")).nomination
    selection = await world.ipob("selection")
    newcomer = await world.ctx("coordinator")
    newcomer = newcomer.acting_as(msgspec.structs.replace(newcomer.actor, id=UUID(int=secrets.randbits(128))))
    async with one_person(world.cast, newcomer, selection):
        await execute(move_candidacy, selection, step(nomination, "assess"))
        # The design forbids one direction alone: for the agency they may act.
        data = OfNomination(id=str(nomination), reason="Needed at home.")
        assert (await execute(withdraw_nomination, newcomer, data)).nomination.state == "withdrawn"
        with pytest.raises(Refused, match="You have worked on this file"):
            await execute(move_candidacy, selection, step(nomination, "withdraw"))


async def test_accounts_at_two_providers_that_open_one_seat_are_one_persons(world: World) -> None:
    nomination = (await world.at("nominated")).nomination
    coordinator, selection = await world.ctx("coordinator"), await world.ipob("selection")
    third = await world.cast.ctx("on-durham", "developer")
    async with one_person(world.cast, coordinator), one_person(world.cast, selection):
        assert not (await execute(open_candidacy, selection, of(nomination))).touched, "nothing joins the two accounts"
    async with one_person(world.cast, coordinator, third), one_person(world.cast, selection, third):
        with pytest.raises(Refused, match="You have worked on this file for a service"):
            await execute(move_candidacy, selection, step(nomination, "screen"))


async def test_accounts_of_which_their_issuer_says_that_they_are_one_persons_are(world: World) -> None:
    nomination = (await world.at("nominated")).nomination
    coordinator, selection = await world.ctx("coordinator"), await world.ipob("selection")
    third = await world.cast.ctx("on-durham", "developer")
    database, person = world.cast.assembly.database, f"oid-{secrets.token_hex(8)}"
    async with one_person(world.cast, coordinator) as one, one_person(world.cast, selection, third) as other:
        async with identity_session(database) as session:
            await keep_person(session, one, person)
            await keep_person(session, other, f"not {person}")
        assert not (await execute(open_candidacy, selection, of(nomination))).touched
        async with identity_session(database) as session:
            await keep_person(session, other, person)
        with pytest.raises(Refused, match="You have worked on this file for a service"):
            await execute(move_candidacy, selection, step(nomination, "screen"))
        # The other way round too, and what both are seen to be beside.
        async with identity_session(database) as session:
            beside = await seats_beside(session, coordinator.scope.id, coordinator.actor.id)
        assert {selection.actor.id, third.actor.id} <= {seat for _, seat in beside}


@asynccontextmanager
async def signing_in(rig: Rig, *people: Ctx) -> AsyncIterator[dict[UUID, str]]:
    """Let each sign in at a provider that knows them by another subject at each client, until the block ends.

    Gives the subject of each, by scope.
    """
    subjects = {ctx.scope.id: f"pairwise-{secrets.token_hex(8)}" for ctx in people}
    for ctx in people:
        await rig.accept(ctx.scope, person_claim="oid")
        async with identity_session(rig.platform.database) as session:
            identity = await identity_of(session, rig.platform.clock, rig.hostile.issuer, subjects[ctx.scope.id])
            await give_seat(session, rig.platform.clock, identity, ctx.scope.id, ctx.actor.id)
    try:
        yield subjects
    finally:
        async with identity_session(rig.platform.database) as session:
            theirs = select(Identity.id).where(Identity.subject.in_(subjects.values()))
            await session.execute(delete(IdentitySeat).where(IdentitySeat.identity_id.in_(theirs)))
        for ctx in people:
            async with tenant_session(rig.ctx(ctx.scope)) as session:
                mine = update(IdentityProvider).where(
                    IdentityProvider.tenant_id == ctx.scope.id, IdentityProvider.issuer == rig.hostile.issuer
                )
                await session.execute(mine.values(state="off"))


async def come(rig: Rig, scope: Scope, subject: str, person: str) -> Browser:
    """Sign in through the provider of the test and return the browser in which one is."""
    rig.hostile.claims, rig.hostile.userinfo = sets(sub=subject, oid=person), sets(sub=subject)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        # Other tests may have left the scope, which all share, another set-up at the same issuer.
        chosen = select(IdentityProvider.id).where(
            IdentityProvider.issuer == rig.hostile.issuer,
            IdentityProvider.state == "enforced",
            IdentityProvider.person_claim == "oid",
        )
        provider = await session.scalar(chosen)
    browser = rig.browser()
    start = await browser.get(f"/t/{scope.slug}/auth/start?language=en&provider={provider}")
    back = await rig.finish(browser, scope, sent_with(start))
    assert back.status_code == 303, back.text
    return browser


async def test_from_two_sign_ins_with_a_subject_each_to_the_refusal(world: World, platform: Platform) -> None:
    rig = make_rig(platform, rooms=ALL_ROOMS)
    nomination = (await world.at("nominated")).nomination
    coordinator, selection = await world.ctx("coordinator"), await world.ipob("selection")
    person, address = f"oid-{secrets.token_hex(8)}", f"/en/ipob/nominations/{AGENCY}/{nomination}"
    async with signing_in(rig, coordinator, selection) as subjects:
        agency, ipob = coordinator.scope, selection.scope
        browser = await come(rig, ipob, subjects[ipob.id], person)
        offered = await browser.get(address)
        assert offered.status_code == 200
        assert IN_WORDS not in offered.text
        form = dict(re.findall(r'name="(_token|_version)" value="([^"]+)"', offered.text))
        await come(rig, agency, subjects[agency.id], f"not {person}")
        assert IN_WORDS not in (await browser.get(address)).text, "two people"
        await come(rig, agency, subjects[agency.id], person)
        assert IN_WORDS in (await browser.get(address)).text
        sent = await browser.post(f"{address}/step", form | {"step": "screen"})
        assert (sent.status_code, IN_WORDS in sent.text) == (409, True), sent.text


async def test_whoever_approved_it_or_let_a_delegate_do_so_is_out_of_it(world: World) -> None:
    nomination = (await world.at("nominated")).nomination
    selection = await world.ipob("selection")
    async with identity_session(world.cast.assembly.database) as session:
        chosen = select(Touched.scope_id, Touched.seat_id).where(Touched.case_id == nomination)
        touched = {row.seat_id: row.scope_id for row in await session.execute(chosen)}
    coordinator = await world.ctx("coordinator")
    approvers = touched.keys() - {coordinator.actor.id}
    assert approvers
    assert set(touched.values()) == {coordinator.scope.id}
    for seat in sorted(approvers):
        async with one_person(world.cast, await world.cast.seat_ctx(AGENCY, seat), selection):
            with pytest.raises(Refused, match="You have worked on this file"):
                await execute(move_candidacy, selection, step(nomination, "screen"))


async def test_it_is_their_own_file_if_the_nomination_is_of_them(world: World) -> None:
    coordinator, selection = await world.ctx("coordinator"), await world.ipob("selection")
    officer = world.officers[-1]
    seat = (await world.cast.ctx(AGENCY, "developer")).actor.id
    async with tenant_session(coordinator) as session:
        mine = update(Seat).where(Seat.tenant_id == coordinator.scope.id, Seat.id == seat)
        await session.execute(mine.values(officer_id=officer))
    try:
        nomination = (await world.at("nominated")).nomination
    finally:
        async with tenant_session(coordinator) as session:
            await session.execute(mine.values(officer_id=None))
    async with tenant_session(coordinator, read_only=True) as session:
        dossier = await session.get(Dossier, (coordinator.scope.id, nomination))
        assert dossier is not None
        assert dossier.officer_id == officer
    async with one_person(world.cast, await world.cast.seat_ctx(AGENCY, seat), selection):
        with pytest.raises(Refused, match="or it is your own"):
            await execute(move_candidacy, selection, step(nomination, "screen"))


async def test_what_was_touched_stays_so_when_the_account_leaves_the_seat(world: World) -> None:
    nomination = (await world.at("nominated")).nomination
    coordinator, selection = await world.ctx("coordinator"), await world.ipob("selection")
    administrator = await world.ctx("administrator")
    async with one_person(world.cast, coordinator, selection) as account:
        data = Unlink(id=str(coordinator.actor.id), identity_id=str(account), reason="They left the service.")
        await execute(unlink, administrator, data)
        with pytest.raises(Refused, match="You have worked on this file"):
            await execute(move_candidacy, selection, step(nomination, "screen"))


async def test_a_program_is_not_a_way_around_it(world: World) -> None:
    nomination = (await world.at("nominated")).nomination
    coordinator, selection = await world.ctx("coordinator"), await world.ipob("selection")
    async with tenant_session(selection) as session:
        row, _ = await create_token(
            session,
            selection.clock,
            selection.scope,
            name="mine",
            roles=["selection"],
            days=1,
            created_by=selection.actor.id,
        )
    actor = msgspec.structs.replace(selection.actor, id=row.account_id, kind="token", name="mine")
    async with one_person(world.cast, coordinator, selection):
        with pytest.raises(Refused, match="You have worked on this file"):
            await execute(move_candidacy, selection.acting_as(actor), step(nomination, "screen"))


async def test_tour_and_return_belong_to_the_case(world: World) -> None:
    travelled = await world.at("in_transit")
    coordinator, support = await world.ctx("coordinator"), await world.ipob("support")
    tour = str(travelled.tour)
    async with one_person(world.cast, coordinator, support):
        with pytest.raises(Refused, match="You have worked on this file"):
            await execute(move_tour, support, TourStep(agency=AGENCY, id=tour, step="arrive"))
        with pytest.raises(Refused, match="You have worked on this file"):
            await execute(order_tour, support, OrderIn(agency=AGENCY, id=tour, order_number="X-1"))
    reporting = coordinator.acting_as(msgspec.structs.replace(coordinator.actor, id=UUID(int=secrets.randbits(128))))
    movement = MovementIn(id=tour, kind="arrived", happened_on=date(2026, 1, 5))
    async with one_person(world.cast, reporting, support):
        await execute(report_movement, reporting, movement)
        with pytest.raises(Refused, match="You have worked on this file"):
            await execute(move_tour, support, TourStep(agency=AGENCY, id=tour, step="arrive"))


async def test_all_that_is_done_for_the_programme_on_a_case_asks(world: World) -> None:
    """Whoever adds a use case of IPOB's on somebody's candidacy, tour or return says which case it is about."""
    done = {
        case.key
        for case in DECLARED.values()
        if "program" in case.scopes
        and not case.reads
        and not case.quiet
        and case.body.__module__.split(".")[1] in {"nominations", "deployments", "returns"}
    }
    assert done
    assert {key for key in done if DECLARED[key].cases is None} == set()
    in_agency = {
        case.key
        for case in DECLARED.values()
        if "agency" in case.scopes
        and not case.reads
        and not case.quiet
        and case.body.__module__.split(".")[1] in {"nominations", "deployments", "returns"}
        and not case.key.endswith("_interest")
    }
    assert in_agency
    assert {key for key in in_agency if DECLARED[key].cases is None} == set()


@asynccontextmanager
async def browsing(cast: Cast, ctx: Ctx) -> AsyncIterator[httpx.AsyncClient]:
    """Give the browser of whoever acts in ``ctx``, with every page there is."""
    assembly, callers, secret = cast.assembly, Anybody(), secrets.token_hex(16)
    callers.known[ctx.scope.id, secret] = Caller(actor=ctx.actor, secret=secrets.token_bytes(32))
    app = create_app(
        SETTINGS,
        assembly.database,
        clock=assembly.clock,
        callers=callers,
        people=assembly.parts.people,
        wire=assembly.wire,
        rooms=ALL_ROOMS,
    )
    transport = httpx.ASGITransport(app=app, client=(secrets.token_hex(8), 1))  # type: ignore[arg-type]
    cookies = {f"session-{ctx.scope.slug}": secret}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", cookies=cookies) as client:
        yield client


async def test_the_pages_say_so_and_offer_nothing_that_would_be_refused(world: World) -> None:
    nominated = (await world.at("nominated")).nomination
    ready = (await world.at("ready")).nomination
    planned = (await world.at("planned")).tour
    coordinator = await world.ctx("coordinator")
    both = await world.ipob("selection")
    helper = await world.ipob("support")
    able = both.acting_as(
        msgspec.structs.replace(both.actor, permissions=both.actor.permissions | helper.actor.permissions)
    )
    paths = [f"nominations/{AGENCY}/{nominated}", f"nominations/{AGENCY}/{ready}", f"tours/{AGENCY}/{planned}"]
    async with browsing(world.cast, able) as browser:
        for language, words in (("en", IN_WORDS), ("fr", "Une autre personne des MPI doit intervenir.")):
            for path in paths:
                address = f"/{language}/ipob/{path}"
                offered = main_of(await browser.get(address))
                assert 'method="post"' in offered or f"{path}/tour" in offered, path
                assert words not in offered
                async with one_person(world.cast, coordinator, able):
                    barred = main_of(await browser.get(address))
                    assert 'method="post"' not in barred, path
                    assert f"{path}/tour" not in barred
                    assert words in barred
        async with one_person(world.cast, coordinator, able):
            form = await browser.get(f"/en/ipob/nominations/{AGENCY}/{ready}/tour")
            assert (form.status_code, IN_WORDS in form.text) == (409, True)


async def test_ipob_s_own_milestones_are_another_person_s_too(world: World) -> None:
    travelled = await world.at("ended", left_on=date(2026, 6, 1))
    assert travelled.tour is not None
    coordinator, support = await world.ctx("coordinator"), await world.ipob("support")
    planned = PlanOfTour(tenant_id=coordinator.scope.id, tour_id=travelled.tour)
    job = support.acting_as(msgspec.structs.replace(support.actor, kind="system"))
    async with one_person(world.cast, coordinator, support):
        await execute(plan_program_milestones, job, planned)
    async with tenant_session(support, read_only=True) as session:
        chosen = select(ProgramMilestone.id).where(ProgramMilestone.tour_id == travelled.tour).limit(1)
        milestone = await session.scalar(chosen)
    assert milestone is not None
    data = ProgramIn(agency=AGENCY, id=str(milestone))
    async with one_person(world.cast, coordinator, support):
        with pytest.raises(Refused, match="You have worked on this file"):
            await execute(complete_program_milestone, support, data)
    assert (await execute(complete_program_milestone, support, data)).state == "done"
