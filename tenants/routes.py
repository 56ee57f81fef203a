"""Agencies, gates and sharing contracts on the API."""

from __future__ import annotations

from core.web.routes import Route
from tenants.contracts import accept_contract, propose_contract
from tenants.directory import get_agency, list_agencies
from tenants.service import get_gates, record_act, record_agreement, record_privacy
from tenants.standings import move_agency, pause_agency, rename_agency

ROUTES = [
    Route("GET", "/gates", get_gates),
    Route("POST", "/gates/agreements", record_agreement, status=201),
    Route("POST", "/gates/agreements/{id}/acts", record_act, status=201),
    Route("POST", "/gates/privacy", record_privacy, status=201),
    Route("POST", "/gates/contracts", propose_contract, status=201),
    Route("POST", "/gates/state", pause_agency),
    Route("GET", "/agencies", list_agencies),
    Route("GET", "/agencies/{id}", get_agency),
    Route("POST", "/agencies/{id}/contract", accept_contract),
    Route("POST", "/agencies/{id}/state", move_agency),
    Route("POST", "/agencies/{id}/names", rename_agency, status=201),
]
