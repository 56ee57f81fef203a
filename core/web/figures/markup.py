"""Building SVG without string tricks: every value is escaped, nothing carries an inline style."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from core.text import Text
from core.web.tables import Table

Value = str | float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, what it shows in words, and the same data as a table."""

    svg: Markup
    description: str
    table: Table
    legend: tuple[tuple[str, str], ...] = ()
    """Pairs of a class of the style sheet and what it stands for."""
    kind: str = ""
    note: Text | None = None
    """How it is to be read, for everybody who looks at it."""


def tag(name: str, content: Iterable[Markup | str] | Markup | str = "", /, **attributes: Value) -> Markup:
    """Return an element. An underscore at the end of an attribute's name is dropped, others become hyphens.

    ``None`` leaves the attribute out; numbers are written with at most two decimals.
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is not None:
            parts.append(f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"')
    parts.append(">")
    if isinstance(content, str):
        parts.append(escape(content))
    else:
        parts += [escape(one) for one in content]
    parts.append(f"</{name}>")
    return Markup("".join(parts))  # noqa: S704 - names are ours, every value was escaped above


def percent_of(share: float) -> str:
    """Return a share of the whole as a length: ``12.34%``."""
    return f"{round(share * 100, 2):g}%"


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value)
    return f"{round(value, 2):g}" if isinstance(value, float) else str(value)
