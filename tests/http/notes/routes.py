from __future__ import annotations

from core.web.routes import Route
from tests.http.notes.service import (
    break_down,
    change_note,
    get_note,
    list_notes,
    list_titles,
    shut_note,
    write_note,
)

ROUTES = [
    Route("GET", "/notes", list_notes),
    Route("POST", "/notes", write_note, status=201),
    Route("GET", "/notes/{id}", get_note),
    Route("PUT", "/notes/{id}", change_note),
    Route("POST", "/notes/{id}/shut", shut_note),
    Route("GET", "/titles", list_titles, quick=True),
    Route("GET", "/titles/long", list_notes, quick=True),
    Route("GET", "/broken", break_down),
]
