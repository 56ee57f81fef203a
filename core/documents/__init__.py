"""Files: encrypted in the database, behind the same wall as the rows they belong to."""
