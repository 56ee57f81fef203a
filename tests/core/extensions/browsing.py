"""What a browser sends of a form: from the form itself, and from the page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from core.web.forms import Form, FormField

Pairs = list[tuple[str, str]]


def sent(form: Form) -> Pairs:
    """Return what is sent of a form that nobody changed."""
    return [pair for one in form.shown for pair in _of(one)]


def _of(one: FormField) -> Iterator[tuple[str, str]]:
    if one.widget == "checkbox":
        yield from [(one.name, "true")] * one.checked
    elif one.group is not None:
        yield from sent(one.group)
    elif one.widget == "rows":
        for place, row in enumerate(one.rows, start=1):
            yield from sent(row)
            if not row.spare:
                yield f"{row.path}/_place", str(place)
    elif one.widget in ("choices", "choice"):
        yield from _chosen(one)
    elif one.widget == "secret":
        yield from _secret(one)
    elif one.widget in ("area", "lines"):
        yield one.name, one.value.replace("\n", "\r\n")
    else:
        yield one.name, one.value


def _chosen(one: FormField) -> Iterator[tuple[str, str]]:
    chosen = [choice.value for choice in one.choices if choice.chosen]
    if one.widget == "choice" and not chosen and not one.picks_one:
        chosen = [""] if one.required else [one.choices[0].value]
    yield from ((one.name, value) for value in chosen)


def _secret(one: FormField) -> Iterator[tuple[str, str]]:
    yield one.name, ""
    if one.kept is not None and one.kept.held:
        yield f"{one.name}/_held", one.kept.held
    if one.kept is not None and one.kept.cleared:
        yield f"{one.name}/_clear", "true"


class _Page(HTMLParser):
    """Gathers the controls of the form that is sent to an address with this ending."""

    def __init__(self, ending: str) -> None:
        super().__init__()
        self.ending = ending
        self.pairs: Pairs = []
        self._inside = False
        self._select: list[tuple[str, bool]] | None = None
        self._name = ""
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag == "form":
            self._inside = str(given.get("action", "")).endswith(self.ending)
        if not self._inside:
            return
        if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.pairs.append((given["name"], given.get("value") or ""))
        elif tag == "select":
            self._select, self._name = [], given["name"]
        elif tag == "option" and self._select is not None:
            self._select.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self._text, self._name = [], given["name"]

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select" and self._select is not None:
            chosen = [value for value, selected in self._select if selected] or [self._select[0][0]]
            self.pairs.append((self._name, chosen[-1]))
            self._select = None
        elif tag == "textarea" and self._text is not None:
            self.pairs.append((self._name, "".join(self._text).removeprefix("\n").replace("\n", "\r\n")))
            self._text = None


def controls(html: str, ending: str) -> dict[str, str]:
    """Return what a browser sends of the form on the page whose address ends so."""
    page = _Page(ending)
    page.feed(html)
    assert page.pairs, f"there is no form to {ending}"
    return dict(page.pairs)
