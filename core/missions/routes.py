"""The JSON routes of missions, positions and calls."""

from __future__ import annotations

from core.missions.calls import create_call, get_call, list_calls, move_call, offer_position
from core.missions.service import add_position, create_mission, get_mission, list_missions, move_mission
from core.web.routes import Route

ROUTES = [
    Route("GET", "/missions", list_missions),
    Route("POST", "/missions", create_mission, status=201),
    Route("GET", "/missions/{id}", get_mission),
    Route("POST", "/missions/{id}/step", move_mission),
    Route("POST", "/missions/{id}/positions", add_position, status=201),
    Route("GET", "/calls", list_calls),
    Route("POST", "/calls", create_call, status=201),
    Route("GET", "/calls/{id}", get_call),
    Route("POST", "/calls/{id}/positions", offer_position),
    Route("POST", "/calls/{id}/step", move_call),
]
