"""The words of agency files that people read: each key once, with what it is called in both languages.

What a file can say is a closed list, so that a page, a refusal and a fault never show a bare key.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.text import Text, t

KINDS: Mapping[str, Text] = {
    "federal": t("Federal service"),
    "provincial": t("Provincial service"),
    "regional": t("Regional service"),
    "municipal": t("Municipal service"),
}
"""What kind of police service an agency is."""

SET_BY: Mapping[str, Text] = {"operator": t("by the operator"), "agency": t("by the service itself")}
"""Who set the state of an agency."""

ACTS: Mapping[str, Text] = {
    "agglomeration_resolution": t("Resolution of the agglomeration council"),
    "authority_resolution": t("Resolution of the intermunicipal board"),
    "board_resolution": t("Resolution of the police board"),
    "board_signature": t("Signature of the chair of the police board"),
    "chief_signature": t("Signature of the chief of police"),
    "city_signature": t("Signature by the municipality"),
    "council_resolution": t("Resolution of the municipal council"),
    "executive_resolution": t("Resolution of the executive committee"),
    "legal_form": t("Legal approval as to form"),
    "ministerial_approval": t("Approval by the minister"),
    "ministerial_opinion": t("Opinion of the ministry of public security"),
    "ministerial_signature": t("Signature of the minister responsible for intergovernmental relations"),
    "order_in_council": t("Order in council"),
    "sponsor_protocol": t("Protocol with the sponsoring service"),
}
"""Decisions taken elsewhere that an agreement rests on, recorded with their number and date."""

NEEDS: Mapping[str, Text] = {
    "agreement": t("Agreement with the RCMP"),
    "sharing": t("Sharing contract with IPOB"),
    "privacy_assessment": t("Privacy impact assessment"),
    "written_agreement": t("Written agreement on personal information"),
}
"""What a privacy regime can need before a nomination may leave."""

PRIVACY_RECORDS = ("privacy_assessment", "written_agreement")
"""Those of ``NEEDS`` that are kept as privacy records, and lapse."""

SUPPLIERS: Mapping[str, Text] = {
    "administrator": t("an administrator of your service"),
    "coordinator": t("your peace operations coordinator"),
    "privacy": t("your privacy officer"),
}
"""Who in the agency can supply what is missing, by role key."""

FIELDS: Mapping[str, Text] = {
    "given_name": t("Given name"),
    "family_name": t("Family name"),
    "rank": t("Rank"),
    "band": t("Rank band"),
    "gender": t("Gender"),
    "language": t("Language"),
    "affiliation": t("Affiliation (serving, retired, contracted)"),
    "telephone": t("Telephone in the mission"),
    "qualifications": t("Qualifications and their expiry"),
}
"""The fields of a sharing contract: one for each of ``core.agencies.CONTRACT_FIELDS``."""

CONFIDENCE: Mapping[str, Text] = {
    "A": t("Participation documented"),
    "B": t("Participation unverified: indirect evidence only"),
    "C": t("Participation unverified: chosen as an example"),
}
"""How well it is known that the service takes part."""
