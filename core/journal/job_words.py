"""What the jobs of the queue are called, for the operator: they see no service's data, so not of which plugin one is.

A test finds every job that there is and asks for its words.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.text import Text, t

JOBS: dict[str, Text] = {
    "accounts.look_at_programs": t("Tells of programs whose maker may let nobody in"),
    "accounts.look_whose_programs": t("Tells of the programs of somebody who lost a role"),
    "approval_links.clear_links": t("Clears links to approvals that have ended"),
    "approval_links.link_deciders": t("Makes links for those who decide"),
    "approval_links.send_link": t("Sends a link to an approval"),
    "break_glass.alarm_operator": t("Tells the operator that a break-glass account was used"),
    "calendars.end_unused_addresses": t("Ends calendar addresses that nobody uses"),
    "contingents.begin_roster": t("Fills the roster of a mission that was opened"),
    "contingents.follow_person": t("Brings rosters to what a service shares of a person"),
    "contingents.follow_tour": t("Brings a mission’s roster to a tour"),
    "deployments.apply_movement": t("Moves a tour as reported"),
    "deployments.keep_in_hr": t("Has HR keep what follows from a tour"),
    "deployments.tell_plugins_tour_changed": t("Prepares messages to plugins about a tour"),
    "documents.dispose_of_old": t("Removes files that were kept long enough"),
    "documents.scan_document": t("Has a file scanned"),
    "documents.sweep_orphans": t("Removes files that arrived in part"),
    "extensions.begin_tasks": t("Begins plugins’ tasks that are due"),
    "extensions.deliver": t("Gives a message to a plugin"),
    "extensions.follow_allowance": t("Tells a service that a plugin may run or may not"),
    "extensions.follow_end_of_stop": t("Tells a service that plugins run again"),
    "extensions.follow_stop": t("Tells a service that plugins were stopped"),
    "extensions.forget_deliveries": t("Forgets messages to plugins that ended long ago"),
    "extensions.forget_figures": t("Forgets old figures of plugins"),
    "extensions.run_plugin_task": t("Runs a plugin’s task"),
    "extensions.tell_by_channel": t("Passes a notification on to a reader’s channel"),
    "extensions.tell_operator": t("Tells the operator of a plugin that is suspended for several services"),
    "linking.finish_unlinking": t("Completes the unlinking of an account"),
    "member.offer": t("Tells an officer how to sign in as a member"),
    "nominations.keep_contract": t("Holds released data to a contract whose day has come"),
    "nominations.narrow": t("Holds released data to a new contract"),
    "nominations.tell_plugins_nomination_changed": t("Prepares messages to plugins about a nomination"),
    "personnel.tell_plugins_officer_changed": t("Prepares messages to plugins about an officer"),
    "red_button.follow_operator": t("Keeps that the operator stopped sign-in"),
    "red_button.follow_resumption": t("Keeps that the operator lets people sign in again"),
    "red_button.tell_operator": t("Tells the operator that a service stopped sign-in"),
    "relinking.complete": t("Completes a move to other accounts"),
    "returns.follow": t("Opens or moves the return file of a tour"),
    "returns.keep_duty_in_hr": t("Has HR keep a return to duty"),
    "returns.keep_returns": t("Looks after return files each day"),
    "returns.plan_own": t("Plans IPOB’s milestones of a return"),
    "returns.tell_plugins_return_changed": t("Prepares messages to plugins about a return"),
    "setup.forget_claims": t("Forgets what test sign-ins brought"),
    "setup.warn_of_ends": t("Warns of secrets, keys and tokens that end soon"),
    "use_cases.forget_old_keys": t("Forgets old keys of repeated requests"),
    "workforce.follow_loaded_numbers": t("Has HR correct records under corrected employee numbers, after a load"),
    "workforce.follow_the_officers_number": t("Has HR correct records under an officer’s other employee number"),
    "workforce.make_up_for_records": t("Tells HR each day what it was not told"),
    "workforce.send_with_new_settings": t("Tells HR again after new settings"),
}


def call_jobs(words: Mapping[str, Text]) -> None:
    """Say what the jobs of a package above are called."""
    JOBS.update(words)


def job_words(subscriber: str) -> Text:
    """Return what a job does; one of an earlier version is called by its key."""
    return JOBS.get(subscriber, Text(subscriber))
