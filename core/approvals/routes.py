"""The JSON routes of approval cases and chains. People decide, delegate and choose chains, on the pages."""

from __future__ import annotations

from core.approvals.choosing import get_chain, list_chains
from core.approvals.holding import hold_decisions, list_made
from core.approvals.listing import list_cases
from core.approvals.service import ask_again, get_case
from core.web.routes import Route

ROUTES = [
    Route("GET", "/approvals", list_cases),
    Route("GET", "/approvals/{id}", get_case),
    Route("POST", "/approvals/{id}/chain", ask_again),
    Route("GET", "/deciders/{seat}/decisions", list_made),
    Route("POST", "/deciders/{seat}/hold", hold_decisions),
    Route("GET", "/chains", list_chains),
    Route("GET", "/chains/{kind}", get_chain),
]
