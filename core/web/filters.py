"""The filters of the templates, made for one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from core.context import Language
from core.text import Text, t
from core.web import i18n_formats as formats
from core.web.i18n import say
from core.web.shell import Tone

SOON_DAYS = 7


def due(value: date, today: date) -> tuple[Text, Tone]:
    """Say how far off a deadline is, and in which tone: late, today, tomorrow, within a week, later."""
    days = (value - today).days
    if days < -1:
        return t("%(days)s days late", days=-days), "bad"
    if days == -1:
        return t("1 day late"), "bad"
    if days == 0:
        return t("Due today"), "bad"
    if days == 1:
        return t("Due tomorrow"), "bad"
    return t("Due in %(days)s days", days=days), "warn" if days <= SOON_DAYS else "idle"


def filters_for(language: Language) -> Mapping[str, Callable[..., Any]]:
    """Return the filters of ``language`` by name. Each takes ``None`` for “not known” and shows nothing."""

    def of_known(show: Callable[..., str]) -> Callable[..., str]:
        def filtered(value: Any, *arguments: Any, **options: Any) -> str:
            return "" if value is None else show(value, *arguments, **options)

        return filtered

    @pass_context
    def instant(context: Context, value: datetime | None) -> str:
        page = context.get("page")
        zone = page.zone if page else "UTC"
        return "" if value is None else formats.instant(value, language, zone)

    @pass_context
    def deadline(context: Context, value: date) -> tuple[Text, Tone]:
        return due(value, context["page"].today)

    return {
        "day": of_known(lambda value, **options: formats.day(value, language, **options)),
        "instant": instant,
        "due": deadline,
        "number": of_known(lambda value, decimals=None: formats.number(value, language, decimals=decimals)),
        "money": of_known(lambda value: formats.money(value, language)),
        "percent": of_known(lambda value, decimals=0: formats.percent(value, language, decimals=decimals)),
        "period": lambda days: formats.period(days[0], days[1], language),
        "text": lambda value: say(value, language),
    }
