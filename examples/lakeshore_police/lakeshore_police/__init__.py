"""Lakeshore Police's own: the harbour unit's step of approval, and its milestone."""
