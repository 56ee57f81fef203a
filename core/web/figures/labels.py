"""Placing names beside circles so that no two things overlap, at any width of the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from core.web.figures.pen import text_width

Anchor = Literal["start", "mid", "end"]
HEIGHT = 14.0
GAP = 4.0
SCALES = (1.0, 1.5, 2.2)
"""The drawing is tested at its narrowest width and at wider ones: sizes stay, distances grow."""


@dataclass(slots=True)
class Spot:
    """A circle at a place, in pixels of the narrowest drawing."""

    x: float
    y: float
    radius: float
    label: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a label goes, as an offset in pixels from its circle's centre to the text's anchor and baseline."""

    dx: float
    dy: float
    anchor: Anchor


FAR = 130.0
"""No circle with its label reaches farther than this from its centre, in pixels."""

Box = tuple[float, float, float, float]


def nudge(spots: Sequence[Spot], rounds: int = 40) -> None:
    """Move circles that cover one another apart, each as little as it takes."""
    for _ in range(rounds):
        moved = False
        for one, two in combinations(spots, 2):
            wanted = one.radius + two.radius + 2
            dx, dy = two.x - one.x, two.y - one.y
            if abs(dx) >= wanted or abs(dy) >= wanted:
                continue
            distance = (dx * dx + dy * dy) ** 0.5
            if distance >= wanted:
                continue
            moved = True
            if distance == 0:
                dx, dy, distance = 1.0, 0.4, 1.08
            push = (wanted - distance) / 2 / distance
            one.x, one.y = one.x - dx * push, one.y - dy * push
            two.x, two.y = two.x + dx * push, two.y + dy * push
        if not moved:
            return


def place(spots: Sequence[Spot], width: float, height: float) -> list[Placed | None]:
    """Return where each label goes; ``None`` where nothing is free, then the name is in the title only.

    The largest circles choose first.
    """
    order = sorted(range(len(spots)), key=lambda index: -spots[index].radius)
    taken: dict[int, Placed] = {}
    for index in order:
        for candidate in _candidates(spots[index]):
            trial = taken | {index: candidate}
            if all(_free(index, spots, trial, scale, (width * scale, height * scale)) for scale in SCALES):
                taken = trial
                break
    return [taken.get(index) for index in range(len(spots))]


def box_of(spot: Spot, placed: Placed, scale: float = 1.0) -> Box:
    """Return the label's left, top, right and bottom at this scale."""
    wide = text_width(spot.label)
    x, y = spot.x * scale + placed.dx, spot.y * scale + placed.dy
    left = x - {"start": 0.0, "mid": wide / 2, "end": wide}[placed.anchor]
    return left, y - HEIGHT + 3, left + wide, y + 3


def _candidates(spot: Spot) -> list[Placed]:
    far, near = spot.radius + GAP, spot.radius * 0.75 + GAP
    middle = HEIGHT / 2 - 3
    return [
        Placed(far, middle, "start"),
        Placed(-far, middle, "end"),
        Placed(0, far + HEIGHT - 4, "mid"),
        Placed(0, -far, "mid"),
        Placed(near, near + middle, "start"),
        Placed(near, middle - near, "start"),
        Placed(-near, near + middle, "end"),
        Placed(-near, middle - near, "end"),
    ]


def _free(
    index: int, spots: Sequence[Spot], placed: dict[int, Placed], scale: float, size: tuple[float, float]
) -> bool:
    left, top, right, bottom = own = box_of(spots[index], placed[index], scale)
    if left < 2 or top < 0 or right > size[0] - 2 or bottom > size[1]:
        return False
    for other, spot in enumerate(spots):
        x, y = spot.x * scale, spot.y * scale
        if x + FAR < left or x - FAR > right or y + FAR < top or y - FAR > bottom:
            continue
        reach = spot.radius + (1 if other != index else -1)
        nearest_x, nearest_y = min(max(x, left), right), min(max(y, top), bottom)
        if (nearest_x - x) ** 2 + (nearest_y - y) ** 2 < reach * reach:
            return False
        if other != index and other in placed and _overlap(own, box_of(spot, placed[other], scale)):
            return False
    return True


def _overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
