"""From an event to a receiver that verifies it: rotation, attempts, what is not taken, and what is never sent."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from core.clock import SystemClock
from core.extensions.lifecycle import PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.schemas import ConfigurePlugin
from core.extensions.settings import configure_plugin
from core.extensions.telling import ATTEMPTS
from core.hooks.reaching import Reaching
from core.use_cases.execution import execute
from tests.core.extensions.listening import Station, station
from tests.http.ring import main_of
from tests.platform import Platform
from tests.plugins.webhooks.receiver import Receiver, receiving

pytestmark = pytest.mark.http

FIRST = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECOND = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
async def sending(platform: Platform) -> AsyncIterator[Station]:
    way = Reaching(loopback=True)
    platform.clock.set(SystemClock().now())  # the verifier asks the machine what time it is
    async with station(platform, effects={"http": way}) as made:
        await made.enable("webhooks")
        yield made
    await way.close()


async def configure(sending: Station, **settings: Any) -> None:
    await execute(configure_plugin, sending.ctx(), ConfigurePlugin("webhooks", {"officers": True, **settings}))


async def test_officer_changed_arrives_signed_and_says_what_has_changed(sending: Station, receiver: Receiver) -> None:
    await configure(sending, address=receiver.address, secret=FIRST)
    officer = await sending.change_an_officer()
    await sending.work()
    ((headers, body),) = receiver.came
    told = Webhook(FIRST).verify(body, headers)
    assert told["type"] == "officer.changed"
    assert told["data"]["officer"]["id"] == str(officer.id)
    assert b"Tremblay" not in body
    (row,) = await sending.deliveries()
    assert (row.state, headers["webhook-id"]) == ("done", f"msg_{row.event_id.hex}")


async def test_while_the_secret_is_changed_both_verify_and_afterwards_the_new_one_alone(
    sending: Station, receiver: Receiver
) -> None:
    await configure(sending, address=receiver.address, secret=FIRST, next_secret=SECOND)
    await sending.change_an_officer()
    await sending.work()
    await configure(sending, address=receiver.address, secret=SECOND, next_secret=None)
    await sending.change_an_officer()
    await sending.work()
    (both, first_body), (one, second_body) = receiver.came
    for secret in (FIRST, SECOND):
        Webhook(secret).verify(first_body, both)
    Webhook(SECOND).verify(second_body, one)
    with pytest.raises(WebhookVerificationError):
        Webhook(FIRST).verify(second_body, one)


async def test_what_the_receiver_does_not_take_comes_again_under_its_id_and_is_given_up_in_the_end(
    sending: Station, receiver: Receiver
) -> None:
    await configure(sending, address=receiver.address, secret=FIRST)
    receiver.status = 503
    await sending.change_an_officer()
    for _ in range(ATTEMPTS + 1):
        await sending.later(hours=2)
    (row,) = await sending.deliveries()
    assert (row.state, len(receiver.came)) == ("dead", ATTEMPTS)
    assert {headers["webhook-id"] for headers, _ in receiver.came} == {f"msg_{row.event_id.hex}"}
    browser = sending.ring.browser(sending.scope, PLUGIN_READ, PLUGIN_PEOPLE)
    page = main_of(await browser.get(f"/fr/{sending.scope.slug}/plugins/webhooks/deliveries"))
    assert "Le destinataire a répondu par le statut 503." in page
    shown = main_of(await browser.get(f"/en/{sending.scope.slug}/plugins/webhooks"))
    assert "In use" in shown, "a receiver that is down is not the plugin's failure"
    assert "127.0.0.1" in shown, "the page names the machine that it reaches"


async def test_nothing_is_sent_unsigned_nor_to_the_platforms_own_network(sending: Station, receiver: Receiver) -> None:
    await configure(sending, address=receiver.address)
    await sending.change_an_officer()
    await sending.work()
    await configure(sending, address="https://10.0.0.5/in", secret=FIRST)
    await sending.change_an_officer()
    await sending.work()
    said = [row.reason["en"] for row in await sending.deliveries() if row.reason]
    assert len(said) == 2
    assert "signing secret" in said[0]
    assert "10.0.0.5: not a public address" in said[1]
    assert not receiver.came


async def test_without_an_address_and_for_what_is_not_wanted_nothing_is_sent(
    sending: Station, receiver: Receiver
) -> None:
    await sending.change_an_officer()
    await sending.work()
    await configure(sending, address=receiver.address, secret=FIRST, officers=False)
    await sending.change_an_officer()
    await sending.work()
    assert [row.state for row in await sending.deliveries()] == ["done", "done"]
    assert not receiver.came
