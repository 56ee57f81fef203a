"""The JSON routes of approval cases and delegations."""

from __future__ import annotations

from core.approvals.choosing import choose_chain, get_chain, list_chains
from core.approvals.decisions import confirm_paper, decide, decide_on_paper, recall
from core.approvals.holding import hold_decisions, list_made, release_decisions
from core.approvals.listing import list_cases
from core.approvals.service import ask_again, delegate, end_delegation, get_case, list_delegations
from core.approvals.several import approve_several
from core.web.routes import Route

ROUTES = [
    Route("GET", "/approvals", list_cases),
    Route("POST", "/approvals/decisions", approve_several),
    Route("GET", "/approvals/{id}", get_case),
    Route("POST", "/approvals/{id}/decision", decide),
    Route("POST", "/approvals/{id}/paper", decide_on_paper),
    Route("POST", "/approvals/{id}/paper/{decision_id}/confirmation", confirm_paper),
    Route("POST", "/approvals/{id}/decisions/{decision_id}/recall", recall),
    Route("POST", "/approvals/{id}/chain", ask_again),
    Route("GET", "/deciders/{seat}/decisions", list_made),
    Route("POST", "/deciders/{seat}/hold", hold_decisions),
    Route("POST", "/deciders/{seat}/release", release_decisions),
    Route("GET", "/chains", list_chains),
    Route("GET", "/chains/{kind}", get_chain),
    Route("PUT", "/chains/{kind}", choose_chain),
    Route("GET", "/delegations", list_delegations),
    Route("POST", "/delegations", delegate, status=201),
    Route("POST", "/delegations/{id}/end", end_delegation),
]
