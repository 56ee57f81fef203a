"""The journal on the API."""

from __future__ import annotations

from core.documents.service import read_document
from core.journal.queue import read_queue, replay_job
from core.journal.service import list_lines, list_looks, read_line
from core.web.routes import Route

ROUTES = [
    Route("GET", "/audit", list_lines),
    Route("GET", "/audit/{id}", read_line),
    Route("GET", "/looks", list_looks),
    Route("GET", "/documents/{id}", read_document),
    Route("GET", "/queue", read_queue),
    Route("POST", "/queue/{id}/replay", replay_job),
]
