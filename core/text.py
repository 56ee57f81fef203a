"""Sentences that exist in both languages and are chosen only when a reader is known.

Code never builds a sentence for a person by joining strings: it names one with
:func:`t` and the values it needs, and the edge (page, API, mail) renders it in the
reader's language. The extractor finds every call of ``t``; a sentence without a
French translation fails the build.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec


class Text(msgspec.Struct, frozen=True):
    """A translatable sentence.

    ``id`` is the English sentence itself with ``%(name)s`` placeholders; ``params``
    holds their values, which may be ``Text`` again, or a list of such. ``own`` are translations that
    come with the sentence, by language: those of a plugin's that no catalogue here knows.
    """

    id: str
    params: Mapping[str, Any] = {}
    own: Mapping[str, str] = {}

    def render(self, translate: Callable[[str], str]) -> str:
        """Return the sentence with ``translate`` applied to it and to nested texts."""
        values = {name: _rendered(value, translate) for name, value in self.params.items()}
        sentence = self.own.get(getattr(translate, "language", "en")) or translate(self.id)
        return sentence % values if values else sentence

    def __str__(self) -> str:
        return self.render(str)


def _rendered(value: Any, translate: Callable[[str], str]) -> Any:
    if isinstance(value, Text):
        return value.render(translate)
    if isinstance(value, (list, tuple)):
        return ", ".join(str(_rendered(item, translate)) for item in value)
    return value


def t(sentence: str, /, **params: Any) -> Text:
    """Name a translatable sentence: ``t("Opens on %(day)s", day=day)``."""
    return Text(sentence, params)
