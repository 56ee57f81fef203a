"""The handbook's figures are those of the run that was kept, word for word, and none that has a limit is left out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from benchmarks.page import PAGE, Kept, page, read_kept, unnamed


def test_the_page_says_what_was_measured() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(read_kept()), "change benchmarks/figures.md.jinja, then: python -m benchmarks --page"


def test_each_figure_with_a_limit_stands_on_the_page() -> None:
    assert unnamed(read_kept()) == set()


def test_a_limit_that_is_not_kept_is_said() -> None:
    for value, said in ((300, "**not** kept: 150 µs"), (0, "at most 150 µs")):
        assert f"| {value} µs | {said} |" in page(changed("a call into a sandbox, 99th percentile", value=value))


def test_a_run_that_is_not_whole_is_not_kept() -> None:
    with pytest.raises(KeyError, match="memory of 100 hosts"):
        page(changed("memory of 100 hosts", name="something else"))


def changed(name: str, /, **changes: Any) -> Kept:
    """Return the run that was kept, one figure changed."""
    kept = read_kept()
    rows = [row | changes if row["name"] == name else row for row in kept.figures]
    return msgspec.structs.replace(kept, figures=rows)
