"""The JSON routes of officers, qualifications and health outcomes."""

from __future__ import annotations

from core.personnel.acting import act_on_officer
from core.personnel.qualifications import add_qualification, list_fitness, record_fitness, remove_qualification
from core.personnel.service import add_officer, change_officer, change_own_fields, get_officer, list_officers
from core.web.routes import Route

ROUTES = [
    Route("GET", "/officers", list_officers),
    Route("POST", "/officers", add_officer, status=201),
    Route("GET", "/officers/{id}", get_officer),
    Route("PUT", "/officers/{id}", change_officer),
    Route("PUT", "/officers/{id}/own", change_own_fields),
    Route("POST", "/officers/{id}/actions/{plugin}/{action}", act_on_officer),
    Route("POST", "/officers/{id}/qualifications", add_qualification, status=201),
    Route("DELETE", "/officers/{id}/qualifications/{qualification_id}", remove_qualification),
    Route("GET", "/officers/{id}/fitness", list_fitness),
    Route("POST", "/officers/{id}/fitness", record_fitness, status=201),
]
