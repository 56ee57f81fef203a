"""The page “What IPOB sees”: the fields of the contract, a preview of a real file, and every look."""

from __future__ import annotations

from core.agencies import CONTRACT_FIELDS, PURPOSES
from core.journal.words import A_LIST, shown_words, subject_words
from core.journal.words import PURPOSES as ERRANDS
from core.nominations.lifecycle import NOMINATION_READ
from core.nominations.schemas import VALUES
from core.nominations.sharing import LATEST, SHARING_READ, WhatIsSeen, what_ipob_sees
from core.personnel.schemas import QUALIFICATIONS
from core.text import t
from core.web.pages import Nav, Pages
from core.web.tables import Column, Table
from core.web.view import Answer, View

AT_ONCE = 15
"""Looks that the page shows to whom all of them are a link away."""

LABELS = {
    "given_name": t("Given name"),
    "family_name": t("Family name"),
    "rank": t("Rank"),
    "band": t("Rank band"),
    "gender": t("Gender"),
    "language": t("Language"),
    "affiliation": t("Affiliation"),
    "telephone": t("Telephone in the mission"),
    "qualifications": t("Qualifications"),
}

sharing = Pages("sharing", nav=[Nav("service", t("What IPOB sees"), "/sharing", SHARING_READ, "eye", 60)])


@sharing.get("/sharing", permission=SHARING_READ)
async def what_is_seen(view: View) -> Answer:
    """Show what crosses to IPOB, for whom, and who looked when."""
    found = await view.run(what_ipob_sees, view.read(WhatIsSeen))
    looks = Table(
        name="looks",
        caption=t("Each time IPOB opened a file of your service"),
        columns=[
            Column("at", t("When"), "instant"),
            Column("who", t("Who")),
            Column("what", t("What")),
            Column("fields", t("Fields")),
            Column("purpose", t("Purpose")),
        ],
        rows=[
            {
                "at": one.at,
                "who": one.who,
                "what": A_LIST if one.of_many else subject_words(one.what),
                "fields": shown_words(one.fields),
                "purpose": ERRANDS.get(one.purpose) or PURPOSES.get(one.purpose, one.purpose),
            }
            for one in found.looks[: AT_ONCE if view.ctx.actor.may("look.read") else None]
        ],
        empty=t("IPOB has opened no file of your service yet."),
    )
    return view.render(
        "nominations/sharing.html",
        seen=found,
        labels=LABELS,
        names=CONTRACT_FIELDS,
        looks=looks,
        PURPOSES=PURPOSES,
        VALUES=VALUES,
        QUALIFICATIONS=QUALIFICATIONS,
        latest=LATEST if len(looks.rows) == LATEST else None,
        may_open=view.ctx.actor.may(NOMINATION_READ),
    )
