"""Complaints about other products, each kept from coming true here; a package, so that they share one server."""
