"""What has happened, and what follows from it: outbox, jobs, worker and notifications."""
