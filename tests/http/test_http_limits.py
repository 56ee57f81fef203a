"""How often one may ask: said in every answer, and refused beyond it in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.http.notes.service import NOTE_READ
from tests.http.ring import Ring

pytestmark = pytest.mark.http
PATH = "/api/v1/notes"


async def test_each_answer_of_the_api_says_how_much_is_left(ring: Ring) -> None:
    scope = await ring.platform.agency()
    script = ring.script(scope, NOTE_READ)
    first, second, missing = await script.get(PATH), await script.get(PATH), await script.get(f"{PATH}/none")
    assert first.headers["ratelimit-policy"] == '"api";q=1200;w=60'
    assert first.headers["ratelimit"].startswith('"api";r=1199;')
    assert second.headers["ratelimit"].startswith('"api";r=1198;')
    assert missing.status_code == 404
    assert "ratelimit" in missing.headers
    page = await ring.browser(scope, NOTE_READ).get(f"/en/{scope.slug}/notes")
    assert "ratelimit" not in page.headers


async def test_beyond_the_limit_a_token_waits_and_others_go_on(ring: Ring) -> None:
    site = ring.app.state.site
    scope = await ring.platform.agency()
    mine, other = ring.script(scope, NOTE_READ), ring.script(scope, NOTE_READ)
    usual, site.settings = site.settings, replace(site.settings, api_per_minute=3)
    try:
        for _ in range(3):
            assert (await mine.get(PATH)).status_code == 200
        refused = await mine.get(PATH, headers={"accept-language": "fr"})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
        assert refused.headers.get_list("ratelimit") == ['"api";r=0;t=60']
        assert "Trop de demandes" in refused.json()["title"]
        assert (await other.get(PATH)).status_code == 200
        ring.platform.clock.advance(timedelta(seconds=20))
        assert (await mine.get(PATH)).status_code == 200
    finally:
        site.settings = usual
