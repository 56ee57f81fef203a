"""The platform proves to a provider that it is a scope's client, by a key that is published and renewed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, RSAKey
from sqlalchemy import select, update

from auth.client_keys import ALGORITHMS, GRACE, OVERLAP, RSA_BITS, add_key, published_keys, renew_key, with_credentials
from auth.models import ClientKey, IdentityProvider
from auth.relying_party.client_auth import LIFE, PRIVATE_KEY, prove_client
from auth.relying_party.discovery import Metadata
from auth.relying_party.providers import provider_by_id
from core.clock import ManualClock
from core.context import Scope
from core.database.sealing import NotSealedHere
from core.database.sessions import tenant_session
from core.use_cases.work import Work
from tests.auth.hostile import CLIENT, ISSUER, PROVIDER, Hostile
from tests.auth.relying_party.kept import change_provider, lines
from tests.auth.relying_party.verifying import Verifier
from tests.auth.rig import Rig

TOKEN = f"{ISSUER}/token"
METADATA = Metadata(ISSUER, f"{ISSUER}/authorize", TOKEN, f"{ISSUER}/keys")


async def client(rig: Rig, algorithm: str = "ES256", **values: Any) -> Scope:
    """Return an agency whose client proves itself by a key."""
    scope = await rig.agency(client_auth=PRIVATE_KEY, **values)
    await rig.seat(scope, "member")
    async with tenant_session(rig.ctx(scope)) as session:
        await add_key(work_in(rig, scope, session), await provider_id(session), algorithm)
    return scope


def work_in(rig: Rig, scope: Scope, session: Any) -> Work:
    ctx = rig.ctx(scope)
    return Work(ctx, session, ctx.today, ctx.clock.now())


async def provider_id(session: Any) -> UUID:
    found: UUID = (await session.scalars(select(IdentityProvider.id))).one()
    return found


async def renew(rig: Rig, scope: Scope, **values: Any) -> str:
    async with tenant_session(rig.ctx(scope)) as session:
        return (await renew_key(work_in(rig, scope, session), await provider_id(session), **values)).kid


async def published(rig: Rig, scope: Scope) -> list[dict[str, Any]]:
    response = await rig.browser().get(f"/t/{scope.slug}/auth/jwks.json")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert response.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in response.headers
    found: list[dict[str, Any]] = response.json()["keys"]
    return found


def advance(rig: Rig, by: timedelta) -> None:
    assert isinstance(rig.platform.clock, ManualClock)
    rig.platform.clock.advance(by)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_provider_that_checks_everything_takes_the_proof_each_time_anew(rig: Rig, algorithm: str) -> None:
    scope = await client(rig, algorithm)
    keys = await published(rig, scope)
    verifier = Verifier(rig.hostile, keys, ISSUER, algorithm=algorithm)
    for _ in range(2):
        assert (await rig.sign_in(rig.browser(), scope)).status_code == 303, verifier.refused
    assert verifier.kids == [keys[0]["kid"]] * 2


async def test_the_proof_is_for_the_token_endpoint_where_the_provider_has_it_so(rig: Rig) -> None:
    scope = await client(rig, assertion_audience="token_endpoint")
    verifier = Verifier(rig.hostile, await published(rig, scope), TOKEN, algorithm="ES256")
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 303, verifier.refused
    await change_provider(rig, scope, assertion_audience="issuer")
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 403
    assert verifier.refused == ["aud"]
    (line,) = await lines(rig, scope, "sign_in.refused")
    assert line == {"why": "token_refused", "detail": "'invalid_client'"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_only_the_public_half_is_published_and_it_says_what_it_is_for(rig: Rig, algorithm: str) -> None:
    scope = await client(rig, algorithm)
    (key,) = await published(rig, scope)
    assert key["use"] == "sig"
    assert key["alg"] == algorithm
    assert key["kid"] == JWKRegistry.import_key({"kty": key["kty"], **key}).thumbprint()
    assert not key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}
    if algorithm != "ES256":
        assert RSAKey.import_key(key).public_key.key_size == RSA_BITS


async def test_a_scope_without_keys_publishes_an_empty_set_and_one_that_is_not_is_not_found(rig: Rig) -> None:
    scope = await rig.agency()
    assert await published(rig, scope) == []
    assert (await rig.browser().get("/t/qc-nowhere/auth/jwks.json")).status_code == 404


async def test_no_scope_publishes_or_uses_the_key_of_another(rig: Rig) -> None:
    one, other = await client(rig), await client(rig)
    kids = {scope.id: {key["kid"] for key in await published(rig, scope)} for scope in (one, other)}
    assert len(kids[one.id]) == len(kids[other.id]) == 1
    assert kids[one.id].isdisjoint(kids[other.id])
    # The other's sealed half, moved into one's row, does not open there.
    async with tenant_session(rig.ctx(other)) as session:
        sealed = (await session.scalars(select(ClientKey.sealed))).one()
    async with tenant_session(rig.ctx(one)) as session:
        await session.execute(update(ClientKey).where(ClientKey.tenant_id == one.id).values(sealed=sealed))
        provider = await provider_by_id(session, one.id, await provider_id(session))
        with pytest.raises(NotSealedHere):
            await with_credentials(rig.ctx(one), session, provider)


async def test_the_private_half_is_sealed(rig: Rig) -> None:
    scope = await client(rig)
    async with tenant_session(rig.ctx(scope)) as session:
        row = (await session.scalars(select(ClientKey))).one()
        provider = await with_credentials(
            rig.ctx(scope), session, await provider_by_id(session, scope.id, await provider_id(session))
        )
    assert provider.key is not None
    private = provider.key.as_dict(private=True)
    assert str(private["d"]).encode() not in row.sealed
    assert str(private["d"]) not in repr(provider)
    assert json.dumps(row.public_key).find(str(private["d"])) == -1


async def test_a_renewed_key_is_seen_before_it_signs_and_the_one_before_it_after_it_has_signed(rig: Rig) -> None:
    scope = await client(rig)
    (old,) = [key["kid"] for key in await published(rig, scope)]
    new = await renew(rig, scope)
    seen: list[tuple[list[str], str]] = []
    for wait in (timedelta(), OVERLAP - timedelta(seconds=1), timedelta(seconds=1), GRACE):
        advance(rig, wait)
        keys = await published(rig, scope)
        verifier = Verifier(rig.hostile, keys, ISSUER, algorithm="ES256")
        assert (await rig.sign_in(rig.browser(), scope)).status_code == 303, verifier.refused
        seen.append(([key["kid"] for key in keys], verifier.kids[0]))
    assert seen == [([new, old], old), ([new, old], old), ([new, old], new), ([new], new)]
    (line,) = await lines(rig, scope, "client_key.renew")
    assert line["kid"] == new


async def test_a_provider_that_keeps_key_sets_for_the_overlap_never_meets_a_key_it_does_not_know(rig: Rig) -> None:
    scope = await client(rig)
    kept = Verifier(rig.hostile, await published(rig, scope), ISSUER, algorithm="ES256")
    await renew(rig, scope, overlap=timedelta(hours=24))
    for hour in range(50):
        if hour % 24 == 0:
            kept.keys = await published(rig, scope)
        assert (await rig.sign_in(rig.browser(), scope)).status_code == 303, (hour, kept.refused)
        advance(rig, timedelta(hours=1))


async def test_a_leaked_key_is_withdrawn_at_once(rig: Rig) -> None:
    scope = await client(rig)
    before = await published(rig, scope)
    new = await renew(rig, scope, overlap=timedelta())
    assert [key["kid"] for key in await published(rig, scope)] == [new]
    stale = Verifier(rig.hostile, before, ISSUER, algorithm="ES256")
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 403
    assert stale.refused == ["kid"], "the provider must fetch the keys again first"


async def test_a_key_of_another_kind_can_follow(rig: Rig) -> None:
    scope = await client(rig, "RS256")
    await renew(rig, scope, algorithm="ES256", overlap=timedelta())
    verifier = Verifier(rig.hostile, await published(rig, scope), ISSUER, algorithm="ES256")
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 303, verifier.refused


async def test_without_a_key_nobody_signs_in_and_the_provider_is_not_asked(rig: Rig) -> None:
    scope = await client(rig)
    async with tenant_session(rig.ctx(scope)) as session:
        withdrawn = update(ClientKey).where(ClientKey.tenant_id == scope.id)
        await session.execute(withdrawn.values(withdrawn_at=rig.platform.clock.now()))
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 403
    assert "/token" not in rig.hostile.asked
    (line,) = await lines(rig, scope, "sign_in.refused")
    assert line["why"] == "not_configured"


async def test_there_is_nothing_to_renew_where_there_is_no_key(rig: Rig) -> None:
    scope = await rig.agency(client_auth=PRIVATE_KEY)
    with pytest.raises(LookupError):
        await renew(rig, scope)
    async with tenant_session(rig.ctx(scope)) as session:
        assert await published_keys(session, scope.id, rig.platform.clock.now()) == []


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "for another provider": ({"aud": "https://login.example.com"}, "aud"),
    "for several": ({"aud": [ISSUER, TOKEN]}, "aud"),
    "of another client": ({"sub": "payroll"}, "client"),
    "that has expired": ({"exp": 1}, "exp"),
    "that holds too long": ({"exp": 4102444800}, "exp"),
    "made long ago": ({"iat": 1}, "iat"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_the_provider_of_these_tests_refuses_a_proof(case: str) -> None:
    clock = ManualClock(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    changes, fault = FAULTS[case]
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    provider = msgspec.structs.replace(PROVIDER, client_auth=PRIVATE_KEY, key=key)
    verifier = Verifier(Hostile(clock), [key.as_dict(private=False)], ISSUER, algorithm="ES256")
    form = {name: [value] for name, value in prove_client(provider, METADATA, clock.now()).items()}
    honest = jwt.decode(form["client_assertion"][0], key, algorithms=["ES256"]).claims
    assert honest["exp"] - honest["iat"] == LIFE
    assert honest["iss"] == honest["sub"] == CLIENT
    assert verifier.fault(form) is None
    assert verifier.fault(form) == "jti"
    changed = jwt.encode({"alg": "ES256", "kid": key.kid}, honest | changes, key, algorithms=["ES256"])
    assert verifier.fault(form | {"client_assertion": [changed]}) == fault
    stranger = ECKey.generate_key("P-256", {"kid": str(key.kid)})
    forged = jwt.encode({"alg": "ES256", "kid": key.kid}, honest, stranger, algorithms=["ES256"])
    assert verifier.fault(form | {"client_assertion": [forged]}) == "signature"
