"""A scope's plugins on its own pages: what they do, what they are set to, how they fare, and switching them off."""
