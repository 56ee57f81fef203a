"""What passes between the application and an honest provider besides the token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from auth.relying_party.network import check_address
from auth.relying_party.providers import read_secret
from auth.relying_party.refusals import SignInRefused
from core.clock import ManualClock
from core.errors import Misconfigured
from tests.auth.hostile import CALLBACK, CLIENT, ISSUER, PROVIDER, SECRETS, Hostile, sets

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def hostile() -> Hostile:
    return Hostile(ManualClock(datetime(2026, 11, 23, 14, 0, tzinfo=UTC)))


async def test_the_browser_is_sent_with_everything_that_binds_the_answer(hostile: Hostile) -> None:
    url = await hostile.party().authorization_url(PROVIDER, CALLBACK, SECRETS, "fr")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{ISSUER}/authorize?")
    assert sent.pop("code_challenge") != SECRETS.verifier
    assert sent == {
        "response_type": "code",
        "response_mode": "query",
        "client_id": CLIENT,
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "state": SECRETS.state,
        "nonce": SECRETS.nonce,
        "code_challenge_method": "S256",
        "ui_locales": "fr",
    }
    assert SECRETS.verifier not in url


async def test_an_answer_without_issuer_is_fine_where_none_was_promised(hostile: Hostile) -> None:
    hostile.metadata = sets(authorization_response_iss_parameter_supported=None)
    assert (await hostile.redeem(answer={"iss": ""})).subject == "person-1"


async def test_discovery_is_asked_for_once_an_hour(hostile: Hostile) -> None:
    party = hostile.party()
    await hostile.redeem(party)
    await hostile.redeem(party)
    assert hostile.asked.count(DISCOVERY) == 1
    assert isinstance(hostile.clock, ManualClock)
    hostile.clock.advance(timedelta(hours=1))
    await hostile.redeem(party)
    assert hostile.asked.count(DISCOVERY) == 2


def test_this_machine_may_be_asked_only_where_that_is_allowed() -> None:
    assert check_address("http://127.0.0.1:8000/idp/x", loopback=True)
    for address in ("http://127.0.0.1:8000/idp/x", "http://login.example.org", "https://192.168.1.4/"):
        with pytest.raises(SignInRefused):
            check_address(address, loopback=False)
    with pytest.raises(SignInRefused):
        check_address("http://login.example.org", loopback=True)


def test_a_secret_is_where_its_reference_says_or_the_process_says_so() -> None:
    assert read_secret(None) is None
    assert read_secret("env:CLIENT_SECRET", {"CLIENT_SECRET": "s3cret"}) == "s3cret"
    for reference in ("env:MISSING", "file:/nowhere/at/all", "s3cret"):
        with pytest.raises(Misconfigured):
            read_secret(reference, {})
