"""Who signed in, who was let in and who was shut out: read by an agency's own monitoring, line by line."""
