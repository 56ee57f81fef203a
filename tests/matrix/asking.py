"""Calling a route about a row that the application can show, with an input that its use case can work with."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from auth.matrix.cells import Cell
from core.web.pages import PARAMETER
from core.web.routes import PREFIX, Route
from tests.http.land import sample
from tests.matrix.trial import Trial
from tests.wall.rows import SHOWN

PARAMETERS = {"agency": "http-agency", "kind": "nomination", "name": "hr_file"}
"""What stands in an address where it is no id."""
_SINCE = {"since": "2026-11-01T00:00:00Z"}
GIVEN: dict[str, dict[str, str]] = {
    "approvals.list_made": _SINCE,
    "red_button.account_trail": _SINCE,
    "claim_rules.try_rule": {"role": "coordinator"},
    "claim_rules.try_group_rule": {"role": "coordinator"},
}
"""What an input is given where a text made for its type says nothing."""
OF_A_SCOPE = {"tenants.get_agency", "tenants.accept_contract", "tenants.move_agency", "tenants.rename_agency"}
"""Use cases whose id is a scope's."""


def made_for(trial: Trial, route: Route, side: str, **given: str) -> dict[str, Any]:
    """Return an input with the id of the row that the scope of kind ``side`` has in each table."""
    case, tenant = route.use_case, trial.whole.land.of_kind(side)[0]
    id_ = tenant.id if case.key in OF_A_SCOPE else trial.whole.land.id_of(tenant, SHOWN)
    needed = {one.encode_name for one in msgspec.structs.fields(case.input) if one.required or not case.reads}
    made = {name: value for name, value in sample(case, id_).items() if name in needed}
    in_place = {name: value for name, value in PARAMETERS.items() if f"{{{name}}}" in route.pattern}
    known = {name: value for name, value in (in_place | GIVEN.get(case.key, {}) | given).items() if name in made}
    return made | known | ({"seat": str(id_)} if "seat" in made else {})


async def send(trial: Trial, cell: Cell, route: Route, values: dict[str, Any]) -> httpx.Response:
    """Call a route as the cell's somebody; what stands in its address is taken from ``values``."""
    named = PARAMETER.findall(route.pattern)
    where = PREFIX + PARAMETER.sub(lambda found: str(values[found[1]]), route.pattern)
    rest = {name: value for name, value in values.items() if name not in named}
    with trial.known(cell) as secret:
        async with trial.script(cell, secret) as script:
            if route.method == "GET":
                return await script.get(where, params=rest)
            return await script.request(route.method, where, json=rest)
