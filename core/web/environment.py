"""The one jinja2 environment a language has: strict, escaping, with every room's templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.context import LANGUAGES, Language
from core.text import Text
from core.web.assets import asset
from core.web.figures.markup import Figure
from core.web.filters import filters_for
from core.web.i18n import package_folders, say, sentences, shown
from core.web.icons import TONE_ICONS, icon
from core.web.shell import Page


def template_folders() -> list[Path]:
    """Return every ``templates/`` folder, of packages and of their rooms, the lowest layer first."""
    folders = []
    for package in package_folders():
        folders += [package / "templates", *sorted(package.glob("*/templates"))]
    return [folder for folder in folders if folder.is_dir()]


@cache
def environment(language: Language) -> Environment:
    """Return the environment whose templates speak ``language``.

    ``{{ text }}`` renders a ``Text`` in the language and nothing for ``None``; a name that
    does not exist is an error.
    """
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in template_folders()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        finalize=lambda value: _finished(value, language),
    )
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    gettext, ngettext = _gettext_for(language)
    made.globals.update(
        _=gettext,
        gettext=gettext,
        ngettext=ngettext,
        language=language,
        icon=icon,
        asset=asset,
        tone_icons=TONE_ICONS,
        fragment=None,
    )
    made.filters.update(filters_for(language))
    made.tests["text"] = lambda value: isinstance(value, Text)
    made.tests["figure"] = lambda value: isinstance(value, Figure)
    return made


def render(template: str, page: Page, values: Mapping[str, Any], *, fragment: str | None = None) -> str:
    """Return the page as HTML, or only its block ``fragment`` where the template has one of that name.

    ``values`` are the template's own; it also has ``page``, ``url("/path")`` below the scope, and
    ``language``. An unknown fragment gives the whole page: the browser finds the part in it.
    """
    chosen = environment(page.language)
    if fragment is not None and fragment not in blocks_of(template, page.language):
        fragment = None
    return chosen.get_template(template).render(dict(values), page=page, url=page.url, fragment=fragment)


@cache
def blocks_of(template: str, language: Language = "en") -> frozenset[str]:
    """Return the names of the blocks of a template and of what it extends."""
    from jinja2.nodes import Block, Extends  # noqa: PLC0415 - only for this look at the source

    chosen = environment(language)
    source = chosen.loader.get_source(chosen, template)[0] if chosen.loader else ""
    tree = chosen.parse(source)
    names = {block.name for block in tree.find_all(Block)}
    for extended in tree.find_all(Extends):
        name = getattr(extended.template, "value", None)
        if isinstance(name, str):
            names |= blocks_of(name, language)
    return frozenset(names)


def compile_all() -> int:
    """Compile every template in both languages; return how many there are. The process starts with it."""
    count = 0
    for language in LANGUAGES:
        for name in environment(language).list_templates():
            environment(language).get_template(name)
            count += 1
    return count


def _finished(value: Any, language: Language) -> Any:
    if value is None:
        return ""
    return say(value, language) if isinstance(value, Text) else value


def _gettext_for(language: Language) -> tuple[Callable[..., Markup], Callable[..., Markup]]:
    """Return ``gettext`` and ``ngettext``: the sentence may hold markup, its values are escaped."""

    def filled(sentence: str, values: Mapping[str, Any]) -> Markup:
        if not values:
            return Markup(sentence.replace("%%", "%"))  # noqa: S704 - our own sentence
        ready = {name: value if isinstance(value, Markup) else shown(value, language) for name, value in values.items()}
        return Markup(sentence) % ready  # noqa: S704 - our own sentence; its values are escaped here

    def gettext(sentence: str, /, **values: Any) -> Markup:
        return filled(sentences(language).translate(sentence), values)

    def ngettext(one: str, many: str, num: int, /, **values: Any) -> Markup:
        return filled(sentences(language).translate_number(one, many, num), {"num": num} | values)

    return gettext, ngettext
