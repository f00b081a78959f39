"""Use cases: one function is one thing a person does, one command, one or more events."""
