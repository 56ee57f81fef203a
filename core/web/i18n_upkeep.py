"""Keeping the catalogues whole: ``update`` adds what the code says, ``check`` finds what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from core.web.i18n import read_catalogue
from core.web.i18n_french import typeset, wrong_in
from core.web.i18n_sources import Sentence, Silent, Spoken, rooms, spoken_in

HEADER = "# French of this room. English is the sentence itself; python -m core.web.i18n check says what is missing."


@dataclass(slots=True)
class Room:
    """One folder with a catalogue: what its code says, and what its file translates."""

    folder: Path
    says: dict[Sentence, Spoken] = field(default_factory=dict)
    silent: list[Silent] = field(default_factory=list)
    catalogue: Catalog | None = None

    @property
    def file(self) -> Path:
        """Where the room's French stands."""
        return self.folder / "locale" / "fr.po"

    @property
    def name(self) -> str:
        """The room as one names it on the command line: ``core/missions``."""
        inside = self.folder.name if self.folder.parent.name not in _PARENTS else f"{self.folder.parent.name}/"
        return f"{inside}{self.folder.name}" if inside.endswith("/") else inside

    @property
    def entries(self) -> dict[Sentence, Message]:
        """The messages of the file by sentence."""
        return {sentence_of(message): message for message in self.catalogue or () if message.id}


_PARENTS = ("core", "plugins", "auth", "tenants", "contingent")


def sentence_of(message: Message) -> Sentence:
    """Return the sentence of a message, or both forms of one with a number."""
    return (message.id[0], message.id[1]) if message.pluralizable else str(message.id)


def is_translated(message: Message) -> bool:
    """Say whether every form of the message has its French, for certain."""
    strings: Any = message.string if message.pluralizable else (message.string,)
    return bool(strings) and all(strings) and not message.fuzzy


@cache
def _read() -> tuple[Room, ...]:
    folders = rooms()
    found = []
    for folder in folders:
        room = Room(folder)
        inner = [other for other in folders if folder in other.parents]
        for one in spoken_in(folder, inner):
            if isinstance(one, Spoken):
                room.says.setdefault(one.sentence, one)
            else:
                room.silent.append(one)
        if room.file.is_file():
            room.catalogue = read_catalogue(room.file)
        found.append(room)
    return tuple(found)


def read_rooms() -> Sequence[Room]:
    """Return every room with what it says and what it translates, read afresh."""
    _read.cache_clear()
    return _read()


def missing_in(all_rooms: Iterable[Room]) -> dict[Path, list[Sentence]]:
    """Return, by the folder of the lowest room that says it, each sentence that no file has."""
    listed = list(all_rooms)
    known = {sentence for room in listed for sentence in room.entries}
    missing: dict[Path, list[Sentence]] = {}
    for room in listed:
        new = [sentence for sentence in room.says if sentence not in known]
        known.update(new)
        if new:
            missing[room.folder] = new
    return missing


def update(only: Sequence[str] = ()) -> list[str]:
    """Write missing sentences into the right files; return what was done.

    ``only`` limits this to rooms named as ``core/missions``. A sentence that another room's
    file still holds, though only this room says it now, brings its French along.
    """
    all_rooms = read_rooms()
    french = {s: one for room in all_rooms for s, one in room.entries.items() if is_translated(one)}
    staying = {s for room in all_rooms for s in room.entries if s in room.says}
    missing = missing_in(all_rooms)
    done = []
    for room in all_rooms:
        left_behind = [s for s in room.says if s in french and s not in staying]
        staying.update(left_behind)
        add = missing.get(room.folder, []) + left_behind
        if add and (not only or room.name in only):
            _write(room, room.entries, add, french)
            done.append(f"{room.file}: {len(add)} added")
    return done


def prune(only: Sequence[str] = ()) -> list[str]:
    """Take out of the files what nobody says any more; return what was done."""
    done = []
    for room in read_rooms():
        kept = {s: one for s, one in room.entries.items() if s in room.says}
        if len(kept) < len(room.entries) and (not only or room.name in only):
            done.append(f"{room.file}: {len(room.entries) - len(kept)} removed")
            _write(room, kept, (), {})
    return done


def typeset_all(only: Sequence[str] = ()) -> list[str]:
    """Set the spaces and apostrophes of the French right, in every file or in ``only`` some; return what was done."""
    done = []
    for room in read_rooms():
        if only and room.name not in only:
            continue
        before = [message.string for message in room.entries.values()]
        for message in room.entries.values():
            strings: Any = message.string
            message.string = tuple(map(typeset, strings)) if message.pluralizable else typeset(strings)
        if before != [message.string for message in room.entries.values()]:
            _write(room, room.entries, (), {})
            done.append(f"{room.file}: set right")
    return done


def _write(
    room: Room, kept: Mapping[Sentence, Message], add: Sequence[Sentence], french: Mapping[Sentence, Message]
) -> None:
    catalogue = Catalog(locale="fr_CA", project="contingent", header_comment=HEADER, fuzzy=False)
    for message in kept.values():
        catalogue.add(message.id, message.string, flags=message.flags, user_comments=message.user_comments)
    for sentence in add:
        known = french.get(sentence)
        catalogue.add(
            sentence, known.string if known else None, flags=["python-format"] if "%(" in str(sentence) else []
        )
    room.file.parent.mkdir(exist_ok=True)
    with room.file.open("wb") as target:
        write_po(target, catalogue, width=0, omit_header=False)
    _drop_dates(room.file)


def _drop_dates(file: Path) -> None:
    """Keep only the header lines that say something: dates and tools would change with every run."""
    wanted = ("Language:", "Plural-Forms:", "Content-Type:", "MIME-Version:", "Content-Transfer-Encoding:")
    lines = file.read_text(encoding="utf-8").split("\n")
    end = lines.index("") if "" in lines else len(lines)
    head = [one for one in lines[:end] if not one.startswith('"') or one.startswith(tuple(f'"{w}' for w in wanted))]
    head = [one for one in head if one != "#, fuzzy"]
    file.write_text("\n".join(head + lines[end:]), encoding="utf-8")


def check(only: Sequence[str] = ()) -> list[str]:
    """Return everything wrong with the French: missing, fuzzy, obsolete, placeholders, typography, contradictions."""
    all_rooms = read_rooms()
    by_folder = {room.folder: room for room in all_rooms}
    findings: list[tuple[Room, str]] = []
    for folder, sentences in missing_in(all_rooms).items():
        room = by_folder[folder]
        for sentence in sentences:
            spoken = room.says[sentence]
            findings.append((room, f"{spoken.file}:{spoken.line} has no French: {sentence!r}"))
    said_first: dict[Sentence, tuple[Any, Path]] = {}
    for room in all_rooms:
        findings += [(room, f"{one.file}:{one.line} names no sentence: give t() a literal") for one in room.silent]
        for sentence, message in room.entries.items():
            findings += [(room, f"{room.file} {fault}: {sentence!r}") for fault in _faults(room, sentence, message)]
            string, where = said_first.setdefault(sentence, (message.string, room.file))
            if is_translated(message) and string and string != message.string:
                findings.append((room, f"{room.file} and {where} translate differently: {sentence!r}"))
    return [text for room, text in findings if not only or room.name in only]


def _faults(room: Room, sentence: Sentence, message: Message) -> list[str]:
    if sentence not in room.says:
        return ["is obsolete (nobody here says it any more)"]
    if message.fuzzy:
        return ["is fuzzy"]
    if not is_translated(message):
        return ["has no French"]
    strings: Any = message.string if message.pluralizable else (message.string,)
    english = sentence[-1] if isinstance(sentence, tuple) else sentence
    return [fault for french in strings for fault in wrong_in(english, french)]
