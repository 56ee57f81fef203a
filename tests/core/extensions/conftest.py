"""The application with plugins of all kinds: sound ones, and one for each way to be unsound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from types import ModuleType
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
import pytest

from auth.people import ThePeople
from contingent import (
    ConnectionStep,
    Ctx,
    Manifest,
    Milestone,
    NoApproval,
    Secret,
    Source,
    Step,
    Subject,
    Tour,
    Who,
    Words,
    field,
    hookimpl,
    t,
)
from core.app import create_app
from core.context import Scope
from core.extensions.announcing import announce
from core.extensions.consenting import with_consent
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.service import enable_plugin
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.use_cases.declaration import UseCase
from core.use_cases.execution import execute
from tests.http.ring import Anybody, Ring
from tests.platform import Platform

Out = TypeVar("Out")
TOUR = Tour(
    id=UUID(int=1),
    officer_id=UUID(int=2),
    mission="MINUSTAH",
    start=date(2026, 1, 1),
    end=date(2026, 12, 31),
)


class Entry(msgspec.Struct, frozen=True):
    """A step as the settings have it."""

    key: Annotated[str, field(t("Key"), longest=40)]
    role: Annotated[Literal["approver", "supervisor"], field(t("Role"))] = "approver"
    count: Annotated[int, field(t("How many"), least=1, most=9)] = 1


class Settings(msgspec.Struct, frozen=True):
    """A chain, and how long it takes."""

    steps: Annotated[list[Entry], field(t("Steps"))] = []
    days: Annotated[int, field(t("Days"), least=1, most=90)] = 10
    urgent: Annotated[bool, field(t("Urgent"))] = False
    nobody: Annotated[bool, field(t("Nobody decides"))] = False


class Checking(msgspec.Struct, frozen=True):
    """Settings that run code of the plugin's own whenever they are made."""

    word: Annotated[str, field(t("Word"))] = "peace"

    def __post_init__(self) -> None:
        RUNS.append(self.word)
        if self.word == "war":
            raise RuntimeError


RUNS: list[str] = []


class Server(msgspec.Struct, frozen=True):
    """A group with a secret in it."""

    host: Annotated[str, field(t("Host"), longest=80)] = "mail.example.org"
    port: Annotated[int, field(t("Port"), least=1, most=65535)] = 587
    password: Annotated[Secret, field(t("Password"))] | None = None


class Mail(msgspec.Struct, frozen=True):
    """Settings with secrets, one of several lines."""

    server: Annotated[Server, field(t("Server"))] = Server()
    key: Annotated[Secret, field(t("Private key"), widget="area")] | None = None
    copies: Annotated[list[str], field(t("Copies to"), longest=3)] = []


REVEALED: list[str] = []
"""What the plugin read of its secrets."""


async def connect(ctx: Ctx, source: Source) -> list[ConnectionStep] | None:
    server = ctx.settings.server
    found = ConnectionStep(title={"en": f"Find {server.host}", "fr": f"Trouver {server.host}"}, done=True)
    if server.password is None:
        detail: Words = {"en": "Set a password.", "fr": "Entrez un mot de passe."}
        return [found, ConnectionStep(title={"en": "Log in", "fr": "Se connecter"}, done=False, detail=detail)]
    REVEALED.append(server.password.reveal())
    return [found, ConnectionStep(title={"en": "Log in", "fr": "Se connecter"}, done=True)]


async def chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    if ctx.settings.nobody:
        return NoApproval(reason={"en": "Delegated.", "fr": "Délégué."})
    return [
        Step(key=one.key, title={"en": one.key, "fr": one.key}, who=Who(role=one.role), how_many=one.count)
        for one in ctx.settings.steps
    ]


async def raising(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    raise ValueError("Alix Tremblay was here")


async def hanging(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    await asyncio.Event().wait()
    return None


async def blocking(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    time.sleep(0.6)  # noqa: ASYNC251 - on purpose: the plugin that holds everybody up
    return None


async def babbling(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    return "milestones"  # type: ignore[return-value] # on purpose


def plugin(
    name: str, hook: str, function: Any, settings: type[msgspec.Struct] | None = None, **more: Any
) -> ModuleType:
    """Return a plugin that answers ``hook`` with ``function``."""
    module = ModuleType(name)
    title = {"en": f"The {name}", "fr": f"Le {name}"}
    module.manifest = Manifest(  # type: ignore[attr-defined]
        **{
            "name": name,
            "version": "1.0",
            "title": title,
            "requires": "contingent>=1.0,<2",
            "settings": settings,
            **more,
        }
    )

    setattr(module, hook, hookimpl(function))
    return module


def registry() -> Registry:
    made = Registry()
    made.register(plugin("chain", "approval_chain", chain, Settings))
    made.register(plugin("checking", "reintegration_milestones", quiet(), Checking, capabilities=frozenset({"files"})))
    made.register(plugin("mailer", "hr_test_connection", connect, Mail))
    unsound = {"raising": raising, "hanging": hanging, "blocking": blocking, "babbling": babbling}
    for name, function in unsound.items():
        made.register(plugin(name, "reintegration_milestones", function))
    made.load_module("shattered", "there.is.no.such.module")
    return made


def quiet() -> Any:
    async def answer(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
        return None

    return answer


@dataclass
class Bench:
    """The application and the host of its plugins."""

    ring: Ring
    host: PluginHost

    def ctx(self, scope: Scope, *permissions: str) -> Ctx:
        """Return the context of an administrator, with these plugins."""
        held = permissions or (PLUGIN_READ, PLUGIN_MANAGE)
        return self.host.bind(self.ring.platform.ctx(scope, *held, name="Dominique Cyr"))

    async def enable(self, scope: Scope, *names: str) -> None:
        for name in names:
            ctx = self.ctx(scope)
            await execute(enable_plugin, ctx, with_consent(ctx, name))

    async def do(self, scope: Scope, case: UseCase[Any, Out], data: Any) -> Out:
        """Have an administrator do what only a person does."""
        return await execute(case, self.ctx(scope, PLUGIN_READ, PLUGIN_PEOPLE, PLUGIN_MANAGE), data)

    async def agency(self, *names: str) -> Scope:
        """Return a fresh agency that runs these plugins."""
        scope = await self.ring.platform.agency()
        await self.enable(scope, *names)
        return scope


@pytest.fixture
async def bench(platform: Platform) -> AsyncIterator[Bench]:
    host = PluginHost(registry(), DatabaseRecords(announce), holds_after=0.15)
    host.start()
    callers = Anybody()
    app = create_app(
        platform.database.settings,
        platform.database,
        clock=platform.clock,
        callers=callers,
        people=ThePeople(platform.clock),
        wire=lambda ctx: host.bind(replace(ctx, agencies=None)),  # type: ignore[arg-type] # no page here asks for one
        rooms=("core.audit", "core.events", "core.documents", "core.extensions", "core.approvals", "core.journal"),
    )
    yield Bench(Ring(platform, app, callers), host)
    await host.close()
