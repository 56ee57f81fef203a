"""From settings, nomination and strength to a finding."""

from __future__ import annotations

from datetime import date

from contingent import Finding, Nomination, Strength, Words
from plugins.duty_cover.settings import Settings, UnitMinimum


def find(settings: Settings, nomination: Nomination, strength: Strength | None) -> list[Finding] | None:
    """Return whether the unit keeps its minimum; ``None`` of a unit or a rank that the settings do not count."""
    rule = _rule_for(settings, nomination.officer.unit)
    if rule is None or strength is None or not _counts(rule, nomination.officer.band):
        return None
    day, left = worst_day(rule, strength)
    short = left < rule.minimum
    return [Finding(key="minimum", verdict=rule.verdict if short else "pass", reason=_reason(rule, day, left))]


def worst_day(rule: UnitMinimum, strength: Strength) -> tuple[date, int]:
    """Return the first day of the tour on which the fewest of the unit are there, and how many those are."""
    whole = sum(count for band, count in strength.officers.items() if _counts(rule, band))
    away = [one for one in strength.absences if _counts(rule, one.band) and (one.certain or rule.undecided)]
    days = sorted({strength.first, *(one.first for one in away if strength.first < one.first <= strength.last)})
    left = {day: whole - 1 - sum(one.first <= day <= one.last for one in away) for day in days}
    day = min(days, key=lambda one: (left[one], one))
    return day, max(left[day], 0)


def _rule_for(settings: Settings, unit: str | None) -> UnitMinimum | None:
    wanted = _folded(unit or "")
    return next((rule for rule in settings.units if wanted and _folded(rule.unit) == wanted), None)


def _folded(unit: str) -> str:
    return " ".join(unit.split()).casefold()


def _counts(rule: UnitMinimum, band: int) -> bool:
    return rule.lowest_band <= band <= rule.highest_band


def _reason(rule: UnitMinimum, day: date, left: int) -> Words:
    unit, minimum = rule.unit, rule.minimum
    if left < minimum:
        return {
            "en": f"{unit} would be short: strength of {left} on {day}, minimum of {minimum}.",
            "fr": f"{unit}\N{NO-BREAK SPACE}: effectif insuffisant, {left} le {day} pour un minimum de {minimum}.",
        }
    return {
        "en": f"{unit} keeps its strength: {left} at its lowest ({day}), minimum of {minimum}.",
        "fr": f"{unit}\N{NO-BREAK SPACE}: effectif suffisant, {left} au plus bas ({day}) pour un minimum de {minimum}.",
    }
