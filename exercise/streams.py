"""Streams: HLS manifests and real MPEG-TS segments, encoded from drawn frames."""

import tempfile
from pathlib import Path

import cv2

from exercise.errors import CannotDraw
from exercise.scenes import CYCLE_S, FRAME_SIZE, draw_scene
from exercise.transport import wrap_frames

SEGMENT_S = 2.0
FRAMES_A_SECOND = 12.5  # half of 25: smooth enough to recognise, and quick to encode
SEGMENTS = int(CYCLE_S / SEGMENT_S)


def master_manifest() -> str:
    """The manifest a player asks first: one variant, addressed relative to itself."""
    width, height = FRAME_SIZE
    return (
        "#EXTM3U\n#EXT-X-VERSION:3\n"
        f'#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION={width}x{height},CODECS="mp4v.20.9"\nmedia.m3u8\n'
    )


def media_manifest() -> str:
    """The manifest of the variant: every segment, then the end."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{round(SEGMENT_S)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    for number in range(SEGMENTS):
        lines += [f"#EXTINF:{SEGMENT_S:.3f},", f"segment{number}.ts"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def encode_segment(footage: int, number: int) -> bytes:
    """
    Encode one segment of a film as MPEG-TS with MPEG-4 Part 2 video, `SEGMENT_S` long.

    Raises `CannotDraw` when this build of OpenCV has no FFmpeg writer.
    """
    start_s = number * SEGMENT_S
    with tempfile.TemporaryDirectory(prefix="exercise-") as folder:
        # AVI first: OpenCV writes it in silence, while its own MPEG-TS writer prints a complaint for every file.
        path = Path(folder) / "segment.avi"
        writer = cv2.VideoWriter(
            str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"XVID"), FRAMES_A_SECOND, FRAME_SIZE
        )
        if not writer.isOpened():
            raise CannotDraw("MPEG-4 video")
        for frame in range(round(SEGMENT_S * FRAMES_A_SECOND)):
            writer.write(draw_scene(footage, start_s + frame / FRAMES_A_SECOND))
        writer.release()
        frames = _read_frames(path.read_bytes())
    return wrap_frames(frames, FRAMES_A_SECOND, start_s)


def _read_frames(avi: bytes) -> list[bytes]:
    """The encoded frames of an AVI file: the `00dc` chunks of its `movi` list."""
    place = avi.index(b"movi") + 4
    frames = []
    while avi[place : place + 4] == b"00dc":
        size = int.from_bytes(avi[place + 4 : place + 8], "little")
        frames.append(avi[place + 8 : place + 8 + size])
        place += 8 + size + size % 2
    return frames
