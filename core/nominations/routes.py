"""The JSON routes of interest, nominations and candidacies."""

from __future__ import annotations

from core.nominations.answering import answer_decision, ask_reconsideration
from core.nominations.candidacies import list_candidacies, open_candidacy
from core.nominations.interest import declare_interest, decline_interest, list_interests, withdraw_interest
from core.nominations.reading import get_nomination, list_nominations, preview_release
from core.nominations.selection import move_candidacy, record_assessment, record_fitness_result
from core.nominations.service import (
    ask_plugins,
    attest_conduct,
    change_nomination,
    draft_nomination,
    release_nomination,
    submit_nomination,
    withdraw_nomination,
)
from core.web.routes import Route

ROUTES = [
    Route("GET", "/interests", list_interests),
    Route("POST", "/interests", declare_interest, status=201),
    Route("POST", "/interests/{id}/withdrawal", withdraw_interest),
    Route("POST", "/interests/{id}/refusal", decline_interest),
    Route("GET", "/nominations", list_nominations),
    Route("POST", "/nominations", draft_nomination, status=201),
    Route("GET", "/nominations/{id}", get_nomination),
    Route("PUT", "/nominations/{id}", change_nomination),
    Route("GET", "/nominations/{id}/preview", preview_release),
    Route("POST", "/nominations/{id}/conduct", attest_conduct),
    Route("POST", "/nominations/{id}/findings", ask_plugins),
    Route("POST", "/nominations/{id}/submission", submit_nomination),
    Route("POST", "/nominations/{id}/release", release_nomination),
    Route("POST", "/nominations/{id}/withdrawal", withdraw_nomination),
    Route("POST", "/nominations/{id}/answer", answer_decision),
    Route("POST", "/nominations/{id}/reconsideration", ask_reconsideration),
    Route("GET", "/candidacies", list_candidacies),
    Route("GET", "/candidacies/{agency}/{id}", open_candidacy),
    Route("POST", "/candidacies/{agency}/{id}/step", move_candidacy),
    Route("POST", "/candidacies/{agency}/{id}/assessments", record_assessment),
    Route("POST", "/candidacies/{agency}/{id}/fitness", record_fitness_result),
]
