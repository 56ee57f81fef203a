"""What hooks and plugins are called on the pages: developers know them by their keys, everybody else by this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.context import Ctx, Language
from core.hooks.data import Words
from core.text import Text

if TYPE_CHECKING:
    from core.hooks.registry import Plugin

TITLES: Mapping[str, Words] = {
    "hr_test_connection": {
        "en": "Test of the connection to the HR system",
        "fr": "Essai de la connexion au système RH",
    },
    "hr_fetch": {"en": "Reading of worker records", "fr": "Lecture des données du personnel"},
    "hr_write_back": {"en": "Record in the HR system", "fr": "Inscription au système RH"},
    "approval_chain": {"en": "Chain of approval", "fr": "Chaîne d’approbation"},
    "reintegration_milestones": {"en": "Milestones of a return", "fr": "Jalons d’un retour"},
    "claim_lines": {"en": "Lines of a claim", "fr": "Lignes d’une réclamation"},
    "eligibility_findings": {"en": "Findings on a nomination", "fr": "Constats sur une mise en candidature"},
    "authorize_transition": {"en": "Check before a step is taken", "fr": "Contrôle avant une étape"},
    "check_in_questions": {"en": "Questions of a check-in", "fr": "Questions d’un point sur le mieux-être"},
    "check_in_advice": {"en": "Advice after a check-in", "fr": "Conseils après un point sur le mieux-être"},
    "dashboard_panels": {"en": "Panels on the overview", "fr": "Encadrés de la vue d’ensemble"},
    "officer_panels": {"en": "Panels on an officer’s page", "fr": "Encadrés de la page d’un membre"},
    "tour_panels": {"en": "Panels on a tour’s page", "fr": "Encadrés de la page d’une affectation"},
    "offered_actions": {"en": "Offer of actions", "fr": "Offre d’actions"},
    "run_action": {"en": "Carrying out of an action", "fr": "Exécution d’une action"},
    "nomination_changed": {"en": "Change to a nomination", "fr": "Changement à une mise en candidature"},
    "tour_changed": {"en": "Change to a tour", "fr": "Changement à une affectation"},
    "return_changed": {"en": "Change to a return", "fr": "Changement à un retour"},
    "officer_changed": {"en": "Change to an officer’s record", "fr": "Changement au dossier d’un membre"},
    "scheduled_tasks": {"en": "Schedule of tasks", "fr": "Calendrier des tâches"},
    "run_task": {"en": "Run of a task", "fr": "Exécution d’une tâche"},
    "deliver_notification": {"en": "Delivery of a notification", "fr": "Transmission d’une notification"},
}

BETWEEN = "sandbox"
"""Stands where a hook's key stands, of what was between the calls."""
BETWEEN_TITLE: Words = {"en": "Between calls", "fr": "Entre les appels"}


def title_of_hook(key: str, language: Language) -> str:
    """Return what the hook is called in ``language``; one of another version, which has no title here, by its key."""
    found = BETWEEN_TITLE if key == BETWEEN else TITLES.get(key)
    return found[language] if found else key


def title_of_plugin(key: str, plugin: Plugin | None) -> Words:
    """Return what the plugin is called; ``None``, one that is not installed (any more) or is broken: by its key."""
    return plugin.manifest.title if plugin else {"en": key, "fr": key}


def with_title(ctx: Ctx, said: Text) -> Text:
    """Return a sentence that holds a plugin's key as ``plugin`` with what that is called, for who reads it now.

    Sentences are kept with the key: who reads them later may read the other language.
    """
    key = said.params.get("plugin")
    if not isinstance(key, str):
        return said
    return Text(said.id, {**said.params, "plugin": ctx.hooks.registry.title(key, ctx.language)})
