"""What is done to a plugin holds in the worker and in what serves the pages within two seconds, without a restart.

Each is the process that an operator starts, on a database server of its own; the plugin lies in the operator's folder.
A third process, which does the deeds, looks into that folder as they do.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from core.database import embedded
from core.hooks.bundles import make_bundle
from core.hooks.saying import said_by
from core.hooks.signing import public_line
from tests.contingent.asking import ERRAND
from tests.contingent.operating import Operator
from tests.contingent.processes import Running
from tests.contingent.telling import Told, until
from tests.contracts.sources import ROOT
from tests.core.bundles.conftest import KEY, imported

pytestmark = pytest.mark.sandbox

SLUG = "qc-spvm"
CODE = """
from typing import Annotated
import msgspec
from contingent import Ctx, Manifest, Rejected, Run, Task, field, hookimpl, t

class Settings(msgspec.Struct, frozen=True):
    word: Annotated[str, field(t("Word"), longest=40)] = "first"

manifest = Manifest(
    name="own_errand", version="VERSION", title={"en": "Errand", "fr": "Course"},
    requires="contingent>=1.0,<2", settings=Settings,
)

@hookimpl
def scheduled_tasks(ctx: Ctx) -> list[Task] | None:
    return None

@hookimpl
async def run_task(ctx: Ctx, run: Run) -> None:
    while ctx.settings.word == "endless":
        pass
    said = f"{ctx.settings.word} VERSION"
    raise Rejected({"en": said, "fr": said}, final=True)
"""
FRENCH = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Word"
msgstr "Mot"
"""


def bundled(version: str) -> bytes:
    code = CODE.replace("VERSION", version)
    files = {"__init__.py": b"", "plugin.py": code.encode(), "locale/fr.po": FRENCH.encode()}
    said = said_by(imported(code))
    return make_bundle(said, f"{ERRAND}.plugin", {f"{ERRAND}/{name}": content for name, content in files.items()}, KEY)


@dataclass
class Site:
    """A running site: one worker, one server of pages, and somebody at the service beside them."""

    operator: Operator
    folder: Path
    worker: Running
    serving: Running
    here: Told
    api: httpx.Client

    def errand(self) -> str:
        """Return what the worker makes of a task of the plugin."""
        return self.here.tell("errand")

    def shown(self) -> str:
        """Return what the API says of the plugin: how it stands, what its word is, and its version."""
        answer = self.api.get(f"/api/v1/plugins/{ERRAND}")
        if answer.status_code == 404:
            return "not there"
        found = answer.json()
        assert answer.status_code == 200, found
        word = (found["settings"] or {}).get("word")
        return f"{found['plugin']['state']} {word} {found['plugin']['plugin_version']}"

    def known(self) -> str:
        """Return the version that the process which does the deeds has."""
        return self.here.tell("version")

    def command(self, *words: str) -> None:
        """Do as the operator, on the command line."""
        status, said = self.operator.types("plugin", *words, "--plugin", ERRAND, "--reason", "It leaks.")
        assert status == 0, said

    def lay(self, version: str | None) -> None:
        """Lay the bundle into the folder, in place of what is there; or take it away."""
        file = self.folder / "errand.bundle"
        if version is None:
            file.unlink()
            return
        beside = file.with_suffix(".new")
        beside.write_bytes(bundled(version))
        beside.rename(file)

    def hosts(self) -> list[int]:
        """Return the processes in which the worker's plugins run."""
        zygotes = descendants([self.worker.process.pid])
        return descendants(zygotes)


def descendants(of: list[int]) -> list[int]:
    """Return the children of these processes."""
    found = []
    for pid in of:
        with suppress(OSError):
            found += [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    where = tmp_path_factory.mktemp("site")
    with ExitStack() as ends:
        yield make_site(where, ends)


def make_site(where: Path, ends: ExitStack) -> Site:
    """Start everything that ``ends`` ends, whatever the tests found."""
    server = embedded.start(where / "server", durable=False)
    ends.callback(embedded.erase, where / "server")
    ends.callback(server.stop)
    operator = Operator(where, server)
    folder, keys = where / "bundles", where / "trusted"
    folder.mkdir()
    keys.write_text(f"{public_line(KEY.public_key(), 'The operator')}\n", encoding="utf-8")
    operator.environment |= {"CONTINGENT_PLUGIN_FOLDER": str(folder), "CONTINGENT_PLUGIN_KEYS": str(keys)}
    worker, serving = Running(operator.running.folder), operator.running
    patch = ends.enter_context(pytest.MonkeyPatch.context())
    for name, value in operator.environment.items():
        patch.setenv(name, value)
    for words in (("migrate",), ("tenant", "add", str(ROOT / "tenants" / "agencies" / f"{SLUG}.toml"))):
        status, said = operator.types(*words)
        assert status == 0, said
    status, said = operator.types("token", "create", "--tenant", SLUG, "--role", "coordinator")
    assert status == 0, said
    database = operator.environment["DATABASE_URL"]
    worker("-m", "contingent", "worker", database=database)
    ends.callback(worker.end)
    serving("-m", "contingent", "serve", "--no-worker", "--processes", "1", database=database)
    ends.callback(serving.end)
    here = Told(SLUG, os.environ | {"CONTINGENT_VAR": str(serving.folder), "DATABASE_URL": database})
    ends.callback(here.end)
    assert serving.says("Contingent is ready")
    for one in (worker, serving):
        one.hear_on()
    bearing = {"authorization": f"Bearer {said.splitlines()[-1]}"}
    api = httpx.Client(base_url=f"http://localhost:{serving.port}", headers=bearing, timeout=30)
    return Site(operator, folder, worker, serving, here, ends.enter_context(api))


def test_what_is_done_to_a_plugin_holds_in_the_worker_and_on_the_server_within_two_seconds(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    assert (site.errand(), site.shown()) == ("missing", "not there")
    here = ("--tenant", SLUG)
    deeds: list[tuple[Callable[[], object], str, str]] = [
        (lambda: site.lay("1.0"), "disabled", "available None 1.0"),
        (lambda: site.here.tell(f"enable {ERRAND}"), "first 1.0", "enabled first 1.0"),
        (lambda: site.here.tell("word second"), "second 1.0", "enabled second 1.0"),
        (lambda: site.here.tell(f"disable {ERRAND}"), "disabled", "disabled second 1.0"),
        (lambda: site.here.tell(f"enable {ERRAND}"), "second 1.0", "enabled second 1.0"),
        (lambda: site.command("stop", *here), "stopped", "stopped second 1.0"),
        (lambda: site.command("resume", *here), "second 1.0", "enabled second 1.0"),
        (lambda: site.command("allow", "--whom", "nobody"), "unallowed", "unallowed second 1.0"),
        (lambda: site.command("allow", *here), "second 1.0", "enabled second 1.0"),
        (lambda: site.lay("1.1"), "second 1.1", "enabled second 1.1"),
        (lambda: site.lay(None), "missing", "missing second 1.0"),
        (lambda: site.lay("1.2"), "second 1.2", "enabled second 1.2"),
    ]
    slowest = {"worker": 0.0, "serve": 0.0}
    for deed, done, shown in deeds:
        assert deed() in (None, "done")
        since = time.monotonic()
        slowest["serve"] = max(slowest["serve"], until(shown, site.shown, done=since))
        slowest["worker"] = max(slowest["worker"], until(done, site.errand, done=since))
        until("missing" if done == "missing" else shown.split()[-1], site.known, done=since)
    for name, seconds in slowest.items():
        record_property(name, f"{seconds:.3f}")


def test_a_task_whose_process_is_killed_is_said_to_have_ended_and_the_next_one_runs(site: Site) -> None:
    site.here.tell("word endless")
    site.here.send("errand")
    killed = list[int]()
    while not site.here.has_said():
        # The first may be one that has not begun the task yet: it is begun again in the next.
        for pid in site.hosts():
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
    assert (site.here.heard(), bool(killed)) == ("ended", True)
    assert site.here.tell("word again") == "done"
    until("again 1.2", site.errand, done=time.monotonic())
    assert site.worker.process.poll() is None
