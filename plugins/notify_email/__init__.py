"""Delivers notifications by e-mail, over TLS, through the agency's own mail server."""
