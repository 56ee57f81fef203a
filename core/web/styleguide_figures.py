"""Sample figures for the style guide; every number in them is invented."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.context import Language
from core.text import Text
from core.web.figures.bars import Amount, build_funnel, draw_bars, sparkline
from core.web.figures.heat import Axis, build_heat
from core.web.figures.pen import Pen
from core.web.figures.timeline import Lane, Span, draw_timeline
from core.web.figures.world import Place, draw_map

TODAY = date(2026, 11, 23)

PLACES = [
    ("BINUH", "BINUH", "Port-au-Prince", 18.54, -72.34, 24, 30),
    ("CPMU", "MPCU", "Kyiv", 50.45, 30.52, 21, 24),
    ("UNMISS", "MINUSS", "Juba", 4.85, 31.6, 9, 12),
    ("EUPOL COPPS", "EUPOL COPPS", "Ramallah", 31.9, 35.2, 7, 8),
    ("MONUSCO", "MONUSCO", "Goma", -1.68, 29.22, 6, 6),
    ("UNHQ", "Siège de l’ONU", "New York", 40.75, -73.97, 5, 5),
    ("EULEX", "EULEX", "Pristina", 42.66, 21.17, 4, 4),
    ("ICC", "CPI", "La Haye", 52.08, 4.31, 4, 4),
    ("MINURSO", "MINURSO", "Laayoune", 27.15, -13.2, 3, 3),
    ("UNFICYP", "UNFICYP", "Nicosie", 35.17, 33.36, 3, 4),
]


def figures(language: Language) -> dict[str, Any]:
    """Return one figure of each kind."""

    def pick(en: str, fr: str) -> str:
        return fr if language == "fr" else en

    pen = Pen(language, lambda path: f"/{language}/qc-spl{path}")
    places = [
        Place(pick(english, french), f"/missions/{english}", north, east, count, authorized, seat)
        for english, french, seat, north, east, count, authorized in PLACES
    ]
    agencies = ["RCMP", "SPVM", "SQ", "OPP", "Toronto", "Ottawa", "Longueuil"]
    missions = [Axis(english, pick(english, french), f"/missions/{english}") for english, french, *_ in PLACES[:6]]
    counts = {
        (agency, axis.key): max(0, 5 - row - column + (row * column) % 3)
        for row, agency in enumerate(agencies)
        for column, axis in enumerate(missions)
    }
    stages = [
        (pick("Nominated", "Mises en candidature"), 64, "/nominations"),
        (pick("Screening", "Présélection"), 51, "/nominations?state=screening"),
        (pick("Assessment", "Évaluation"), 38, None),
        (pick("Selected", "Sélection"), 27, None),
        (pick("Ready to deploy", "Prêts au départ"), 19, None),
    ]
    return {
        "map": draw_map(pen, places),
        "timeline": draw_timeline(pen, _lanes(language), date(2026, 7, 1), date(2027, 8, 31), TODAY),
        "bars": draw_bars(
            pen,
            [
                Amount(pick(english, french), count, f"/missions/{english}", authorized)
                for english, french, _, _, _, count, authorized in PLACES[:6]
            ],
            name="strength",
            caption=pick("Strength by mission", "Effectif par mission"),
        ),
        "funnel": build_funnel(stages, name="funnel", caption=pick("Nominations", "Mises en candidature")),
        "heat": build_heat(
            [Axis(one, one, f"/agencies/{one}") for one in agencies],
            missions,
            counts | {("OPP", "CPMU"): None},
            name="contribution",
            caption=pick("Officers by agency and mission", "Membres par service et mission"),
            corner=pick("Agency", "Service"),
        ),
        "kpis": _kpis(language),
    }


def _lanes(language: Language) -> list[Lane]:
    def pick(en: str, fr: str) -> str:
        return fr if language == "fr" else en

    officers = pick("officers", "membres")
    return [
        Lane(
            pick("CPMU", "MPCU"),
            [
                Span(f"R12 · 12 {officers}", date(2026, 1, 15), date(2027, 1, 12), "done", "/r/12"),
                Span(f"R13 · 12 {officers}", date(2027, 1, 5), date(2027, 12, 20), "plan", "/r/13"),
                Span(f"R12b · 9 {officers}", date(2026, 9, 8), date(2027, 8, 20), "done", "/r/12b"),
            ],
            pick("21 deployed", "21 en mission"),
        ),
        Lane(
            "BINUH",
            [
                Span(f"R4 · 14 {officers}", date(2025, 12, 10), date(2026, 12, 15), "ask", "/r/4"),
                Span(f"R5 · 16 {officers}", date(2026, 12, 20), date(2027, 11, 30), "plan", "/r/5"),
            ],
            pick("24 deployed", "24 en mission"),
        ),
        Lane(
            "MINUSCA",
            [
                Span(f"R6 · 4 {officers}", date(2025, 11, 1), date(2026, 10, 30), "done", "/r/6"),
                Span(pick("Reintegration", "Réintégration"), date(2026, 11, 2), date(2027, 10, 30), "home", "/returns"),
            ],
        ),
        Lane("EUPOL COPPS", [Span("R31", date(2026, 11, 1), date(2026, 11, 12), "late", "/r/31")]),
    ]


def _kpis(language: Language) -> list[dict[str, Any]]:
    def pick(en: str, fr: str) -> str:
        return fr if language == "fr" else en

    def line(values: list[float]) -> Any:
        return sparkline(values, Pen(language).say(Text(pick("over eight months", "sur huit mois"))))

    return [
        {
            "title": pick("Deployed now", "En mission"),
            "value": 86,
            "note": pick("of 100 authorized", "sur 100 autorisés"),
            "href": "/tours",
            "spark": line([61, 62, 66, 65, 70, 76, 80, 86]),
        },
        {
            "title": pick("Departing in 60 days", "Départs d’ici 60 jours"),
            "value": 37,
            "href": "/tours",
            "note": pick("3 rotations", "3 rotations"),
            "spark": line([20, 21, 19, 22, 25, 28, 33, 37]),
        },
        {
            "title": pick("Returning in 60 days", "Retours d’ici 60 jours"),
            "value": 28,
            "href": "/returns",
            "tone": "warn",
            "note": pick("9 without a plan", "9 sans plan de retour"),
            "spark": line([20, 21, 20, 22, 23, 25, 27, 28]),
        },
        {
            "title": pick("Milestones late", "Jalons en retard"),
            "value": 2,
            "href": "/returns",
            "tone": "bad",
            "note": pick("oldest: 12 days", "le plus ancien : 12 jours"),
            "spark": line([1, 0, 1, 1, 3, 2, 3, 2]),
        },
    ]
