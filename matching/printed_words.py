"""
Words that stand in a photo, with their place: an extra, `pip install "marque[ocr]"`, that works offline.

    if is_installed(): read_words(rgb) -> (PrintedWords(text, box, score), ...)

The reader is rapidocr with the models of its own wheel, run on the processor by onnxruntime. Models are named by
their files, so that nothing is ever fetched. onnxruntime would number the machine and report its use to its maker:
it is told not to before it loads. Reading takes about a second a photo: it is asked for by the policy
(`[photos] words_in`) and done in the process that opens pictures, once a photo.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.errors import ReaderMissing
from matching.regions import Box

# Changes when the reader or its models do: what another read is read again.
WORDS_VERSION = "rapidocr-3.10/1"
MAX_LINES, MAX_CHARS = 60, 120  # of one photo, and of one line; a leaflet has more, and a name needs few
MIN_SCORE = 0.8  # the reader's own: below it, textures and folds become letters (read off real photos)
_SIDE_PX = 960  # longer side at most at which words are sought
_DETECTOR, _RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
# Numbers and addresses of people are not what is looked for, and these rows outlive the page they were read from.
_CONTACT = re.compile(r"@|(?:\d[\s().+/-]{0,2}){7}|https?:|www\.", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedWords:
    """A line of words: what it says, where it stands in the photo, and how sure the reader is (0 to 1)."""

    text: str
    box: Box
    score: float


def is_installed() -> bool:
    """Whether the extra is there."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def read_words(rgb: NDArray[np.uint8]) -> tuple[PrintedWords, ...]:
    """
    The lines that can be read in a photo (height × width × 3), as `keep_lines` gives them.

    Raises `ReaderMissing` without the extra.
    """
    height_px, width_px = rgb.shape[:2]
    answer = _reader()(np.ascontiguousarray(rgb[..., ::-1]))  # it takes blue first, as OpenCV does
    if answer.txts is None or answer.boxes is None:
        return ()
    boxes = np.asarray(answer.boxes, np.float64) / (width_px, height_px)
    return keep_lines(
        (str(text), float(score), corners)
        for text, score, corners in zip(answer.txts, answer.scores, boxes, strict=True)
    )


def keep_lines(read: Iterable[tuple[str, float, NDArray[np.float64]]]) -> tuple[PrintedWords, ...]:
    """
    Of what was read (text, sureness, corners as shares of the photo), the lines that are kept, from top to bottom.

    Left out are unsure ones, and those that hold a telephone number, an address or a link.
    """
    found = []
    for text, score, corners in read:
        line = " ".join(text.split())[:MAX_CHARS]
        if score < MIN_SCORE or not line or _CONTACT.search(line):
            continue
        left, top = (float(share) for share in np.clip(corners.min(axis=0), 0, 1))
        right, bottom = (float(share) for share in np.clip(corners.max(axis=0), 0, 1))
        box = Box(left=left, top=top, right=right, bottom=bottom)
        found.append(PrintedWords(text=line, box=box, score=round(score, 3)))
    found.sort(key=lambda each: (each.box.top, each.box.left))
    return tuple(found[:MAX_LINES])


@lru_cache(maxsize=1)
def _reader() -> Any:
    """Give the reader, loaded once a process."""
    if not is_installed():
        raise ReaderMissing
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # Source: onnxruntime 1.32, Privacy.md, "Disabling Telemetry"
    import rapidocr  # an extra, and a second to load

    models = Path(rapidocr.__file__).parent / "models"
    missing = [name for name in (_DETECTOR, _RECOGNISER) if not (models / name).is_file()]
    if missing:
        raise ReaderMissing(missing)
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # which way up a line stands: photos of goods are upright, and it costs a model
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            # As it comes it would enlarge a photo of 800 px: twice the time.
            "Det.limit_type": "max",
            "Det.limit_side_len": _SIDE_PX,
            "Det.model_path": str(models / _DETECTOR),
            "Rec.model_path": str(models / _RECOGNISER),
        }
    )
