"""Who may do what: every address with every role, derived from the use cases. It reads all and nothing imports it."""
