"""A person with a browser that goes to the application and to a real provider, and back."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self

import httpx2

from core.context import Scope
from tests.auth.rig import SETTINGS, Rig

MOST_STEPS = 8
CANCEL = "cancel"
"""The account of somebody who turns back at the provider's page."""


class Person:
    """Has one account at whatever provider is asked, and one browser."""

    def __init__(self, rig: Rig, account: str = "person-1") -> None:
        self.account = account
        self.browser = rig.browser()
        self._there = httpx2.AsyncClient(trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._there.aclose()

    async def sign_in(self, scope: Scope) -> httpx2.Response:
        """Sign in and return the application's last answer: to the provider's redirect, or to the first click."""
        start = await self.browser.get(f"/t/{scope.slug}/auth/start?language=en")
        if start.status_code != 303:
            return start
        return await self.browser.get(await self._round(f"{start.headers['location']}&login_hint={self.account}"))

    async def page(self, scope: Scope) -> str:
        """Return the page that says who one is at the scope."""
        return (await self.browser.get(f"/en/{scope.slug}/session")).text

    async def sign_out(self, scope: Scope) -> str:
        """Sign out here and at the provider and return where one ends up, a path of the application."""
        token = re.findall(r'name="_token" value="([^"]+)', await self.page(scope))[-1]
        left = await self.browser.post(f"/t/{scope.slug}/auth/logout?language=en", {"_token": token})
        return self._path(await self.leave(left.headers["location"]))

    async def leave(self, address: str) -> str:
        """End the session at the provider, whose page for that is at ``address``, and return where it leads on."""
        asked = await self._there.get(address)
        form = dict(re.findall(r'name="(xsrf)" value="([^"]+)"', asked.text)) | {"logout": "yes"}
        action = re.findall(r'action="([^"]+)"', asked.text)
        assert action, asked.text
        return str((await self._there.post(action[0], data=form)).headers["location"])

    async def _round(self, address: str) -> str:
        """Follow the provider's redirects from ``address`` until they lead back to the application."""
        for _ in range(MOST_STEPS):
            response = await self._there.get(address)
            assert response.is_redirect, response.text
            address = str(response.url.join(response.headers["location"]))
            if address.startswith(SETTINGS.address):
                return self._path(address)
        raise AssertionError(f"the provider redirects without end: {address}")

    def _path(self, address: str) -> str:
        assert address.startswith(SETTINGS.address)
        return address.removeprefix(SETTINGS.address)
