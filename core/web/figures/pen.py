"""Who the figure is drawn for: the language, and how an address becomes a link."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from markupsafe import Markup

from core.context import Language
from core.text import Text
from core.web import i18n_formats as formats
from core.web.figures.markup import tag
from core.web.i18n import say
from core.web.shell import everywhere


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws for one reader: ``Pen(view.language, view.url, opener(view))``."""

    language: Language
    url: Callable[[str], str] = str
    opens: Callable[[str], bool] = everywhere

    def say(self, words: Text | str | None) -> str:
        """Return words in the reader's language."""
        return say(words, self.language)

    def link(self, inside: Iterable[Markup | str], href: str, words: str) -> Markup:
        """Return a mark called ``words`` that leads to ``href``, or nowhere if the reader may not open that."""
        if not self.opens(href):
            return tag("g", inside, role="img", aria_label=words)
        return tag("a", inside, href=self.url(href), aria_label=words)

    def day(self, value: date) -> str:
        """Return a civil date as the reader writes it."""
        return formats.day(value, self.language)

    def number(self, value: float) -> str:
        """Return a number as the reader writes it."""
        return formats.number(value, self.language)


WIDE = 8.6
NARROW = 6.7
SLIM = 3.6


@lru_cache(maxsize=4096)
def text_width(words: str) -> float:
    """Return about how wide ``words`` are at 12 px, in pixels; never too small for the fonts we name."""
    return sum(
        WIDE
        if letter.isupper() or letter.isdigit() or letter in "@%mwMW"
        else SLIM
        if letter in " .,'’iljI"
        else NARROW
        for letter in words
    )


def shortened(words: str, width: float) -> str:
    """Return ``words``, cut with an ellipsis where they are wider than ``width`` pixels at 12 px."""
    if text_width(words) <= width:
        return words
    while words and text_width(words) + WIDE > width:
        words = words[:-1]
    return words.rstrip() + "…"
