"""The worker: what happens after a commit, and not during a call."""
