"""Streams: HLS manifests and real MPEG-TS segments, encoded from drawn frames."""

import tempfile
from pathlib import Path

import cv2

from exercise.errors import CannotDraw
from exercise.scenes import CYCLE_S, FRAME_SIZE, draw_scene

SEGMENT_S = 2.0
FRAMES_A_SECOND = 12.5  # one of the rates MPEG-4 Part 2 and TS clocks hold exactly; half of 25 keeps encoding quick
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
    with tempfile.TemporaryDirectory(prefix="exercise-") as folder:
        path = Path(folder) / "segment.ts"
        writer = cv2.VideoWriter(
            str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), FRAMES_A_SECOND, FRAME_SIZE
        )
        if not writer.isOpened():
            raise CannotDraw("MPEG-TS")
        frames = round(SEGMENT_S * FRAMES_A_SECOND)
        for frame in range(frames):
            writer.write(draw_scene(footage, number * SEGMENT_S + frame / FRAMES_A_SECOND))
        writer.release()
        return path.read_bytes()
