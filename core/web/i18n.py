"""Both languages: catalogues read once at start, and sentences rendered for a reader.

French stands in ``locale/fr.po`` beside the code that speaks it; English is the sentence
itself. ``python -m core.web.i18n update`` adds what is missing, ``prune`` takes out what nobody
says any more, ``typeset`` sets French spaces and apostrophes, ``check`` is what the build runs.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from core.context import Language
from core.errors import Misconfigured
from core.text import Text
from core.web import i18n_formats as formats

PACKAGES = ("core", "tenants", "auth", "contingent", "plugins")
"""Where sentences are looked for, the lowest layer first."""

SMALLEST_GROUPED = 10_000


@dataclass(frozen=True, slots=True)
class Sentences:
    """One language's translations: of single sentences, and of those with a number."""

    single: Mapping[str, str] = field(default_factory=dict)
    plural: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def translate(self, sentence: str) -> str:
        """Return the translation, or the sentence itself where there is none."""
        return self.single.get(sentence) or sentence

    def translate_number(self, one: str, many: str, count: int) -> str:
        """Return the form for ``count``. French uses the singular for nought and one, English for one."""
        forms = self.plural.get((one, many))
        if forms and all(forms):
            return forms[0] if abs(count) < 2 else forms[1]
        return one if count == 1 else many


def package_folders(packages: tuple[str, ...] = PACKAGES) -> Iterator[Path]:
    """Yield each top-level package's folder, the lowest layer first."""
    for name in packages:
        found = importlib.util.find_spec(name)
        if found and found.submodule_search_locations:
            yield from (Path(place) for place in found.submodule_search_locations)


def locale_files(packages: tuple[str, ...] = PACKAGES) -> list[Path]:
    """Return every ``locale/fr.po``, of packages first and then of their rooms, in the order of the layers."""
    files = []
    for folder in package_folders(packages):
        files += [folder / "locale" / "fr.po", *sorted(folder.glob("*/locale/fr.po"))]
    return [file for file in files if file.is_file()]


def read_catalogue(file: Path) -> Catalog:
    """Return the messages of one ``.po`` file."""
    with file.open("rb") as source:
        return read_po(source, locale="fr_CA")


def read_sentences(files: list[Path]) -> Sentences:
    """Merge the files. Raise ``Misconfigured`` where two translate one sentence differently."""
    single: dict[str, str] = {}
    plural: dict[tuple[str, str], tuple[str, ...]] = {}
    origin: dict[Any, Path] = {}
    for file in files:
        for message in read_catalogue(file):
            if not message.id or message.fuzzy:
                continue
            key: Any = tuple(message.id) if message.pluralizable else message.id
            said: Any = tuple(message.string or ()) if message.pluralizable else message.string
            if not said or not all(said):
                continue
            known: dict[Any, Any] = plural if message.pluralizable else single
            if known.setdefault(key, said) != said:
                raise Misconfigured(f"{origin[key]} and {file} translate {key!r} differently: agree on one")
            origin.setdefault(key, file)
    return Sentences(single, plural)


@cache
def sentences(language: Language) -> Sentences:
    """Return the language's sentences, read once."""
    return read_sentences(locale_files()) if language == "fr" else Sentences()


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates one sentence into ``language``."""

    language: Language

    def __call__(self, sentence: str) -> str:
        """Return the translation, or the sentence itself where there is none."""
        return sentences(self.language).translate(sentence)


def translator(language: Language) -> Translator:
    """Return what translates one sentence into ``language``."""
    return Translator(language)


def say(text: Text | str | None, language: Language, zone: str = "America/Toronto") -> str:
    """Return ``text`` for a reader: translated, its values formatted by the language's habits.

    A plain ``str`` is data, such as a name, and stays as it is.
    """
    if text is None:
        return ""
    if not isinstance(text, Text):
        return str(text)
    values = {
        name: value if f"%({name})d" in text.id else shown(value, language, zone) for name, value in text.params.items()
    }
    sentence = text.own.get(language) or sentences(language).translate(text.id)
    return sentence % values if values else sentence


def shown(value: Any, language: Language, zone: str = "America/Toronto") -> Any:
    """Return a sentence's value as text. Numbers under 10,000 are not grouped: they may be years."""
    if isinstance(value, Text):
        return say(value, language, zone)
    if isinstance(value, datetime):
        return formats.instant(value, language, zone)
    if isinstance(value, date):
        return formats.day(value, language)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(shown(item, language, zone)) for item in value)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= SMALLEST_GROUPED):
        return formats.number(value, language)
    return value


PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def main(arguments: list[str]) -> int:
    """Run ``update``, ``prune``, ``typeset`` or ``check``, for all rooms or those named; return the exit status."""
    from core.web import i18n_upkeep as upkeep  # noqa: PLC0415 - the upkeep reads this module

    runs = {"update": upkeep.update, "prune": upkeep.prune, "typeset": upkeep.typeset_all, "check": upkeep.check}
    if not arguments or arguments[0] not in runs:
        print(f"usage: python -m core.web.i18n {'|'.join(runs)} [ROOM …]", file=sys.stderr)  # noqa: T201 - a command's answer
        return 2
    lines = runs[arguments[0]](arguments[1:])
    for line in lines:
        print(line)  # noqa: T201 - a command's output
    return 1 if lines and arguments[0] == "check" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
