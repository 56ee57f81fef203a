"""What may be asked about a contingent."""

from __future__ import annotations

CONTINGENT_READ = "contingent.read"

ON_THE_ROSTER = frozenset({"ordered", "in_transit", "in_mission", "on_leave", "medical_hold", "evacuated", "returning"})
"""The states of a tour in which its officer is on the roster: from the order until they are home."""
