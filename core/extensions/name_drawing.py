"""How a hook and a plugin stand in a table: by what they are called, and beneath it by their key."""

from __future__ import annotations

from collections.abc import Mapping

from core.context import Language
from core.hooks.titles import title_of_hook
from core.text import Text
from core.web.tables import Noted


def hook_cell(key: str, language: Language) -> Noted | str:
    """Return the hook by its title and key; one of another version by its key alone."""
    title = title_of_hook(key, language)
    return key if title == key else Noted(title, key)


def plugin_cell(key: str, version: str, titles: Mapping[str, Text]) -> Noted:
    """Return the plugin by its title, key and version; one that is not installed any more by its key and version."""
    return Noted(titles[key], f"{key} {version}") if key in titles else Noted(key, version)
