"""What the dispatcher needs of hosts, and what stands there in a process that has none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Any, Protocol

from core.context import Ctx
from core.hooks.answers import Fell
from core.hooks.marking import Hook
from core.hooks.sandbox.code import Code
from core.hooks.sandbox.confinement import ALL, Means

WITHOUT = "this process was started without a sandbox"


class Calling(Protocol):
    """Where plugins run in a sandbox."""

    def calling(self, key: str, plugin: str, code: Code, hook: Hook, ctx: Ctx) -> Callable[..., Any]:
        """Return what calls the plugin's ``hook`` in the host named ``key`` as if it were a function here.

        A key is a scope's id and what runs there, a slash between them. What is returned takes the hook's
        arguments in order, and raises ``Fell`` where the host does not answer.
        """
        ...

    def retire(self, scope: str, kept: Collection[str]) -> None:
        """End every host of the scope but those that are ``kept``: what it runs has changed."""
        ...

    def heed(self, report: Callable[[str, Collection[str]], None]) -> None:
        """Have ``report`` told, from now on, which host worked on with no call under way and was ended.

        It is given the host's key and the plugins that were in it. There is one who is told.
        """
        ...

    def abandon(self, scope: str) -> None:
        """End every host of a scope that is there no more."""
        ...

    async def trial(self, plugin: str, code: Code) -> None:
        """Load the plugin in a host of its own, which then ends. Raises ``Fell`` where it cannot be loaded."""
        ...

    async def read(self, key: str, plugin: str, code: Code, settings: Any) -> None:
        """Have the plugin make its settings, as before each call. Raises ``Fell`` where it does not take them."""
        ...

    async def lacking(self) -> Mapping[Means, str] | None:
        """Return which means of confinement this machine lacks, and why; ``None`` where there are no hosts at all."""
        ...

    @property
    def needs(self) -> frozenset[Means]:
        """The means without which nothing runs in a host."""
        ...

    async def close(self) -> None:
        """Let every host go."""
        ...


class Nowhere:
    """No hosts: what may run in a sandbox only does not run, and says so."""

    def calling(self, key: str, plugin: str, code: Code, hook: Hook, ctx: Ctx) -> Callable[..., Any]:
        async def call(*values: Any) -> Any:
            raise Fell("unconfined", WITHOUT)

        async def pages(*values: Any) -> AsyncIterator[Any]:
            yield await call()

        return pages if hook.call == "stream" else call

    def retire(self, scope: str, kept: Collection[str]) -> None:
        pass

    def heed(self, report: Callable[[str, Collection[str]], None]) -> None:
        pass

    def abandon(self, scope: str) -> None:
        pass

    async def trial(self, plugin: str, code: Code) -> None:
        raise Fell("unconfined", WITHOUT)

    async def read(self, key: str, plugin: str, code: Code, settings: Any) -> None:
        raise Fell("unconfined", WITHOUT)

    async def lacking(self) -> None:
        return None

    @property
    def needs(self) -> frozenset[Means]:
        return frozenset(ALL)

    async def close(self) -> None:
        pass


NOWHERE = Nowhere()
