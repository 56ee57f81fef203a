"""The demonstration: invented people, a sign-in provider for them, and what the loader needs to seat them."""
