"""``contingent plugin run``: a hook of a plugin, called with recorded cases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from core.errors import Misconfigured

if TYPE_CHECKING:
    from contingent.kit.cases import Recorded
    from contingent.kit.trial import Outcome, Trial
    from core.hooks.marking import Hook
    from core.hooks.registry import Registry
    from core.hooks.sandbox.calling import Calling


@click.command(short_help="Call a hook of a plugin with recorded cases.")
@click.argument("plugin")
@click.option("--hook", help="The hook to call; those of the cases if none.")
@click.option(
    "--case",
    "cases",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A recorded case, a JSON file; may be given several times. Without: all of the project's.",
)
@click.option("--sandbox", is_flag=True, help="Call it in a process of its own that the kernel shuts in.")
@click.option("--times", type=click.IntRange(1, 100_000), default=1, help="Call each case so often, for the time.")
@click.option("--record", is_flag=True, help="Write the answers into the cases.")
def run(plugin: str, hook: str | None, cases: tuple[Path, ...], times: int, *, sandbox: bool, record: bool) -> None:
    """Call a hook of PLUGIN (an installed plugin's name, or a path) and print its answer, the time and any failure.

    A case that has an answer recorded must give it: otherwise the difference is printed, and the status is 1.
    """
    from contingent.kit.cases import read_case, read_cases  # noqa: PLC0415 - only this command needs the kit

    registry, name, folder = _loaded(plugin)
    recorded = [read_case(one, registry.hooks) for one in cases] or read_cases(folder, registry)
    chosen = [one for one in recorded if hook in (None, one.case.hook)]
    mine = registry.plugins[name].hooks
    if not chosen:
        expected = f"expected one of {', '.join(sorted(mine))}" if hook not in (None, *mine) else "name one with --case"
        raise Misconfigured(f"There is no case{f' of {hook}' if hook else ''}: {expected}.")
    foreign = [f"{one.path}: {name} does not implement {one.case.hook}" for one in chosen if one.case.hook not in mine]
    if foreign:
        raise Misconfigured("\n".join(foreign))
    right = []
    for one in chosen:
        with _hosts(sandbox=sandbox) as hosts:
            right.append(_run(registry, name, one, hosts, times, record=record))
    if not all(right):
        raise SystemExit(1)


def _run(
    registry: Registry, plugin: str, recorded: Recorded, hosts: Calling | None, times: int, *, record: bool
) -> bool:
    """Call one case, print what came of it, and say whether that was right."""
    from contingent.kit.cases import to_plain  # noqa: PLC0415 - only this command needs it
    from contingent.kit.trial import Trial  # noqa: PLC0415 - only this command needs it

    hook = registry.hooks[recorded.case.hook]
    trial = Trial(registry, plugin, recorded.case.settings, hosts=hosts)
    # The first call in a sandbox starts it; the time is that of a call into one that stands.
    outcome, took = trial.run(partial(_timed, trial, recorded, times, warm=hosts is not None))
    click.echo(f"{recorded.path.name}: {hook.name} in {_milliseconds(took, times)}, {hook.deadline:g} s allowed")
    if outcome.failure is not None and outcome.failure.cause != "nothing":
        click.echo(f"  failed: {outcome.failure.cause} {outcome.failure.error}".rstrip(), err=True)
        return False
    click.echo(_indented(to_plain(hook, outcome)))
    if record:
        recorded.record(hook, outcome)
        return True
    difference = recorded.difference(hook, outcome)
    if difference:
        click.echo(f"  not as recorded: {difference}", err=True)
    return difference is None


async def _timed(trial: Trial, recorded: Recorded, times: int, *, warm: bool) -> tuple[Outcome, list[float]]:
    """Call the case ``times`` times, after once for nothing if ``warm``; return what came of the first, and seconds."""
    first: Outcome | None = None
    took, loop = [], asyncio.get_running_loop()  # what it waits for is let pass at once, and counts
    hook: Hook = trial.registry.hooks[recorded.case.hook]
    arguments = recorded.arguments(hook)
    for _ in range(times + warm):
        ctx = recorded.trial(trial)
        began = loop.time()
        outcome = await trial.call(ctx, hook, arguments)
        took.append(loop.time() - began)
        first = first or outcome
    assert first is not None
    return first, took[warm:]


@contextmanager
def _hosts(*, sandbox: bool) -> Iterator[Calling | None]:
    if not sandbox:
        yield None
        return
    from core.hooks.sandbox.hosts import Hosts  # noqa: PLC0415 - a zygote only where one is asked for
    from core.hooks.sandbox.starting import own_zygote  # noqa: PLC0415 - only this command needs it

    with own_zygote() as way:
        yield Hosts(way, needs=())


def _loaded(plugin: str) -> tuple[Registry, str, Path | None]:
    """Return a registry with the plugin, its name, and the folder of its recorded cases."""
    from contingent.kit.projects import find_plugin  # noqa: PLC0415 - only this command needs it
    from core.hooks.registry import Registry  # noqa: PLC0415 - only this command needs it

    registry = Registry()
    if Path(plugin).exists() and (Path(plugin).is_file() or plugin not in registry.load().plugins):
        found = find_plugin(Path(plugin))
        registry = Registry()
        registry.load_module(found.name, found.address)
        name, folder = found.name, found.cases
    else:
        name, folder = plugin, None
        registry.load()
    if name in registry.broken:
        raise Misconfigured(str(registry.broken[name]))
    if name not in registry.plugins:
        raise Misconfigured(f"There is no plugin {name!r}: expected {', '.join(sorted(registry.plugins))}, or a path.")
    return registry, name, folder


def _milliseconds(took: list[float], times: int) -> str:
    if times == 1:
        return f"{took[0] * 1000:.2f} ms"
    return f"{median(took) * 1000:.2f} ms (median of {times}; the slowest {max(took) * 1000:.2f} ms)"


def _indented(value: object) -> str:
    import msgspec  # noqa: PLC0415 - only this command needs it

    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return "\n".join(f"  {line}" for line in text.splitlines())
