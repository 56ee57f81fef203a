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
EXTENDS = re.compile(r'{%-? extends "([^"]+)" -?%}')
PARAGRAPH = re.compile(r"<p\b[^>]*>(?:(?!</p>).)*", re.DOTALL)
NOT_IN_A_PARAGRAPH = re.compile(
    r"ui\.(?:act|unfolded|form|facts|checks|table|note|empty|menu)\(|<(?:details|div|dl|form|ol|p|table|ul)\b"
)
BLOCK = re.compile(r"{%-? (?:block (\w+)|endblock)")
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


def blocks(content: str, *, within: bool) -> set[str]:
    """Return the blocks of a template: all of them, or those that stand in no other."""
    found, depth = set[str](), 0
    for name in BLOCK.findall(content):
        if name and (within or not depth):
            found.add(name)
        depth += 1 if name else -1
    return found


def shown(template: str, known: dict[str, str]) -> set[str]:
    """Return the blocks that ``template`` and all that it extends have places for."""
    above = EXTENDS.search(known[template])
    return blocks(known[template], within=True) | (shown(above[1], known) if above else set())


def test_a_page_fills_no_block_that_nothing_above_it_shows() -> None:
    known = {place(path).split("/templates/", 1)[1]: text(path) for path in files(".html", under=PACKAGES)}
    guilty = [
        f"{name}: {block}"
        for name, content in known.items()
        if (above := EXTENDS.search(content))
        for block in blocks(content, within=False) - shown(above[1], known)
    ]
    assert not guilty, f"what such a block holds appears nowhere: {guilty}"


def test_a_paragraph_holds_nothing_that_a_browser_would_put_behind_it() -> None:
    guilty = [
        f"{place(path, len(text(path)[: found.start() + 1].splitlines()))} {inner[0]}"
        for path in files(".html", under=PACKAGES)
        for found in PARAGRAPH.finditer(text(path))
        if (inner := NOT_IN_A_PARAGRAPH.search(found[0], 2))
    ]
    assert not guilty, f"a row of buttons is a div: {guilty}"
