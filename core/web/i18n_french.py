"""What can be wrong in a French sentence beside its English one."""

from __future__ import annotations

import re

from core.web.i18n import PLACEHOLDER

SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_MARKUP = re.compile(r"<[^>]*>|&\w+;")
_HIGH = re.compile(rf"(?<![{SPACES}:;?!])[:;?!»](?=$|[\s{SPACES}).,»])")
_OPEN = re.compile(rf"«(?![{SPACES}])")
_LOOSE = re.compile(rf"[^\S{SPACES}]+[:;?!»]")
_STRAIGHT = re.compile(r"(?<=\w)'(?=\w)")
_FIRST = re.compile(r"\b1er\b")
_PERCENT = re.compile(r"%(?!\(\w+\)[sd]|%)")


_SPACE = "\N{NO-BREAK SPACE}"
_BEFORE = re.compile(r"[^\S\n]+([:;?!»])")
_AFTER = re.compile(r"«[^\S\n]*")


def typeset(french: str) -> str:
    """Return the sentence with no-break spaces inside « » and before : ; ? ! » where a space stands, and with ’."""
    spaced = _AFTER.sub(f"«{_SPACE}", _BEFORE.sub(rf"{_SPACE}\1", french))
    return _FIRST.sub("1ᵉʳ", _STRAIGHT.sub("’", spaced))


def wrong_in(english: str, french: str) -> list[str]:
    """Return what is wrong: placeholders that differ, spaces that may break or are missing, apostrophes, “1er”."""
    faults = []
    ours, theirs = set(PLACEHOLDER.findall(english)), set(PLACEHOLDER.findall(french))
    if ours != theirs and not (theirs < ours and ours - theirs <= {"num"}):
        faults.append(f"has other placeholders than the English ({sorted(ours ^ theirs)})")
    if ours and _PERCENT.search(french.replace("%%", "")):
        faults.append("has a lone % (write %% beside placeholders)")
    words = _MARKUP.sub("", PLACEHOLDER.sub("x", french))
    if found := _HIGH.search(words) or _LOOSE.search(words):
        faults.append(f"needs a no-break space before {found.group().strip()[-1]}")
    if _OPEN.search(words):
        faults.append("needs a no-break space after «")
    if _STRAIGHT.search(words):
        faults.append("has a straight apostrophe (write ’)")
    if '"' in words:
        faults.append("has straight quotation marks (write « »)")
    if _FIRST.search(words):
        faults.append("has 1er (write 1ᵉʳ)")
    if english.strip() == english and french.strip(" \n") != french:
        faults.append("begins or ends with a space")
    return faults
