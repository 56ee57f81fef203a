"""The guide for plugin developers is true: its blocks are run as they stand, in order, without a network."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.contingent.kit.offline import offline
from tests.contracts.blocks import Block, blocks, is_file, is_run
from tests.reporting import FIGURE

GUIDE = "docs/developers/plugins.md"
A_MINUTE = 60


def test_the_guide_can_be_followed(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    environment = offline(tmp_path)
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "place").write_text(str(folder), encoding="utf-8")
    printed, began, passed = "", time.monotonic(), 0.0
    for block in of_the_guide():
        if is_file(block):
            target = Path((tmp_path / "place").read_text(encoding="utf-8").strip()) / block.words[0]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.content, encoding="utf-8")
        elif is_run(block):
            # Where one block has gone, the next one begins.
            script = f'cd "$(cat {tmp_path}/place)"\n{block.content}\npwd > {tmp_path}/place\n'
            command = ["bash", "-euo", "pipefail", "-c", script]
            ran = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            printed = ran.stdout
            assert ran.returncode == 0, f"{block.place}\n{printed}"
            if "pytest" in block.content and not passed:
                passed = time.monotonic() - began
        elif block.language == "text":
            assert fits(block.content, printed), f"{block.place} promises\n{block.content}\nand it printed\n{printed}"
    assert 0 < passed < A_MINUTE
    record_property(FIGURE, f"plugin new to a passing kit, offline: {passed:.1f} s of {A_MINUTE}")


def test_no_other_page_has_blocks_that_only_the_guides_test_would_run() -> None:
    mine = {block.place.partition(":")[0] for block in blocks() if is_file(block) or is_run(block)}
    assert mine == {GUIDE}


def of_the_guide() -> list[Block]:
    return [block for block in blocks() if block.place.startswith(GUIDE)]


def fits(promised: str, printed: str) -> bool:
    """Say whether what was printed is what was promised, where ``…`` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in promised.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
