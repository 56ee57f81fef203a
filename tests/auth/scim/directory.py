"""A directory that writes to an agency: its token, and the application it talks to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx2

from auth.tokens import Kind, create_token
from core.context import Scope
from core.database.sessions import tenant_session
from tests.auth.rig import Rig, new_network

TYPE = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Directory:
    """Sends what it is told to, with its token."""

    client: httpx2.AsyncClient
    token: str

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send one request; ``body`` is an object, or bytes as they are."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": TYPE} | named
        return await self.client.request(method, path, content=content, headers=sent)

    async def add(self, name: str, **attributes: Any) -> dict[str, Any]:
        """Return a user newly made, with these attributes beside the name."""
        made = await self.send("POST", "/Users", {"schemas": [USER], "userName": name} | attributes)
        assert made.status_code == 201, made.text
        told: dict[str, Any] = made.json()
        return told

    async def patch(self, user: dict[str, Any], *operations: dict[str, Any]) -> httpx2.Response:
        """Change a user."""
        return await self.send("PATCH", f"/Users/{user['id']}", {"schemas": [PATCH], "Operations": list(operations)})

    async def names(self, where: str = "/Users") -> list[str]:
        """Return the names of all users."""
        listed = (await self.send("GET", where)).json()
        return [one["userName"] for one in listed.get("Resources", [])]


async def token_of(rig: Rig, scope: Scope, kind: Kind = "scim", roles: tuple[str, ...] = ()) -> str:
    """Return a token newly made for ``scope``."""
    async with tenant_session(rig.ctx(scope)) as session:
        clock = rig.platform.clock
        _, text = await create_token(session, clock, scope, name="Entra", roles=list(roles), days=30, kind=kind)
    return text


async def directory_of(rig: Rig, scope: Scope, token: str | None = None) -> Directory:
    """Return a directory that writes to ``scope``, with ``token`` if that is to be another's."""
    base = f"http://localhost:8000/t/{scope.slug}/scim/v2"
    app: Any = rig.app
    transport = httpx2.ASGITransport(app=app, client=(f"{new_network()}::1", 443))
    client = httpx2.AsyncClient(transport=transport, base_url=base, trust_env=False)
    return Directory(client, token or await token_of(rig, scope))
