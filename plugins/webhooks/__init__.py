"""Sends what happens to a service of the agency's own, signed by Standard Webhooks."""
