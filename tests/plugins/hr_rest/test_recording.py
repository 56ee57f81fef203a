"""From a tour to an HR system over https and back to the tour's page: once a key, tried again, mended, corrected."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.extensions.schemas import ConfigurePlugin, TrySettings
from core.extensions.settings import configure_plugin, try_settings
from core.hooks.reaching import Reaching
from core.use_cases.execution import execute
from core.workforce.record_schemas import OfRecord
from core.workforce.records import send_record_again
from tests.core.workforce.hr_system import Desk, hr_desk
from tests.plugins.hr_rest.hr import Hr, recording
from tests.way import ENDS, STARTS, World

LATER = timedelta(hours=2)


@pytest.fixture
def hr() -> Iterator[Hr]:
    with recording() as made:
        yield made


@pytest.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    way = Reaching(loopback=True)
    async with hr_desk(world, "hr_rest", [], effects={"http": way}) as made:
        yield made
    await way.close()


async def configure(desk: Desk, **settings: Any) -> None:
    data = ConfigurePlugin("hr_rest", {"reference": "record.number", "training": False, **settings})
    await execute(configure_plugin, await desk.ctx("administrator"), data)


async def ordered(desk: Desk) -> UUID:
    tour = (await desk.world.at("ordered")).tour
    assert tour is not None
    return tour


async def test_a_leave_is_recorded_under_a_number_and_corrected_by_it(desk: Desk, hr: Hr) -> None:
    await configure(desk, address=hr.address, token="invented")
    tour = await ordered(desk)
    await desk.work()
    ((headers, body),) = hr.came
    assert headers["authorization"] == "Bearer invented"
    assert body["content"] == {"first": STARTS.isoformat(), "last": ENDS.isoformat()}
    kept = (await desk.records(tour))["leave"]
    assert (kept.state, kept.reference, kept.employee_number) == ("recorded", "LOA-4711", body["employee_number"])
    await desk.move(tour, "cancel", date(2025, 12, 1), reason="The host organization closed the position.")
    await desk.work()
    _, (_, taken_back) = hr.came
    assert (taken_back["withdrawn"], taken_back["corrects"], taken_back["id"]) == (True, "LOA-4711", body["id"])
    assert taken_back["formerly"] == []
    assert (await desk.records(tour))["leave"].state == "withdrawn"


async def test_what_is_down_gets_it_later_and_records_it_once(desk: Desk, hr: Hr) -> None:
    await configure(desk, address=hr.address, token="invented")
    hr.body = b"{}"  # it records, but its answer says nothing: as one that was cut off
    tour = await ordered(desk)
    await desk.work()
    refused = (await desk.records(tour))["leave"]
    assert refused.state == "refused"
    hr.body, hr.status = None, 503
    await execute(send_record_again, await desk.ctx("hr_clerk"), OfRecord(id=str(refused.id)))
    await desk.work()
    assert (await desk.records(tour))["leave"].state == "waiting"
    hr.status = 201
    await desk.work(later=LATER)
    kept = (await desk.records(tour))["leave"]
    assert (kept.state, kept.reference) == ("recorded", "LOA-4711")
    assert len(hr.came) == 3
    assert len(hr.recorded) == 1, "under one key it records once"


async def test_without_an_address_or_with_a_token_that_is_none_somebody_is_told(desk: Desk, hr: Hr) -> None:
    await configure(desk)
    tour = await ordered(desk)
    await desk.work()
    unset = (await desk.records(tour))["leave"]
    assert unset.reason is not None
    assert unset.reason["en"].startswith("No address, or no token, is set.")
    await configure(desk, address=hr.address, token="old")
    hr.status = 401
    await execute(send_record_again, await desk.ctx("hr_clerk"), OfRecord(id=str(unset.id)))
    await desk.work()
    refused = (await desk.records(tour))["leave"]
    assert refused.state == "refused"
    assert refused.reason is not None
    assert "n’accepte pas le jeton" in refused.reason["fr"]


async def test_a_token_that_is_renewed_sends_what_was_refused_without_it(desk: Desk, hr: Hr) -> None:
    await configure(desk, address=hr.address, token="old")
    hr.status = 401
    tour = await ordered(desk)
    await desk.work()
    assert (await desk.records(tour))["leave"].state == "refused"
    hr.status = 201
    await configure(desk, address=hr.address, token="new")
    await desk.work()
    assert (await desk.records(tour))["leave"].state == "recorded"
    assert hr.came[-1][0]["authorization"] == "Bearer new"


async def test_what_hr_does_not_keep_is_not_sent(desk: Desk, hr: Hr) -> None:
    await configure(desk, address=hr.address, token="invented", leave=False)
    tour = await ordered(desk)
    await desk.work()
    assert not hr.came
    assert (await desk.records(tour))["leave"].state == "not_kept"


async def test_hr_test_connection_tries_without_recording_anything(desk: Desk, hr: Hr) -> None:
    administrator = await desk.ctx("administrator")

    async def tried(**settings: Any) -> tuple[list[bool], str | None]:
        found = await execute(try_settings, administrator, TrySettings("hr_rest", settings))
        detail = found.steps[-1].detail
        return [step.done for step in found.steps], detail["en"] if detail else None

    assert (await tried())[0] == [False]
    await configure(desk, address=hr.address, token="invented")
    hr.status = 405
    assert await tried(address=hr.address) == ([True, True], None)
    hr.status = 401
    done, why = await tried(address=hr.address)
    assert done == [True, False]
    assert why is not None
    assert "does not accept the token" in why
    assert hr.asked == 2
    assert not hr.came
