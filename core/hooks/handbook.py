"""The handbook's reference of hooks: the contract from its own source, with who uses each hook and what tries it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle

from core.hooks.consent import CAPABILITIES
from core.hooks.contract import describe_types, facts_of, hooks_of_the_contract, signature, types_of_the_contract
from core.hooks.manifest import API, Manifest
from core.hooks.marking import Hook
from core.hooks.registry import Plugin

COMMAND = "docs/developers/hooks.md"
HEAD = """\
# The hooks

This page is written by `contingent hooks --write {command}`; a test compares the two. It is the contract of
contingent {api}, from its source: what each hook asks, when, for how long, and what follows where nothing comes.
[Writing a plugin](plugins.md) says how to begin; `contingent hooks` prints the contract with all that `ctx` gives.

A plugin is a module with a manifest and functions marked `@hookimpl` that have a hook's name. A function may leave out
arguments it does not need; what it names is annotated exactly as here. Its answer may be narrower than the hook's.
"""
MATRIX = """\
## Who asks for what

What a manifest may ask for, in the words that an administrator consents to. Settings, documents, the time and a log are
every plugin's. A plugin that receives health data asks for nothing; no sandbox has sockets.
"""
SECTIONS = re.compile(r"^(Args|Returns|Yields|Raises):$", re.MULTILINE)
ITEM = re.compile(r"^(\w+): ", re.MULTILINE)
Tests = Mapping[str, Sequence[tuple[str, str]]]
"""By hook: the file, below the project's folder, and the name of each test that is named for it."""


def render_page(plugins: Mapping[str, Plugin], tests: Tests) -> str:
    """Return the page (Markdown): ``plugins`` are the built-in ones, ``tests`` those named for a hook."""
    hooks = hooks_of_the_contract()
    parts = [
        HEAD.format(command=COMMAND, api=API),
        "## All hooks\n",
        _overview(hooks),
        *(_hook(hook, plugins, tests.get(hook.name, ())) for hook in hooks),
        "## The types\n",
        "\n\n".join(describe_types(types_of_the_contract())),
        f"\n{MATRIX}",
        _capabilities(plugins),
        "",
        _asking(plugins),
    ]
    return "\n".join(parts) + "\n"


def parts_of(hook: Hook) -> dict[str, str]:
    """Return the docstring by its parts: ``summary``, ``when``, and ``Args``, ``Returns``, ``Yields``, ``Raises``."""
    before, *rest = SECTIONS.split(hook.documentation)
    summary, _, when = before.strip().partition("\n\n")
    found = {"summary": summary, "when": when.strip()}
    for name, said in zip(rest[::2], rest[1::2], strict=True):
        found[name] = "\n".join(line.removeprefix("    ") for line in said.strip("\n").rstrip().splitlines())
    return found


def items_of(said: str) -> list[tuple[str, str]]:
    """Return the entries of a part such as ``Args``: each name and what is said of it, on one line."""
    _, *rest = ITEM.split(said)
    return [(name, " ".join(text.split())) for name, text in zip(rest[::2], rest[1::2], strict=True)]


def _overview(hooks: Sequence[Hook]) -> str:
    rows = [f"| [`{hook.name}`](#{hook.name}) | {_plain(parts_of(hook)['summary'])} |" for hook in hooks]
    return "\n".join(["| hook | asks a plugin to |", "|---|---|", *rows, ""])


def _hook(hook: Hook, plugins: Mapping[str, Plugin], tests: Sequence[tuple[str, str]]) -> str:
    said = parts_of(hook)
    answer = "Yields" if hook.call == "stream" else "Returns"
    using = [name for name in sorted(plugins) if hook.name in plugins[name].hooks]
    used = [f"[`{name}`](../../plugins/{name}/README.md)" for name in using]
    tried = [f"[{_sentence(name)}](../../{path})" for path, name in tests]
    facts = [*facts_of(hook), ("Used by", ", ".join(used)), ("Tried by", ", ".join(tried))]
    if kinds := list(_types_of(hook)):
        facts.append(("Types", ", ".join(f"[`{name}`](#{name.lower()})" for name in kinds)))
    lines = [
        f"### {hook.name}\n",
        f"{_plain(said['summary'])}\n",
        f"```text\n{signature(hook)}\n```\n",
        "\n".join(f"- **{label}:** {fact}" for label, fact in facts),
        "",
        f"**When.** {_plain(said['when'])}\n",
        "**Arguments**\n",
        *(f"- `{name}`: {_plain(text)}" for name, text in items_of(said["Args"])),
        "",
        f"**{'Pages' if answer == 'Yields' else 'Answer'}.** {_plain(said[answer])}\n",
        *(f"**Raises `{name}`.** {_plain(text)}\n" for name, text in items_of(said.get("Raises", ""))),
    ]
    return "\n".join(lines)


def _types_of(hook: Hook) -> Iterator[str]:
    """Yield the names of the contract's structs in a signature, in order."""
    known = {kind.__name__ for kind in types_of_the_contract()}
    for name in dict.fromkeys(re.findall(r"\w+", signature(hook))):
        if name in known:
            yield name


def _sentence(test: str) -> str:
    """Return the name of a test as the sentence it is, with names of hooks as they stand."""
    names = "|".join(hook.name for hook in hooks_of_the_contract())
    said = re.split(rf"(?<![a-z])({names})(?![a-z])", test.removeprefix("test_"))
    return "".join(
        f"`{part}`" if odd else part.replace("_", " ") for part, odd in zip(said, cycle((False, True)), strict=False)
    )


def _plain(said: str) -> str:
    """Return prose of a docstring as Markdown."""
    return said.replace("``", "`")


def _capabilities(plugins: Mapping[str, Plugin]) -> str:
    rows = []
    for key, one in CAPABILITIES.items():
        asking = [name for name in sorted(plugins) if key in plugins[name].manifest.capabilities]
        where = "the process" if one.effect == "sockets" else "the process, a sandbox"
        rows.append(f"| `{key}` | `ctx.{one.effect}` | {one.words['en']} | {where} | {_listed(asking)} |")
    head = ["| capability | opens | what is consented to | in | asked for by |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def _asking(plugins: Mapping[str, Plugin]) -> str:
    rows = []
    for name in sorted(plugins):
        manifest: Manifest = plugins[name].manifest
        asked, classes = _listed(sorted(manifest.capabilities)), _listed(sorted(manifest.data_classes))
        where = "a sandbox" if manifest.sandboxed else "the process"
        machines = [*manifest.hosts, *(f"setting `{one}`" for one in manifest.hosts_from)]
        rows.append(f"| `{name}` | {asked} | {', '.join(machines) or '–'} | {classes} | {where} |")
    head = ["| built-in plugin | capabilities | machines | classes of data | runs in |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "–"
