"""A class that the sheet does not know is a mistake: a typing error, or a look that nobody will see."""

from __future__ import annotations

import re
from pathlib import Path

from core.web.assets import assets
from core.web.environment import template_folders

OWN_SHEET = "provider"
"""The demonstration's sign-in provider stands on another origin and brings its own sheet."""


def test_every_class_of_a_template_is_in_the_sheet() -> None:
    sheet = assets()["ui.css"].body.decode()
    known = set(re.findall(r"\.([a-z][\w-]*)", sheet))
    unknown = {
        f"{file.name}: {name}"
        for folder in template_folders()
        for file in sorted(folder.rglob("*.html"))
        if OWN_SHEET not in file.parts
        for name in classes_of(file)
        if name not in known
    }
    assert not unknown, sorted(unknown)


def classes_of(file: Path) -> set[str]:
    """Return the classes written out in the template; computed ones are left aside."""
    plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "\0", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    words = (word for found in re.findall(r'\bclass="([^"]*)"', plain) for word in found.split())
    return {word for word in words if re.fullmatch(r"[a-z][\w-]*", word)}
