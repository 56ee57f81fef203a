"""What is brought is looked at whole, tried in a sandbox, and refused with every fault; nothing of it is kept then."""

from __future__ import annotations

import base64
import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.bundles import bringing
from core.bundles.bringing import upload_bundle
from core.bundles.making import Unusable, make_plugin
from core.bundles.models import PluginBundle
from core.bundles.schemas import UploadBundle
from core.database.sessions import tenant_session
from core.errors import Refused
from core.extensions.schemas import EnterSafeMode
from core.extensions.settings_plain import fits, plain
from core.extensions.stopping import enter_safe_mode, leave_safe_mode
from core.hooks.bundles import BundleRefused, read_bundle
from core.hooks.log import words_in
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import NOWHERE
from core.hooks.sandbox.code import Code
from core.hooks.saying import encoded, of
from core.hooks.settings_values import secret_paths
from core.hooks.signing import fingerprint
from core.hooks.stops import lift, open_stops, stop
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.work import Work
from core.web.forms import build_form
from core.web.i18n import say
from tests.core.bundles.conftest import (
    CODE,
    KEY,
    OTHER_KEY,
    Yard,
    bundled,
    code_of,
    files_of,
    imported,
    nested,
    refuses,
)
from tests.platform import Platform

KNOWN = {fingerprint(KEY.public_key()): "Robin Roy"}
HOOKS = Registry().hooks
SOUND = bundled()


async def kept(yard: Yard) -> int:
    async with tenant_session(yard.ctx(), read_only=True) as session:
        return await session.scalar(select(func.count()).select_from(PluginBundle)) or 0


def faults(content: bytes) -> str:
    with pytest.raises(Unusable) as refused:
        make_plugin(read_bundle(content, KNOWN), HOOKS, "own")
    return " ".join(str(one) for one in refused.value.faults)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (bundled(key=OTHER_KEY), "which is not known here"),
        (SOUND[:-9], "is not a bundle, or it is damaged"),
        (nested(900), "statement.json is nested too deeply"),
        (SOUND + b" ", "something stands between or behind its files"),
        (bundled(body="pass\n    raise SystemExit", files=files_of("raise SystemExit(3)")), "could not be loaded"),
        (bundled(files=files_of("import sqlalchemy")), "could not be loaded: import: (ModuleNotFound|Permission)Error"),
        (bundled(files=files_of(code_of("9.9"))), "what it says of itself is not what was signed"),
        (bundled(files=files_of("while True: pass")), "did not load within|did not load in time"),
        (bundled(more="capabilities=frozenset({'sockets'}), hosts=('a.example.org',)"), "no sandbox has a network"),
    ],
    ids=["stranger", "cut", "deep", "appended", "exits", "imports", "another", "never ends", "sockets"],
)
async def test_it_is_refused_and_nothing_is_kept(yard: Yard, content: bytes, says: str) -> None:
    with refuses(says):
        await yard.bring(content)
    assert await kept(yard) == 0


async def test_what_a_program_brings_for_which_nobody_answers_is_not_even_looked_at(yard: Yard) -> None:
    ctx = yard.ctx("robin")
    program = yard.web.bind(ctx.acting_as(msgspec.structs.replace(ctx.actor, kind="token", id=UUID(int=0xB0))))
    damaged = UploadBundle(base64.b64encode(SOUND[:-9]).decode())
    await yard.let_in(program.actor.id, None)
    with pytest.raises(Refused, match="nobody answers for what it brings"):
        await execute(upload_bundle, program, damaged)
    await yard.let_in(program.actor.id, yard.people["dominique"])
    with refuses("is not a bundle, or it is damaged"):
        await execute(upload_bundle, program, damaged)


@pytest.mark.sandbox
async def test_what_is_no_base64_is_no_bundle(yard: Yard) -> None:
    with refuses("no file in base64"):
        await execute(upload_bundle, yard.ctx("robin"), UploadBundle("é"))


async def test_nobody_else_waits_while_it_is_looked_at(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.web.hosts = NOWHERE
    threads = []

    def made(*given: Any) -> Any:
        threads.append(threading.get_ident())
        return make_plugin(*given)

    monkeypatch.setattr(bringing, "make_plugin", made)
    with pytest.raises(Refused):
        await yard.bring(SOUND)
    assert threads
    assert threads[0] != threading.get_ident()


async def test_where_there_is_no_sandbox_nothing_is_brought(yard: Yard) -> None:
    yard.web.hosts = NOWHERE
    with pytest.raises(Refused, match="started without a sandbox"):
        await yard.bring(SOUND)


@pytest.mark.sandbox
@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize("plugin", [None, "own_chain"])
async def test_what_the_operator_stopped_is_not_tried(yard: Yard, plugin: str | None, *, everywhere: bool) -> None:
    operator = yard.platform.ctx(yard.platform.operator)
    async with tenant_session(operator) as session:
        writing = Work(operator, session, operator.today, operator.clock.now())
        await stop(writing, None if everywhere else yard.scope.id, plugin, "A secret reason")
    tried = count_trials(yard)
    with pytest.raises(Refused, match="stopped this plugin" if plugin else "In safe mode") as refused:
        await yard.bring(SOUND)
    assert "A secret reason" not in str(refused.value)
    assert (tried, await kept(yard)) == ([], 0)
    async with tenant_session(operator) as session:
        writing = Work(operator, session, operator.today, operator.clock.now())
        for row in await open_stops(session):
            await lift(writing, row, None)
    await yard.bring(SOUND)
    assert (tried, await kept(yard)) == (["own_chain"], 1)


@pytest.mark.sandbox
async def test_in_safe_mode_of_ones_own_none_is_tried_and_elsewhere_it_is(yard: Yard, platform: Platform) -> None:
    elsewhere = replace(yard, scope=await platform.agency())
    await execute(enter_safe_mode, yard.ctx(), EnterSafeMode("Something is odd"))
    tried = count_trials(yard)
    with pytest.raises(Refused, match="In safe mode no plugin’s code runs"):
        await yard.bring(SOUND)
    assert tried == []
    await elsewhere.trust()
    await elsewhere.bring(SOUND)
    await execute(leave_safe_mode, yard.ctx(), Nothing())
    await yard.bring(SOUND)
    assert tried == ["own_chain"] * 2


@pytest.mark.sandbox
async def test_a_stop_of_another_plugin_keeps_nothing_out(yard: Yard) -> None:
    operator = yard.platform.ctx(yard.platform.operator)
    async with tenant_session(operator) as session:
        await stop(Work(operator, session, operator.today, operator.clock.now()), yard.scope.id, "another", "Odd")
    await yard.bring(SOUND)


def count_trials(yard: Yard) -> list[str]:
    """Return a list of what is tried from now on."""
    tried: list[str] = []
    hosts = yard.web.hosts

    class Counting:
        async def trial(self, plugin: str, code: Code) -> None:
            tried.append(plugin)
            await hosts.trial(plugin, code)

        def __getattr__(self, name: str) -> Any:
            return getattr(hosts, name)

    yard.web.hosts = Counting()
    return tried


async def test_a_name_that_the_platform_has_is_taken(yard: Yard) -> None:
    yard.web.registry.register(imported(code_of()))
    with refuses("came with the platform is called own_chain"):
        await yard.bring(SOUND)


def test_every_fault_that_can_be_seen_without_its_code_is_named_at_once() -> None:
    code = code_of().replace("approval_chain", "chain_of_approval").replace(">=1.0,<2", ">=7.0,<8")
    said = faults(bundled(says=code.replace("@hookimpl", "@hookimpl(specname='unheard_of')"), files=files_of(code, "")))
    assert "unheard_of, which is no hook of this platform" in said
    assert "it requires contingent>=7.0,<8" in said
    assert "Its settings say in English only: Reason of our own" in said


@given(st.data())
@settings(max_examples=150)
def test_a_bundle_that_was_changed_anywhere_is_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["flip", "cut", "insert"]))
        if how == "flip":
            content[place] ^= data.draw(st.integers(1, 255))
        elif how == "cut":
            del content[place : place + data.draw(st.integers(1, 64))]
        else:
            content[place:place] = data.draw(st.binary(min_size=1, max_size=64))
        if not content:
            content = bytearray(b"P")
    if bytes(content) == SOUND:
        return
    with pytest.raises(BundleRefused) as refused:
        read_bundle(bytes(content), KNOWN)
    assert refused.value.faults


SETTINGS = """
class Server(msgspec.Struct, frozen=True):
    host: Annotated[str, field(t("Host"), longest=80)] = "mail.example.org"
    password: Annotated[Secret, field(t("Password"))] | None = None

class Entry(msgspec.Struct, frozen=True):
    key: Annotated[str, field(t("Key"), longest=40)]
    count: Annotated[int, field(t("How many"), least=1, most=9)] = 1
    since: Annotated[date, field(t("Since"), widget="date")] | None = None

class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    server: Annotated[Server, field(t("Server"))] = Server()
    entries: Annotated[list[Entry], field(t("Entries"))] = msgspec.field(default_factory=lambda: [Entry(key="a")])
    kinds: Annotated[
        frozenset[Literal["a", "b"]], field(t("Kinds"), widget="choices", choices={"a": t("One"), "b": t("Two")})
    ] = frozenset({"a"})
    pair: Annotated[tuple[str, ...], field(t("Pair"), longest=3)] = ("x",)
    days: Annotated[int, field(t("Days"), help=t("In a row."), least=1, most=90)] = 10
    renamed: Annotated[bool, field(t("Renamed"))] = msgspec.field(default=True, name="called-so")
"""
ENGLISH = "Host|Password|Key|How many|Since|Server|Entries|Kinds|One|Two|Pair|Days|In a row.|Renamed"


def test_settings_of_every_kind_are_rebuilt_as_they_were_written() -> None:
    head, tail = CODE.split("class Settings")[0], CODE[CODE.index("manifest = ") :]
    more = "from datetime import date\nfrom typing import Literal\nfrom contingent import Secret\n"
    code = (head + more + SETTINGS + tail.replace("ctx.settings.reason", "ctx.settings.days")).replace("VERSION", "1.0")
    code = code.replace("MORE", "").replace("BODY", "pass")
    words = ENGLISH.split("|")
    french = "\n\n".join(f'msgid "{one}"\nmsgstr "{one} (fr)"' for one in words)
    plugin = make_plugin(read_bundle(bundled(says=code, files=files_of(code, french)), KNOWN), HOOKS, "own")
    made: Any = plugin.manifest.settings
    original: Any = imported(code).Settings
    assert encoded(of(plugin.manifest, {})) == encoded(
        of(type(plugin.manifest)(**{**vars_of(plugin.manifest), "settings": original}), {})
    )
    assert repr(made()).replace("Entries(", "Entry(") == repr(original())
    assert secret_paths(made) == ("server/password",)
    assert fits(made, {"days": 90})
    assert not fits(made, {"days": 91})
    assert not fits(made, {"unknown": 1})
    form = build_form(plain(made), {}, ())
    labels = {say(one.label, "fr") for one in form.fields}
    assert {"Days (fr)", "Kinds (fr)"} <= labels


def vars_of(manifest: Any) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in type(manifest).__struct_fields__}


def test_the_texts_of_a_bundle_are_known_without_compiling_it() -> None:
    code = b'say = "one " "and two"\nother = f"not {say}"\nb = b"bytes"\nx = """three\nlines"""\n'
    named = b"ctx.log.info(word, unit_id=unit.id, rows = 3, **more)"
    assert words_in({"a.py": named}) == {"unit_id", "rows"}, "a field's name is no text, and stands there all the same"
    assert words_in({"a.py": code, "b.txt": b'"no code"'}) == {"one and two", "three\nlines"}
    assert words_in({"a.py": b"((((((" * 1000}) == frozenset()
    assert words_in({"a.py": b"'late'", "big.py": b"#" * 300_000, "z.py": b"'later'"}) == {"late"}
