from __future__ import annotations

import io
import struct
import zipfile

import pytest
import xlsxwriter

from core.documents import archives
from core.documents.archives import Unacceptable, inspect
from core.documents.content import DOCX, XLSX


def sheet(rows: int = 50) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for row in range(rows):
            page.write_row(row, 0, [f"number {row}", f"name {row * 7919 % 1000}", row])
    return kept.getvalue()


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return kept.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(Unacceptable) as caught:
        inspect(io.BytesIO(content))
    return caught.value.code


def test_a_real_sheet_is_a_sheet() -> None:
    assert inspect(io.BytesIO(sheet(20_000))) == XLSX


def test_a_text_document_is_recognized() -> None:
    assert inspect(io.BytesIO(archive({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}))) == DOCX


def test_a_small_file_that_would_become_a_huge_one_is_refused() -> None:
    assert refusal(archive({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": bytes(20 * 2**20)})) == "bomb"


def test_many_members_that_are_huge_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 2**20)
    many = {f"xl/{number}.xml": bytes(range(256)) * 512 for number in range(9)}
    assert refusal(archive({"xl/workbook.xml": b"<x/>"} | many)) == "bomb"


def test_too_many_members_are_refused() -> None:
    assert refusal(archive({f"{number}": b"" for number in range(archives.MOST_MEMBERS + 1)})) == "bomb"


def test_what_the_archive_says_of_its_sizes_is_not_believed() -> None:
    """A bomb whose directory says that it is tiny ends at the check sum or at the limit, never in memory."""
    content = bytearray(archive({"xl/workbook.xml": bytes(20 * 2**20)}))
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 10)
    assert refusal(bytes(content)) in {"bomb", "damaged"}


@pytest.mark.parametrize(
    "last",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1048576'><c\n r = 'xfd2'/></row>",
        b'<row r="4000"><c t="n" r="ZZ4000"/></row><row r="1000000"/>',
        b"<row>" + b" " * 65_530 + b'</row><row r="1000000"><c r="XFD7"/></row>',
    ],
)
@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/anything"])
def test_a_sheet_whose_cells_lie_far_apart_is_refused(name: str, last: bytes) -> None:
    """Its reader asks for the memory of all cells between the first and the last: 549 GB ended the process."""
    content = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>' + last + b"</sheetData></worksheet>"
    assert refusal(archive({"xl/workbook.xml": b"<x/>", name: content})) == "sparse"


def test_a_cell_that_is_unpacked_in_two_parts_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_AT_ONCE", 3)
    content = b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'
    assert refusal(archive({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": content})) == "sparse"


@pytest.mark.parametrize("at_once", [7, 2**16])
def test_a_long_text_that_many_cells_share_is_refused(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """Its reader copies the text for every cell."""
    monkeypatch.setattr(archives, "_AT_ONCE", at_once)
    monkeypatch.setattr(archives, "MOST_TEXT", 2**20)
    shared = "<sst><si><t>short</t></si><x:si>" + "<r><t>run</t></r>" * 300 + "</x:si></sst>"
    cells = '<row r="1">' + '<c r="A1" t="s"><v>1</v></c>' * 300 + "</row>"
    parts = {"xl/workbook.xml": b"<x/>", "xl/sharedStrings.xml": shared.encode(), "xl/worksheets/s.xml": cells.encode()}
    assert refusal(archive(parts)) == "bomb"
    few = parts | {"xl/worksheets/s.xml": b'<row r="1"><c r="A1" t="s"><v>1</v></c></row>'}
    assert inspect(io.BytesIO(archive(few))) == XLSX


def test_a_part_that_is_no_part_of_a_workbook_is_refused() -> None:
    stored = archive({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b"x" * 3 * 2**20}, zipfile.ZIP_STORED)
    assert refusal(stored) == "bomb"


def test_macros_are_refused() -> None:
    assert refusal(archive({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x"})) == "macros"


def test_another_kind_of_archive_is_refused() -> None:
    assert refusal(archive({"readme.txt": b"x"})) == "other"
    assert refusal(archive({"xl/workbook.xml": b"<x/>"}, zipfile.ZIP_BZIP2)) == "other"


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(archive({"xl/workbook.xml": b"<x/>"}))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(content)) == "encrypted"


@pytest.mark.parametrize("cut", [4, 100, -30])
def test_a_damaged_archive_is_refused(cut: int) -> None:
    assert refusal(sheet()[:cut]) == "damaged"


def test_a_member_with_a_wrong_check_sum_is_damage() -> None:
    content = bytearray(archive({"xl/workbook.xml": b"<workbook/>" * 9}, zipfile.ZIP_STORED))
    content[content.index(b"<workbook/>")] ^= 1
    assert refusal(bytes(content)) == "damaged"
