"""What states, causes and kinds of a plugin are called."""

from __future__ import annotations

from core.text import Text, t

STATES: dict[str, Text] = {
    "enabled": t("In use"),
    "disabled": t("Switched off"),
    "suspended": t("Suspended here"),
    "unset": t("Settings do not fit"),
    "unallowed": t("Not allowed by the operator"),
    "unconsented": t("Waits for consent"),
    "missing": t("Not installed"),
    "available": t("Never switched on"),
    "removed": t("Removed"),
    "stopped": t("Stopped by the operator"),
    "safe": t("Waits: safe mode"),
}

REMEDIES: dict[str, Text] = {
    "unset": t("Its settings do not fit its version, so it does not run. Look through them below and save them."),
    "unconsented": t(
        "This version asks for more than your service has consented to, so it does not run. Until you consent or "
        "switch it off, it counts as not answering."
    ),
    "unallowed": t(
        "The operator of the platform does not allow it for your service. What needs it waits; its settings and "
        "documents are kept. When it is allowed again, it runs again by itself."
    ),
    "missing": t(
        "It is not installed any more, or cannot be loaded. The operator sees why. "
        "Until it is back or switched off, it counts as not answering."
    ),
    "available": t("Switch it on to use it. It starts with its own settings, which you can then change."),
    "disabled": t("It does nothing here until it is switched on. Its settings and documents are kept."),
    "stopped": t("The operator of the platform has stopped it. What needs it waits, as for one that is suspended."),
    "safe": t("In safe mode no plugin runs. What needs this one waits."),
    "removed": t("It keeps nothing here any more. Switched on, it begins anew."),
}
"""What each state means for the reader, where something can be done."""

GONE = t("It keeps nothing here any more and is not there any more. Brought or installed again, it begins anew.")
"""What it means that a plugin is removed where nothing of it is left to switch on."""

NOT_ALLOWED = t("The operator of the platform does not allow it for your service: it cannot be switched on.")
"""Where it is not on anyway."""

SUSPENDED: dict[str | None, Text] = {
    "blocked": t("It held up everybody’s work and was stopped for this service at once."),
    "failing": t("It failed again and again and was stopped for this service."),
    None: t("Somebody suspended it for this service."),
}

RESTING = t("Left alone for half a minute")

CAUSES: dict[str, Text] = {
    "raised": t("Failed with an error"),
    "withheld": t("Used what nobody consented to"),
    "late": t("Not in time"),
    "nonsense": t("Answer not understood"),
    "blocked": t("Held up everybody’s work"),
    "ended": t("Its sandbox ended"),
    "overtime": t("Something in its sandbox worked on after the answers"),
    "busy": t("Too much under way at once"),
    "unconfined": t("No sandbox to run in"),
    "broken": t("Could not be loaded"),
    "nothing": t("No answer"),
}

BREAKERS: dict[str, Text] = {
    "closed": t("It is asked"),
    "half open": t("It is being tried again"),
    "open": t("Left alone for half a minute"),
    "suspended": t("Suspended here"),
}
"""The breaker of the process that shows the page."""

LEVELS: dict[str, Text] = {
    "info": t("Information"),
    "warning": t("Warning"),
    "error": t("Error"),
    "failure": t("Failure"),
}

ACTIONS: dict[str, Text] = {
    "enable": t("Switched on"),
    "consent": t("Consent given"),
    "disable": t("Switched off"),
    "configure": t("Settings changed"),
    "suspend": t("Suspended here"),
    "resume": t("Resumed"),
    "remove": t("Removed: its data were exported and erased"),
}

HOOKS: dict[str, Text] = {
    "hr_test_connection": t("Tries the connection to your HR system."),
    "hr_fetch": t("Reads worker records."),
    "hr_write_back": t(
        "Records leave, training, experience and returns in your HR system, if “Records for HR” names it."
    ),
    "approval_chain": t("Says who must approve, in the cases for which “Chains of approval” names it."),
    "reintegration_milestones": t("Says what must be done after a return."),
    "claim_lines": t("Says what may be claimed for a tour."),
    "eligibility_findings": t("Says what speaks for or against a nomination."),
    "authorize_transition": t("May refuse a step of a nomination or a return."),
    "check_in_questions": t("Says what to ask an officer after a return."),
    "check_in_advice": t("Tells an officer what follows from the answers."),
    "dashboard_panels": t("Shows something on the overview."),
    "officer_panels": t("Shows something on officers’ pages."),
    "tour_panels": t("Shows something on tours."),
    "offered_actions": t("Offers something to do, and does it."),
    "run_action": t("Offers something to do, and does it."),
    "nomination_changed": t("Hears of changes to nominations."),
    "tour_changed": t("Hears of changes to tours."),
    "return_changed": t("Hears of changes to returns."),
    "officer_changed": t("Hears of changes to officers’ records."),
    "scheduled_tasks": t("Works by itself, at times that it names."),
    "run_task": t("Works by itself, at times that it names."),
    "deliver_notification": t("Delivers notifications."),
}
"""What a plugin does by answering a hook: a sentence each, the same one where two go together."""

CLASSES: dict[str, Text] = {
    "public": t("names and dates of missions"),
    "shared": t("what your sharing contract lets out"),
    "agency": t("data of your service"),
    "health": t("health data"),
}

TIERS: dict[int, Text] = {
    0: t("Settings only, no code of its own"),
    1: t("Inside the platform, after a review"),
    2: t("In a closed process of its own"),
}
LOADED = t(
    "In a closed process of its own. As it is installed, the platform loads its code, too, to read what it says."
)
"""Where a plugin runs that is installed for the sandbox: of a bundle alone no line ever runs in the platform itself."""


def place_of(tier: int | None, source: str | None) -> Text | None:
    """Return where a plugin of this tier runs that came this way."""
    return LOADED if tier == 2 and source == "installed" else TIERS.get(1 if tier is None else tier)


SOURCES: dict[str, Text] = {
    "installed": t("Installed by the operator"),
    "folder": t("Offered by the operator"),
    "own": t("Your service’s own"),
}

QUALITIES: dict[str, Text] = {"silver": t("Silver"), "gold": t("Gold")}

STOPPED: dict[str | None, Text] = {
    "blocked": t("%(service)s: held up everybody’s work"),
    "failing": t("%(service)s: failed again and again"),
    None: t("%(service)s: suspended by somebody there"),
}
"""For which service a plugin is suspended, and why."""

STAGES: dict[str, Text] = {
    "import": t("Importing it"),
    "manifest": t("Reading its manifest"),
    "requires": t("Comparing versions"),
    "hooks": t("Checking its hooks"),
    "bundle": t("Looking at its bundle"),
    "older": t("Nothing: a newer version is used"),
    "missing": t("Looking for it: it is not installed"),
}
"""Where a broken plugin failed."""

WHOM: dict[str, Text] = {
    "everyone": t("Every service"),
    "chosen": t("Only the services ticked below"),
    "nobody": t("Nobody"),
}
"""Whom the operator allows a plugin, or recommends a profile."""

DOES: dict[str, Text] = {
    "on": t("It is in use already, and is not touched."),
    "suspended": t("It is suspended here, and is not touched."),
    "held": t("It is stopped, or not allowed any more: it cannot be switched on now."),
    "missing": t("It is not installed on this platform now."),
    "unfit": t("Its version does not take the settings that are recommended. Tell the operator."),
}
"""Why a profile leaves a plugin as it is."""

BUNDLE_STATES: dict[str, Text] = {
    "waiting": t("Waits for a different person"),
    "chosen": t("The chosen version"),
    "former": t("Chosen before"),
}
"""Where a version of a service's own plugin stands."""

DELIVERY_STATES: dict[str, Text] = {
    "waiting": t("Waiting"),
    "done": t("Taken"),
    "dropped": t("No longer needed"),
    "dead": t("Given up"),
}

EVENTS: dict[str, Text] = {
    "nomination_changed": t("A nomination has changed"),
    "tour_changed": t("A tour has changed"),
    "return_changed": t("A return has changed"),
    "officer_changed": t("An officer’s record has changed"),
    "notification_made": t("A notification for somebody"),
    "notification_digest": t("The day’s notifications for somebody"),
    "channel_address_entered": t("A code for somebody’s new address"),
    "approval_link_made": t("A link by which somebody decides"),
    "plugin_task": t("A task of the plugin is due"),
    "hr_leave": t("For HR: a leave of absence"),
    "hr_training": t("For HR: training completed"),
    "hr_experience": t("For HR: experience earned"),
    "hr_duty": t("For HR: a return to duty"),
}
"""What has happened that a plugin was told of."""

DELIVERY_CAUSES: dict[str, Text] = {
    **CAUSES,
    "refused": t("Not taken by the service outside"),
    "resting": t("Left alone after several failures"),
    "suspended": t("The plugin was suspended"),
    "unset": t("The plugin’s settings did not fit"),
    "unallowed": t("The operator did not allow the plugin"),
    "unconsented": t("The plugin waited for consent"),
    "stopped": t("The operator had stopped the plugin"),
    "safe": t("The service was in safe mode"),
    "lost": t("The worker ended during its last attempt"),
    "missing": t("The plugin was not installed"),
    "disabled": t("The plugin was switched off"),
    "gone": t("What it is about is no more"),
    "overtaken": t("The other side has it already as it is now, or another message carries it"),
    "renamed": t("Another plugin does this now"),
}
"""Why a delivery was not taken, or was dropped."""
