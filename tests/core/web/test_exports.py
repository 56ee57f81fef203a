from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from core.context import Language
from core.text import t
from core.web.exports import RISKY, About, csv_bytes, export, file_name, harmless, xlsx_bytes
from core.web.tables import Badge, Bar, Column, Link, Table

MADE_AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TABLE = Table(
    name="calls",
    caption=t("Missions"),
    columns=[
        Column("mission", t("Mission"), "link"),
        Column("filled", t("Deployed"), "bar"),
        Column("share", t("Share"), "percent"),
        Column("cost", "Cost", "money"),
        Column("on", t("First day"), "date"),
        Column("at", "At", "instant"),
        Column("state", t("State"), "badge"),
    ],
    rows=[
        {
            "mission": Link("=1+1", "/x", "Juba"),
            "filled": Bar(24, 30),
            "share": 0.335,
            "cost": 123450,
            "on": date(2029, 3, 1),
            "at": MADE_AT,
            "state": Badge(t("Late"), "bad"),
        }
    ],
    totals={"mission": t("Total"), "filled": Bar(24, 30)},
    filters=[(t("State"), t("Late"))],
    note="Participation unverified.",
)


def about(language: Language = "en", *, demonstration: bool = True) -> About:
    return About(language, "Longueuil", "America/Toronto", MADE_AT, "Protected", demonstration)


def rows_of(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=delimiter))


def sheet_of(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def test_csv_has_a_mark_for_spreadsheets_and_every_value() -> None:
    content = csv_bytes(TABLE, about())
    assert content.startswith(b"\xef\xbb\xbf")
    head, row, total = rows_of(content)[:3]
    assert head == ["Mission", "Deployed", "Deployed, of", "Share", "Cost", "First day", "At", "State"]
    assert row == ["'=1+1 (Juba)", "24", "30", "0.335", "1234.5", "2029-03-01", "2026-11-23 09:00", "Late"]
    assert total[:3] == ["Total", "24", "30"]


def test_french_csv_has_semicolons_decimal_commas_and_french_words() -> None:
    head, row = rows_of(csv_bytes(TABLE, about("fr")), ";")[:2]
    assert head[1] == "En mission"
    assert row[3] == "0,335"
    assert row[-1] == "En retard"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_filters_marking_and_invented_persons_are_printed(ending: str) -> None:
    content, name, _ = export(TABLE, about(), ending)
    cells = {str(cell) for row in (rows_of(content) if ending == "csv" else sheet_of(content)) for cell in row}
    assert {"Filter: State", "Late", "Protected", "Demonstration data – invented persons"} <= cells
    assert name == f"calls-2026-11-23-demonstration.{ending}"


def test_without_demonstration_nothing_says_so() -> None:
    assert b"invented" not in csv_bytes(TABLE, about(demonstration=False))
    assert file_name(TABLE, about(demonstration=False), "csv") == "calls-2026-11-23.csv"


def test_xlsx_keeps_numbers_and_dates_as_such_and_runs_nothing() -> None:
    head, row = sheet_of(xlsx_bytes(TABLE, about()))[:2]
    assert head[0] == "Mission"
    assert row[:6] == ["=1+1 (Juba)", 24.0, 30.0, 0.335, 1234.5, date(2029, 3, 1)]
    assert row[6].isoformat() == "2026-11-23T09:00:00"


def test_both_exports_hold_the_same_rows() -> None:
    flat = [[str(cell) for cell in row][:1] for row in rows_of(csv_bytes(TABLE, about()))[:3]]
    sheet = [[str(cell) for cell in row][:1] for row in sheet_of(xlsx_bytes(TABLE, about()))[:3]]
    assert [[one.lstrip("'") for one in row] for row in flat] == sheet


@given(st.text(max_size=30))
def test_no_text_starts_like_a_formula(text: str) -> None:
    assert not harmless(text).startswith(RISKY)
    assert harmless(text).endswith(text)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20), max_size=5))
def test_any_text_comes_back_from_csv(texts: list[str]) -> None:
    table = Table(name="x", caption="X", columns=[Column("a", "A")], rows=[{"a": text} for text in texts])
    rows = rows_of(csv_bytes(table, about()))[1 : 1 + len(texts)]
    assert [row[0] if row else "" for row in rows] == [harmless(text) for text in texts]


def test_an_empty_table_is_still_a_file() -> None:
    empty = TABLE.with_rows([])
    assert sheet_of(xlsx_bytes(empty, about()))[0][0] == "Mission"
    assert rows_of(csv_bytes(empty, about()))[0][0] == "Mission"
