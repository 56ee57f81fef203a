"""Worker files as they come: separators, encodings, spreadsheets, and what is refused with a reason."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from contingent import File, Rejected, Source, SourcePage, specs
from contingent.kit.platform import Tenant
from plugins.hr_file.service import XLSX, read_pages
from plugins.hr_file.settings import Settings

UPLOAD = UUID(int=1)


def read(
    agency: Tenant, content: bytes, media_type: str = "text/csv", settings: Settings | None = None
) -> list[SourcePage]:
    agency.platform.trial.files[agency.slug] = {UPLOAD: File("workers.csv", media_type, content)}
    agency.enable("hr_file", settings)
    return agency.ask(specs.hr_fetch, source=Source(id=UUID(int=2), upload=UPLOAD), cursor=None)


def rows(pages: list[SourcePage]) -> list[tuple[str | None, ...]]:
    return [row for page in pages for row in zip(*page.columns.values(), strict=True)]


@pytest.mark.parametrize(
    "content",
    [
        b"Number,Name\n1,Cot\xc3\xa9\n",
        b"\xef\xbb\xbfNumber;Name\r\n1;Cot\xc3\xa9\r\n",
        b"Number\tName\n1\tCot\xc3\xa9",
        b"Number;Name\r\n1;Cot\xe9\r\n",
    ],
)
def test_separators_and_encodings_are_found_out(agency: Tenant, content: bytes) -> None:
    pages = read(agency, content)
    assert rows(pages) == [("1", "Coté")]
    assert pages[-1].complete


def test_lines_count_from_the_heading_and_empty_ones_are_passed_over(agency: Tenant) -> None:
    (page,) = read(agency, b"Number,Name\n\n1,A\n,\n2,B\n")
    assert page.lines == [3, 5]


def test_a_quoted_cell_may_hold_separator_and_line_break(agency: Tenant) -> None:
    (page,) = read(agency, b'Number,Name\n1,"A, B\nC"\n2,D\n')
    assert rows([page]) == [("1", "A, B\nC"), ("2", "D")]
    assert page.lines == [2, 4]


def test_one_bad_row_is_set_aside_with_its_line(agency: Tenant) -> None:
    content = b"Number,Name\n" + b"".join(b"%d,N\n" % number for number in range(1, 10_001)) + b"x,y,z,too,many\n"
    pages = read(agency, content)
    assert sum(page.rows for page in pages) == 10_000
    ((rejected,),) = [page.rejected for page in pages if page.rejected]
    assert rejected.line == 10_002
    assert "5" in rejected.reason["fr"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"Number,,Name\n1,2,3\n", "Column 2"),
        (b"Name,Name\n1,2\n", "Two columns"),
        (b'Number,Name\n1,"open\n', "quotation mark"),
        (b"\x00\x01\x02,\n", "not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_both_languages(agency: Tenant, content: bytes, words: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(agency, content)
    assert isinstance(refusal.value.reason, dict)
    assert words in refusal.value.reason["en"]
    assert refusal.value.reason["fr"]


def test_an_encoding_that_was_set_is_held_to(agency: Tenant) -> None:
    with pytest.raises(Rejected):
        read(agency, b"Number,Name\n1,Cot\xe9\n", settings=Settings(encoding="utf-8"))


def test_a_spreadsheet_gives_text_whole_numbers_and_dates(agency: Tenant) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("People")
    sheet.write_row(0, 0, ["Number", "Name", "Hired"])
    sheet.write_row(1, 0, [10001, "Côté"])
    sheet.write_formula(1, 2, "=DATE(2015,3,9)", book.add_format({"num_format": "yyyy-mm-dd"}), 42072)
    book.close()
    pages = read(agency, out.getvalue(), XLSX)
    assert rows(pages) == [("10001", "Côté", "2015-03-09")]
    with pytest.raises(Rejected):
        read(agency, out.getvalue(), XLSX, Settings(sheet="Others"))
    with pytest.raises(Rejected):
        read(agency, b"PK\x03\x04 damaged", XLSX)


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_refusal(content: bytes) -> None:
    try:
        pages = list(read_pages(File("workers.csv", "text/csv", content), Settings()))
    except Rejected:
        return
    assert pages[-1].complete
