"""``contingent hooks``: the contract with plugins, printed from its source, for the terminal and for the handbook."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
BUILT_IN = "plugins."


@click.command()
@click.option(
    "--write", type=click.Path(path_type=Path, dir_okay=False), help="Write the handbook's page to this file."
)
def hooks(write: Path | None) -> None:
    """Print every hook: its arguments, its answer, its deadline, and what a failure of it means."""
    from core.hooks.contract import render_contract  # noqa: PLC0415 - only this command needs it

    if write is None:
        click.echo(render_contract(), nl=False)
        return
    write.write_text(page(), encoding="utf-8")
    click.echo(f"Written: {write}")


def page(root: Path = ROOT) -> str:
    """Return the handbook's page of hooks. Raises ``Misconfigured`` outside a checkout, where there are no tests."""
    from core.errors import Misconfigured  # noqa: PLC0415 - only this command needs it
    from core.hooks.handbook import render_page  # noqa: PLC0415 - only this command needs it
    from core.hooks.registry import Registry  # noqa: PLC0415 - only this command needs it

    if not (root / "tests").is_dir():
        raise Misconfigured(f"{root} has no tests: the page says what tries each hook, so it is written in a checkout")
    registry = Registry().load()
    built_in = {
        name: one for name, one in registry.plugins.items() if getattr(one.module, "__name__", "").startswith(BUILT_IN)
    }
    return render_page(built_in, named_for(registry.hooks, root))


def named_for(names: Iterable[str], root: Path = ROOT) -> dict[str, list[tuple[str, str]]]:
    """Return by hook the tests of a checkout that are named for it: the file, and the test's name."""
    patterns = {name: re.compile(rf"_{name}(?:_|$)") for name in names}
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in patterns}
    for path in sorted((root / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if not any(pattern.search(text) for pattern in patterns.values()):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for name, pattern in patterns.items():
                    if pattern.search(node.name):
                        found[name].append((path.relative_to(root).as_posix(), node.name))
    return found
