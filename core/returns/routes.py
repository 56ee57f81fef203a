"""The JSON routes of returns, each side its own."""

from __future__ import annotations

from core.returns.acting import act_on_return
from core.returns.health import complete_health_milestone, get_follow_up
from core.returns.opening import open_return
from core.returns.program import complete_program_milestone, list_program_returns
from core.returns.reading import get_return, list_returns
from core.returns.service import (
    add_competency,
    answer_contact,
    close_return,
    complete_as_supervisor,
    complete_milestone,
    move_return,
    plan_return,
    record_check_in,
)
from core.web.routes import Route

ROUTES = [
    Route("GET", "/returns", list_returns),
    Route("POST", "/tours/{id}/return", open_return, status=201),
    Route("GET", "/returns/{id}", get_return),
    Route("PUT", "/returns/{id}/plan", plan_return),
    Route("POST", "/returns/{id}/step", move_return),
    Route("POST", "/returns/{id}/closing", close_return),
    Route("POST", "/returns/{id}/milestones/{milestone_id}/completion", complete_milestone),
    Route("POST", "/returns/{id}/milestones/{milestone_id}/supervision", complete_as_supervisor),
    Route("GET", "/returns/{id}/follow-up", get_follow_up),
    Route("POST", "/returns/{id}/follow-up/{milestone_id}", complete_health_milestone),
    Route("POST", "/returns/{id}/check-ins/{check_in_id}", record_check_in),
    Route("POST", "/returns/{id}/contacts/{request_id}/answer", answer_contact),
    Route("POST", "/returns/{id}/actions/{plugin}/{action}", act_on_return),
    Route("POST", "/returns/{id}/competencies", add_competency, status=201),
    Route("GET", "/oversight/returns", list_program_returns),
    Route("POST", "/oversight/returns/{agency}/milestones/{id}/completion", complete_program_milestone),
]
