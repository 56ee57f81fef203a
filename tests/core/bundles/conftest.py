"""Bundles whose code a test writes, an agency that trusts a key, and two processes with sandboxes of their own."""

from __future__ import annotations

import base64
import importlib.util
import io
import re
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auth.people import ThePeople
from auth.tokens import create_token
from contingent import Ctx, NoApproval, Subject
from contingent.kit.rehearsing import rehearse
from core.app import create_app
from core.bundles.bringing import upload_bundle
from core.bundles.keys import add_plugin_key
from core.bundles.lifecycle import PLUGIN_UPLOAD
from core.bundles.schemas import AddKey, BundleFile, UploadBundle
from core.bundles.service import choose_bundle
from core.bundles.shelf import OwnBundles
from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import Invalid
from core.extensions.announcing import announce
from core.extensions.consenting import with_consent
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.service import enable_plugin
from core.hooks import bundles
from core.hooks.bundles import Signature, make_bundle
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import Calling
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.starting import own_zygote
from core.hooks.saying import said_by
from core.hooks.signing import public_line, sign
from core.hooks.specs import approval_chain
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.http.ring import Anybody, Ring
from tests.platform import Platform

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SUBJECT = Subject(kind="agreement", id=UUID(int=7))

CODE = """
from typing import Annotated
import msgspec
from contingent import Ctx, Manifest, NoApproval, Step, Subject, field, hookimpl, t

class Settings(msgspec.Struct, frozen=True):
    reason: Annotated[str, field(t("Reason of our own"), help=t("Everybody reads it."), longest=40)] = "Delegated"
    ranks: Annotated[list[str], field(t("Ranks it is for"), longest=5)] = []

manifest = Manifest(
    name="own_chain", version="VERSION", title={"en": "Our own chain", "fr": "Notre chaîne"},
    requires="contingent>=1.0,<2", settings=Settings, MORE
)

@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    BODY
    return NoApproval(reason={"en": f"{ctx.settings.reason} VERSION", "fr": "Oui"})
"""
FRENCH = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Reason of our own"
msgstr "Raison qui est la nôtre"

msgid "Everybody reads it."
msgstr "Tout le monde la lit."

msgid "Ranks it is for"
msgstr "Grades visés"
"""


def files_of(code: str, french: str = FRENCH) -> dict[str, bytes]:
    """Return the files of the plugin ``own_chain`` with this code."""
    return {
        "own_chain/__init__.py": b"",
        "own_chain/plugin.py": code.encode(),
        "own_chain/locale/fr.po": french.encode(),
    }


def code_of(version: str = "1.0", more: str = "", body: str = "pass") -> str:
    """Return the plugin's code: ``more`` goes into its manifest, ``body`` into its hook."""
    return CODE.replace("VERSION", version).replace("MORE", more).replace("BODY", body)


def imported(code: str) -> ModuleType:
    """Return the module of this code, which nobody else imports."""
    spec = importlib.util.spec_from_loader("own_chain_as_written", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        written = compile(code, "own_chain", "exec", dont_inherit=True)
        exec(written, vars(module))
    finally:
        del sys.modules[spec.name]
    return module


def bundled(
    version: str = "1.0",
    more: str = "",
    body: str = "pass",
    *,
    key: Ed25519PrivateKey = KEY,
    says: str | None = None,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return a bundle of the plugin; ``says``: of whose code it says what that is, if not of its own."""
    code = code_of(version, more, body)
    said = said_by(imported(says or code))
    return make_bundle(said, "own_chain.plugin", files or files_of(code), key)


def nested(depth: int) -> bytes:
    """Return a bundle, signed, that says of itself what goes ``depth`` brackets deep."""
    content = bundled()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        said = archive.read("statement.json")
    # The default of a field of settings: within the statement, the settings and the field.
    within = b"[" * (depth - 3) + b"]" * (depth - 3)
    deep = said.replace(b'"default": "Delegated"', b'"default": ' + within)
    assert deep != said
    signature = Signature(public_line(KEY.public_key()), sign(KEY, deep))
    return bundles._write(deep, bundles._json(signature), files_of(code_of()))


@pytest.fixture(scope="session")
async def hosts() -> AsyncIterator[Hosts]:
    with own_zygote() as way:
        found = Hosts(way)
        yield found
        await found.close()


@contextmanager
def refuses(says: str) -> Iterator[None]:
    """Expect that what is sent is refused with a fault that says this."""
    with pytest.raises(Invalid) as refused:
        yield
    told = " ".join(str(one.text) for one in refused.value.faults)
    assert re.search(says, told), told


def process(hosts: Calling) -> PluginHost:
    """Return what one of the platform's processes has of plugins."""
    registry = Registry()
    return PluginHost(registry, DatabaseRecords(announce, OwnBundles(registry.hooks)), hosts=hosts, rehearsing=rehearse)


@dataclass
class Yard:
    """An agency with a developer and two administrators, in two processes."""

    platform: Platform
    scope: Scope
    web: PluginHost
    worker: PluginHost
    ring: Ring
    people: Mapping[str, UUID]

    def ctx(self, who: str = "dominique", host: PluginHost | None = None) -> Ctx:
        """Return the context of somebody: ``robin`` develops, ``dominique`` and ``alix`` administer."""
        permissions = (
            (PLUGIN_READ, PLUGIN_UPLOAD)
            if who == "robin"
            else (PLUGIN_READ, PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_UPLOAD)
        )
        made = self.platform.ctx(self.scope, *permissions, name=who, seat=self.people[who])
        return (host or self.web).bind(made)

    async def trust(self, key: Ed25519PrivateKey = KEY, label: str = "Robin Roy, development") -> None:
        await execute(add_plugin_key, self.ctx(), AddKey(label, public_line(key.public_key())))

    async def bring(self, content: bytes, who: str = "robin") -> BundleFile:
        data = UploadBundle(base64.b64encode(content).decode())
        return await execute(upload_bundle, self.ctx(who), data)

    async def let_in(self, account: UUID, maker: UUID | None) -> None:
        """Keep who let the program with this account in; nobody knows where the operator did, at the console."""
        async with tenant_session(self.ctx()) as session:
            await create_token(
                session,
                self.platform.clock,
                self.scope,
                name="Pipeline",
                roles=["developer"],
                days=9,
                created_by=maker,
                account_id=account,
            )

    async def choose(self, brought: BundleFile, who: str = "dominique") -> BundleFile:
        return await execute(choose_bundle, self.ctx(who), ById(str(brought.bundle.id)))

    async def enable(self, who: str = "dominique") -> None:
        ctx = self.ctx(who)
        await self.answer()  # what knows of it afterwards is this process
        await execute(enable_plugin, ctx, with_consent(ctx, "own_chain"))

    async def run(self, content: bytes) -> BundleFile:
        """Bring a version, choose it and switch it on: what three people do one after the other."""
        brought = await self.bring(content)
        await self.choose(brought)
        await self.enable()
        return brought

    async def answer(self, host: PluginHost | None = None, plugin: str = "own_chain") -> str:
        """Return what the plugin answers, or why it does not."""
        found = await self.ctx(host=host).hooks.one(plugin, approval_chain, subject=SUBJECT)
        if found.failures:
            return found.failures[0].cause
        (result,) = found.results
        assert isinstance(result, NoApproval)
        return result.reason["en"]


async def yard_in(platform: Platform, hosts: Calling, other: Calling) -> Yard:
    web, worker = process(hosts), process(other)
    callers = Anybody()
    app = create_app(
        platform.database.settings,
        platform.database,
        clock=platform.clock,
        callers=callers,
        people=ThePeople(platform.clock),
        wire=lambda ctx: web.bind(replace(ctx, agencies=None)),  # type: ignore[arg-type] # no page here asks for one
        rooms=("core.audit", "core.events", "core.documents", "core.extensions", "core.bundles", "core.journal"),
    )
    people = {who: UUID(int=number) for number, who in enumerate(("robin", "dominique", "alix"), 0xA0)}
    return Yard(platform, await platform.agency(), web, worker, Ring(platform, app, callers), people)


@pytest.fixture
async def yard(platform: Platform, hosts: Hosts) -> AsyncIterator[Yard]:
    with own_zygote() as way:
        other = Hosts(way)
        made = await yard_in(platform, hosts, other)
        await made.trust()
        yield made
        await made.web.close()
        await made.worker.close()
        await other.close()
