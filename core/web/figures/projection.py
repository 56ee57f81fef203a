"""The Equal Earth projection (Šavrič, Patterson and Jenny, 2018), which keeps areas true."""

from __future__ import annotations

import math

_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_ROOT3 = math.sqrt(3)

WIDTH = 2000.0
"""The world's width in the units of ``static/land.svg``."""
EQUATOR = 483.0
"""How far down the equator lies: the drawing leaves Antarctica out."""
_SCALE = WIDTH / 2 / math.pi / (2 * _ROOT3 / (3 * _A1))


def project(latitude: float, longitude: float) -> tuple[float, float]:
    """Return x and y of a place given in degrees, in the units of the land's drawing."""
    theta = math.asin(_ROOT3 / 2 * math.sin(math.radians(latitude)))
    square = theta * theta
    sixth = square**3
    slope = 9 * _A4 * square * sixth + 7 * _A3 * sixth + 3 * _A2 * square + _A1
    x = 2 * _ROOT3 * math.radians(longitude) * math.cos(theta) / (3 * slope)
    y = theta * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))
    return WIDTH / 2 + x * _SCALE, EQUATOR - y * _SCALE
