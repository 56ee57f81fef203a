"""Approval by a chain that the agency declares in its settings."""
