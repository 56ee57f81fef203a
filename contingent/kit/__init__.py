"""What the plugin contract kit is made of; ``contingent.testing`` is its face."""
