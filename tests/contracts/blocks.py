"""The fenced blocks of the handbook, and what each kind of them promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.contracts.sources import ROOT, place, text, tracked_files

FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the words after it, and its text."""

    place: str
    language: str
    words: tuple[str, ...]
    content: str


def pages() -> list[Path]:
    """Return every page that a person reads: Markdown at the top, in ``docs`` and beside plugins."""
    return [path for path in tracked_files() if path.suffix == ".md"]


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks in one of ``languages`` (any, if none)."""
    found = []
    for path in pages():
        for match in FENCE.finditer(text(path)):
            language, *words = match.group(1).split() or [""]
            if not languages or language in languages:
                line = text(path)[: match.start()].count("\n") + 1
                found.append(Block(place(path, line), language, tuple(words), match.group(2)))
    return found


def is_file(block: Block) -> bool:
    """Say whether its page tells to write the block into a file, named behind the language: ``json tests/x.json``."""
    return len(block.words) == 1 and "/" in block.words[0]


def is_run(block: Block) -> bool:
    """Say whether the block's commands are run where its page is followed: ``sh run``."""
    return block.words == ("run",)


def title(path: Path) -> str:
    """Return the first heading of a page."""
    return next((line[2:].strip() for line in text(path).splitlines() if line.startswith("# ")), "")


def relative_links(path: Path) -> list[str]:
    """Return the addresses on a page that lead to files of the project, without the part after ``#``."""
    prose = FENCE.sub("", text(path))
    found = re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", prose)
    return [one.split("#")[0] for one in found if "://" not in one and not one.startswith(("#", "mailto:"))]


def exists(path: Path, link: str) -> bool:
    """Say whether ``link`` on the page ``path`` leads somewhere inside the project."""
    target = (path.parent / link).resolve()
    return target.exists() and target.is_relative_to(ROOT)
