"""What may be done with calendar addresses."""

from __future__ import annotations

CALENDAR_KEEP = "calendar.keep"
"""To see the addresses that one made oneself, and to revoke them."""
CALENDAR_OWN = "calendar.own"
"""To have an address for one's own dates."""
CALENDAR_MISSION = "calendar.mission"
"""To have an address for the dates of a mission."""
CALENDAR_MANAGE = "calendar.manage"
"""To see the addresses of everybody in the scope, and to revoke them."""
