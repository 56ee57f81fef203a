"""The permissions of this room."""

from __future__ import annotations

AUDIT_READ = "audit.read"
LOOK_READ = "look.read"
NOTIFICATION_READ = "notification.read"
QUEUE_READ = "queue.read"
QUEUE_REPLAY = "queue.replay"
