"""Manifests parse and segments decode to the drawn film."""

from pathlib import Path

import cv2
import m3u8
import numpy as np
import pytest

from exercise.scenes import FRAME_SIZE, draw_scene
from exercise.streams import FRAMES_A_SECOND, SEGMENT_S, SEGMENTS, encode_segment, master_manifest, media_manifest
from exercise.transport import PACKET, wrap_frames


def test_manifests_lead_from_master_to_every_segment() -> None:
    master, media = m3u8.loads(master_manifest()), m3u8.loads(media_manifest())
    assert [one.uri for one in master.playlists] == ["media.m3u8"]
    assert [one.uri for one in media.segments] == [f"segment{number}.ts" for number in range(SEGMENTS)]
    assert media.is_endlist


def test_a_segment_decodes_to_the_frames_that_were_drawn(tmp_path: Path) -> None:
    path = tmp_path / "segment1.ts"
    path.write_bytes(encode_segment(7001, 1))
    reader = cv2.VideoCapture(str(path))
    frames = []
    while (step := reader.read())[0]:
        frames.append(step[1])
    reader.release()
    assert len(frames) == round(SEGMENT_S * FRAMES_A_SECOND)
    assert frames[0].shape[:2] == FRAME_SIZE[::-1]
    drawn = draw_scene(7001, SEGMENT_S + 10 / FRAMES_A_SECOND)
    assert np.abs(frames[10].astype(int) - drawn).mean() < 6


def test_equal_segments_have_equal_bytes() -> None:
    assert encode_segment(7002, 0) == encode_segment(7002, 0)


@pytest.mark.parametrize("size", [1, 150, 157, 158, 169, 170, 171, 183, 184, 185, 368, 5000])
def test_frames_of_any_size_fill_whole_packets(size: int) -> None:
    stream = wrap_frames([bytes(size), bytes(size)], 12.5)
    assert len(stream) % PACKET == 0
    assert set(stream[::PACKET]) == {0x47}
