"""The demonstration's provider: only in the demonstration, only at its own address, and correct as a provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import httpx2
import pytest

from auth.relying_party.authorization import Secrets
from auth.relying_party.party import Proof, RelyingParty
from auth.relying_party.providers import Provider
from auth.relying_party.refusals import SignInRefused, Why
from contingent.demo.issuers import client_id, places, provider_of
from contingent.demo.personas import all_scopes, personas_for
from contingent.demo.provider import make_provider
from core.clock import ManualClock
from core.errors import Misconfigured
from core.settings import Settings

SETTINGS = Settings(port=8000, demonstration=True)
BASE = "http://127.0.0.1:8000"
SECRETS = Secrets(state="s" * 43, nonce="n" * 43, verifier="v" * 43)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


@pytest.fixture
def transport(clock: ManualClock) -> httpx2.AsyncBaseTransport:
    return httpx2.ASGITransport(app=make_provider(SETTINGS, clock))  # type: ignore[arg-type]


def redirect_uri(slug: str) -> str:
    return f"{SETTINGS.address}/t/{slug}/auth/callback"


def provider_for(slug: str) -> Provider:
    named = provider_of(slug)
    return Provider(
        id=UUID(int=1),
        issuer=places(SETTINGS).issuer(named.issuer),
        client_id=client_id(slug),
        client_auth="none",
        algorithms=("ES256",),
        pinned=(named.claim, named.value) if named.claim and named.value else None,
    )


class Visit:
    """One browser's way through the provider, for one scope."""

    def __init__(self, transport: httpx2.AsyncBaseTransport, clock: ManualClock, slug: str) -> None:
        self.slug = slug
        self.clock = clock
        self.provider = provider_for(slug)
        self.party = RelyingParty(clock, loopback=True, transport=transport)
        self.client = httpx2.AsyncClient(transport=transport, base_url=BASE)

    async def address(self, language: str = "en") -> str:
        return await self.party.authorization_url(self.provider, redirect_uri(self.slug), SECRETS, language)

    async def choose(self, subject: str) -> dict[str, str]:
        response = await self.client.post(await self.address(), data={"person": subject})
        assert response.status_code == 303
        location = response.headers["location"]
        assert location.startswith(redirect_uri(self.slug))
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    async def redeem(self, answer: dict[str, str]) -> Proof:
        return await self.party.redeem(self.provider, redirect_uri(self.slug), SECRETS, answer, self.clock.now())


def test_it_cannot_be_made_outside_the_demonstration(clock: ManualClock) -> None:
    with pytest.raises(Misconfigured, match="CONTINGENT_DEMO"):
        make_provider(Settings(port=8000), clock)


async def test_it_answers_under_its_own_name_and_port_only(transport: httpx2.AsyncBaseTransport) -> None:
    path = "/idp/qc-spvm/.well-known/openid-configuration"
    async with httpx2.AsyncClient(transport=transport) as client:
        assert (await client.get(f"{BASE}{path}")).status_code == 200
        for other in ("http://localhost:8000", "http://127.0.0.1:8001", "http://contingent.example"):
            assert (await client.get(f"{other}{path}")).status_code == 404


@pytest.mark.parametrize("slug", ["ca-rcmp", "qc-spvm", "qc-bromont", "ipob", "psc", "operator", "cpmu"])
async def test_every_person_of_a_scope_can_sign_in_to_it(
    transport: httpx2.AsyncBaseTransport, clock: ManualClock, slug: str
) -> None:
    visit = Visit(transport, clock, slug)
    page = await visit.client.get(await visit.address())
    for persona in personas_for(slug):
        assert f'value="{persona.subject}"' in page.text
        proof = await visit.redeem(await visit.choose(persona.subject))
        assert (proof.issuer, proof.subject) == (visit.provider.issuer, persona.subject)
        assert proof.claims["name"] == persona.name


async def test_whoever_has_a_second_seat_elsewhere_is_offered_once(
    transport: httpx2.AsyncBaseTransport, clock: ManualClock
) -> None:
    visit = Visit(transport, clock, "qc-spvm")
    page = await visit.client.get(await visit.address())
    assert page.text.count('value="member"') == 1
    assert "CPMU" not in page.text, "a heading with nobody below it"


async def test_a_person_of_the_other_service_at_a_shared_provider_is_refused(
    transport: httpx2.AsyncBaseTransport, clock: ManualClock
) -> None:
    visit = Visit(transport, clock, "qc-bromont")
    page = await visit.client.get(await visit.address())
    assert "Contingent will refuse" in page.text
    with pytest.raises(SignInRefused) as caught:
        await visit.redeem(await visit.choose("qc-saint-jerome.coordinator"))
    assert caught.value.why == Why.PINNED_CLAIM


async def test_the_page_speaks_both_languages_and_lets_its_form_lead_to_the_application_alone(
    transport: httpx2.AsyncBaseTransport, clock: ManualClock
) -> None:
    visit = Visit(transport, clock, "qc-spvm")
    english = await visit.client.get(await visit.address("en"))
    french = await visit.client.get(await visit.address("fr"))
    assert "Every person here is invented." in english.text
    assert "Toutes les personnes ici sont inventées." in french.text
    assert 'lang="fr-CA"' in french.text
    assert "form-action 'self' http://localhost:8000" in french.headers["content-security-policy"]
    assert "<script" not in french.text
    assert "style=" not in french.text
    assert (await visit.client.get("/idp/ui.css")).headers["content-type"].startswith("text/css")


async def test_nobody_chosen_is_a_cancelled_sign_in(transport: httpx2.AsyncBaseTransport, clock: ManualClock) -> None:
    visit = Visit(transport, clock, "qc-spvm")
    for nobody in ("", "somebody-unknown", "qc-bromont.coordinator"):
        with pytest.raises(SignInRefused) as caught:
            await visit.redeem(await visit.choose(nobody))
        assert caught.value.why == Why.CANCELLED


async def test_a_code_is_good_once_and_for_a_minute(transport: httpx2.AsyncBaseTransport, clock: ManualClock) -> None:
    visit = Visit(transport, clock, "qc-spvm")
    answer = await visit.choose("coordinator")
    await visit.redeem(answer)
    late = await visit.choose("coordinator")
    clock.advance(timedelta(seconds=60))
    for spent in (answer, late):
        with pytest.raises(SignInRefused) as caught:
            await visit.redeem(spent)
        assert caught.value.why == Why.TOKEN_REFUSED


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "w" * 43},
        {"client_id": "contingent-qc-sq"},
        {"redirect_uri": "http://localhost:8000/t/qc-sq/auth/callback"},
        {"grant_type": "password"},
    ],
)
async def test_a_code_is_good_only_for_whom_and_for_what_it_was_given(
    transport: httpx2.AsyncBaseTransport, clock: ManualClock, change: dict[str, str]
) -> None:
    visit = Visit(transport, clock, "qc-spvm")
    answer = await visit.choose("coordinator")
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "client_id": "contingent-qc-spvm",
        "redirect_uri": redirect_uri("qc-spvm"),
        "code_verifier": SECRETS.verifier,
    }
    response = await visit.client.post("/idp/qc-spvm/token", data=form | change)
    assert response.status_code == 400
    assert "access_token" not in response.json()


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "contingent-qc-sq"},
        {"client_id": "payroll"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://localhost:8000/t/qc-spvm/auth/callback/../x"},
    ],
)
async def test_an_unregistered_client_or_address_gets_a_page_and_no_redirect(
    transport: httpx2.AsyncBaseTransport, clock: ManualClock, change: dict[str, str]
) -> None:
    visit = Visit(transport, clock, "qc-spvm")
    address = await visit.address()
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    for method in ("GET", "POST"):
        response = await visit.client.request(
            method, f"/idp/qc-spvm/authorize?{urlencode(query | change)}", data={"person": "coordinator"}
        )
        assert response.status_code == 400
        assert "location" not in response.headers


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
    ],
)
async def test_a_wrong_request_of_a_known_client_goes_back_with_its_error(
    transport: httpx2.AsyncBaseTransport, clock: ManualClock, change: dict[str, str], error: str
) -> None:
    visit = Visit(transport, clock, "qc-spvm")
    query = {name: values[0] for name, values in parse_qs(urlsplit(await visit.address()).query).items()}
    response = await visit.client.get(f"/idp/qc-spvm/authorize?{urlencode(query | change)}")
    assert response.status_code == 303
    assert parse_qs(urlsplit(response.headers["location"]).query)["error"] == [error]


async def test_signing_out_leads_back_to_the_application_and_nowhere_else(
    transport: httpx2.AsyncBaseTransport, clock: ManualClock
) -> None:
    visit = Visit(transport, clock, "qc-spvm")
    address = await visit.party.sign_out_url(visit.provider, "http://localhost:8000/fr/")
    assert address is not None
    assert (await visit.client.get(address)).headers["location"] == "http://localhost:8000/fr/"
    elsewhere = await visit.party.sign_out_url(visit.provider, "https://evil.example/")
    assert elsewhere is not None
    response = await visit.client.get(elsewhere)
    assert response.status_code == 200
    assert "location" not in response.headers


async def test_userinfo_wants_a_token_of_this_issuer(transport: httpx2.AsyncBaseTransport) -> None:
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        for header in ({}, {"Authorization": "Bearer x"}):
            assert (await client.get("/idp/qc-spvm/userinfo", headers=header)).status_code == 401


async def test_every_issuer_has_its_own_key(transport: httpx2.AsyncBaseTransport) -> None:
    names = {provider_of(slug).issuer for slug in all_scopes()}
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        sets = [(await client.get(f"/idp/{name}/jwks")).json()["keys"] for name in names]
        assert (await client.get("/idp/nobody/jwks")).status_code == 404
        assert (await client.get("/idp/nobody/.well-known/openid-configuration")).status_code == 404
    assert len({key["kid"] for keys in sets for key in keys}) == len(names)
    assert all("d" not in key for keys in sets for key in keys)
