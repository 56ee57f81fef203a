"""A table as CSV or XLSX: the same rows, filters and marking as on the page, in the reader's language.

No cell can become a formula: in CSV a text that a spreadsheet would run gets an apostrophe
in front, in XLSX text is written as text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from core.context import Language
from core.text import Text, t
from core.web.i18n import say
from core.web.i18n_formats import instant
from core.web.shell import Page
from core.web.tables import Badge, Bar, Cell, Column, Link, Noted, Table

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
WIDEST = 60
SHEET_NAME_LENGTH = 31
DEMONSTRATION = t("Demonstration data – invented persons")

Plain = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class About:
    """What is printed with an export: for whom, when, under which marking."""

    language: Language
    scope_name: str
    zone: str
    made_at: datetime
    marking: Text | str | None = None
    demonstration: bool = False

    @classmethod
    def of(cls, page: Page, made_at: datetime) -> About:
        """Return what ``page`` says about itself, for an export made at this instant."""
        return cls(page.language, page.scope_name, page.zone, made_at, page.shown_marking, page.demonstration)

    def say(self, words: Text | str | None) -> str:
        """Return words in the reader's language."""
        return say(words, self.language, self.zone)


def export(table: Table, about: About, ending: str) -> tuple[bytes, str, str]:
    """Return the table's content, file name and media type. ``ending`` is ``csv`` or ``xlsx``."""
    content = csv_bytes(table, about) if ending == "csv" else xlsx_bytes(table, about)
    return content, file_name(table, about, ending), MEDIA_TYPES[ending]


def file_name(table: Table, about: About, ending: str) -> str:
    """Return ``calls-2026-11-23.csv``, with ``-demonstration`` where persons are invented."""
    day = about.made_at.astimezone(ZoneInfo(about.zone)).date().isoformat()
    return f"{table.name}-{day}{'-demonstration' * about.demonstration}.{ending}"


def csv_bytes(table: Table, about: About) -> bytes:
    """Return the table as CSV with a byte order mark; in French with semicolons and decimal commas.

    The heading comes first and the notes last, so that a program can read it.
    """
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if about.language == "fr" else ",", lineterminator="\r\n")
    writer.writerow([harmless(label) for label in _labels(table, about)])
    for row in _body(table):
        writer.writerow([_written(value, about) for value in _values(table.columns, row, about)])
    writer.writerow([])
    for label, value in _notes(table, about):
        writer.writerow([harmless(label), harmless(value)])
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def xlsx_bytes(table: Table, about: About) -> bytes:
    """Return the table as a workbook of one sheet, dates and numbers as such, with a frozen heading and a filter."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    title = about.say(table.caption)
    book.set_properties({"title": title, "company": about.scope_name, "created": about.made_at.replace(tzinfo=None)})
    sheet = book.add_worksheet(_sheet_name(title))
    formats = _formats(book, about)
    labels = _labels(table, about)
    sheet.write_row(0, 0, labels, formats["head"])
    sheet.freeze_panes(1, 1)
    widths = [len(label) for label in labels]
    line = 0
    for line, row in enumerate(_body(table), start=1):
        foot = table.totals is not None and line == len(table.rows) + 1
        for position, (value, kind) in enumerate(_typed(table.columns, row, about)):
            _write(sheet, line, position, value, formats[f"foot-{kind}" if foot else kind])
            widths[position] = max(widths[position], len(str(value or "")))
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(labels) - 1)
    for position, width in enumerate(widths):
        sheet.set_column(position, position, min(WIDEST, width + 3))
    for offset, (label, value) in enumerate(_notes(table, about), start=line + 2):
        sheet.write_string(offset, 0, label, formats["note"])
        sheet.write_string(offset, 1, value, formats["note"])
    if about.demonstration:
        sheet.set_header(f"&L&B{about.say(DEMONSTRATION)}")
    sheet.set_footer(f"&L{about.say(about.marking).replace('&', '&&')}&R&P / &N")
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def _body(table: Table) -> Iterator[Mapping[str, Cell]]:
    yield from table.rows
    if table.totals is not None:
        yield table.totals


def _labels(table: Table, about: About) -> list[str]:
    labels = []
    for column in table.columns:
        label = about.say(column.label)
        labels.append(label)
        if column.kind == "bar":
            labels.append(about.say(t("%(label)s, of", label=label)))
    return labels


def _values(columns: Sequence[Column], row: Mapping[str, Cell], about: About) -> list[Plain]:
    return [value for value, _ in _typed(columns, row, about)]


def _typed(columns: Sequence[Column], row: Mapping[str, Cell], about: About) -> Iterator[tuple[Plain, str]]:
    """Yield each value with the kind it is formatted as; a bar gives two."""
    for column in columns:
        value = row.get(column.key)
        if column.kind == "bar":
            bar = value if isinstance(value, Bar) else None
            yield (bar.part if bar else None), "number"
            yield (bar.whole if bar else None), "number"
        elif column.kind == "money" and isinstance(value, int):
            yield value / 100, "money"
        else:
            plain = _plain(value, about)
            yield plain, column.kind if not isinstance(plain, str) and column.kind in _FORMATS else "text"


def _plain(value: Any, about: About) -> Plain:
    match value:
        case Link() | Noted():
            note = about.say(value.note)
            plain: Plain = about.say(value.text) + (f" ({note})" if note else "")
        case Badge():
            plain = about.say(value.text)
        case Text():
            plain = about.say(value)
        case bool():
            plain = about.say(t("Yes") if value else t("No"))
        case datetime():
            plain = value.astimezone(ZoneInfo(about.zone)).replace(tzinfo=None, microsecond=0)
        case None | str() | int() | float() | date():
            plain = value
        case list() | tuple():
            plain = ", ".join(str(_plain(one, about)) for one in value)
        case _:
            plain = str(value)
    return plain


def _written(value: Plain, about: About) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        text = f"{value:.10g}"
        return text.replace(".", ",") if about.language == "fr" else text
    return str(value) if isinstance(value, int) else harmless(value)


def _notes(table: Table, about: About) -> Iterator[tuple[str, str]]:
    yield about.say(t("Table")), about.say(table.caption)
    for label, value in table.filters:
        yield about.say(t("Filter: %(name)s", name=label)), about.say(value)
    if table.note:
        yield about.say(t("Note")), about.say(table.note)
    for remark in table.remarks:
        yield about.say(t("Note")), about.say(remark)
    yield about.say(t("For")), about.scope_name
    yield about.say(t("As of")), instant(about.made_at, about.language, about.zone)
    if about.marking:
        yield about.say(t("Marking")), about.say(about.marking)
    if about.demonstration:
        yield about.say(t("Attention")), about.say(DEMONSTRATION)


_FORMATS = {
    "number": "#,##0",
    "decimal": "#,##0.0##",
    "percent": "0%",
    "money": '#,##0.00" $"',
    "date": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm",
}


def _formats(book: Any, about: About) -> dict[str, Any]:
    made = {
        "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"}),
        "note": book.add_format({"font_color": "#566676"}),
        "text": book.add_format({}),
        "foot-text": book.add_format({"bold": True, "top": 1}),
    }
    for kind, pattern in _FORMATS.items():
        if kind == "money" and about.language == "en":
            pattern = '"$"#,##0.00'  # noqa: PLW2901 - the sign stands in front in English
        made[kind] = book.add_format({"num_format": pattern})
        made[f"foot-{kind}"] = book.add_format({"num_format": pattern, "bold": True, "top": 1})
    return made


def _write(sheet: Any, line: int, position: int, value: Plain, style: Any) -> None:
    if value is None:
        sheet.write_blank(line, position, None, style)
    elif isinstance(value, (datetime, date)):
        sheet.write_datetime(line, position, value, style)
    elif isinstance(value, (int, float)):
        sheet.write_number(line, position, value, style)
    else:
        sheet.write_string(line, position, value, style)


def _sheet_name(title: str) -> str:
    return "".join(" " if one in "[]:*?/\\'" else one for one in title)[:SHEET_NAME_LENGTH].strip() or "1"
