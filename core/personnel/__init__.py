"""The officer's file and qualifications: the agency's alone."""
