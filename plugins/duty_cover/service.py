"""From settings, nomination and strength to a finding."""

from __future__ import annotations

from datetime import date

from contingent import Finding, Nomination, Strength, Words, day_in_words
from plugins.duty_cover.settings import HIGHEST, LOWEST, Settings, UnitMinimum


def find(settings: Settings, nomination: Nomination, strength: Strength | None) -> list[Finding] | None:
    """Return whether the unit keeps each of its minima; ``None`` of a unit or a rank that the settings do not count."""
    officer = nomination.officer
    if strength is None:
        return None
    rules = [rule for rule in _rules_for(settings, officer.unit) if _counts(rule, officer.band)]
    return [_held_against(rule, strength) for rule in rules] or None


def worst_day(rule: UnitMinimum, strength: Strength) -> tuple[date, int]:
    """Return the first day of the tour on which the fewest of the unit are there, and how many those are."""
    whole = sum(count for band, count in strength.officers.items() if _counts(rule, band))
    away = [one for one in strength.absences if _counts(rule, one.band) and (one.certain or rule.undecided)]
    days = sorted({strength.first, *(one.first for one in away if strength.first < one.first <= strength.last)})
    left = {day: whole - 1 - sum(one.first <= day <= one.last for one in away) for day in days}
    day = min(days, key=lambda one: (left[one], one))
    return day, max(left[day], 0)


def _held_against(rule: UnitMinimum, strength: Strength) -> Finding:
    day, left = worst_day(rule, strength)
    verdict = rule.verdict if left < rule.minimum else "pass"
    key = f"minimum-{rule.lowest_band}-{rule.highest_band}"
    return Finding(key=key, verdict=verdict, reason=_reason(rule, day, left))


def _rules_for(settings: Settings, unit: str | None) -> list[UnitMinimum]:
    wanted = _folded(unit or "")
    return [rule for rule in settings.units if wanted and _folded(rule.unit) == wanted]


def _folded(unit: str) -> str:
    return " ".join(unit.split()).casefold()


def _counts(rule: UnitMinimum, band: int) -> bool:
    return rule.lowest_band <= band <= rule.highest_band


def _reason(rule: UnitMinimum, day: date, left: int) -> Words:
    (english, french), minimum, when = _name(rule), rule.minimum, day_in_words(day)
    day_en, day_fr = when["en"], when["fr"]
    if left < minimum:
        return {
            "en": f"{english} would be short: strength of {left} on {day_en}, minimum of {minimum}.",
            "fr": f"{french}\N{NO-BREAK SPACE}: effectif insuffisant, {left} le {day_fr}, minimum de {minimum}.",
        }
    return {
        "en": f"{english} keeps its strength: {left} at its lowest ({day_en}), minimum of {minimum}.",
        "fr": f"{french}\N{NO-BREAK SPACE}: effectif suffisant, {left} au plus bas ({day_fr}), minimum de {minimum}.",
    }


def _name(rule: UnitMinimum) -> tuple[str, str]:
    """Return the unit's name in both languages, with the bands where not all count."""
    lowest, highest = rule.lowest_band, rule.highest_band
    if (lowest, highest) == (LOWEST, HIGHEST):
        return rule.unit, rule.unit
    if lowest == highest:
        return f"{rule.unit} (band {lowest})", f"{rule.unit} (tranche {lowest})"
    return f"{rule.unit} (bands {lowest} to {highest})", f"{rule.unit} (tranches {lowest} à {highest})"
