"""Sign-ins that go the wrong way: taken from somebody, brought elsewhere, brought twice, mixed up, turned back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

import httpx2
from joserfc.jwk import ECKey

from auth.relying_party.assurance import AssuranceRule, keep_rule
from auth.relying_party.refusals import Why
from auth.secrets import SIGN_IN_COOKIE
from core.context import Language, Scope
from tests.auth.cases.case import AGAIN, ANEW, NOTHING, SET_UP, STRONGER, TEAM, Case, Drive, coming_back_with, sign_in
from tests.auth.cases.faulty_tokens import later
from tests.auth.hostile import ISSUER, OTHER_ISSUER, Change, sets
from tests.auth.relying_party.kept import change_provider
from tests.auth.rig import Rig

SCRIPT = "<script>alert(1)</script>"


def arriving_with(query: str) -> Drive:
    """Return the drive in which a browser that began a sign-in comes back with ``query`` and no more."""

    async def drive(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
        browser = rig.browser()
        await rig.begin(browser, scope)
        return await browser.get(f"/t/{scope.slug}/auth/callback?{query}", accept_language=language)

    return drive


def adding(*pairs: tuple[str, str]) -> Drive:
    """Return the drive in which these come back besides what an honest provider sends."""

    async def drive(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
        browser = rig.browser()
        sent = await rig.begin(browser, scope, language=language)
        query = urlencode([("code", "c0de"), ("state", sent["state"]), ("iss", ISSUER), *pairs])
        return await browser.get(f"/t/{scope.slug}/auth/callback?{query}")

    return drive


async def twice(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    browser = rig.browser()
    sent = await rig.begin(browser, scope, language=language)
    assert (await rig.finish(browser, scope, sent)).status_code == 303
    return await rig.finish(browser, scope, sent, accept_language=language)


async def twice_at_once(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    browser = rig.browser()
    sent = await rig.begin(browser, scope, language=language)
    both = await asyncio.gather(*(rig.finish(browser, scope, sent, accept_language=language) for _ in range(2)))
    assert sorted(one.status_code for one in both) == [303, 403]
    return max(both, key=lambda one: one.status_code)


async def by_another_browser(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    mine, theirs = rig.browser(), rig.browser()
    sent = await rig.begin(mine, scope, language=language)
    await rig.begin(theirs, scope, language=language)
    return await rig.finish(theirs, scope, sent, accept_language=language)


async def by_a_browser_that_forgot(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    browser = rig.browser()
    sent = await rig.begin(browser, scope, language=language)
    del browser.cookies[SIGN_IN_COOKIE]
    return await rig.finish(browser, scope, sent, accept_language=language)


async def begun_elsewhere(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    elsewhere, browser = await rig.agency(), rig.browser()
    await rig.seat(elsewhere)
    sent = await rig.begin(browser, elsewhere, language=language)
    return await rig.finish(browser, scope, sent, accept_language=language)


async def after_a_quarter_of_an_hour(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    browser = rig.browser()
    sent = await rig.begin(browser, scope, language=language)
    rig.platform.clock.advance(timedelta(minutes=15))
    return await rig.finish(browser, scope, sent, accept_language=language)


async def with_no_provider(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    await change_provider(rig, scope, state="off")
    return await rig.start(rig.browser(), scope, language=language)


async def while_the_provider_is_switched_off(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    browser = rig.browser()
    sent = await rig.begin(browser, scope, language=language)
    await change_provider(rig, scope, state="off")
    return await rig.finish(browser, scope, sent)


def while_the_provider_is_changed(**values: str) -> Drive:
    """Return the drive in which the provider's row names another one by the time the code comes back."""

    async def drive(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
        rig.hostile.metadata = rig.other.metadata = sets(authorization_response_iss_parameter_supported=False)
        browser = rig.browser()
        sent = await rig.begin(browser, scope, language=language)
        await change_provider(rig, scope, **values)
        refused = await rig.finish(browser, scope, sent, iss="")
        assert "/token" not in rig.hostile.asked + rig.other.asked, "the code must not be shown to anybody"
        return refused

    return drive


async def with_a_secret_that_is_nowhere(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    await change_provider(rig, scope, client_auth="client_secret_post", secret_ref="env:CLIENT_SECRET_NOWHERE")
    return await sign_in(rig, scope, language)


def asking(rule: AssuranceRule, told: Change) -> Drive:
    """Return the drive in which the service asks for more than the provider reports."""

    async def drive(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
        await change_provider(rig, scope, assurance=keep_rule(rule))
        rig.hostile.claims = told
        return await sign_in(rig, scope, language)

    return drive


async def with_the_code_of_another_provider(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    """Mix-up: the answer of one provider comes to a sign-in that was begun at another."""
    refused = await rig.sign_in(rig.browser(), scope, language, iss=OTHER_ISSUER)
    assert "/token" not in rig.hostile.asked, "the other provider's code must not be shown to this one"
    return refused


async def with_the_token_of_another_provider(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    rig.hostile.id_token = lambda _: rig.other.sign(rig.other.honest_claims())
    return await sign_in(rig, scope, language)


async def with_another_providers_key_under_a_known_id(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    rig.other.key = ECKey.import_key(rig.other.key.as_dict(private=True) | {"kid": str(rig.hostile.key.kid)})
    rig.hostile.id_token = lambda _: rig.other.sign(rig.other.honest_claims() | {"iss": ISSUER})
    return await sign_in(rig, scope, language)


async def with_the_token_of_another_service(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    """Two services at one provider: whoever gets hold of the token of one tries it at the other."""
    elsewhere = await rig.agency(client_id="contingent-elsewhere")
    await rig.seat(elsewhere)
    rig.hostile.claims = lambda told: told.update(aud="contingent-elsewhere")
    caught: list[str] = []
    rig.hostile.id_token = lambda signed: caught.append(signed) or signed  # type: ignore[func-returns-value]
    assert (await rig.sign_in(rig.browser(), elsewhere)).status_code == 303
    rig.hostile.id_token = lambda _: caught[0]
    return await sign_in(rig, scope, language)


async def with_the_token_of_the_time_before(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    caught: list[str] = []
    rig.hostile.id_token = lambda signed: caught.append(signed) or signed  # type: ignore[func-returns-value]
    await sign_in(rig, scope, language)
    rig.hostile.id_token = lambda _: caught[0]
    return await sign_in(rig, scope, language)


async def with_a_key_removed_since(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    """The provider has another key now, and the hour is over in which we may believe the one before."""
    await rig.sign_in(rig.browser(), await rig.agency())
    rig.hostile.published = [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]
    rig.platform.clock.advance(timedelta(hours=1))
    return await sign_in(rig, scope, language)


async def with_an_old_key_under_the_id_of_a_new_one(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    await rig.sign_in(rig.browser(), await rig.agency())
    new = ECKey.generate_key("P-256", {"kid": str(rig.hostile.key.kid)})
    rig.hostile.published = [new.as_dict(private=False)]
    rig.platform.clock.advance(timedelta(hours=1))
    return await sign_in(rig, scope, language)


TOO_LITTLE: dict[str, tuple[AssuranceRule, Change, Why]] = {
    "no level at all": (AssuranceRule(acr=("2",)), sets(acr=None), Why.ASSURANCE),
    "a lower level": (AssuranceRule(acr=("2",)), sets(acr="1"), Why.ASSURANCE),
    "a password only": (AssuranceRule(amr_all=("mfa",)), sets(amr=["pwd"]), Why.ASSURANCE),
    "another context": (AssuranceRule(acrs="c1"), sets(acrs=["c2"]), Why.ASSURANCE),
    "no time of proof": (AssuranceRule(max_age=900), sets(auth_time=None), Why.AUTHENTICATION_TIME),
    "a proof of too long ago": (AssuranceRule(max_age=900), later(auth_time=-961), Why.AUTHENTICATION_TIME),
    "a proof in the future": (AssuranceRule(max_age=900), later(auth_time=61), Why.AUTHENTICATION_TIME),
    "a proof before all time": (AssuranceRule(), sets(auth_time=-9e10), Why.AUTHENTICATION_TIME),
}

CASES = {
    **{
        f"asked for more: {name}": Case(why, STRONGER if why == Why.ASSURANCE else ANEW, drive=asking(rule, told))
        for name, (rule, told, why) in TOO_LITTLE.items()
    },
    "nothing comes back": Case(None, AGAIN, drive=arriving_with("")),
    "a code comes back and no state": Case(None, AGAIN, drive=arriving_with("code=c0de")),
    "an empty state": Case(None, AGAIN, drive=arriving_with("code=c0de&state=")),
    "a state that nobody made": Case(None, AGAIN, drive=arriving_with("code=c0de&state=" + "x" * 43)),
    "two states": Case(None, AGAIN, drive=arriving_with("code=c0de&state=a&state=b")),
    "a state that no text is": Case(None, AGAIN, drive=arriving_with("code=c0de&state=%00")),
    "a service without a provider": Case(None, SET_UP, drive=with_no_provider),
    "a callback that comes again": Case(Why.STATE_REPLAYED, AGAIN, drive=twice, sessions=1),
    "two callbacks at once": Case(Why.STATE_REPLAYED, AGAIN, drive=twice_at_once, sessions=1),
    "the state of another browser": Case(Why.OTHER_BROWSER, AGAIN, drive=by_another_browser),
    "a browser that lost its cookie": Case(Why.OTHER_BROWSER, AGAIN, drive=by_a_browser_that_forgot),
    "the state of another service": Case(Why.OTHER_SCOPE, AGAIN, drive=begun_elsewhere),
    "a sign-in of a quarter of an hour ago": Case(Why.STATE_EXPIRED, AGAIN, drive=after_a_quarter_of_an_hour),
    "a provider switched off meanwhile": Case(Why.NOT_CONFIGURED, SET_UP, drive=while_the_provider_is_switched_off),
    "a provider exchanged meanwhile": Case(
        Why.CALLBACK, AGAIN, drive=while_the_provider_is_changed(issuer=OTHER_ISSUER)
    ),
    "a client renamed meanwhile": Case(Why.CALLBACK, AGAIN, drive=while_the_provider_is_changed(client_id="renamed")),
    "our own secret nowhere to be found": Case(Why.NOT_CONFIGURED, SET_UP, drive=with_a_secret_that_is_nowhere),
    "no code": Case(Why.CALLBACK, AGAIN, drive=coming_back_with(code="")),
    "an oversized code": Case(Why.CALLBACK, AGAIN, drive=coming_back_with(code="c" * 5000)),
    "two codes": Case(Why.CALLBACK, AGAIN, drive=adding(("code", "another"))),
    "the issuer twice": Case(Why.CALLBACK, AGAIN, drive=adding(("iss", OTHER_ISSUER))),
    "no issuer though one was promised": Case(Why.RESPONSE_ISSUER, TEAM, drive=coming_back_with(iss="")),
    "an issuer with a slash more": Case(Why.RESPONSE_ISSUER, TEAM, drive=coming_back_with(iss=ISSUER + "/")),
    "mix-up: the code of another provider": Case(Why.RESPONSE_ISSUER, drive=with_the_code_of_another_provider),
    "the token of another provider": Case(Why.KEY, drive=with_the_token_of_another_provider),
    "another provider's key under a known id": Case(Why.SIGNATURE, drive=with_another_providers_key_under_a_known_id),
    "the token of another service": Case(Why.AUDIENCE, drive=with_the_token_of_another_service),
    "the token of the time before": Case(Why.NONCE, drive=with_the_token_of_the_time_before, sessions=1),
    "a key removed since": Case(Why.KEY, drive=with_a_key_removed_since),
    "an old key under the id of a new one": Case(Why.SIGNATURE, drive=with_an_old_key_under_the_id_of_a_new_one),
    **{
        f"turned back: {error}": Case(Why.CANCELLED, NOTHING, drive=coming_back_with(code="", error=error))
        for error in ("access_denied", "login_required", "interaction_required", "consent_required")
    },
    "turned back, with a code": Case(Why.CANCELLED, NOTHING, drive=coming_back_with(error="access_denied")),
    "turned back by another provider": Case(
        Why.RESPONSE_ISSUER, drive=coming_back_with(code="", error="access_denied", iss=OTHER_ISSUER)
    ),
    **{
        f"the provider's own fault: {error}": Case(
            Why.PROVIDER_ERROR, drive=coming_back_with(code="", error=error, error_description=SCRIPT)
        )
        for error in ("server_error", "temporarily_unavailable", "invalid_scope", SCRIPT, "e" * 5000)
    },
}
