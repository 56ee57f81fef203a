"""HR writes leave, the directory closes the account, the officer leaves the service: their own file stays open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from playwright.async_api import Browser, CDPSession, Page
from sqlalchemy import select

from auth.accounts.schemas import AccountIn
from auth.accounts.service import add_account
from auth.models import Seat
from contingent.demo.acting import cells, upload
from contingent.demo.homecoming import bring_one
from contingent.demo.issuers import library
from contingent.demo.personas import Persona, personas_for
from contingent.demo.workers import load_workers
from core.database.sessions import tenant_session
from core.deployments.models import Tour
from core.deployments.schemas import TourStep
from core.deployments.service import move_tour
from core.personnel.models import Officer
from core.returns.models import ContactRequest, ReturnFile
from core.use_cases.lifecycle import Step
from core.workforce.schemas import LoadIn
from core.workforce.service import move_run, preview_load
from tests.journeys.stage import Stage
from tests.journeys.walking import FIRST, PATIENCE, Company, Walker, Watch
from tests.way import ENDS, make_world

pytestmark = pytest.mark.browser

AGENCY = "on-durham"
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""400 kbit/s each way, in bytes a second, and 300 ms."""
MOST_BYTES = 5 * 50_000
"""What all of a page may weigh as it is sent, in a browser that has nothing of it yet: five seconds of that line."""
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass
class Weighing:
    """The bytes of everything that came over a page's line: bodies as they were sent, and headers."""

    devtools: CDPSession
    sent: float = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def taken(self) -> float:
        """Return the bytes since this was last asked, of a page that has loaded.

        What the browser reports of its line comes on a line of its own, which may be behind the page: the first
        report is waited for, and one question and answer brings whatever was said before it.
        """
        async with asyncio.timeout(PATIENCE / 1000):
            await self.arrived.wait()
        await self.devtools.send("Runtime.evaluate", {"expression": "0"})
        found, self.sent = self.sent, 0
        self.arrived.clear()
        return found

    def add(self, finished: dict[str, Any]) -> None:
        self.sent += finished["encodedDataLength"]
        self.arrived.set()


async def slow(page: Page) -> Weighing:
    """Put a page on the slow line, and weigh what comes over it from now on."""
    devtools = await page.context.new_cdp_session(page)
    weighing = Weighing(devtools)
    devtools.on("Network.loadingFinished", weighing.add)
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", SLOW)
    return weighing


@dataclass
class Abroad:
    """An officer who is about to leave for a mission, their device, and what becomes of their work account."""

    stage: Stage
    browser: Browser
    company: Company
    officer: Persona
    tour: UUID
    device: Page
    codes: list[str] = field(default_factory=list)

    @property
    def entrance(self) -> str:
        return f"{self.stage.address}/t/{AGENCY}/member?language={self.company.language}"

    def walker(self, page: Page) -> Walker:
        return Walker(page, f"{self.stage.address}/{self.company.language}/{AGENCY}", self.company.watch)

    async def set_up_access(self) -> None:
        """Add a passkey to the telephone and print codes, as the notification says."""
        devtools = await self.device.context.new_cdp_session(self.device)
        await devtools.send("WebAuthn.enable")
        await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.company.watch.over(self.device)
        member = await self.company.sign_in(self.device, self.officer)
        await member.open("/notifications")
        assert "Set up member access" in await member.text()
        await member.open("/my/access")
        await member.send("/my/access/codes")
        self.codes = await self.device.locator("ol code").all_inner_texts()
        assert len(self.codes) == 10
        await member.open("/my/access")
        await member.send("/my/access/passkeys")
        await member.send(self.device.url.rsplit("/", 1)[1], name="My telephone")
        assert "My telephone" in await member.text()
        await self.device.context.clear_cookies()
        await slow(self.device)

    async def hr_says(self, status: str) -> None:
        """Let HR load a worker file in which the officer has this standing."""
        clerk = await self.stage.cast.ctx(AGENCY, "hr_clerk")
        rank = library().ladders[library().agencies[AGENCY].governance.ladder].ranks[0].code
        given, family = self.officer.name.split(" ", 1)
        file = "\r\n".join(
            [
                cells(
                    "Employee number", "Given name", "Family name", "Rank", "Language", "Unit", "Status", "Hire date"
                ),
                cells(
                    self.officer.employee_number,
                    given,
                    family,
                    rank,
                    self.officer.language,
                    "patrol",
                    status,
                    "2012-05-07",
                ),
            ]
        )
        document = await upload(clerk, f"{status}.csv", file.encode("utf-8-sig"))
        preview = await self.stage.cast.run(clerk, preview_load, LoadIn(document_id=str(document)))
        await self.stage.cast.run(clerk, move_run, Step(id=str(preview.run.id), step="apply"))
        await self.stage.settle()
        async with tenant_session(clerk, read_only=True) as session:
            number = Officer.employee_number == self.officer.employee_number
            assert await session.scalar(select(Officer.status).where(number)) == status

    async def directory_closes_the_account(self) -> None:
        """Let the service's directory say that the account is closed, and see that the provider leads nowhere now."""
        administrator = await self.stage.cast.ctx(AGENCY, "administrator")
        program = AccountIn(name="Directory", kind="scim", days=30, reason="It says who works here.")
        token = (await self.stage.cast.run(administrator, add_account, program)).text
        account = {
            "schemas": [USER, ENTERPRISE], "userName": "officer", "active": False,
            ENTERPRISE: {"employeeNumber": self.officer.employee_number},
        }  # fmt: skip
        async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE / 1000) as directory:
            answer = await directory.post(
                f"{self.stage.address}/t/{AGENCY}/scim/v2/Users",
                json=account,
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"},
            )
        assert answer.status_code == 201, answer.text
        async with tenant_session(administrator, read_only=True) as session:
            assert not await session.scalar(select(Seat.active).where(Seat.name == self.officer.name))

    async def provider_leads_to_the_other_way_in(self) -> None:
        """Sign in as before: refused, with a link to the entrance of members."""
        async with self.page() as page:
            await page.goto(f"{self.stage.address}/{self.company.language}/")
            await page.locator(f"a.tile[href*='/{AGENCY}']").first.click()
            async with page.expect_navigation():
                await page.locator(f"button[name=person][value='{self.officer.subject}']").first.click()
            assert f"/t/{AGENCY}/auth/callback" in page.url
            async with page.expect_navigation():
                await page.locator("main a[href*='/member']").click()
            assert page.url == self.entrance

    @contextlib.asynccontextmanager
    async def page(self, *, scripts: bool = True) -> AsyncIterator[Page]:
        """Give a page of a browser that knows nothing of the officer yet."""
        context = await self.browser.new_context(
            locale=f"{self.company.language}-CA", java_script_enabled=scripts, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE)
        yield await context.new_page()
        await context.close()

    async def come_in(self) -> Walker:
        """Come in with the passkey, over the slow line."""
        await self.device.goto(self.entrance)
        await self.company.watch.look(self.device)
        member = self.walker(self.device)
        await member.press(self.device.locator("form[data-passkey] button"))
        assert self.device.url.startswith(member.home)
        return member

    async def come_in_by_code(self, page: Page) -> int:
        """Type the next code, in small letters, and return the status of what comes."""
        await page.goto(self.entrance)
        await page.locator("input[name=code]").fill(self.codes.pop().lower())
        async with page.expect_navigation() as arriving:
            await page.locator("form[action*='/code'] button").click()
        return (await arriving.value).status

    async def report(self, kind: str, day: date, state: str) -> None:
        """Report a movement from the mission, which IPOB's side then applies: the tour is in ``state``."""
        member = await self.come_in()
        await member.open("/my/tour")
        await member.send("/movements", kind=kind, happened_on=day)
        await self.stage.settle()
        coordinator = await self.stage.cast.ctx(AGENCY, "coordinator")
        async with tenant_session(coordinator, read_only=True) as session:
            assert await session.scalar(select(Tour.state)) == state

    async def move(self, step: str, day: date) -> None:
        """Let IPOB's support move the tour."""
        support = await self.stage.cast.ctx("ipob", "support")
        await self.stage.cast.run(support, move_tour, TourStep(agency=AGENCY, id=str(self.tour), step=step), on=day)
        await self.stage.settle()

    async def ask_for_contact(self) -> None:
        """Ask to be called, with a printed code and no script."""
        async with self.page(scripts=False) as page:
            weighing = await slow(page)
            assert await self.come_in_by_code(page) == 200
            assert 0 < await weighing.taken() < MOST_BYTES
            member = self.walker(page)
            await page.goto(f"{member.home}/my/return")
            assert 0 < await weighing.taken() < MOST_BYTES
            form = member.form("/contacts")
            await member.fill(form, choice=FIRST)
            async with page.expect_navigation():
                await form.locator("button").first.click()
            assert 0 < await weighing.taken() < MOST_BYTES
        coordinator = await self.stage.cast.ctx(AGENCY, "coordinator")
        async with tenant_session(coordinator, read_only=True) as session:
            assert len(list(await session.scalars(select(ContactRequest)))) == 1

    async def closed_on(self) -> date:
        """Let the service do all that is left, and return the day on which the return file was closed."""
        coordinator = await self.stage.cast.ctx(AGENCY, "coordinator")
        async with tenant_session(coordinator, read_only=True) as session:
            key = (await session.scalars(select(ReturnFile.id))).one()
        await bring_one(self.stage.cast, AGENCY, str(key), leave_one=False)
        async with tenant_session(coordinator, read_only=True) as session:
            file = (await session.scalars(select(ReturnFile))).one()
        assert file.closed_on is not None
        return file.closed_on


@pytest.fixture
async def abroad(browser: Browser, stage: Stage) -> AsyncIterator[Abroad]:
    """An officer with an order to deploy."""
    who = next(one for one in personas_for(AGENCY) if one.officer)
    officers = await load_workers(stage.cast, AGENCY, 1, start=0)
    world = await make_world(stage.cast, officers=[officers[-1]])
    travelled = await world.at("ordered", agency=AGENCY)
    assert travelled.tour is not None
    await stage.settle()
    context = await browser.new_context(locale="en-CA", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    company = Company(browser, stage.address, "en", Watch())
    yield Abroad(stage, browser, company, who, travelled.tour, await context.new_page())
    await context.close()


async def test_an_officer_without_a_work_account_still_has_their_own_file(stage: Stage, abroad: Abroad) -> None:
    await abroad.set_up_access()
    await abroad.hr_says("leave")
    await abroad.directory_closes_the_account()
    await abroad.provider_leads_to_the_other_way_in()
    today = stage.clock.now().date()
    await abroad.report("departed", today - timedelta(days=2), "in_transit")
    await abroad.report("arrived", today - timedelta(days=1), "in_mission")
    await stage.go_to(ENDS)
    await abroad.move("leave_mission", ENDS)
    await abroad.move("end", ENDS)
    await abroad.hr_says("left")
    await stage.go_to(ENDS + timedelta(days=182))
    await abroad.ask_for_contact()
    await stage.go_to(ENDS + timedelta(days=400))
    closed = await abroad.closed_on()
    await stage.go_to(closed.replace(year=closed.year + 1))
    async with abroad.page() as page:
        assert await abroad.come_in_by_code(page) == 200
    await stage.go_to(closed.replace(year=closed.year + 1) + timedelta(days=1))
    async with abroad.page() as page:
        assert await abroad.come_in_by_code(page) == 403
        assert "That did not let you in." in await page.locator("main").inner_text()
