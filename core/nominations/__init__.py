"""Interest, the agency's nomination and IPOB's candidacy."""
