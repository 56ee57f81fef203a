"""The HR engine: read, compare, preview, brake, apply; the same for every source."""
