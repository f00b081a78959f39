"""SQL in plain sight: one function a statement, one tenant a call."""
