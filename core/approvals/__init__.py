"""Approval cases, their steps and decisions: the agency's alone."""
