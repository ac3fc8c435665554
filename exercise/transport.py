"""A minimal MPEG transport stream: wraps encoded video frames so that any HLS reader can decode them."""

from collections.abc import Sequence

PACKET = 188  # ISO/IEC 13818-1, 2.4.3.2
TICKS_A_SECOND = 90_000  # the clock of time stamps, same standard 2.4.3.7
TABLE_PID, MAP_PID, VIDEO_PID = 0x0000, 0x1000, 0x0100
MPEG4_VISUAL = 0x10  # stream type of MPEG-4 Part 2 video, same standard table 2-34
FIRST_STAMP_S = 1.0  # readers expect the first picture some time after the clock starts


def _crc32(data: bytes) -> bytes:
    """The checksum of program tables: polynomial 0x04C11DB7, not reflected (same standard, annex A)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc.to_bytes(4, "big")


def _section(table_id: int, number: int, body: bytes) -> bytes:
    """A program table with its pointer, header and checksum."""
    length = 0xB000 | (len(body) + 9)
    head = bytes([table_id]) + length.to_bytes(2, "big") + number.to_bytes(2, "big") + b"\xc1\x00\x00"
    return b"\x00" + head + body + _crc32(head + body)


def _stamp(ticks: int) -> bytes:
    """A presentation time stamp: 33 bits with marker bits between."""
    return bytes([
        0x21 | (ticks >> 29) & 0x0E,
        (ticks >> 22) & 0xFF,
        (ticks >> 14) & 0xFE | 1,
        (ticks >> 7) & 0xFF,
        (ticks << 1) & 0xFE | 1,
    ])  # fmt: skip


def _clock(ticks: int) -> bytes:
    """An adaptation field that carries the programme clock and marks a point to start reading."""
    return b"\x50" + ((ticks << 15) | 0x7E00).to_bytes(6, "big")


class _Packets:
    """Cuts payloads into packets and counts them per stream."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._next: dict[int, int] = {}

    def add(self, pid: int, payload: bytes, adaptation: bytes = b"") -> None:
        start = 0x4000
        while payload:
            field = adaptation
            room = PACKET - 4 - (len(field) + 1 if field else 0)
            if len(payload) < room:  # fill up with stuffing inside the adaptation field
                short = room - len(payload)
                if field:
                    field += b"\xff" * short
                else:
                    field = b"" if short == 1 else b"\x00" + b"\xff" * (short - 2)
            padded = bool(field) or len(payload) < room
            take = PACKET - 4 - (len(field) + 1 if padded else 0)
            count = self._next.get(pid, 0)
            self._next[pid] = (count + 1) % 16
            self.data += b"\x47" + (start | pid).to_bytes(2, "big") + bytes([(0x30 if padded else 0x10) | count])
            if padded:
                self.data += bytes([len(field)]) + field
            self.data += payload[:take]
            payload, adaptation, start = payload[take:], b"", 0


def wrap_frames(frames: Sequence[bytes], frames_a_second: float, start_s: float = 0.0) -> bytes:
    """
    Give a transport stream of MPEG-4 Part 2 frames shown in their order; the first must be a key frame.

    `start_s` is where the segment stands in the film: stamps go on from segment to segment.
    Source: ISO/IEC 13818-1 (one programme, one video stream, clock and tables at the start of each frame run).
    """
    packets = _Packets()
    packets.add(TABLE_PID, _section(0x00, 1, (1).to_bytes(2, "big") + (0xE000 | MAP_PID).to_bytes(2, "big")))
    video = bytes([MPEG4_VISUAL]) + (0xE000 | VIDEO_PID).to_bytes(2, "big") + b"\xf0\x00"
    packets.add(MAP_PID, _section(0x02, 1, (0xE000 | VIDEO_PID).to_bytes(2, "big") + b"\xf0\x00" + video))
    for place, frame in enumerate(frames):
        ticks = round((start_s + FIRST_STAMP_S + place / frames_a_second) * TICKS_A_SECOND)
        head = b"\x00\x00\x01\xe0\x00\x00\x80\x80\x05" + _stamp(ticks)
        lead = ticks - round(FIRST_STAMP_S * TICKS_A_SECOND / 2)
        packets.add(VIDEO_PID, head + frame, _clock(lead) if place % 12 == 0 else b"")
    return bytes(packets.data)
