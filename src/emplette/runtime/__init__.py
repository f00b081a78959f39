"""Processes: the supervisor, the embedded database and the workers."""
