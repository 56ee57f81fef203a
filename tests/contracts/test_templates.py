"""Templates that a strict content security policy accepts, and that load nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from tests.contracts.sources import PACKAGES, files, place, text

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "markup that is trusted": re.compile(r"\|\s*safe\b"),
}
ELSEWHERE = re.compile(r"(?:https?:)?//[a-z0-9.-]+", re.IGNORECASE)
NAMES_OF_LANGUAGES = ("http://www.w3.org/",)


@pytest.mark.parametrize("what", INLINE)
def test_no_template_contains(what: str) -> None:
    guilty = [
        place(path, text(path)[: found.start()].count("\n") + 1)
        for path in files(".html", ".svg", under=PACKAGES)
        for found in INLINE[what].finditer(text(path))
    ]
    assert not guilty, f"{what}: {guilty}"


def test_no_template_style_sheet_or_script_names_another_host() -> None:
    guilty = [
        f"{place(path)} {found.group()}"
        for path in files(".html", ".css", ".js", under=PACKAGES)
        for found in ELSEWHERE.finditer(re.sub(r"\{#.*?#\}|/\*.*?\*/", "", text(path), flags=re.DOTALL))
        if found.group().startswith("http") and not text(path).startswith(NAMES_OF_LANGUAGES, found.start())
    ]
    assert not guilty, f"pages load nothing from elsewhere: {guilty}"
