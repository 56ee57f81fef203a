"""A list answers in one way, and so has every habit that lists have."""

from __future__ import annotations

import ast

from tests.contracts.sources import PACKAGES, ROOT, files, place, tree

OWN = (ROOT / "core" / "lists", ROOT / "core" / "oversight", ROOT / "core" / "web")
"""The one way itself, and figures, whose files hold what is drawn."""


def test_nothing_gives_a_table_as_a_file_but_the_one_way_to_show_a_list() -> None:
    guilty = [
        place(path, node.lineno)
        for path in files(".py", under=PACKAGES)
        if not any(path.is_relative_to(folder) for folder in OWN)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "exported"
    ]
    assert not guilty, f"answer with core.lists.showing.show_list: {guilty}"
