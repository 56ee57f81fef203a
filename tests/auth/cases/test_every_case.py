"""Every faulty sign-in, through the whole application: one line that says why, one page that says what to do, no more.

What is faulty is in the three modules beside this one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

import auth.sign_in
from auth.models import Session
from auth.relying_party.refusals import Why
from auth.secrets import session_cookie
from core.audit.models import AuditLine
from core.context import Language, Scope
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.hooks.host import PluginHost
from tests.auth.cases import faulty_flows, faulty_providers, faulty_tokens
from tests.auth.cases.case import ASK, Case, Remedy
from tests.auth.cases.faulty_flows import SCRIPT
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.rig import Rig, make_rig
from tests.platform import found
from tests.reporting import FIGURE

CASES: dict[str, Case] = faulty_tokens.CASES | faulty_providers.CASES | faulty_flows.CASES
LEAST = 60
LANGUAGES: tuple[Language, ...] = ("en", "fr")
TITLES = {"en": ('lang="en-CA"', "You are not signed in"), "fr": ('lang="fr-CA"', "Vous n’êtes pas en session")}

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")


@pytest.fixture(scope="module")
async def shared(database: Database, host: PluginHost) -> Rig:
    return make_rig(await found(database, host))


@pytest.fixture
def rig(shared: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """The application, asking a provider that it has never asked; it gives up as soon as nothing comes."""
    shared.renew()
    monkeypatch.setattr(auth.relying_party.conversing, "PATIENCE", 0.0)
    return shared


async def kept(rig: Rig, scope: Scope) -> tuple[list[Any], int]:
    """Return what the log holds of refused sign-ins, and how many sessions there have been."""
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(AuditLine.action, AuditLine.after).where(AuditLine.tenant_id == scope.id)
        rows = [row for row in await session.execute(chosen) if row.action != "session.begin"]
        assert all((row.action, row.after.keys()) == ("sign_in.refused", {"why", "detail"}) for row in rows)
        lines = [row.after["why"] for row in rows]
        count = await session.scalar(select(func.count()).where(Session.tenant_id == scope.id))
    return lines, count or 0


def seen(response: httpx2.Response, scope: Scope) -> tuple[str, list[tuple[str, str]]]:
    """Return all that the person's browser gets, but for the number of the request and the service it came to."""
    text = response.text.replace(response.headers["x-request-id"], "").replace(scope.slug, "")
    return text, sorted((name, value) for name, value in response.headers.multi_items() if name != "x-request-id")


def check_page(response: httpx2.Response, scope: Scope, language: Language, says: Remedy) -> None:
    assert response.status_code == 403
    assert all(text in response.text for text in TITLES[language])
    assert says[LANGUAGES.index(language)] in response.text
    assert SCRIPT not in response.text
    assert session_cookie(scope.slug) not in "".join(response.headers.get_list("set-cookie"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
async def test_refused(rig: Rig, name: str, language: Language) -> None:
    case = CASES[name]
    pages = []
    for account in (True,) if case.sessions else (False, True):
        scope = await rig.agency(algorithms=["ES256", "RS256"])
        if account:
            await rig.seat(scope, "coordinator")
        rig.renew()
        case.lie(rig.hostile)
        refused = await case.drive(rig, scope, language)
        check_page(refused, scope, language, case.says)
        assert await kept(rig, scope) == ([] if case.why is None else [case.why], case.sessions)
        assert rig.hostile.strayed == []
        pages.append(seen(refused, scope))
    for page in pages:
        assert page == pages[0], "it must not say whether there is an account"


async def unknown(rig: Rig, scope: Scope) -> None:
    """Nobody has heard of this person."""


async def seated_elsewhere(rig: Rig, scope: Scope) -> None:
    await rig.seat(await rig.agency())


async def shut_out(rig: Rig, scope: Scope) -> None:
    await rig.seat(scope, "coordinator", active=False)


async def namesake(rig: Rig, scope: Scope) -> None:
    await rig.seat(scope, "coordinator", issuer=OTHER_ISSUER)


async def of_another_organization(rig: Rig, scope: Scope) -> None:
    await rig.seat(scope, "coordinator")
    rig.hostile.claims = sets(organization="there")


NO_ACCOUNTS: dict[str, tuple[Callable[[Rig, Scope], Awaitable[None]], Why]] = {
    "an unknown person": (unknown, Why.NO_SEAT),
    "somebody with a seat elsewhere": (seated_elsewhere, Why.NO_SEAT),
    "somebody who is shut out": (shut_out, Why.NO_SEAT),
    "the namesake of somebody at another provider": (namesake, Why.NO_SEAT),
    "somebody of another organization at a shared provider": (of_another_organization, Why.PINNED_CLAIM),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whoever_has_no_access_reads_the_same_whatever_there_is_of_them(rig: Rig, language: Language) -> None:
    pages = {}
    for name, (arrange, why) in NO_ACCOUNTS.items():
        rig.renew()
        rig.hostile.claims = sets(organization="here")
        scope = await rig.agency(pinned_claim="organization", pinned_value="here")
        await arrange(rig, scope)
        refused = await rig.sign_in(rig.browser(), scope, language)
        check_page(refused, scope, language, ASK)
        assert await kept(rig, scope) == ([why], 0), name
        pages[name] = seen(refused, scope)
    for page in pages.values():
        assert page == pages["an unknown person"]


async def test_an_honest_sign_in_passes_where_all_of_these_fail(rig: Rig) -> None:
    scope = await rig.agency(pinned_claim="organization", pinned_value="here")
    await rig.seat(scope, "coordinator")
    rig.hostile.claims = sets(organization="here")
    response = await rig.sign_in(rig.browser(), scope)
    assert (response.status_code, await kept(rig, scope)) == (303, ([], 1))
    assert rig.hostile.issuer == ISSUER


def test_there_are_enough_of_them(record_property: Callable[[str, object], None]) -> None:
    count = len(CASES) + len(NO_ACCOUNTS)
    assert count >= LEAST
    record_property(FIGURE, f"{count} faulty sign-ins, each refused with a reason and a remedy in both languages")
