"""Contrast of the tokens, edges included: axe looks at text only."""

from __future__ import annotations

import re

import pytest

from core.web.assets import assets

SHEET = assets()["ui.css"].body.decode()
TOKENS = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\b", SHEET.split("}")[0]))

TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "surface", "sunk")],
    *[(tone, f"{tone}-bg") for tone in ("ok", "warn", "bad", "idle")],
    *[(tone, "surface") for tone in ("ok", "warn", "bad", "accent", "accent-ink")],
    ("accent", "bg"),
    ("accent-ink", "accent-bg"),
    ("ink-3", "idle-bg"),
    ("surface", "accent"),
    ("surface", "ok"),
    ("top-ink", "top"),
    ("top-ink", "top-2"),
    ("top-ink-2", "top"),
]
EDGES = [
    *[(edge, "surface") for edge in ("edge", "ok-edge", "warn-edge", "bad-edge", "accent")],
    ("edge", "bg"),
    ("top-edge", "top"),
    ("accent", "accent-bg"),
]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(one * 2 for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_from_its_ground(ink: str, ground: str) -> None:
    assert contrast(TOKENS[ink], TOKENS[ground]) >= 4.5


@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_that_carry_meaning_stand_out(edge: str, ground: str) -> None:
    assert contrast(TOKENS[edge], TOKENS[ground]) >= 3


def test_white_text_on_the_marks_of_figures_stands_out() -> None:
    for mark in ("k-on", "k-below", "k-done"):
        (colour,) = re.findall(rf"\.{mark}\{{fill:(#[0-9a-f]{{6}})", SHEET)
        assert contrast("#fff", colour) >= 4.5, mark
