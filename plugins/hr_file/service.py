"""Reading a worker file: rows in the file's own columns, each with its line, or a refusal that says why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from contingent import File, Rejected, RejectedRecord, SourcePage, Words
from plugins.hr_file.settings import Settings

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
PAGE = 2_000
MOST_COLUMNS = 200
LONGEST_CELL = 2_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Line(NamedTuple):
    """One row of a file: its line (the heading is line 1) and its cells as text."""

    number: int
    cells: list[str]


def read_pages(file: File, settings: Settings) -> Iterator[SourcePage]:
    """Yield the file's rows in pages; the last one says that everybody was in it.

    Raises ``Rejected`` where the file as a whole cannot be read. A single bad row is set aside
    with its line and reason.
    """
    lines = _sheet(file, settings) if file.media_type == XLSX else _csv(file, settings)
    heading = next(lines, None)
    names = [cell.strip() for cell in heading.cells] if heading else []
    while names and not names[-1]:
        names.pop()
    _check_heading(names)
    good: list[Line] = []
    bad: list[RejectedRecord] = []
    for line in lines:
        cells = line.cells
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        if not any(cell.strip() for cell in cells):
            continue
        reason = _unusable(cells, len(names))
        if reason is None:
            good.append(Line(line.number, cells + [""] * (len(names) - len(cells))))
        else:
            bad.append(RejectedRecord(line=line.number, reason=reason))
        if len(good) == PAGE or len(bad) == PAGE:
            yield _page(names, good, bad, complete=False)
            good, bad = [], []
    yield _page(names, good, bad, complete=True)


def _page(names: list[str], good: list[Line], bad: list[RejectedRecord], *, complete: bool) -> SourcePage:
    columns = {name: [line.cells[index].strip() or None for line in good] for index, name in enumerate(names)}
    return SourcePage(columns=columns, lines=[line.number for line in good], rejected=bad, complete=complete)


def _check_heading(names: list[str]) -> None:
    if not names:
        raise Rejected(_words("The file is empty.", "Le fichier est vide."))
    if len(names) > MOST_COLUMNS:
        raise Rejected(
            _words(f"More than {MOST_COLUMNS} columns.", f"Plus de {MOST_COLUMNS} colonnes."),
        )
    empty = [index for index, name in enumerate(names, start=1) if not name]
    if empty:
        raise Rejected(
            _words(
                f"Column {empty[0]} has no heading in line 1.", f"La colonne {empty[0]} n’a pas de titre à la ligne 1."
            )
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Rejected(
            _words(f"Two columns are called “{twice[0]}”.", f"Deux colonnes s’appellent «\u00a0{twice[0]}\u00a0».")
        )


def _unusable(cells: list[str], width: int) -> Words | None:
    if len(cells) > width:
        return _words(
            f"The row has {len(cells)} cells, the heading {width}: is a text with a separator missing its quotes?",
            f"La ligne a {len(cells)} cellules, le titre {width}\u00a0: manque-t-il des guillemets "
            "autour d’un texte\u00a0?",
        )
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return _words(
            f"A cell is longer than {LONGEST_CELL} characters.", f"Une cellule dépasse {LONGEST_CELL} caractères."
        )
    return None


def _csv(file: File, settings: Settings) -> Iterator[Line]:
    text = _decode(file.content, settings.encoding)
    first = text.split("\n", 1)[0]
    separator = SEPARATORS.get(settings.separator) or max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield Line(line, cells)
            line = reader.line_num + 1
    except csv.Error:
        raise Rejected(
            _words(
                f"From line {line} on the file cannot be read: a quotation mark is missing.",
                f"À partir de la ligne {line}, le fichier est illisible\u00a0: il manque un guillemet.",
            )
        ) from None


def _decode(content: bytes, encoding: str) -> str:
    if b"\x00" in content[:1000]:
        raise Rejected(
            _words(
                "The file is not text: save it as CSV (UTF-8) or as XLSX.",
                "Le fichier n’est pas du texte\u00a0: enregistrez-le en CSV (UTF-8) ou en XLSX.",
            )
        )
    tried = ("utf-8-sig", "windows-1252") if encoding == "auto" else (encoding.replace("utf-8", "utf-8-sig"),)
    for name in tried:
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    raise Rejected(
        _words(
            f"The file is not in {tried[0].removesuffix('-sig').upper()}: save it as CSV (UTF-8).",
            f"Le fichier n’est pas en {tried[0].removesuffix('-sig').upper()}\u00a0: enregistrez-le en CSV (UTF-8).",
        )
    )


def _sheet(file: File, settings: Settings) -> Iterator[Line]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        if settings.sheet and settings.sheet not in book.sheet_names:
            raise Rejected(
                _words(
                    f"There is no sheet “{settings.sheet}”.", f"Il n’y a pas de feuille «\u00a0{settings.sheet}\u00a0»."
                )
            )
        sheet = book.get_sheet_by_name(settings.sheet) if settings.sheet else book.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError):
        raise Rejected(
            _words(
                "The spreadsheet cannot be read: open it and save it again as XLSX.",
                "Le classeur est illisible\u00a0: ouvrez-le et enregistrez-le de nouveau en XLSX.",
            )
        ) from None
    for number, row in enumerate(rows, start=1):
        yield Line(number, [_cell(value) for value in row])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _words(en: str, fr: str) -> Words:
    return {"en": en, "fr": fr}
