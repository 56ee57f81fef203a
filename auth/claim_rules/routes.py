"""The JSON API of rules that give roles."""

from __future__ import annotations

from auth.claim_rules.groups import add_group_rule, try_group_rule
from auth.claim_rules.service import add_rule, end_rule, list_rules, try_rule
from core.web.routes import Route

ROUTES = [
    Route("GET", "/claim-rules", list_rules),
    Route("GET", "/claim-rules/preview", try_rule),
    Route("POST", "/claim-rules", add_rule, status=201),
    Route("GET", "/claim-rules/groups/preview", try_group_rule),
    Route("POST", "/claim-rules/groups", add_group_rule, status=201),
    Route("POST", "/claim-rules/{id}/end", end_rule),
]
