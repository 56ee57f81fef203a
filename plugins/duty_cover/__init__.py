"""Whether a unit keeps its minimum strength while one of its officers is away."""
