"""The wellbeing check-in: what an officer is asked after a return, what follows from it, whom to talk to."""
