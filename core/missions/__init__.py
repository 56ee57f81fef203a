"""Missions, their establishment (positions) and calls for nominations."""
