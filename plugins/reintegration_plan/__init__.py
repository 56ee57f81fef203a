"""The return plan: milestones by days from the end of the tour, changeable in the settings."""
