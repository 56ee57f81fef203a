"""Calling a route about a row that the application can show, with an input that its use case can work with."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from auth.matrix.cells import Cell
from core.context import Language, ScopeKind
from core.use_cases.declaration import UseCase
from core.web.pages import PARAMETER, Page, Post
from core.web.routes import PREFIX, Route
from tests.http.calls import token_of
from tests.http.land import sample
from tests.matrix.trial import Trial
from tests.wall.rows import SHOWN

PARAMETERS = {
    "agency": "http-agency",
    "key": "plugin_profile.key.http-platform.0",
    "hook": "hr_test_connection",
    "kind": "nomination",
    "name": "hr_file",
    "slug": "http-agency",
    "step": "pause",
}
"""What stands in an address where it is no id."""
USUAL: dict[str, Any] = {
    **dict.fromkeys(("attested_on", "decided_on", "done_on", "happened_on", "made_on"), "2026-10-01"),
    "understood": True,
    "minutes": 5,
}
"""What a field of this name is given in every input where a value made for its type says nothing."""
_SINCE = {"since": "2026-11-01T00:00:00Z"}
GIVEN: dict[str, dict[str, Any]] = {
    "accounts.add_account": {"role": "auditor"},
    "approvals.list_made": _SINCE,
    "bundles.upload_bundle": {"file": "bm8gYnVuZGxl"},
    "claim_rules.add_rule": {"role": "auditor"},
    "claim_rules.try_group_rule": {"role": "auditor"},
    "claim_rules.try_rule": {"role": "auditor"},
    "auth.grant_role": {"role": "auditor"},
    "nominations.decline_interest": {"reason": "Because."},
    "nominations.withdraw_nomination": {"reason": "Because."},
    "red_button.account_trail": _SINCE,
    "deployments.move_tour": {"step": "release"},
    "missions.move_call": {"step": "open"},
    "missions.move_mission": {"step": "activate"},
    "nominations.move_candidacy": {"step": "assess"},
    "relinking.move_relink": {"step": "drop"},
    "returns.close_return": {"step": "close"},
    "returns.move_return": {"step": "set_out"},
    "tenants.move_agency": {"step": "pause"},
    "tenants.pause_agency": {"step": "pause"},
    "workforce.move_run": {"step": "apply"},
}
"""What the input of one use case is given besides."""
FORMED: dict[str, dict[str, str]] = {"extensions.consent_to_plugin": {"agreed": "true"}}
"""What a form sends that its use case is not given."""
ROLES_OF = {"department": "analyst", "platform": "operator"}
"""Which role is meant where there is no auditor."""
OF_A_SCOPE = {"tenants.get_agency", "tenants.accept_contract", "tenants.move_agency", "tenants.rename_agency"}
"""Use cases whose id is a scope's."""


def made_for(trial: Trial, case: UseCase[Any, Any], pattern: str, side: ScopeKind, kind: ScopeKind) -> dict[str, Any]:
    """Return an input with the id of the row that the scope of kind ``side`` has in each table.

    ``pattern``: the address it is sent to. ``kind``: of the scope in which it is asked.
    """
    tenant = trial.whole.land.of_kind(side)[0]
    id_ = tenant.id if case.key in OF_A_SCOPE else trial.whole.land.id_of(tenant, SHOWN)
    fields = {one.encode_name: one for one in msgspec.structs.fields(case.input)}
    needed = {name for name, one in fields.items() if one.required or not case.reads}
    made = {name: value for name, value in sample(case, id_).items() if name in needed}
    given = {name: value for name, value in PARAMETERS.items() if f"{{{name}}}" in pattern}
    given |= ({} if case.reads else USUAL) | GIVEN.get(case.key, {})
    if given.get("role") == "auditor":
        given["role"] = ROLES_OF.get(kind, "auditor")
    known = {name: value for name, value in given.items() if name in fields}
    return made | known | ({"seat": str(id_)} if "seat" in made else {})


def sides(cell: Cell) -> list[ScopeKind]:
    """Return whose rows an address may be about: those of the cell's scope, or else of the other side."""
    return [cell.kind, "program" if cell.kind == "agency" else "agency"]


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


async def send_form(trial: Trial, cell: Cell, post: Post, values: dict[str, Any]) -> httpx.Response:
    """Send a form as the cell's somebody; what stands in its address is taken from ``values``."""
    named = PARAMETER.findall(post.pattern)
    form = {name: value for name, value in values.items() if name not in named and not isinstance(value, dict)}
    files = {"nothing": ("", b"")} if post.upload else None
    with trial.known(cell) as secret:
        async with trial.browser(cell, secret) as browser:
            token = token_of(trial.whole, browser)
            id_ = trial.row(cell)
            where = _inside(trial, cell, post.pattern, dict.fromkeys(named, id_) | values)
            form |= FORMED.get(post.use_case.key, {})
            return await browser.post(where, data={"_token": token} | form, files=files)


async def look(trial: Trial, cell: Cell, page: Page, side: ScopeKind, *, language: Language = "en") -> httpx.Response:
    """Open a page as the cell's somebody, about the row that the scope of kind ``side`` has."""
    tenant = trial.whole.land.of_kind(side)[0]
    id_ = tenant.id if page.pattern.startswith("/agencies/") else trial.whole.land.id_of(tenant, SHOWN)
    values = dict.fromkeys(PARAMETER.findall(page.pattern), id_) | PARAMETERS
    with trial.known(cell) as secret:
        async with trial.browser(cell, secret) as browser:
            return await browser.get(_inside(trial, cell, page.pattern, values, language))


def _inside(trial: Trial, cell: Cell, pattern: str, values: dict[str, Any], language: Language = "en") -> str:
    filled = PARAMETER.sub(lambda found: str(values[found[1]]), pattern)
    return f"/{language}/{trial.scope(cell).slug}{filled}"
