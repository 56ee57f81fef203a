"""Which language an answer is in, where the address does not say."""

from __future__ import annotations

from core.context import LANGUAGES, Language


def preferred(accept_language: str | None, fallback: Language = "en") -> Language:
    """Return the language that an ``Accept-Language`` header likes best.

    Nonsense in the header counts as no preference.
    """
    best, weight = fallback, 0.0
    for part in (accept_language or "")[:200].split(","):
        name, _, parameters = part.partition(";")
        language = name.strip().lower()[:2]
        given = _weight(parameters)
        if language in LANGUAGES and given > weight:
            best, weight = language, given
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
