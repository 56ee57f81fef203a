"""The JSON API of the red button: a program that watches for intrusions may press it too, but lets nobody in again."""

from __future__ import annotations

from auth.red_button.operator import list_services, stop_service
from auth.red_button.service import list_stops, press_red_button
from auth.red_button.trail import account_trail
from core.web.routes import Route

ROUTES = [
    Route("GET", "/red-button", list_stops),
    Route("POST", "/red-button", press_red_button, status=201),
    Route("GET", "/accounts/{id}/trail", account_trail),
    Route("GET", "/stopped-services", list_services),
    Route("POST", "/stopped-services/{slug}", stop_service, status=201),
]
