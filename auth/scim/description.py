"""What the service says of itself: which attributes it takes, what it can do, how lenient it is.

It takes what tells people and their state apart. Whatever else a directory sends (passwords,
managers, home addresses, telephone numbers) is dropped before it is stored, in whichever form it comes:
Entra writes the manager as a bare text where RFC 7643 has an object
(https://github.com/apache/directory-scimple/issues/1242).
"""

from __future__ import annotations

from functools import cache

from scim2_models import ScimPolicy, ScimProvider, ServiceProviderConfig
from scim2_server.utils import load_default_resource_types, load_default_schemas

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TAKEN = {
    USER: frozenset({"userName", "name", "displayName", "title", "preferredLanguage", "active", "emails"}),
    ENTERPRISE: frozenset({"employeeNumber"}),
}
"""The attributes of a user that are kept, of those that RFC 7643 has. Of groups all are: a name and members."""
LONGEST_PAGE = 200
"""How many resources one answer lists at most."""

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Entra adds an e-mail address through a filter that matches none yet, and takes a member out by its value."""

_OFF = {"supported": False}
_ON = {"supported": True}
_CONFIG = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": _ON,
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": LONGEST_PAGE},
    "changePassword": _OFF,
    "sort": _ON,
    "etag": _ON,
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of kind SCIM of this agency, in the header Authorization.",
            "primary": True,
        }
    ],
}


@cache
def describe() -> ScimProvider:
    """Return the description that all tenants share."""
    schemas = load_default_schemas()
    for name, taken in TAKEN.items():
        schemas[name].attributes = [one for one in schemas[name].attributes or () if one.name in taken]
    return ScimProvider.from_discovery(
        schemas.values(),
        load_default_resource_types().values(),
        config=ServiceProviderConfig.model_validate(_CONFIG),
        policy=POLICY,
    )
