"""Reading lines whose fields stand at fixed places, as plain functions."""

from __future__ import annotations

from contingent import File, Rejected, RejectedRecord, SourcePage

from payroll_extract.settings import Field, Settings

PAGE = 2_000


def pages(file: File, settings: Settings) -> list[SourcePage]:
    """Return the lines in pages; the last one says that everybody was in it. Raises ``Rejected``."""
    fields = settings.fields
    check(fields)
    lines = [(number, line) for number, line in enumerate(decode(file, settings).splitlines(), 1) if line.strip()]
    least = max(one.first for one in fields)
    good = [(number, line) for number, line in lines if len(line) >= least]
    bad = [too_short(number, line, least) for number, line in lines if len(line) < least]
    starts = range(0, max(len(good), 1), PAGE)
    return [
        SourcePage(
            columns={one.name: [cut(line, one) for _, line in good[start : start + PAGE]] for one in fields},
            lines=[number for number, _ in good[start : start + PAGE]],
            rejected=bad if start == 0 else [],
            complete=start == starts[-1],
        )
        for start in starts
    ]


def check(fields: list[Field]) -> None:
    """Raise ``Rejected`` where the settings name no field, one twice, or one that ends before it begins."""
    names = [one.name for one in fields]
    wrong = [one.name for one in fields if one.last < one.first or names.count(one.name) > 1]
    if not fields or wrong:
        named = wrong[0] if wrong else "–"
        raise Rejected(
            {
                "en": f"The settings do not describe a line: look at the field {named}.",
                "fr": f"Les paramètres ne décrivent pas une ligne\u00a0: voyez le champ {named}.",
            }
        )


def decode(file: File, settings: Settings) -> str:
    """Return the file's text. Raises ``Rejected``."""
    try:
        return file.content.decode(settings.encoding)
    except UnicodeDecodeError:
        raise Rejected(
            {
                "en": f"The file is not in {settings.encoding}: change the encoding in the settings.",
                "fr": f"Le fichier n’est pas en {settings.encoding}\u00a0: changez l’encodage dans les paramètres.",
            }
        ) from None


def cut(line: str, one: Field) -> str | None:
    """Return the field's text without the spaces around it, or nothing."""
    return line[one.first - 1 : one.last].strip() or None


def too_short(number: int, line: str, least: int) -> RejectedRecord:
    """Return the line that ends before its last field begins."""
    return RejectedRecord(
        line=number,
        reason={
            "en": f"The line has {len(line)} characters, at least {least} are needed.",
            "fr": f"La ligne compte {len(line)} caractères, il en faut au moins {least}.",
        },
    )
