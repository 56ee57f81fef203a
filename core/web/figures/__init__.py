"""Figures drawn on the server: pure functions from numbers to SVG, each with the same data as a table."""
