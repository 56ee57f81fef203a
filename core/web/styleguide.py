"""Sample data for the style guide: every component once, with invented persons, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.context import Language, Scope
from core.errors import Fault
from core.text import Text
from core.use_cases.fields import field
from core.web.forms import build_form
from core.web.shell import Alert, NavLink, NavSection, Page, Signed
from core.web.styleguide_figures import figures
from core.web.tables import Badge, Bar, Column, Link, Table

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 18, 58, tzinfo=UTC)
SCOPE = Scope(UUID(int=7), "agency", "qc-spl", "Longueuil Police Service", "Service de police de Longueuil")


STATES = {"a": Text("Draft"), "b": Text("Open"), "c": Text("Closed"), "d": Text("Cancelled")}


class SampleStep(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a list in a form."""

    title_en: Annotated[str, field(Text("Title in English"), longest=120)]
    title_fr: Annotated[str, field(Text("Title in French"), longest=120)]
    days: Annotated[int | None, field(Text("Officers wanted"), widget="number", least=1)] = None
    armed: Annotated[bool, field(Text("Armed"), widget="checkbox")] = True


STEPS = (
    SampleStep(title_en="Chief’s office", title_fr="Bureau de la direction"),
    SampleStep(title_en="Human resources", title_fr="Ressources humaines"),
)


class SampleIn(msgspec.Struct, frozen=True, kw_only=True):
    """A form with one field of each kind."""

    id: Annotated[str, field(Text("Mission"), widget="hidden")]
    title: Annotated[str, field(Text("Title in English"), longest=120)]
    mission: Annotated[str, field(Text("Mission"), help=Text("Its two-letter code, such as HT."), longest=12)]
    starts_on: Annotated[date, field(Text("First day"), widget="date")]
    seats: Annotated[int | None, field(Text("Officers wanted"), widget="number", least=1, most=500)] = None
    side: Annotated[Literal["un", "eu"], field(Text("Organization"), choices={"un": Text("UN"), "eu": Text("EU")})]
    kind: Annotated[
        Literal["a", "b", "c", "d"] | None,
        field(Text("State"), choices=STATES),
    ] = None
    languages: Annotated[
        list[Literal["en", "fr"]],
        field(Text("Working languages"), widget="choices", choices={"en": Text("English"), "fr": Text("French")}),
    ] = []
    armed: Annotated[bool, field(Text("Armed"), widget="checkbox")] = False
    note: Annotated[str | None, field(Text("Note"), widget="area", longest=2000)] = None
    words: Annotated[list[str], field(Text("Working languages"))] = []
    steps: Annotated[list[SampleStep], field(Text("Steps"))] = msgspec.field(default_factory=lambda: list(STEPS))
    scan: Annotated[str | None, field(Text("Document"), widget="file")] = None


def sample_page(language: Language, path: str = "/styleguide", **changes: Any) -> Page:
    """Return the shell around the style guide."""

    def pick(en: str, fr: str) -> str:
        return fr if language == "fr" else en

    main = NavSection(
        None,
        [
            NavLink(pick("Overview", "Vue d’ensemble"), "/", "home"),
            NavLink(pick("Approvals", "Approbations"), "/approvals", "inbox", 6),
            NavLink(pick("Open calls", "Appels ouverts"), "/calls", "megaphone", 4),
            NavLink(pick("Nominations", "Mises en candidature"), "/nominations", "flow", 9),
            NavLink(pick("Our officers", "Nos membres"), "/officers", "people"),
        ],
    )
    out = NavSection(
        pick("In the field", "Sur le terrain"),
        [
            NavLink(pick("Tours", "Affectations"), "/tours", "globe", 12),
            NavLink(pick("Return tracker", "Suivi des retours"), "/returns", "heart", 3),
        ],
    )
    administration = NavSection(
        pick("Administration", "Administration"),
        [
            NavLink(pick("HR import", "Importation RH"), "/workforce", "sync"),
            NavLink(pick("Plugins", "Modules"), "/plugins", "plug"),
            NavLink(pick("Audit log", "Journal d’audit"), "/audit", "log"),
            NavLink(pick("Style guide", "Guide de style"), "/styleguide", "eye"),
        ],
    )
    values: dict[str, Any] = {
        "language": language,
        "path": path,
        "today": TODAY,
        "scope": SCOPE,
        "query": {"sort": "-deployed"},
        "nav": [main, out, administration],
        "signed": Signed(
            pick("Insp. Maude Gagnon", "Insp. Maude Gagnon"),
            pick("Approver", "Personne approbatrice"),
            [NavLink(pick("My seat", "Mon siège"), "/seat", "user")],
        ),
        "unread": 3,
        "alerts": [Alert(pick("The call is drafted.", "L’appel est rédigé."), "ok")],
        "token": lambda: "one-time",
        "sign_out": "/t/qc-spl/auth/logout",
        "search": "/search",
        "notifications": "/notifications",
        "marking": pick("Protected – Longueuil Police Service", "Protégé – Service de police de Longueuil"),
        "demonstration": True,
        "version": "0.1.0",
        "stripe": "red",
    }
    return Page(**(values | changes))


def sample(language: Language) -> dict[str, Any]:
    """Return the values of ``styleguide.html``."""

    def pick(en: str, fr: str) -> str:
        return fr if language == "fr" else en

    faults = [
        Fault("/title", Text("Fill this in.")),
        Fault("/starts_on", Text("Enter a date that exists, as year-month-day: 2026-03-01.")),
        Fault("/side", Text("Choose one of: %(choices)s.", {"choices": "UN, EU"})),
    ]
    typed = {"id": "7", "mission": "HT", "starts_on": "2026-02-30", "languages": ["fr"], "armed": "true"}
    return {
        "pick": pick,
        "form": build_form(SampleIn, {"mission": "HT", "starts_on": "2027-01-19", "seats": 12}, prefix="a-"),
        "wrong": build_form(SampleIn, typed, faults, version=3, prefix="b-").only("title", "starts_on", "side", "note"),
        "filters": build_form(SampleIn, {}, prefix="c-").only("kind", "mission"),
        "table": _missions(language),
        "now": NOW,
        "today": TODAY,
        "days": [TODAY + timedelta(days=one) for one in (-3, 0, 1, 5, 30)],
        **_case(language),
        **figures(language),
    }


def _missions(language: Language) -> Table:
    def pick(en: str, fr: str) -> str:
        return fr if language == "fr" else en

    rows = [
        ("BINUH", "BINUH", "Port-au-Prince", 24, 30, 0.33, date(2026, 12, 15), 18_450_000),
        ("CPMU", "MPCU", "Kyiv", 21, 24, 0.43, date(2027, 1, 12), 2_310_050),
        ("UNMISS", "MINUSS", pick("Juba", "Djouba"), 9, 12, 0.44, date(2027, 3, 1), None),
        ("ICC", "CPI", pick("The Hague", "La Haye"), 4, 4, 0.5, date(2027, 5, 18), 99),
    ]
    state = {
        True: Badge(pick("At strength", "Effectif atteint"), "ok"),
        False: Badge(pick("Below", "En dessous"), "warn"),
    }
    return Table(
        name="missions",
        caption=pick("Missions", "Missions"),
        columns=[
            Column("mission", pick("Mission", "Mission"), "link", sortable=True),
            Column("deployed", pick("Deployed / authorized", "En mission / autorisés"), "bar", sortable=True),
            Column("women", pick("Women", "Femmes"), "percent"),
            Column("rotation", pick("Next arrival", "Prochaine arrivée"), "date", sortable=True),
            Column("cost", pick("Cost", "Coût"), "money"),
            Column("state", pick("State", "État"), "badge"),
        ],
        rows=[
            {
                "id": english,
                "mission": Link(pick(english, french), f"/missions/{english}", seat),
                "deployed": Bar(part, whole),
                "women": women,
                "rotation": day,
                "cost": cents,
                "state": state[part >= whole],
            }
            for english, french, seat, part, whole, women, day, cents in rows
        ],
        totals={"mission": "Total", "deployed": Bar(58, 70), "women": 0.4, "cost": 20_760_149},
        sort="-deployed",
        next="cursor",
        filters=[(pick("Mission", "Mission"), pick("current", "en cours"))],
        downloads={"csv": "/missions.csv", "xlsx": "/missions.xlsx"},
        note=pick("Participation unverified for two services.", "Participation non vérifiée pour deux services."),
        select="chosen",
        quick=True,
    )


def _case(language: Language) -> dict[str, Any]:
    def pick(en: str, fr: str) -> str:
        return fr if language == "fr" else en

    return {
        "steps": [
            {
                "title": pick("Unit commander", "Commandement de l’unité"),
                "state": "done",
                "note": pick("Nov 17", "17 nov."),
            },
            {
                "title": pick("Human resources", "Ressources humaines"),
                "state": "done",
                "note": pick("Nov 21", "21 nov."),
            },
            {
                "title": pick("Chief’s office", "Bureau de la direction"),
                "state": "current",
                "note": pick("You", "Vous"),
            },
            {"title": pick("Sent to IPOB", "Envoi à MPI"), "state": "open"},
        ],
        "checks": [
            {
                "title": pick("Service of 5 years or more", "Cinq ans de service ou plus"),
                "tone": "ok",
                "note": pick("11 years, from HR", "11 ans, selon les RH"),
                "link": ("/officers/1", pick("Source", "Source")),
            },
            {
                "title": pick("Driving and firearms", "Conduite et arme à feu"),
                "tone": "warn",
                "note": pick(
                    "expires Sep 30, 2027, before the last day of the tour",
                    "échéance le 30 sept. 2027, avant le dernier jour de l’affectation",
                ),
            },
            {
                "title": pick("Conduct attested by professional standards", "Attestation des normes professionnelles"),
                "tone": "bad",
                "note": pick("still open: it blocks the approval", "en attente : elle bloque l’approbation"),
            },
        ],
        "history": [
            {"title": pick("Human resources approved", "Approbation des RH"), "at": NOW, "who": "A. Bouchard"},
            {
                "title": pick("Returned for changes", "Renvoi pour modification"),
                "at": TODAY - timedelta(days=22),
                "who": "R. Chen",
                "reason": pick("The end date was missing.", "La date de fin manquait."),
            },
        ],
        "pairs": [
            (pick("Call", "Appel"), Link("AC-2026-007", "/calls/7")),
            (pick("Tour", "Affectation"), pick("12 months", "12 mois")),
            (pick("Deadline", "Échéance"), TODAY),
            (pick("State", "État"), Badge(pick("In approval", "En approbation"), "info")),
            (pick("Salary cost", "Coût salarial"), None),
        ],
        "todo": [
            {
                "title": pick("1 milestone late", "1 jalon en retard"),
                "note": pick("Return of Cst. Amélie Roy", "Retour de l’agente Amélie Roy"),
                "tone": "bad",
                "href": "/returns/1",
                "label": pick("Open", "Ouvrir"),
            },
            {
                "title": pick("Agreement expires in 30 days", "L’entente échoit dans 30 jours"),
                "tone": "warn",
                "href": "/agency",
                "label": pick("Review", "Examiner"),
            },
        ],
        "tiles": [
            {"title": "Longueuil", "href": "/x", "note": pick("Québec", "Québec"), "icon": "shield"},
            {
                "title": pick("International Peace Operations Branch", "Missions internationales de paix"),
                "href": "/y",
                "icon": "globe",
                "badge": Badge(pick("Last used", "Dernier choix"), "info"),
            },
        ],
        "items": [
            ("Sgt. Camille Fortin", pick("Nomination – UNMISS", "Mise en candidature – MINUSS"), "bad", True),
            ("Cst. Daniel Okafor", pick("Nomination – BINUH", "Mise en candidature – BINUH"), "warn", False),
            ("Insp. Robert Chen", pick("Release for training", "Libération pour formation"), "idle", False),
        ],
    }
