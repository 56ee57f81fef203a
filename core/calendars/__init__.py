"""Calendar feeds: addresses at which somebody’s own calendar reads what it may know, until they are revoked."""
