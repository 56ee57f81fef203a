"""The permissions of oversight; it has no states of its own."""

from __future__ import annotations

STRENGTH_READ = "strength.read"
DASHBOARD_READ = "dashboard.read"
OVERVIEW_READ = "overview.read"
