"""Consolidated views: every figure is read from the published facts, as of a date and as known on a date."""
