"""Which qualifications must be in force before a step is taken."""
