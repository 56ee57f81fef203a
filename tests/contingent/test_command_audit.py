from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID

import msgspec
from click.testing import CliRunner

from contingent.__main__ import main
from core.audit.chain import Head, link
from core.audit.following import FORMAT, Exported, Opening

TENANT = UUID(int=7)
ROWS = [b'{"action":"opened"}', b'{"action":"decided"}', b'{"action":"closed"}']


def exported(path: Path, rows: list[bytes], *, stated: list[bytes] | None = None) -> Head:
    """Write a log whose hashes are of ``stated`` (of ``rows``, if none) and return its end."""
    head, lines = Head(), [msgspec.json.encode(Opening(FORMAT, TENANT, "qc-spvm"))]
    for row, hashed in zip(rows, stated or rows, strict=True):
        head = link(head, TENANT, hashed)
        lines.append(msgspec.json.encode(Exported(head.sequence, head.hash, msgspec.Raw(row))))
    path.write_bytes(b"\n".join(lines) + b"\n")
    return head


def test_an_exported_log_is_verified_without_a_database(tmp_path: Path) -> None:
    head = exported(tmp_path / "log.jsonl", ROWS)
    ran = CliRunner().invoke(main, ["audit", "verify", str(tmp_path / "log.jsonl")])
    assert ran.exit_code == 0
    assert f"holds, 3 sealed, ends 3:{head.hash}" in ran.output


def test_a_changed_row_is_named_and_the_status_is_one(tmp_path: Path) -> None:
    exported(tmp_path / "log.jsonl", [ROWS[0], b'{"action":"approved"}', ROWS[2]], stated=ROWS)
    ran = CliRunner().invoke(main, ["audit", "verify", str(tmp_path / "log.jsonl")])
    assert ran.exit_code == 1
    assert "DOES NOT HOLD: changed at 2" in ran.output


def test_a_log_cut_off_at_its_end_is_found_with_the_end_noted_earlier(tmp_path: Path) -> None:
    head = exported(tmp_path / "whole.jsonl", ROWS)
    exported(tmp_path / "cut.jsonl", ROWS[:2])
    noted = f"--head={head.sequence}:{head.hash}"
    ran = CliRunner().invoke(main, ["audit", "verify", str(tmp_path / "cut.jsonl"), noted])
    assert ran.exit_code == 1
    assert "truncated" in ran.output


def test_something_else_is_not_taken_for_a_log(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text(hashlib.sha256(b"").hexdigest())
    ran = CliRunner().invoke(main, ["audit", "verify", str(tmp_path / "other.txt")])
    assert ran.exit_code == 1
    assert "is not an exported audit log" in ran.output


def test_an_end_needs_to_be_spelled_as_it_was_printed(tmp_path: Path) -> None:
    exported(tmp_path / "log.jsonl", ROWS)
    ran = CliRunner().invoke(main, ["audit", "verify", str(tmp_path / "log.jsonl"), "--head=three"])
    assert ran.exit_code == 2
    assert "expected SEQUENCE:HASH" in ran.output
