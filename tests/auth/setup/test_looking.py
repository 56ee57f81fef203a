"""A look at a provider: each check is a line, a hostile one is refused, and nothing inside a network is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from auth.models import IdentityProvider
from auth.relying_party.identities import known_elsewhere, named_otherwise
from auth.secrets import form_secret, session_cookie
from auth.setup.findings import CHECKS, DEMONSTRATED
from auth.setup.lacks import LACKS
from auth.setup.schemas import ChangeProvider, HandInDocument
from auth.setup.service import change_provider, hand_in_document
from core.database.sessions import identity_session, tenant_session
from core.documents.service import store_upload
from core.errors import ContingentError, Invalid, NotFound
from core.network import Barred, PublicNetwork
from core.use_cases.execution import execute
from core.web import protection
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig
from tests.auth.setup.wizard import NEW, Wizard, open_wizard

WELL_KNOWN = "/.well-known/openid-configuration"


@pytest.fixture
async def wizard(rig: Rig) -> Wizard:
    made = await open_wizard(rig)
    await made.add()
    return made


async def tones(wizard: Wizard) -> dict[str, str]:
    """Look at the provider and return what was found, by key."""
    answer = await wizard.look()
    assert answer.status_code == 303, answer.text
    findings = (await wizard.file()).findings
    assert findings is not None
    return {one.key: one.tone for one in findings}


async def test_an_honest_provider_is_well_in_every_line(wizard: Wizard) -> None:
    wizard.rig.other.metadata = sets(
        end_session_endpoint=f"{OTHER_ISSUER}/out",
        backchannel_logout_supported=True,
        id_token_signing_alg_values_supported=["ES256"],
    )
    found = await tones(wizard)
    assert set(found.values()) == {"ok"}
    assert {"address", "document", "issuer", "code", "pkce", "addresses", "keys", "algorithm"} <= set(found)
    page = await wizard.browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}")
    for key in found:
        assert str(CHECKS[key].holds) in page.text
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        row = await session.get_one(IdentityProvider, (wizard.scope.id, UUID(wizard.id)))
        row.issuer = "http://127.0.0.1:8000/idp"
    page = await wizard.browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}")
    for key, words in DEMONSTRATED.items():
        assert str(words) in page.text
        assert str(CHECKS[key].holds) not in page.text


@pytest.mark.parametrize(
    ("subjects", "claim", "tone"),
    [
        (["pairwise"], None, "warn"),
        (["pairwise"], "oid", "ok"),
        (["public", "pairwise"], None, None),
        (None, None, None),
    ],
)
async def test_where_subjects_differ_by_client_a_claim_that_names_the_person_is_asked_for(
    wizard: Wizard, subjects: list[str] | None, claim: str | None, tone: str | None
) -> None:
    wizard.rig.other.metadata = sets(subject_types_supported=subjects)
    data = ChangeProvider(**NEW, person_claim=claim, id=wizard.id)
    await execute(change_provider, wizard.ctx, data)
    assert (await tones(wizard)).get("person") == tone


async def set_up(wizard: Wizard, **values: Any) -> None:
    """Give the provider what is entered on other pages."""
    async with tenant_session(wizard.rig.ctx(wizard.scope)) as session:
        row = await session.get_one(IdentityProvider, (wizard.scope.id, UUID(wizard.id)))
        for name, value in values.items():
            setattr(row, name, value)


async def learned(wizard: Wizard, key: str) -> tuple[str | None, bool, str | None]:
    """Return the line of a look before a test, whether the test warns, and the line of a look after it."""
    before = (await tones(wizard)).get(key)
    await wizard.test(organization="ours", oid="somebody")
    test = (await wizard.file()).test
    assert test is not None
    assert test.why is None
    page = await wizard.browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}/tested")
    assert (str(CHECKS[key].fails) in page.text) == (key in test.missing)
    assert test.missing == [one for one in LACKS if one in test.missing], "what matters most comes first"
    await wizard.move("confirm")
    return before, key in test.missing, (await tones(wizard)).get(key)


@pytest.mark.parametrize(
    ("values", "tone"),
    [
        ({"number_claim": "number"}, "warn"),
        ({"just_in_time": True}, "warn"),
        ({"number_claim": "number", "pinned_claim": "organization", "pinned_value": "ours"}, "ok"),
        ({}, None),
    ],
)
async def test_where_accounts_come_by_themselves_a_shared_provider_needs_a_claim_that_tells_them_apart(
    rig: Rig, wizard: Wizard, values: dict[str, Any], tone: str | None
) -> None:
    await rig.agency(issuer=OTHER_ISSUER)
    await set_up(wizard, **values)
    assert await learned(wizard, "shared") == (None, tone == "warn", tone)


@pytest.mark.parametrize(("claim", "tone"), [("oid", "warn"), (None, None)])
async def test_services_that_name_their_people_by_different_claims_are_told_so_and_not_which(
    rig: Rig, wizard: Wizard, claim: str | None, tone: str | None
) -> None:
    other = await rig.agency(issuer=OTHER_ISSUER, person_claim="employee_id")
    await set_up(wizard, person_claim=claim)
    assert await learned(wizard, "named") == (None, tone == "warn", tone)
    page = await wizard.browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}")
    assert (str(CHECKS["named"].fails) in page.text) == (tone == "warn")
    assert "employee_id" not in page.text
    assert other.slug not in page.text


async def test_whoever_is_no_client_of_a_provider_learns_nothing_of_those_who_are(rig: Rig, wizard: Wizard) -> None:
    await rig.seat(await rig.agency(issuer=OTHER_ISSUER), subject=f"of {wizard.scope.slug}", issuer=OTHER_ISSUER)
    await set_up(wizard, just_in_time=True)
    refused = await wizard.come_back(await wizard.start(), aud="somebody else")
    assert refused.status_code == 303
    test = (await wizard.file()).test
    assert test is not None
    assert (test.why is not None, test.missing) == (True, [])
    assert "shared" not in await tones(wizard)


@pytest.mark.parametrize("linked", [True, False])
async def test_a_provider_of_ones_own_is_not_taken_for_a_shared_one(rig: Rig, linked: bool) -> None:
    issuer = f"https://{uuid4()}.example.org"
    scope = await (rig.agency() if linked else rig.agency(issuer=issuer))
    if linked:
        await rig.seat(scope, subject="own", issuer=issuer)
    async with identity_session(rig.platform.database) as session:
        assert not await known_elsewhere(session, scope.id, issuer)
        assert await known_elsewhere(session, rig.platform.operator.id, issuer)


@pytest.mark.parametrize(
    ("state", "known"), [("draft", False), ("tested", False), ("enforced", True), ("retiring", True), ("off", False)]
)
async def test_only_a_provider_through_which_people_sign_in_is_in_use(rig: Rig, state: str, known: bool) -> None:
    issuer = f"https://{uuid4()}.example.org"
    await rig.agency(issuer=issuer, state=state, person_claim="oid")
    async with identity_session(rig.platform.database) as session:
        assert await known_elsewhere(session, rig.platform.operator.id, issuer) == known
        assert await named_otherwise(session, rig.platform.operator.id, issuer, "employee_id") == known
        assert not await named_otherwise(session, rig.platform.operator.id, issuer, "oid")


@pytest.mark.parametrize("way", ["look", "start"])
async def test_asking_a_provider_has_the_limit_of_signing_in(wizard: Wizard, way: str) -> None:
    site, ask = wizard.rig.app.state.site, getattr(wizard, way)
    wizard.rig.platform.clock.advance(timedelta(minutes=1))
    usual, site.settings = site.settings, replace(site.settings, sign_ins_per_minute=2)
    try:
        for _ in range(4):
            assert (await ask()).status_code == 303
        asked = len(wizard.rig.other.asked)
        refused = await ask()
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "15")
        assert len(wizard.rig.other.asked) == asked, "the provider was asked all the same"
        wizard.rig.platform.clock.advance(timedelta(seconds=15))
        assert (await ask()).status_code == 303
    finally:
        site.settings = usual


@pytest.mark.parametrize(
    ("answer", "key", "said"),
    [
        (lambda: httpx2.Response(200, text="<html>Sign in</html>"), "document", "not JSON"),
        (lambda: httpx2.Response(200, json=[1]), "document", "not a JSON object"),
        (lambda: httpx2.Response(302, headers={"Location": "http://169.254.169.254/"}), "document", "status 302"),
        (lambda: httpx2.Response(503), "document", "status 503"),
        (lambda: httpx2.Response(200, json={"issuer": OTHER_ISSUER}), "document", "required"),
    ],
)
async def test_what_is_no_discovery_document_is_told_as_what_it_is(
    wizard: Wizard, answer: Any, key: str, said: str
) -> None:
    wizard.rig.other.answers[WELL_KNOWN] = answer
    assert (await tones(wizard))[key] == "bad"
    page = await wizard.browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}")
    assert str(CHECKS[key].fails) in page.text
    found = (await wizard.file()).findings
    assert found is not None
    assert said in found[-1].detail
    assert said in page.text
    assert wizard.rig.other.strayed == []


@pytest.mark.parametrize(
    ("lie", "key"),
    [
        ({"issuer": "https://login.example.net/"}, "issuer"),
        ({"response_types_supported": ["token"]}, "code"),
        ({"code_challenge_methods_supported": ["plain"]}, "pkce"),
        ({"jwks_uri": "http://login.example.net/keys"}, "addresses"),
        ({"token_endpoint": "https://10.1.2.3/token"}, "addresses"),
        ({"userinfo_endpoint": "https://[fd00::1]/me"}, "addresses"),
        ({"id_token_signing_alg_values_supported": ["RS256"]}, "algorithm"),
    ],
)
async def test_each_lie_has_its_line_and_the_others_are_looked_at_all_the_same(
    wizard: Wizard, lie: dict[str, Any], key: str
) -> None:
    wizard.rig.other.metadata = sets(**lie)
    found = await tones(wizard)
    assert [one for one, tone in found.items() if tone == "bad"] == [key]
    assert {"address", "document", "sign_out", "back_channel"} <= set(found)
    asked = [path for path in wizard.rig.other.asked if path != WELL_KNOWN]
    assert asked == (["/keys"] if key == "algorithm" else []), "what it names is asked only when all of it is sound"


async def test_a_key_set_without_a_key_for_the_algorithm_is_told(wizard: Wizard) -> None:
    wizard.rig.other.published = []
    assert (await tones(wizard))["keys"] == "bad"


async def test_a_name_that_leads_inside_is_not_connected_to() -> None:
    with pytest.raises(Barred, match="does not lead to a public address"):
        await PublicNetwork().connect_tcp("localhost", 443)


async def test_looking_is_done_by_a_form_of_our_own_of_who_may(rig: Rig, wizard: Wizard) -> None:
    address = f"/t/{wizard.scope.slug}/auth/look"
    assert (await wizard.browser.post(address, {"_token": "x", "id": wizard.id})).status_code == 403
    stranger = await rig.browser().post(address, {"id": wizard.id})
    assert stranger.headers["location"].startswith(f"/t/{wizard.scope.slug}/auth/start")
    await rig.seat(wizard.scope, "coordinator", subject="somebody")
    rig.hostile.claims = rig.hostile.userinfo = sets(sub="somebody")
    other = rig.browser()
    await rig.sign_in(other, wizard.scope)
    token = protection.make_token(form_secret(other.cookies[session_cookie(wizard.scope.slug)]))
    assert (await other.post(address, {"_token": token, "id": wizard.id})).status_code == 403
    rig.hostile.claims = rig.hostile.userinfo = sets()
    foreign = await open_wizard(rig)
    wizard.id = str((await foreign.add()).provider.id)
    assert (await wizard.look()).status_code == 404
    assert await lines(rig, foreign.scope, "identity_provider.look") == []


@pytest.mark.parametrize(("language", "words"), [("en", "Here you add one"), ("fr", "Vous en ajoutez un ici")])
async def test_what_one_does_there_is_said_to_whoever_can_do_it(
    rig: Rig, wizard: Wizard, language: str, words: str
) -> None:
    address = f"/{language}/{wizard.scope.slug}/sign-in"
    assert words in (await wizard.browser.get(address)).text
    await rig.seat(wizard.scope, "auditor", subject="somebody")
    rig.hostile.claims = rig.hostile.userinfo = sets(sub="somebody")
    reader = rig.browser()
    await rig.sign_in(reader, wizard.scope)
    page = await reader.get(address)
    assert (page.status_code, words in page.text, f"{address}/new" in page.text) == (200, False, False)


async def uploaded(wizard: Wizard, content: bytes, name: str = "openid-configuration.json") -> httpx2.Response:
    """Hand in a file on the page."""
    browser = wizard.browser
    token = protection.make_token(form_secret(browser.cookies[session_cookie(wizard.scope.slug)]))
    return await browser._client.post(
        f"/en/{wizard.scope.slug}/sign-in/{wizard.id}/document",
        data={"_token": token},
        files={"document_id": (name, content, "application/json")},
        headers=browser._headers({}),
    )


def document(wizard: Wizard, **changes: Any) -> bytes:
    wizard.rig.other.metadata = sets(**changes)
    told = wizard.rig.other.metadata_told()
    wizard.rig.other.metadata = sets()
    return json.dumps(told).encode()


async def test_a_document_that_is_handed_in_stands_in_for_asking(wizard: Wizard) -> None:
    wizard.rig.other.answers[WELL_KNOWN] = lambda: httpx2.Response(404)
    taken = await uploaded(wizard, document(wizard))
    assert taken.status_code == 303, taken.text
    found = await tones(wizard)
    assert (found["document"], found["own_host"], found["keys"]) == ("ok", "ok", "ok")
    await wizard.test()
    test = (await wizard.file()).test
    assert test is not None
    assert test.why is None
    assert WELL_KNOWN not in wizard.rig.other.asked


async def test_of_a_document_that_is_handed_in_everything_that_is_looked_at_is_kept(wizard: Wizard) -> None:
    told = document(
        wizard,
        subject_types_supported=["pairwise"],
        backchannel_logout_supported=True,
        id_token_signing_alg_values_supported=["PS512"],
    )
    assert (await uploaded(wizard, told)).status_code == 303
    found = await tones(wizard)
    assert [found[key] for key in ("person", "back_channel", "algorithm")] == ["warn", "ok", "bad"]


@pytest.mark.parametrize(
    "content", [b"<html>", b"[]", b'{"issuer": 5}', b"{}", b"[" * 60_000, b'{"issuer": "' + b"x" * 66_000 + b'"}']
)
async def test_what_is_no_document_or_too_large_is_not_taken(wizard: Wizard, content: bytes) -> None:
    refused = await uploaded(wizard, content)
    assert refused.status_code in (413, 422), refused.status_code
    assert (await wizard.row()).document is None


@pytest.mark.parametrize("said", [b'"\\u0000"', b'"\\ud800"', b"NaN", b'[["RS256", Infinity]]'])
async def test_a_document_that_no_database_holds_is_not_taken(wizard: Wizard, said: bytes) -> None:
    held = document(wizard, id_token_signing_alg_values_supported=["?"]).replace(b'"?"', said)
    refused = await uploaded(wizard, held)
    assert refused.status_code == 422, refused.status_code
    assert (await wizard.row()).document is None


async def test_nobody_vouches_by_a_file_for_the_issuer_of_another(wizard: Wizard) -> None:
    """The keys of such a document are its writer's: an account at that issuer would be whose they say."""
    taken = await uploaded(wizard, document(wizard, jwks_uri=f"{ISSUER}/keys", token_endpoint=f"{ISSUER}/token"))
    assert taken.status_code == 303
    assert (await tones(wizard))["own_host"] == "bad"
    await wizard.start()
    test = (await wizard.file()).test
    assert test is not None
    assert test.why == "discovery"


async def test_of_a_file_no_other_host_is_asked_who_somebody_is(wizard: Wizard) -> None:
    """As Entra ID has it: its description of the person is at another host than its issuer."""
    await uploaded(wizard, document(wizard, userinfo_endpoint=f"{ISSUER}/userinfo"))
    asked = list(wizard.rig.hostile.asked)
    await wizard.test()
    test = (await wizard.file()).test
    assert test is not None
    assert test.why is None
    assert wizard.rig.hostile.asked == asked


async def test_a_secret_does_not_go_where_a_document_leads(wizard: Wizard) -> None:
    await wizard.add(client_auth="client_secret_post", secret="tr0ub4dor")
    await uploaded(wizard, document(wizard))
    row = await wizard.row()
    assert row.document is not None
    assert row.secret_sealed is None


async def test_a_file_of_another_service_or_for_another_purpose_is_not_read(rig: Rig, wizard: Wizard) -> None:
    async def parts() -> Any:
        yield document(wizard)

    foreign = await open_wizard(rig)
    theirs = await store_upload(foreign.ctx, "a.json", parts(), "provider_metadata", 65_536, pointer="/document_id")
    with pytest.raises(NotFound):
        await execute(hand_in_document, wizard.ctx, HandInDocument(id=wizard.id, document_id=str(theirs)))
    paper = await store_upload(wizard.ctx, "a.txt", parts(), "evidence", 65_536, pointer="/document_id")
    with pytest.raises(Invalid):
        await execute(hand_in_document, wizard.ctx, HandInDocument(id=wizard.id, document_id=str(paper)))
    with pytest.raises(ContingentError):
        await execute(hand_in_document, wizard.ctx, HandInDocument(id=wizard.id, document_id="nothing"))
