"""What the log's keys are called. A test finds every action that the code writes and asks for its words.

Deeds are nouns in French, so that they fit any subject.
"""

from __future__ import annotations

from core.text import Text, t

SUBJECTS: dict[str, Text] = {
    "agency": t("Service"),
    "approval": t("Decision"),
    "approval_case": t("Approval case"),
    "call": t("Call for nominations"),
    "candidacy": t("Candidacy"),
    "check_in": t("Check-in"),
    "competency": t("Competency"),
    "contact": t("Request for contact"),
    "contract": t("Sharing contract"),
    "delegation": t("Delegation"),
    "document": t("File"),
    "fitness": t("Medical fitness"),
    "health_milestone": t("Health follow-up"),
    "hr_run": t("HR import"),
    "hr_source": t("HR source"),
    "interest": t("Interest"),
    "job": t("Job"),
    "milestone": t("Milestone"),
    "mission": t("Mission"),
    "movement": t("Movement"),
    "nomination": t("Nomination"),
    "officer": t("Officer"),
    "person": t("Released person"),
    "plugin": t("Plugin"),
    "position": t("Position"),
    "program_milestone": t("IPOB’s milestone"),
    "qualification": t("Qualification"),
    "return": t("Return file"),
    "scope": t("Scope"),
    "seat": t("Seat"),
    "session": t("Session"),
    "sign_in": t("Sign-in"),
    "token": t("API token"),
    "tour": t("Tour"),
}

DEEDS: dict[str, Text] = {
    "accept": t("accepted"),
    "activate": t("activated"),
    "add": t("added"),
    "adjust": t("adjusting"),
    "answer": t("answered"),
    "apply": t("applied"),
    "approve": t("approved"),
    "arrive": t("arrived"),
    "ask": t("asked"),
    "ask_again": t("asked again"),
    "ask_reconsideration": t("reconsideration asked"),
    "assess": t("assessed"),
    "assign": t("assigned"),
    "attest_conduct": t("conduct attested"),
    "begin": t("begun"),
    "cancel": t("cancelled"),
    "change": t("changed"),
    "close": t("closed"),
    "come_back": t("back from leave"),
    "complete": t("completed"),
    "confirm_paper": t("paper decision confirmed"),
    "configure": t("settings changed"),
    "create": t("created"),
    "decide": t("decided"),
    "declare": t("declared"),
    "decline": t("declined"),
    "depart": t("departed"),
    "disable": t("switched off"),
    "draft": t("drafted"),
    "draw_down": t("drawdown begun"),
    "enable": t("switched on"),
    "end": t("ended"),
    "enter_paper": t("paper decision entered"),
    "evacuate": t("out of mission"),
    "fill": t("filled"),
    "follow": t("followed up"),
    "give": t("given"),
    "go_on_leave": t("on leave"),
    "grant": t("role granted"),
    "hold": t("not available"),
    "leave_mission": t("left the mission"),
    "link": t("linked"),
    "nominate": t("nominated"),
    "not_support": t("not supported"),
    "offer": t("offered"),
    "open": t("opened"),
    "order": t("ordered"),
    "own_fields": t("own fields changed"),
    "pause": t("put on hold"),
    "plan": t("planned"),
    "preview": t("previewed"),
    "propose": t("proposed"),
    "ready": t("ready"),
    "recall": t("recalled"),
    "reconsider": t("reconsidered"),
    "record": t("recorded"),
    "refuse": t("refused"),
    "refused": t("refused"),
    "release": t("released"),
    "remove": t("removed"),
    "renew": t("renewed"),
    "reopen": t("reopened"),
    "replay": t("replayed"),
    "report": t("reported"),
    "reserve": t("put in reserve"),
    "resume": t("resumed"),
    "return": t("returned"),
    "return_to_mission": t("back in the mission"),
    "revoke": t("revoked"),
    "scan": t("scanned"),
    "scope": t("scope chosen"),
    "screen": t("screened"),
    "select": t("selected"),
    "set_out": t("return begun"),
    "settle": t("settled"),
    "start": t("started"),
    "states": t("states changed"),
    "store": t("stored"),
    "submit": t("submitted"),
    "support": t("supported"),
    "suspend": t("suspended"),
    "switch": t("switched"),
    "train": t("in training"),
    "withdraw": t("withdrawn"),
}

BY_ACTION: dict[str, Text] = {
    "tour.release": t("available again"),
    "session.switch": t("seat switched"),
}
"""Where the general word would be wrong."""

PURPOSES: dict[str, Text] = {
    "selection": t("Selection"),
    "deployment": t("Deployment"),
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
}

QUIET_STATES = {"medical_hold": t("not available"), "evacuated": t("out of mission")}
"""What a tour's state reads for everybody but deployment support."""


def subject_words(kind: str) -> Text | str:
    """Return what a kind of subject is called."""
    return SUBJECTS.get(kind, kind)


def deed_words(action: str) -> Text | str:
    """Return what was done, from an action such as ``mission.open``."""
    deed = action.rsplit(".", 1)[-1]
    return BY_ACTION.get(action, DEEDS.get(deed, deed))
