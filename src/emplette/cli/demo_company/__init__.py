"""The demo company: who works there, what they have bought so far, and the guide's calls that are played against it."""
