"""The JSON API of break-glass accounts: a program may watch whether any is ready; handing out is a person's."""

from __future__ import annotations

from auth.break_glass.service import (
    add_break_glass,
    draw_half,
    end_break_glass,
    list_break_glass,
    renew_break_glass,
)
from core.web.routes import Route

ROUTES = [
    Route("GET", "/break-glass", list_break_glass),
    Route("POST", "/break-glass", add_break_glass, status=201),
    Route("POST", "/break-glass/{id}/half", draw_half),
    Route("POST", "/break-glass/{id}/renew", renew_break_glass),
    Route("POST", "/break-glass/{id}/end", end_break_glass),
]
