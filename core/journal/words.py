"""What the log's keys are called. A test finds every action that the code writes and asks for its words.

Deeds are nouns, so that they fit any subject in both languages.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.text import Text, t

SUBJECTS: dict[str, Text] = {
    "agency": t("Service"),
    "api_token": t("API token"),
    "approval": t("Decision"),
    "approval_case": t("Approval case"),
    "approval_link": t("Approval link"),
    "break_glass": t("Break-glass account"),
    "calendar_address": t("Calendar address"),
    "call": t("Call for nominations"),
    "candidacy": t("Candidacy"),
    "chain_provider": t("Who gives the chain"),
    "channel_address": t("Address for messages"),
    "check_in": t("Check-in"),
    "claim_rule": t("Rule for roles"),
    "client_key": t("Client’s signing key"),
    "competency": t("Competency"),
    "contact": t("Request for contact"),
    "contingent_member": t("Roster of the contingent"),
    "contract": t("Sharing contract"),
    "delegation": t("Delegation"),
    "document": t("File"),
    "fitness": t("Medical fitness"),
    "health_milestone": t("Health follow-up"),
    "hr_entry": t("Record for HR"),
    "hr_keeper": t("Plugin that is the HR system"),
    "hr_run": t("HR import"),
    "hr_source": t("HR source"),
    "identity": t("Sign-in account"),
    "identity_provider": t("Identity provider"),
    "interest": t("Interest"),
    "invitation": t("Invitation to sign in"),
    "job": t("Job"),
    "list": t("List"),
    "logout": t("Sign-out by the provider"),
    "member_access": t("Member access"),
    "milestone": t("Milestone"),
    "mission": t("Mission"),
    "movement": t("Movement"),
    "nomination": t("Nomination"),
    "officer": t("Officer"),
    "passkey": t("Passkey"),
    "relink": t("Change of sign-in service"),
    "released_person": t("Released person"),
    "plugin": t("Plugin"),
    "plugin_allowance": t("Allow-list of plugins"),
    "plugin_profile": t("Profile of plugins"),
    "plugin_bundle": t("Version of a plugin of one’s own"),
    "plugin_key": t("Key of a plugin’s developers"),
    "plugin_stop": t("Stop of plugins"),
    "plugin_delivery": t("Message to a plugin"),
    "position": t("Position"),
    "program_milestone": t("IPOB’s milestone"),
    "qualification": t("Qualification"),
    "return": t("Return file"),
    "scope": t("Scope"),
    "scim_group": t("Group in the directory"),
    "scim_user": t("Account in the directory"),
    "seat": t("Access seat"),
    "session": t("Session"),
    "sign_in": t("Sign-in"),
    "sign_in_stop": t("Emergency stop"),
    "step_up_rule": t("Fresh sign-in before an action"),
    "tour": t("Tour"),
}

DEEDS: dict[str, Text] = {
    "accept": t("acceptance"),
    "act": t("action that a plugin offers"),
    "activate": t("activation"),
    "add": t("addition"),
    "adjust": t("adjustment phase"),
    "allow": t("go-ahead"),
    "answer": t("answer"),
    "apply": t("application of the changes"),
    "approve": t("approval"),
    "arrive": t("arrival"),
    "ask": t("request"),
    "ask_again": t("new request"),
    "ask_plugins": t("findings of plugins"),
    "ask_reconsideration": t("request for reconsideration"),
    "assess": t("assessment"),
    "assign": t("assignment"),
    "attest_conduct": t("attestation of conduct"),
    "await_consent": t("waiting for consent"),
    "begin": t("beginning"),
    "cancel": t("cancellation"),
    "change": t("change"),
    "choose": t("choice"),
    "close": t("closing"),
    "come_back": t("return from leave"),
    "complete": t("completion"),
    "configure": t("change of settings"),
    "confirm": t("confirmation"),
    "confirm_paper": t("confirmation of a paper decision"),
    "consent": t("consent"),
    "create": t("creation"),
    "decide": t("decision taken"),
    "declare": t("declaration"),
    "decline": t("declining"),
    "depart": t("departure"),
    "disable": t("switching off"),
    "draft": t("drafting"),
    "draw_down": t("start of the drawdown"),
    "drop": t("dropping"),
    "enable": t("switching on"),
    "end": t("end"),
    "enforce": t("entry into force"),
    "enter": t("entry"),
    "enter_paper": t("entry of a paper decision"),
    "erase": t("erasure"),
    "evacuate": t("out of mission"),
    "export": t("taking along as a file"),
    "fill": t("filling of the positions"),
    "follow": t("follow-up"),
    "give": t("granting"),
    "go_on_leave": t("start of leave"),
    "grant": t("granting of a role"),
    "hand_out": t("handing out"),
    "hold": t("not available"),
    "keep": t("keeping"),
    "finish": t("completion of the change"),
    "leave_mission": t("departure from the mission"),
    "link": t("linking"),
    "look": t("look at it"),
    "nominate": t("move to nomination"),
    "not_support": t("no support"),
    "offer": t("offer"),
    "open": t("opening"),
    "order": t("order to deploy"),
    "overreach": t("use of what nobody consented to"),
    "own_fields": t("change of one’s own fields"),
    "pause": t("putting on hold"),
    "plan": t("planning"),
    "press": t("pressed"),
    "preview": t("preview"),
    "print": t("printing of codes"),
    "publish": t("publication"),
    "propose": t("proposal"),
    "ready": t("readiness reached"),
    "recall": t("taking back"),
    "reconsider": t("reconsideration"),
    "record": t("recording"),
    "refuse": t("refusal"),
    "refused": t("refused attempt"),
    "rehearse": t("trial in a sandbox"),
    "release": t("release"),
    "resend": t("sending again"),
    "release_hold": t("released from hold"),
    "remove": t("removal"),
    "rename": t("renaming"),
    "renew": t("renewal"),
    "reopen": t("reopening"),
    "replay": t("new attempt"),
    "report": t("report made"),
    "reserve": t("placing in reserve"),
    "resume": t("resumption"),
    "return": t("sending back"),
    "return_to_mission": t("return to the mission"),
    "retire": t("start of its replacement"),
    "revise": t("new set-up"),
    "revoke": t("revocation"),
    "rotate": t("replacement"),
    "scan": t("scan for viruses"),
    "scope": t("choice of scope"),
    "screen": t("screening"),
    "see": t("viewing"),
    "select": t("selection made"),
    "set": t("setting"),
    "set_out": t("start of the return"),
    "settle": t("settling in"),
    "share": t("sharing with health"),
    "show": t("one half shown"),
    "start": t("start"),
    "states": t("change of state"),
    "store": t("storing"),
    "submit": t("submission"),
    "support": t("support"),
    "suspend": t("suspension"),
    "switch_off": t("taking out of use"),
    "test": t("test"),
    "switch": t("change of seat"),
    "train": t("start of training"),
    "unlink": t("unlinking"),
    "upload": t("bringing a version"),
    "use": t("use"),
    "withdraw": t("withdrawal"),
}

BY_ACTION: dict[str, Text] = {
    "agency.return": t("coming back"),
    "identity.link": t("linking of a sign-in account"),
    "identity.unlink": t("unlinking of a sign-in account"),
    "api_token.outlive": t("continuation without whoever made it"),
    "invitation.create": t("link made to sign in"),
    "invitation.withdraw": t("withdrawal of a link to sign in"),
    "approval.hold": t("on hold"),
    "fitness.see": t("viewing of the health results"),
    "health_milestone.see": t("viewing of the health follow-up"),
    "seat.let_go": t("number given up by an account of the directory"),
    "nomination.release": t("sending to IPOB"),
    "released_person.release": t("release of the person’s data"),
    "plugin_profile.apply": t("use of it"),
    "tour.release": t("available again"),
}
"""Where the general word would be wrong."""

PURPOSES: dict[str, Text] = {
    "selection": t("Selection"),
    "deployment": t("Deployment"),
    "contingent": t("Roster of the contingent"),
    "reintegration": t("Reintegration"),
    "return": t("Return"),
}

FIELDS: dict[str, Text] = {
    "name": t("Name"),
    "given_name": t("Given name"),
    "family_name": t("Family name"),
    "rank": t("Rank"),
    "band": t("Rank band"),
    "gender": t("Gender"),
    "language": t("Language"),
    "affiliation": t("Affiliation"),
    "telephone": t("Telephone"),
    "qualifications": t("Qualifications"),
    "assessments": t("Results of screening"),
    "movements": t("Movements"),
}

QUIET_STATES = {"medical_hold": t("not available"), "evacuated": t("out of mission")}
"""What a tour's state reads for everybody but deployment support."""

CAUSES = {"medical_hold": t("medical hold"), "evacuated": t("evacuated")}
"""What it reads for them."""


A_LIST = t("A list")
"""What a look is about that opened no single file."""


def shown_words(names: Iterable[str]) -> list[Text | str]:
    """Return what fields are called, in the order in which a file has them."""
    order = list(FIELDS)
    placed = sorted(names, key=lambda name: order.index(name) if name in order else len(order))
    return [FIELDS.get(name, name) for name in placed]


def subject_words(kind: str) -> Text | str:
    """Return what a kind of subject is called."""
    return SUBJECTS.get(kind, kind)


def deed_words(action: str) -> Text | str:
    """Return what was done, from an action such as ``mission.open``."""
    deed = action.rsplit(".", 1)[-1]
    return BY_ACTION.get(action, DEEDS.get(deed, deed))
