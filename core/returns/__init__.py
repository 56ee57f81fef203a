"""The way home: return file, milestones, check-ins. Content is the agency's, status is shared."""
