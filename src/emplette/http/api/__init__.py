"""The JSON endpoints: translate in, one call, translate out."""
