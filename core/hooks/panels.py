"""What a plugin shows, offers and asks, as data: the host draws it, in both languages, and leads nowhere but to itself.

Nothing here is markup or an address. Everything has an end: so many parts, rows and characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, TypeAlias
from uuid import UUID

from core.hooks.data import Data, Words
from core.hooks.types import Officer, Tour

LONGEST_TITLE = 120
"""Characters of a title, a label and a cell."""
LONGEST_TEXT = 600
"""Characters of a sentence."""
MOST_PANELS = 3
"""Panels of one plugin in one place; what is beyond is not shown."""
MOST_PARTS = 6
MOST_ROWS = 50
MOST_COLUMNS = 6
MOST_FACTS = 20
MOST_BARS = 20
MOST_ACTIONS = 5
"""Actions of one plugin in one place; what is beyond is not offered."""
MOST_QUESTIONS = 20
MOST_CHOICES = 12
LONGEST_ANSWER = 2_000
"""Characters of an answer in words."""
LARGEST = 2**53

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Kinds of characters that show nothing themselves and change what is around them."""

Value: TypeAlias = Words | int | date | None
"""What stands in a cell: words, a whole number, a day, or nothing known."""

Contact = Literal["peer", "health", "chaplain", "association"]
"""Who can be asked to call an officer; never the chain of command."""

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def unfit(words: Words | None, most: int) -> str | None:
    """Return why these words cannot be shown in a place for ``most`` characters, if they cannot."""
    for text in (words["en"], words["fr"]) if words else ():
        if len(text) > most:
            return f"a text has {len(text)} characters, at most {most} fit"
        if any(unicodedata.category(one) in UNSEEN for one in text):
            return "a text holds a character that cannot be seen"
    return None


def _value(value: Value) -> str | None:
    if isinstance(value, int):
        return None if abs(value) < LARGEST else "a number is too large to be shown"
    return unfit(value, LONGEST_TITLE) if isinstance(value, Mapping) else None


def _key(key: str) -> str | None:
    return None if _KEY.fullmatch(key) else f"key {key!r}: expected up to 40 of a-z, 0-9, - and _, a letter first"


def _first(*found: str | None) -> str | None:
    return next((one for one in found if one), None)


class PageLink(Data, frozen=True):
    """A way to a page of the host, by what the page is about. Shown to those who may open it."""

    kind: Literal["officer", "tour", "return", "nomination"]
    id: UUID
    title: Words | None = None
    """Without one the host names what the plugin was told of here by its officer, whom the plugin does not know."""

    def problem(self) -> str | None:
        """Refuse a title that cannot be shown."""
        return unfit(self.title, LONGEST_TITLE)


class Fact(Data, frozen=True):
    """A label and a value."""

    title: Words
    value: Words | int | date | None

    def problem(self) -> str | None:
        """Refuse what cannot be shown."""
        return _first(unfit(self.title, LONGEST_TITLE), _value(self.value))


class Facts(Data, frozen=True, tag="facts"):
    """What is known, as labels and values; at most 20."""

    facts: Sequence[Fact]

    def problem(self) -> str | None:
        """Refuse too many."""
        return f"more than {MOST_FACTS} facts" if len(self.facts) > MOST_FACTS else None


class Column(Data, frozen=True):
    """A column of a table. The first one heads each row."""

    title: Words
    kind: Literal["text", "number", "day"] = "text"

    def problem(self) -> str | None:
        """Refuse a title that cannot be shown."""
        return unfit(self.title, LONGEST_TITLE)


class Row(Data, frozen=True):
    """A row of a table; ``link`` stands as its first cell, which may then be ``None``."""

    cells: Sequence[Words | int | date | None]
    link: PageLink | None = None

    def problem(self) -> str | None:
        """Refuse what cannot be shown."""
        return _first(*map(_value, self.cells))


class Table(Data, frozen=True, tag="table"):
    """Rows under columns; at most 50 under at most 6."""

    title: Words
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: Words | None = None
    """What stands there without rows."""

    def problem(self) -> str | None:
        """Refuse a table without columns or beyond its bounds, and rows of another width."""
        if not 0 < len(self.columns) <= MOST_COLUMNS:
            return f"{len(self.columns)} columns, expected 1 to {MOST_COLUMNS}"
        if len(self.rows) > MOST_ROWS:
            return f"more than {MOST_ROWS} rows"
        if any(len(row.cells) != len(self.columns) for row in self.rows):
            return f"a row has another number of cells than the {len(self.columns)} columns"
        return _first(unfit(self.title, LONGEST_TITLE), unfit(self.empty, LONGEST_TEXT))


class Bar(Data, frozen=True):
    """A part of a whole; without ``whole`` a plain count."""

    title: Words
    part: int
    whole: int | None = None

    def problem(self) -> str | None:
        """Refuse a part below nothing or above its whole."""
        if not 0 <= self.part < LARGEST or (self.whole is not None and not self.part <= self.whole < LARGEST):
            return "a part is at least 0 and at most its whole"
        return unfit(self.title, LONGEST_TITLE)


class Figure(Data, frozen=True, tag="figure"):
    """Parts of wholes, as bars beside their numbers; at most 20. ``unit`` says what is counted."""

    title: Words
    unit: Words
    bars: Sequence[Bar]

    def problem(self) -> str | None:
        """Refuse too many."""
        if len(self.bars) > MOST_BARS:
            return f"more than {MOST_BARS} bars"
        return _first(unfit(self.title, LONGEST_TITLE), unfit(self.unit, LONGEST_TITLE))


class Notice(Data, frozen=True, tag="notice"):
    """A sentence."""

    text: Words
    tone: Literal["info", "ok", "warn", "bad"] = "info"

    def problem(self) -> str | None:
        """Refuse what cannot be shown."""
        return unfit(self.text, LONGEST_TEXT)


class Panel(Data, frozen=True):
    """A part of a page with its heading; at most 6 parts, and a way on."""

    key: str
    title: Words
    parts: Sequence[Facts | Table | Figure | Notice]
    link: PageLink | None = None

    def problem(self) -> str | None:
        """Refuse a key that is none, too many parts, and a title that cannot be shown."""
        many = f"more than {MOST_PARTS} parts" if len(self.parts) > MOST_PARTS else None
        return _first(_key(self.key), many, unfit(self.title, LONGEST_TITLE))


class Question(Data, frozen=True):
    """One thing asked: a field of a form.

    ``words``: a text of up to 2,000 characters · ``yes_no`` · ``scale``: a whole number from ``least`` to
    ``most`` · ``choice``: one of ``choices`` · ``day``.
    """

    key: str
    title: Words
    kind: Literal["words", "yes_no", "scale", "choice", "day"] = "words"
    help: Words | None = None
    required: bool = False
    least: int = 1
    most: int = 5
    choices: Mapping[str, Words] = {}
    """By key. On a scale: words for some of its numbers, ``{"1": …, "5": …}``."""

    def problem(self) -> str | None:
        """Refuse a scale without steps, a choice without choices, and what cannot be shown."""
        if self.kind == "scale" and not -100 <= self.least < self.most <= min(100, self.least + MOST_CHOICES - 1):
            return f"a scale has 2 to {MOST_CHOICES} steps"
        if self.kind == "choice" and not 1 < len(self.choices) <= MOST_CHOICES:
            return f"a choice has 2 to {MOST_CHOICES} choices"
        if len(self.choices) > MOST_CHOICES:
            return f"more than {MOST_CHOICES} choices"
        keys = map(_key, self.choices if self.kind == "choice" else ())
        texts = (unfit(one, LONGEST_TITLE) for one in self.choices.values())
        shown = (unfit(self.title, LONGEST_TEXT), unfit(self.help, LONGEST_TEXT))
        return _first(_key(self.key), *shown, *keys, *texts)


class Action(Data, frozen=True):
    """Something that can be done where it is offered, with a form if it asks something.

    ``who`` may do it: ``officer``, whose file it is; ``keeper``, who may change the subject; ``reader``, anybody
    who may open its page.
    """

    key: str
    title: Words
    who: Literal["officer", "keeper", "reader"] = "keeper"
    says: Words | None = None
    """What it does, above the form."""
    form: Sequence[Question] = ()

    def problem(self) -> str | None:
        """Refuse a key that is none, too many questions or two of one key, and what cannot be shown."""
        if len(self.form) > MOST_QUESTIONS:
            return f"more than {MOST_QUESTIONS} questions"
        keys = [one.key for one in self.form]
        twice = "two questions have one key" if len(set(keys)) < len(keys) else None
        return _first(_key(self.key), twice, unfit(self.title, LONGEST_TITLE), unfit(self.says, LONGEST_TEXT))


class Talk(Data, frozen=True):
    """A conversation that is planned after a return, and when it took place."""

    key: str
    due: date
    done: date | None = None


class Homecoming(Data, frozen=True):
    """An officer's return: where it stands and which conversations are planned. Nothing of health is in it."""

    id: UUID
    tour: Tour
    state: str
    home: date | None = None
    """The day on which the officer was home."""
    talks: Sequence[Talk] = ()


class Overview(Data, frozen=True):
    """What the reader of the overview may see."""

    returns: Sequence[Homecoming] = ()
    """Those that are open; at most 200."""


class Place(Data, frozen=True):
    """Where actions are offered: on the page of an ``officer``, of a ``tour`` or of a ``return``."""

    kind: Literal["officer", "tour", "return"]
    id: UUID
    own: bool = False
    """The reader is the officer whose file it is."""
    officer: Officer | None = None
    tour: Tour | None = None
    homecoming: Homecoming | None = None


class Chosen(Data, frozen=True):
    """The action that a person chose, and what they answered; a day is written as year-month-day."""

    id: UUID
    """Of this choice: sent twice, it has the same."""
    key: str
    place: Place
    answers: Mapping[str, str | int | bool]
    """By the question's key; what was left open is not in it."""


class Done(Data, frozen=True, tag="done"):
    """It is done. ``said`` tells the person; the host does what is proposed besides."""

    said: Words
    contact: Contact | None = None
    """On a return, for the officer: ask these people to call them."""
    talk: date | None = None
    """On a return: plan a conversation for this day."""

    def problem(self) -> str | None:
        """Refuse what cannot be shown."""
        return unfit(self.said, LONGEST_TEXT)


class Fault(Data, frozen=True):
    """What is wrong with one answer."""

    key: str
    reason: Words

    def problem(self) -> str | None:
        """Refuse what cannot be shown."""
        return unfit(self.reason, LONGEST_TEXT)


class Faults(Data, frozen=True, tag="faults"):
    """It is not done, because of these answers."""

    faults: Sequence[Fault]

    def problem(self) -> str | None:
        """Refuse none, and more than could have been asked."""
        return None if 0 < len(self.faults) <= MOST_QUESTIONS else f"expected 1 to {MOST_QUESTIONS} faults"


class Answered(Data, frozen=True):
    """What an officer answered to the questions of a check-in: health data. Nobody keeps it unless they share it."""

    homecoming: Homecoming
    answers: Mapping[str, str | int | bool]
    """By the question's key, of all plugins; what was left open is not in it."""


class Advice(Data, frozen=True):
    """What follows from the answers, told to the officer alone."""

    key: str
    text: Words
    tone: Literal["info", "ok", "warn", "bad"] = "info"
    contact: Contact | None = None
    """Whom the officer is offered to be called by."""

    def problem(self) -> str | None:
        """Refuse a key that is none and what cannot be shown."""
        return _first(_key(self.key), unfit(self.text, LONGEST_TEXT))
