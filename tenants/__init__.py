"""Who the agencies are, which plugins they run with which settings, and what they share."""
