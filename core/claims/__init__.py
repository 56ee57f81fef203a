"""Claims: what an agency may claim for its tours of a period, as its plugins reckon it."""
