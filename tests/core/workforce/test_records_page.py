"""The page of records for HR offers what can be chosen, and promises nothing while nothing is recorded."""

from __future__ import annotations

import pytest

from core.app import ROOMS
from core.workforce.lifecycle import HR_READ, HR_SCOPE
from tests.core.extensions.listening import station
from tests.http.ring import main_of
from tests.platform import Platform

pytestmark = pytest.mark.http


async def test_where_no_plugin_can_record_none_is_to_be_chosen_and_nothing_is_said_to_begin(
    platform: Platform,
) -> None:
    async with station(platform, [], rooms=ROOMS) as place:
        page = main_of(
            await place.ring.browser(place.scope, HR_READ, HR_SCOPE).get(f"/en/{place.scope.slug}/hr/records")
        )
    assert "No plugin in use here can record in an HR system." in page
    assert "/hr/keeper" not in page
    assert "No record yet." in page
    assert "it begins with the next tour" not in page
