"""Lines of one turn of the event loop are written together, in pieces that stay whole; urgent ones at once."""

import asyncio
import io

from emplette.runtime.log_lines import AT_ONCE, Lines


class Pieces(io.BytesIO):
    """A file that remembers in which pieces it was written."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def write(self, piece: object) -> int:
        assert isinstance(piece, bytes)
        self.pieces.append(piece)
        return len(piece)


async def test_lines_of_one_turn_are_written_together_in_their_order() -> None:
    file = Pieces()
    lines = Lines(file)
    lines.info(b"first")
    lines.info(b"second")
    assert file.pieces == []
    await asyncio.sleep(0)
    lines.info(b"third")
    await asyncio.sleep(0)
    assert file.pieces == [b"first\nsecond\n", b"third\n"]


async def test_an_urgent_line_waits_for_nothing_and_goes_after_those_before_it() -> None:
    file = Pieces()
    lines = Lines(file)
    lines.info(b"call")
    lines.error(b"failed")
    assert file.pieces == [b"call\nfailed\n"]
    await asyncio.sleep(0)
    assert len(file.pieces) == 1


async def test_lines_are_never_torn_between_two_pieces() -> None:
    file = Pieces()
    lines = Lines(file)
    for number in range(100):
        lines.info(b"%03d" % number * 50)
    lines.info(b"x" * 2 * AT_ONCE)
    lines.info(b"last")
    await asyncio.sleep(0)
    assert all(piece.endswith(b"\n") for piece in file.pieces)
    assert [len(piece) > AT_ONCE for piece in file.pieces].count(True) == 1
    assert b"".join(file.pieces).split(b"\n")[-3:] == [b"x" * 2 * AT_ONCE, b"last", b""]
    assert len(file.pieces) < 10


def test_without_a_loop_a_line_is_written_at_once() -> None:
    file = Pieces()
    Lines(file).info(b"starting")
    assert file.pieces == [b"starting\n"]


async def test_a_file_that_takes_nothing_more_hurts_nobody() -> None:
    class Full(io.BytesIO):
        def write(self, _piece: object) -> int:
            raise OSError("No space left on device")

    lines = Lines(Full())
    lines.error(b"failed")
    lines.info(b"call")
    await asyncio.sleep(0)
