"""A form ready to be drawn: fields with what was typed, what is wrong with it, and what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.text import Text, t
from core.use_cases.fields import Widget

Words = Text | str
NOT_KNOWN = t("Not known here")
Shown = Widget | Literal["lines", "rows", "group"]
"""How a field is drawn: as declared, as a list of one entry a line, as a list of small forms, or as one within."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen."""

    value: str
    label: Words
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a form says of a secret that it does not show.

    ``state``: since when it is set, and by whom; ``None``: it is not. ``held``: what was entered and is not saved yet,
    sealed; ``cleared``: it is to be taken away. ``lines``: it may have several.
    """

    state: Words | None = None
    held: str = ""
    cleared: bool = False
    lines: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field, ready to be drawn. ``value`` is what the box shows: what was typed, never a guess."""

    name: str
    label: Words
    help: Words | None = None
    widget: Shown = "line"
    required: bool = False
    depends: bool = False
    value: str = ""
    choices: Sequence[Choice] = ()
    errors: Sequence[Words] = ()
    shortest: int | None = None
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    step: str | None = None
    prefix: str = ""
    rows: Sequence[Form] = ()
    """For a list of structs: one form each, then the spare ones."""
    group: Form | None = None
    """For a struct: its form."""
    limits: Sequence[Words] = ()
    """What it takes, in words, where the form says so."""
    kept: Kept | None = None

    @property
    def id(self) -> str:
        """The element's id, which the error summary leads to."""
        return f"f-{self.prefix}{self.name}".replace("/", "-")

    @property
    def described_by(self) -> str | None:
        """The ids of the help and of the errors, for ``aria-describedby``."""
        ids = [f"{self.id}-help"] * bool(self.help or self.limits or self.kept) + [f"{self.id}-error"] * bool(
            self.errors
        )
        return " ".join(ids) or None

    @property
    def checked(self) -> bool:
        """Whether a tick box is ticked."""
        return self.value in ("true", "on", "1", "True")

    def changed(self, name: str, **changes: Any) -> FormField:
        """Return the field, changed if it is the one of this name, or with that one changed if it is in its group."""
        if self.name == name:
            return replace(self, **changes)
        return self if self.group is None else replace(self, group=self.group.changed(name, **changes))

    @property
    def picks_one(self) -> bool:
        """Whether few enough choices are offered to show all of them at once."""
        return self.widget == "choice" and 0 < len(self.choices) <= 3 and self.required


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of one input struct, with the values and faults of the last attempt.

    As a row of a list it has a ``path``, such as ``steps/0``, and may be ``spare``: empty, for
    one more.
    """

    fields: Sequence[FormField]
    version: int | None = None
    path: str = ""
    spare: bool = False
    loose: Sequence[Words] = ()
    """Faults that belong to no field shown here."""

    def __getitem__(self, name: str) -> FormField:
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        return any(one.name == name for one in self.fields)

    @property
    def hidden(self) -> list[FormField]:
        """The fields that carry a value without being shown."""
        return [one for one in self.fields if one.widget == "hidden" and one.value]

    @property
    def shown(self) -> list[FormField]:
        """The fields that a person fills in."""
        return [one for one in self.fields if one.widget != "hidden"]

    @property
    def single(self) -> list[FormField]:
        """The fields that a person fills in, those of groups in place of the groups."""
        return [inner for one in self.shown for inner in (one.group.shown if one.group else [one])]

    @property
    def strange(self) -> list[FormField]:
        """The fields whose value is none of the choices that they offer."""
        return [one for one in self.shown if one.value and one.choices and not any(c.chosen for c in one.choices)]

    @property
    def in_force(self) -> list[tuple[Words, Words]]:
        """What a list's filters are set to, as label and value: printed with the list and with its files."""
        found: list[tuple[Words, Words]] = []
        for one in self.shown:
            chosen = next((choice.label for choice in one.choices if choice.chosen), one.value)
            if one.value and chosen:
                found.append((one.label, chosen))
        return found

    @property
    def faulty(self) -> list[FormField]:
        """The fields with a fault, those of rows included, in their order on the page."""
        return [one for one, _ in self.faults("")]

    def faults(self, language: str, within: Sequence[Words] = ()) -> list[tuple[FormField, Sequence[Words]]]:
        """Return the fields with a fault, each with the names of the rows and groups that it stands in."""
        found: list[tuple[FormField, Sequence[Words]]] = []
        for one in self.shown:
            if one.errors:
                found.append((one, within))
            for place, row in enumerate(one.rows, 1):
                found += row.faults(language, (*within, row.name(place, language)))
            if one.group is not None:
                found += one.group.faults(language, (*within, one.label))
        return found

    def name(self, place: int, language: str) -> Words:
        """Return what a row of a list is called: its heading, or its place, the first being 1."""
        return self.heading(language) or t("Row %(number)s", number=place)

    def heading(self, language: str) -> Words:
        """Return what names a row of a list: its title in the language, else its name, first text or first choice."""
        values = {one.name.rsplit("/", 1)[-1]: one.value for one in self.fields}
        titles = (values.get(name) for name in (f"title_{language}", "title", f"name_{language}", "name"))
        texts = (one.value for one in self.fields if one.widget in ("line", "email"))
        chosen = (choice.label for one in self.fields for choice in one.choices if choice.chosen and choice.value)
        names: list[Words | None] = [*titles, *texts, *chosen]
        return next((one for one in names if one), "")

    @property
    def uploads(self) -> bool:
        """Whether the form carries a file."""
        return any(one.widget == "file" for one in self.fields)

    def offering(self, name: str, choices: Mapping[str, Words], *, nothing: Words | None = None) -> Form:
        """Return the form with choices known only now, such as the missions there are.

        ``nothing`` labels an empty first choice; without it an optional field gets a dash.
        """
        asked = self[name]
        several = asked.widget in ("choices", "lines")
        values = set(asked.value.split("\n")) if several else {asked.value}
        chosen = tuple(Choice(str(value), label, str(value) in values) for value, label in choices.items())
        if several:
            return self.changed(name, widget="choices", choices=chosen)
        first = (Choice("", nothing or "–"),) if nothing or not asked.required else ()
        return self.changed(name, widget="choice", choices=first + chosen)

    def owning(self, *names: str) -> Form:
        """Return the form with one more choice in these fields, which says that their value is none of the others."""
        form = self
        for name in names:
            own = Choice(self[name].value, NOT_KNOWN, chosen=True)
            form = form.changed(name, choices=(*self[name].choices, own))
        return form

    def requiring(self, *names: str) -> Form:
        """Return the form with fields asked for that the struct leaves open, because here something else needs them."""
        form = self
        for name in names:
            offered = tuple(choice for choice in self[name].choices if choice.value)
            form = form.changed(name, required=True, choices=offered)
        return form

    def without(self, *names: str) -> Form:
        """Return the form without these fields, which the address already gives."""
        return replace(self, fields=tuple(one for one in self.fields if one.name not in names))

    def only(self, *names: str) -> Form:
        """Return the form with these fields, in this order."""
        return replace(self, fields=tuple(self[name] for name in names))

    def with_help(self, name: str, words: Words) -> Form:
        """Return the form with another help text for one field."""
        return self.changed(name, help=words)

    def changed(self, name: str, **changes: Any) -> Form:
        """Return the form with the field of this name changed."""
        return replace(self, fields=tuple(one.changed(name, **changes) for one in self.fields))
