"""The JSON routes of tours and movements."""

from __future__ import annotations

from core.deployments.acting import act_on_tour
from core.deployments.reading import get_tour, list_tours, my_tours
from core.deployments.recording import list_tour_records
from core.deployments.service import move_tour, order_tour, plan_tour, report_movement
from core.web.routes import Route

ROUTES = [
    Route("GET", "/tours", list_tours, quick=True),
    Route("GET", "/my/tours", my_tours),
    Route("POST", "/candidacies/{agency}/{id}/tour", plan_tour, status=201),
    Route("GET", "/tours/{agency}/{id}", get_tour),
    Route("GET", "/tours/{agency}/{id}/records", list_tour_records),
    Route("POST", "/tours/{agency}/{id}/order", order_tour),
    Route("POST", "/tours/{agency}/{id}/step", move_tour),
    Route("POST", "/tours/{id}/actions/{plugin}/{action}", act_on_tour),
    Route("POST", "/tours/{id}/movements", report_movement, status=201),
]
