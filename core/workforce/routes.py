"""The JSON routes of the HR engine."""

from __future__ import annotations

from core.web.routes import Route
from core.workforce.records import choose_keeper, get_record, list_records, send_record_again
from core.workforce.service import choose_scope, get_run, list_runs, move_run, preview_load

ROUTES = [
    Route("GET", "/hr/runs", list_runs),
    Route("POST", "/hr/runs", preview_load, status=201),
    Route("GET", "/hr/runs/{id}", get_run),
    Route("POST", "/hr/runs/{id}/step", move_run),
    Route("PUT", "/hr/scope", choose_scope),
    Route("GET", "/hr/records", list_records),
    Route("GET", "/hr/records/{id}", get_record),
    Route("POST", "/hr/records/{id}/resend", send_record_again),
    Route("PUT", "/hr/keeper", choose_keeper),
]
