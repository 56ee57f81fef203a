"""The permissions on officer files; a file has no states of its own."""

from __future__ import annotations

OFFICER_READ = "officer.read"
OFFICER_WRITE = "officer.write"
OFFICER_OWN = "officer.own"
QUALIFICATION_WRITE = "qualification.write"
FITNESS_READ = "fitness.read"
FITNESS_WRITE = "fitness.write"
