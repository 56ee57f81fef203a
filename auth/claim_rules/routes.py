"""The JSON API of rules that give roles. Adding one is a person's, on the page."""

from __future__ import annotations

from auth.claim_rules.groups import try_group_rule
from auth.claim_rules.service import end_rule, list_rules, try_rule
from core.web.routes import Route

ROUTES = [
    Route("GET", "/claim-rules", list_rules),
    Route("GET", "/claim-rules/preview", try_rule),
    Route("GET", "/claim-rules/groups/preview", try_group_rule),
    Route("POST", "/claim-rules/{id}/end", end_rule),
]
