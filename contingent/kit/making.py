"""A new plugin from the templates: a package that is sound, tested and speaks both languages from the start."""

from __future__ import annotations

import importlib.metadata
import keyword
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from core.errors import Misconfigured
from core.hooks.bundles import TAKEN
from core.hooks.data import Words
from core.hooks.registry import GROUP, PRODUCT

EVERY = "every"
"""The folder of templates that every kind of plugin has."""
ENDING = ".tmpl"
DEFAULT_KIND = "return_milestones"

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_UNQUOTABLE = re.compile(r'["\\{}\x00-\x1f]')


def templates() -> Traversable:
    """Return the folder of the templates, which is part of the installed package."""
    return files("contingent.kit") / "templates"


def kinds() -> dict[str, str]:
    """Return the kinds of plugin that can be made, with what each does; the default is the first."""
    found = [one.name for one in templates().iterdir() if one.is_dir() and one.name != EVERY]
    ordered = sorted(found, key=lambda name: (name != DEFAULT_KIND, name))
    return {name: str(_about(name)["title"]) for name in ordered}


def make_plugin(folder: Path, name: str, kind: str, title: Words) -> list[Path]:
    """Write a plugin of this kind into the new ``folder``; return its files. Raises ``Misconfigured``."""
    faults = [*_faults(name, title), *([f"{folder} exists already."] if folder.exists() else [])]
    if faults:
        raise Misconfigured("\n".join(faults))
    summary: Mapping[str, str] = _about(kind)["summary"]
    words = {
        "name": name,
        "dashed": name.replace("_", "-"),
        "camel": "".join(part.capitalize() for part in name.split("_")),
        "title_en": title["en"],
        "title_fr": title["fr"],
        "summary_en": summary["en"],
        "summary_fr": summary["fr"],
    }
    jinja = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701 - no HTML
    written = []
    for source in (EVERY, kind):
        for path, text in _texts(templates() / source, ""):
            target = folder / path.replace("NAME", name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(jinja.from_string(text).render(words), encoding="utf-8")
            if text.startswith("#!"):
                target.chmod(0o755)
            written.append(target)
    return sorted(written)


def _about(kind: str) -> dict[str, Mapping[str, str]]:
    return tomllib.loads((templates() / kind / "kind.toml").read_text(encoding="utf-8"))


def _texts(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    """Yield each template below ``folder``: the path that is to be written, and its text."""
    for one in folder.iterdir():
        name = re.sub("^dot-", ".", one.name)
        if one.is_dir():
            yield from _texts(one, f"{above}{name}/")
        elif name.endswith(ENDING):
            yield above + name.removesuffix(ENDING), one.read_text(encoding="utf-8")


def _built_in() -> set[str]:
    """Return the names of the plugins that come with the platform: a second one of such a name is never loaded."""
    points = importlib.metadata.entry_points(group=GROUP)
    return {one.name for one in points if one.dist is not None and one.dist.name == PRODUCT}


def _faults(name: str, title: Words) -> Iterator[str]:
    if not _NAME.fullmatch(name):
        yield f"The name {name!r} is not 2 to 40 of a-z, 0-9 and _, a letter first."
    elif (
        name in TAKEN
        or name in _built_in()
        or name in sys.stdlib_module_names
        or keyword.iskeyword(name)
        or name == "tests"
    ):
        yield f"The name {name!r} is taken by Python or the platform."
    for language in ("en", "fr"):
        if not title[language].strip() or _UNQUOTABLE.search(title[language]):
            yield f"The title {title[language]!r} is empty, or has a quotation mark, a backslash or a brace in it."
