"""Who did what, to what, when and why: written with the change, sealed into a chain per scope."""
