"""A scope's rule on how people sign in, against what Entra ID, Okta, Keycloak and AD FS send.

The shapes are from the vendors' documents, which ``auth/relying_party/assurance.py`` names.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from auth.models import Session
from auth.relying_party.assurance import (
    MULTIPLE_FACTORS,
    NOTHING,
    AssuranceRule,
    keep_rule,
    read_assurance,
    read_rule,
)
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import ManualClock
from core.context import Assurance, Scope
from core.database.sessions import tenant_session
from tests.auth.hostile import CALLBACK, PROVIDER, SECRETS, Hostile, sets
from tests.auth.relying_party.kept import change_provider, lines
from tests.auth.rig import Rig

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
NOW = int(START.timestamp())
PASSWORD = "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password"

ENTRA = AssuranceRule(acrs="c1")
OKTA = AssuranceRule(amr_all=("mfa",), acr_values=("urn:okta:loa:2fa:any",))
KEYCLOAK = AssuranceRule(acr=("2", "3"))
ADFS = AssuranceRule(amr_any=(MULTIPLE_FACTORS,), acr_values=(MULTIPLE_FACTORS,))

ENOUGH: dict[str, tuple[AssuranceRule, dict[str, Any]]] = {
    "Entra ID with the context among others": (ENTRA, {"acrs": ["c3", "c1"]}),
    "Entra ID with the context alone, as text": (ENTRA, {"acrs": "c1"}),
    "Entra ID without amr": (ENTRA, {"acrs": ["c1"], "amr": None, "acr": None}),
    "Okta with a password and a code": (OKTA, {"amr": ["pwd", "mfa", "otp"]}),
    "Keycloak at the second level": (KEYCLOAK, {"acr": "2"}),
    "Keycloak at a higher level": (KEYCLOAK, {"acr": "3", "amr": []}),
    "AD FS with a list of methods": (ADFS, {"amr": [PASSWORD, MULTIPLE_FACTORS]}),
    "AD FS with one method, as text": (ADFS, {"amr": MULTIPLE_FACTORS}),
    "anything where nothing is asked": (NOTHING, {"acr": 7, "amr": {"mfa": True}, "acrs": False}),
    "both claims where both are asked": (AssuranceRule(acr=("2",), amr_all=("mfa",)), {"acr": "2", "amr": ["mfa"]}),
}

TOO_LITTLE: dict[str, tuple[AssuranceRule, dict[str, Any]]] = {
    "Entra ID without a context": (ENTRA, {"acrs": None, "amr": ["pwd", "mfa"]}),
    "Entra ID with another context": (ENTRA, {"acrs": ["c2", "c10"]}),
    "Entra ID with contexts run together in one text": (ENTRA, {"acrs": "c1 c2"}),
    "Entra ID with the context inside a list": (ENTRA, {"acrs": [["c1"]]}),
    "Okta with a password only": (OKTA, {"amr": ["pwd"]}),
    "Okta with a method that begins alike": (OKTA, {"amr": ["mfa-later"]}),
    "Okta with methods that are keys": (OKTA, {"amr": {"mfa": True}}),
    "Keycloak at the first level": (KEYCLOAK, {"acr": "1"}),
    "Keycloak's level as a number": (KEYCLOAK, {"acr": 2}),
    "Keycloak's level in a list": (KEYCLOAK, {"acr": ["2"]}),
    "Keycloak without a level": (KEYCLOAK, {"acr": None}),
    "AD FS with a password": (ADFS, {"amr": PASSWORD}),
    "AD FS without methods": (ADFS, {"amr": []}),
    "one claim where both are asked": (AssuranceRule(acr=("2",), amr_all=("mfa",)), {"acr": "2", "amr": ["pwd"]}),
    "one method where two are asked": (AssuranceRule(amr_all=("mfa", "hwk")), {"amr": ["mfa", "otp"]}),
    "the method beyond the twentieth": (OKTA, {"amr": [*map(str, range(20)), "mfa"]}),
}


@pytest.fixture
def hostile() -> Hostile:
    return Hostile(ManualClock(START))


@pytest.mark.parametrize("case", ENOUGH)
async def test_it_is_enough_to_sign_in(hostile: Hostile, case: str) -> None:
    rule, claims = ENOUGH[case]
    hostile.claims = sets(**claims)
    proof = await hostile.redeem(provider=msgspec.structs.replace(PROVIDER, assurance=rule))
    assert proof.subject == "person-1"


@pytest.mark.parametrize("case", TOO_LITTLE)
async def test_it_is_too_little_to_sign_in(hostile: Hostile, case: str) -> None:
    rule, claims = TOO_LITTLE[case]
    hostile.claims = sets(**claims)
    with pytest.raises(SignInRefused) as caught:
        await hostile.redeem(provider=msgspec.structs.replace(PROVIDER, assurance=rule))
    assert caught.value.why == Why.ASSURANCE
    assert "asked for" in caught.value.detail


AGES: dict[str, tuple[int, Any, Why | None]] = {
    "proved just now": (0, NOW, None),
    "proved as long ago as may be, and a minute for the clocks": (900, NOW - 960, None),
    "proved too long ago": (900, NOW - 961, Why.AUTHENTICATION_TIME),
    "proved before a fresh sign-in was asked for": (0, NOW - 61, Why.AUTHENTICATION_TIME),
    "not told though asked": (900, None, Why.AUTHENTICATION_TIME),
    "told as text": (900, str(NOW), Why.TIMES),
    "told as true": (900, True, Why.TIMES),
    "proved in the future": (900, NOW + 61, Why.AUTHENTICATION_TIME),
}


@pytest.mark.parametrize("case", AGES)
async def test_how_long_ago_a_person_proved_who_they_are(hostile: Hostile, case: str) -> None:
    age, told, why = AGES[case]
    hostile.claims = sets(auth_time=told)
    provider = msgspec.structs.replace(PROVIDER, assurance=AssuranceRule(max_age=age))
    if why is None:
        assert (await hostile.redeem(provider=provider)).assurance.at == datetime.fromtimestamp(told, UTC)
        return
    with pytest.raises(SignInRefused) as caught:
        await hostile.redeem(provider=provider)
    assert caught.value.why == why


@pytest.mark.parametrize("told", [NOW + 61, -1, -9e10])
async def test_a_time_of_signing_in_that_cannot_be_is_refused_though_nothing_was_asked(
    hostile: Hostile, told: float
) -> None:
    hostile.claims = sets(auth_time=told)
    with pytest.raises(SignInRefused) as caught:
        await hostile.redeem()
    assert caught.value.why == Why.AUTHENTICATION_TIME


ASKED: dict[str, tuple[AssuranceRule, dict[str, str]]] = {
    "nothing": (NOTHING, {}),
    "Entra ID's context": (ENTRA, {"claims": '{"id_token":{"acrs":{"essential":true,"value":"c1"}}}'}),
    "Okta's two factors": (OKTA, {"acr_values": "urn:okta:loa:2fa:any"}),
    "Keycloak's levels": (KEYCLOAK, {"acr_values": "2 3"}),
    "AD FS's several factors": (ADFS, {"acr_values": MULTIPLE_FACTORS}),
    "a fresh proof": (AssuranceRule(max_age=0), {"max_age": "0"}),
}


@pytest.mark.parametrize("case", ASKED)
async def test_the_provider_is_asked_for_what_its_token_must_say(hostile: Hostile, case: str) -> None:
    rule, asked = ASKED[case]
    provider = msgspec.structs.replace(PROVIDER, assurance=rule)
    address = await hostile.party().authorization_url(provider, CALLBACK, SECRETS, "en")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert {name: sent[name] for name in ("acr_values", "claims", "max_age") if name in sent} == asked


def test_what_cannot_be_kept_is_left_out_of_what_the_provider_said() -> None:
    said = read_assurance({"acr": "2\x00", "amr": ["pwd", "", "x" * 256, "a\nb", 4, "mfa"], "acrs": "c1"})
    assert said == Assurance(acr=None, amr=("pwd", "mfa"), acrs=("c1",))


words = st.text("abc:/1", min_size=1, max_size=9)
several = st.lists(words, max_size=3).map(tuple)
rules = st.builds(
    AssuranceRule,
    acr=several,
    amr_all=several,
    amr_any=several,
    acrs=st.none() | words,
    max_age=st.none() | st.integers(0, 9000),
    acr_values=several,
)


@given(rule=rules)
def test_a_rule_is_read_as_it_was_kept(rule: AssuranceRule) -> None:
    assert read_rule(keep_rule(rule)) == rule


@given(rule=rules, acr=st.none() | words, amr=st.lists(words, max_size=4), acrs=st.lists(words, max_size=4))
def test_a_rule_with_more_parts_never_lets_in_whom_one_of_its_parts_refuses(
    rule: AssuranceRule, acr: str | None, amr: list[str], acrs: list[str]
) -> None:
    said = Assurance(acr=acr, amr=tuple(amr), acrs=tuple(acrs))
    parts = [
        AssuranceRule(acr=rule.acr),
        AssuranceRule(amr_all=rule.amr_all),
        AssuranceRule(amr_any=rule.amr_any),
        AssuranceRule(acrs=rule.acrs),
    ]
    assert lets_in(rule, said) == all(lets_in(part, said) for part in parts)


def lets_in(rule: AssuranceRule, said: Assurance) -> bool:
    try:
        rule.check(said)
    except SignInRefused:
        return False
    return True


@pytest.mark.parametrize("kept", [{"amr": ["mfa"]}, {"acr": "2"}, {"max_age": "soon"}])
def test_a_rule_that_cannot_be_read_lets_nobody_in(kept: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused) as caught:
        read_rule(kept)
    assert caught.value.why == Why.NOT_CONFIGURED


async def sessions(rig: Rig, scope: Scope) -> list[Any]:
    chosen = select(Session.acr, Session.amr, Session.acrs, Session.authenticated_at)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return [tuple(row) for row in await session.execute(chosen.where(Session.tenant_id == scope.id))]


async def test_a_session_keeps_how_the_person_signed_in(rig: Rig) -> None:
    scope = await rig.agency(assurance=keep_rule(OKTA))
    await rig.seat(scope)
    at = int(rig.platform.clock.now().timestamp()) - 60
    rig.hostile.claims = sets(acr="2", amr=["pwd", "mfa"], acrs=["c1"], auth_time=at)
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 303
    assert await sessions(rig, scope) == [("2", ["pwd", "mfa"], ["c1"], datetime.fromtimestamp(at, UTC))]
    (line,) = await lines(rig, scope, "session.begin")
    assert line["assurance"] == "acr=2 amr=pwd|mfa acrs=c1"


async def test_a_session_of_a_provider_that_says_nothing_keeps_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 303
    assert await sessions(rig, scope) == [(None, [], [], None)]


PAGES = {
    "en": ("asks for a stronger sign-in", "use your second factor"),
    "fr": ("exige une authentification plus forte", "utilisez votre second facteur"),
}


@pytest.mark.parametrize("language", PAGES)
async def test_whoever_signs_in_too_weakly_reads_what_to_do_and_leaves_one_line(rig: Rig, language: str) -> None:
    scope = await rig.agency(assurance=keep_rule(KEYCLOAK))
    await rig.seat(scope)
    browser = rig.browser()
    start = await browser.get(f"/t/{scope.slug}/auth/start?language={language}")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(start.headers["location"]).query).items()}
    rig.hostile.claims = sets(acr="1")
    refused = await rig.finish(browser, scope, sent)
    assert refused.status_code == 403
    for sentence in PAGES[language]:
        assert sentence in refused.text
    assert await lines(rig, scope, "sign_in.refused") == [{"why": "assurance", "detail": "acr says 1; asked for 2, 3"}]
    assert await sessions(rig, scope) == []


async def test_a_rule_that_was_made_stricter_meanwhile_holds_for_sign_ins_under_way(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = rig.browser()
    sent = await rig.begin(browser, scope)
    await change_provider(rig, scope, assurance=keep_rule(AssuranceRule(max_age=600)))
    assert (await rig.finish(browser, scope, sent)).status_code == 403
    (line,) = await lines(rig, scope, "sign_in.refused")
    assert line["why"] == "authentication_time"
