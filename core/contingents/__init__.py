"""Contingents: who of all services is in one mission now, as the commander of that contingent may know it."""
