"""What the rooms below keep, made readable: audit log, looks, notifications, files, the queue's dead letters."""
