"""Where documents and files are read on the wire."""

from uuid import UUID

from emplette.formats.places import BASE, PLACES, href

__all__ = ["BASE", "PLACES", "href", "place_of_file"]


def place_of_file(file_id: UUID) -> str:
    """Say where a file is read."""
    return f"{BASE}/api/files/{file_id}"
