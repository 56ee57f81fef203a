"""The JSON API of the red button: a program that watches for intrusions may press it too."""

from __future__ import annotations

from auth.red_button.operator import list_services, resume_service, stop_service
from auth.red_button.service import list_stops, press_red_button, resume_sign_in
from auth.red_button.trail import account_trail
from core.web.routes import Route

ROUTES = [
    Route("GET", "/red-button", list_stops),
    Route("POST", "/red-button", press_red_button, status=201),
    Route("POST", "/red-button/{id}/resume", resume_sign_in),
    Route("GET", "/accounts/{id}/trail", account_trail),
    Route("GET", "/stopped-services", list_services),
    Route("POST", "/stopped-services/{slug}", stop_service, status=201),
    Route("POST", "/stopped-services/{id}/resume", resume_service),
]
