"""What ``http`` and ``outbox`` show of a plugin: what it sent, what waits, and what came of each attempt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Annotated, Any

import msgspec
import pytest

from contingent import (
    Ctx,
    Event,
    HttpFailed,
    Manifest,
    Notification,
    Officer,
    Rejected,
    Run,
    Tour,
    Words,
    field,
    hookimpl,
    specs,
    t,
)
from contingent.kit.machines import Machines
from contingent.kit.outbox import Outbox
from contingent.kit.platform import Platform, Tenant, Tenants
from contingent.kit.samples import NOON as NOW
from contingent.kit.samples import marked_id
from core.extensions.telling import ATTEMPTS
from core.hooks.registry import Registry

ADDRESS = "https://roster.example.org/tours"
HEARD: list[Any] = []


class Settings(msgspec.Struct, frozen=True):
    """Where to, how often in one go, and how long to wait."""

    address: Annotated[str, field(t("Address"), longest=200)] = ADDRESS
    attempts: Annotated[int, field(t("Attempts"))] = 1
    deadline: Annotated[int, field(t("Seconds"))] = 8


@hookimpl
async def tour_changed(ctx: Ctx, event: Event, tour: Tour) -> None:
    HEARD.append(event.id)
    settings: Settings = ctx.settings
    try:
        answer = await ctx.http.send(
            "POST",
            settings.address,
            headers={"X-Event": str(event.id)},
            content=tour.mission.encode(),
            deadline=settings.deadline,
            attempts=settings.attempts,
        )
    except HttpFailed as failed:
        raise Rejected({"en": str(failed), "fr": str(failed)}) from None
    if answer.status >= 300:
        raise Rejected({"en": f"{answer.status}", "fr": f"{answer.status}"})


@hookimpl
async def officer_changed(ctx: Ctx, event: Event, officer: Officer) -> None:
    HEARD.append(event.id)


@hookimpl
async def deliver_notification(ctx: Ctx, notification: Notification) -> None:
    HEARD.append(notification.id)


@hookimpl
async def run_task(ctx: Ctx, run: Run) -> None:
    HEARD.append(await ctx.notifications.put_digests())


@pytest.fixture
def tenants() -> Tenants:
    module = ModuleType("sender")
    title: Words = {"en": "Sender", "fr": "Expéditeur"}
    module.manifest = Manifest(  # type: ignore[attr-defined]
        name="sender",
        version="1.0",
        title=title,
        requires="contingent>=1.0,<2",
        settings=Settings,
        capabilities=frozenset({"http", "notifications"}),
        hosts=("roster.example.org",),
    )
    for hook in (tour_changed, officer_changed, deliver_notification, run_task):
        setattr(module, hook.__name__, hook)
    registry = Registry()
    assert registry.register(module) is None
    HEARD.clear()
    platform = Platform(registry)
    made = Tenants(Tenant(platform, "alpha"), Tenant(platform, "beta"))
    made.alpha.enable("sender")
    return made


@pytest.fixture
def http(tenants: Tenants) -> Iterator[Machines]:
    made = Machines(tenants.alpha.platform.trial.network)
    yield made
    made.check()


@pytest.fixture
def outbox(tenants: Tenants) -> Outbox:
    return Outbox(tenants.alpha.platform)


def test_what_was_sent_is_there_to_be_read_for_whom_and_without_what_the_way_adds(
    tenants: Tenants, http: Machines, outbox: Outbox
) -> None:
    http.on("POST", ADDRESS)
    (delivery,) = outbox.tell(tenants.alpha, specs.tour_changed)
    assert (outbox.waiting, http.sent) == ([delivery], ()), "nothing happens before it is run"
    assert outbox.run() == 1
    (sent,) = http.sent
    assert (sent.tenant, sent.method, sent.address) == ("alpha", "POST", ADDRESS)
    assert dict(sent.headers) == {"x-event": str(delivery.arguments["event"].id)}
    assert sent.content == delivery.arguments["tour"].mission.encode()
    assert (delivery.state, outbox.waiting, outbox.run()) == ("done", [], 0)


def test_an_unexpected_request_fails_the_test_and_is_named(tenants: Tenants, http: Machines, outbox: Outbox) -> None:
    http.on("GET", ADDRESS)
    outbox.tell(tenants.alpha, specs.tour_changed)
    with pytest.raises(AssertionError) as failed:
        outbox.run()
    assert str(failed.value) == f"alpha sent an unexpected request: POST {ADDRESS}; expected: GET {ADDRESS}"
    http.check()  # it was told once


def test_of_two_that_fit_the_last_one_holds_and_a_query_fits_where_none_is_named(
    tenants: Tenants, http: Machines, outbox: Outbox
) -> None:
    tenants.alpha.enable("sender", Settings(address=f"{ADDRESS}?year=2026"))
    http.on("POST", ADDRESS).answers(500)
    outbox.tell(tenants.alpha, specs.tour_changed)
    outbox.run()
    assert outbox.deliveries[0].reason == {"en": "500", "fr": "500"}
    http.on("POST", f"{ADDRESS}?year=2026").answers(201)
    outbox.settle()
    assert outbox.deliveries[0].state == "done"


def test_time_passes_on_the_tests_clock_and_on_no_other(tenants: Tenants, http: Machines, outbox: Outbox) -> None:
    clock = tenants.alpha.platform.clock
    tenants.alpha.enable("sender", Settings(deadline=5))
    http.on("POST", ADDRESS).answers(200, after=3).answers(200, after=5).hangs().refuses()
    for took, said in ((3, None), (5, "ReadTimeout"), (5, "ReadTimeout"), (0, "ConnectError")):
        (delivery,) = outbox.tell(tenants.alpha, specs.tour_changed)
        before = clock.now()
        outbox.run()
        assert clock.now() - before == timedelta(seconds=took)
        assert delivery.reason == (said and {"en": f"roster.example.org: {said}", "fr": f"roster.example.org: {said}"})
        delivery.state = "dropped"


def test_attempts_within_one_call_pause_as_the_hosts_own_do(tenants: Tenants, http: Machines, outbox: Outbox) -> None:
    clock = tenants.alpha.platform.clock
    tenants.alpha.enable("sender", Settings(attempts=3))
    http.on("POST", ADDRESS).answers(503).answers(429).answers(200)
    (delivery,) = outbox.tell(tenants.alpha, specs.tour_changed)
    before = clock.now()
    outbox.run()
    assert (delivery.state, delivery.attempts, len(http.sent)) == ("done", 1, 3)
    assert timedelta(seconds=1.5) <= clock.now() - before <= timedelta(seconds=3)


def test_what_the_host_refuses_is_refused_here(tenants: Tenants, http: Machines, outbox: Outbox) -> None:
    with pytest.raises(AssertionError, match="https:// alone"):
        http.on("POST", "http://roster.example.org/tours")
    tenants.alpha.enable("sender", Settings(address="http://roster.example.org/tours"))
    (delivery,) = outbox.tell(tenants.alpha, specs.tour_changed)
    outbox.run()
    assert delivery.reason == dict.fromkeys(("en", "fr"), "roster.example.org without https")
    tenants.alpha.enable("sender")
    http.on("POST", ADDRESS).answers(200, bytes(300_000))
    (delivery,) = outbox.tell(tenants.alpha, specs.tour_changed)
    outbox.run()
    assert delivery.reason is not None
    assert "more than 262144 bytes" in delivery.reason["en"]


def test_what_fails_is_tried_again_later_and_given_up_in_the_end(
    tenants: Tenants, http: Machines, outbox: Outbox
) -> None:
    clock = tenants.alpha.platform.clock
    http.on("POST", ADDRESS).answers(503)
    (delivery,) = outbox.tell(tenants.alpha, specs.tour_changed)
    for attempts, pause in enumerate((1, 4, 16), start=1):
        assert outbox.run() == 1
        assert (delivery.state, delivery.cause, delivery.attempts) == ("waiting", "refused", attempts)
        assert delivery.due_at - clock.now() == timedelta(seconds=pause)
        assert outbox.run() == 0, "it is not due yet"
        clock.set(delivery.due_at)
    assert outbox.settle() == ATTEMPTS - 3
    assert (delivery.state, delivery.attempts, len(set(HEARD))) == ("dead", ATTEMPTS, 1)


def test_attempts_fail_as_often_as_a_test_says_before_the_plugin_hears_or_after(
    tenants: Tenants, outbox: Outbox
) -> None:
    (delivery,) = outbox.tell(tenants.alpha, specs.officer_changed)
    outbox.fail(2)
    outbox.run()
    assert (delivery.cause, HEARD) == ("ended", [])
    outbox.settle()
    event = delivery.arguments["event"].id
    assert (delivery.state, delivery.attempts, HEARD) == ("done", 3, [event])
    (again,) = outbox.tell(tenants.alpha, specs.officer_changed)
    outbox.fail(heard=True)
    outbox.settle()
    assert HEARD[1:] == [again.arguments["event"].id] * 2, "it hears the same under the same id"


def test_each_tenant_has_what_its_own_plugins_listen_to_and_what_is_off_is_dropped(
    tenants: Tenants, outbox: Outbox
) -> None:
    assert outbox.tell(tenants.beta, specs.officer_changed) == []
    (mine,) = outbox.tell(tenants.alpha, specs.officer_changed)
    assert mine.arguments["officer"].id == marked_id("alpha", "officer")
    tenants.alpha.disable("sender")
    outbox.settle()
    assert (mine.state, mine.cause, HEARD) == ("dropped", "disabled", [])


def test_notifications_and_runs_wait_too_and_a_run_puts_the_days_messages_in(tenants: Tenants, outbox: Outbox) -> None:
    outbox.want_digests(tenants.alpha, "sender", 2)
    outbox.tell(tenants.alpha, specs.run_task, run=Run(id=marked_id("alpha", "run"), key="digest", due=NOW))
    assert outbox.settle() == 3
    assert [one.hook for one in outbox.deliveries] == ["run_task", "deliver_notification", "deliver_notification"]
    assert HEARD[0] == 2
    assert len(set(HEARD)) == 3


def test_what_is_not_called_from_the_outbox_is_not_put_into_it(tenants: Tenants, outbox: Outbox) -> None:
    with pytest.raises(AssertionError, match=r"use alpha\.ask"):
        outbox.tell(tenants.alpha, specs.reintegration_milestones)  # type: ignore[arg-type] # on purpose
