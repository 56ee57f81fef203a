"""What Entra and Okta send, in the forms that they publish: each step as it says, and the answer they expect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from auth.scim.models import ScimResource
from core.database.sessions import tenant_session
from tests.auth.rig import Rig
from tests.auth.scim.directory import directory_of

FOLDER = Path(__file__).parent / "recorded"
VENDORS = sorted(path.stem for path in FOLDER.glob("*.json"))


def filled(value: Any, known: dict[str, str]) -> Any:
    """Return ``value`` with the ids of what was made before in place of their names: ``{user}``."""
    text = json.dumps(value)
    for name, key in known.items():
        text = text.replace(f"{{{name}}}", key)
    return json.loads(text)


def at(document: Any, path: str) -> Any:
    """Return what stands at ``path`` (``emails/0/value``), or ``None``."""
    for step in path.split("/"):
        if isinstance(document, list):
            document = document[int(step)] if int(step) < len(document) else None
        else:
            document = (document or {}).get(step)
    return document


def test_both_vendors_are_here_with_their_sources() -> None:
    assert VENDORS == ["entra", "okta"]
    for vendor in VENDORS:
        told = json.loads((FOLDER / f"{vendor}.json").read_text())
        assert all(source.startswith("https://") for source in told["sources"])
        assert len(told["steps"]) >= 15


@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_request_is_answered_as_the_vendor_expects(rig: Rig, vendor: str) -> None:
    directory = await directory_of(rig, await rig.platform.agency())
    known: dict[str, str] = {}
    for step in json.loads((FOLDER / f"{vendor}.json").read_text())["steps"]:
        sent = filled(step, known)
        answer = await directory.send(sent["method"], sent["path"], sent.get("body"))
        assert answer.status_code == sent["status"], f"{step['name']}: {answer.text}"
        assert answer.headers["content-type"] == "application/scim+json"
        told = answer.json() if answer.content else {}
        for path, expected in sent.get("see", {}).items():
            assert at(told, path) == expected, f"{step['name']}: {path} in {told}"
        if "keep" in step:
            known[step["keep"]] = told["id"]
            assert answer.headers["location"].endswith(f"/{told['id']}")


async def test_nothing_is_kept_of_what_is_not_needed(rig: Rig) -> None:
    scope = await rig.platform.agency()
    directory = await directory_of(rig, scope)
    await directory.add(
        "ana",
        password="never-to-be-kept",
        phoneNumbers=[{"value": "never-to-be-kept"}],
        addresses=[{"formatted": "never-to-be-kept"}],
        photos=[{"value": "https://photos.example/never-to-be-kept"}],
        **{"urn:example:extension": {"secret": "never-to-be-kept"}},
    )
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        row = (await session.scalars(select(ScimResource))).one()
    assert row.name_key == "ana"
    assert "never-to-be-kept" not in json.dumps(row.body)
