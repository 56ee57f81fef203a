"""What every list of the platform has: its page, saved views, and the search through all of them."""
