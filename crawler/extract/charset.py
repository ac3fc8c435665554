"""Bytes to text, honestly: what was declared, what the bytes say, and a note where the two disagree."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

# Legacy encodings tried when nothing valid is declared. Order matters only between equal scores.
_MULTI_BYTE = ("gb18030", "euc_jp", "shift_jis", "euc_kr", "big5")
_SINGLE_BYTE = ("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp874")
_SAMPLE_BYTES = 60_000  # of the non-ASCII stretches: enough to tell encodings apart, small enough to be quick
_HIGH = re.compile(rb"[\x80-\xff][\x40-\xff]*")
_MULTI_BYTE_UTF8 = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")

# The letters that make up most of running text; a wrong decoding scatters over rare ones.
_COMMON = frozenset(
    "的一是不了人在有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后"
    "新品商购买价格包邮女男款手机日本月火水木金土円税込送料無料店舗売家電本楽天市場中古検索"
    "あいうえおかがきくけこさしすせそたちつてとなにのはまもやらりるれわをんアイウエオカキクコサシスセタチテトナニネノハパフマムメモラリルレロンー"
    "이다는에의가을로고하지한도기사서은를자시해인상품원판매배송"
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфОЕАИНТСРВЛКМДПУ"
    "éèêëàâäçîïôöùûüñáíóúßåæøãõÉÈÀÇÖÜÄÅØÆßąćęłńśźżšžčřěůőűăîșțşţğı"
    "εαοιτνσςρκπμλήάίόύώέχδγβθφξζψ"
    "יוהלאתרבשמנדעקפחגכםסטןצזךףץ"
    "البتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآء"
    "การนมอเวสดตทบปหลยพคขจชงผ่้ีิา"
    "–—‘’“”…•°©®™€£«» "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text, the encoding it was read with, and what is to be said about that."""

    text: str
    charset: str
    note: str | None = None


def decode_body(body: bytes, content_type: str | None) -> Decoded:
    """
    The text of a body: byte order mark, then HTTP header, then meta, then the bytes themselves.

    Never raises: bytes that fit nothing become U+FFFD, with a note. A declared encoding the bytes refute is not used.
    """
    charset, mark = read_bom(body)
    if charset is not None and mark is not None:
        return Decoded(text=body[len(mark) :].decode(charset, "replace"), charset=charset)
    if body.isascii():
        return Decoded(text=body.decode("ascii"), charset="ascii")
    declared = http_content_type_encoding(content_type) if content_type else None
    declared = declared or html_body_declared_encoding(body[:8192])
    declared = _known(declared)
    utf8 = _strict(body, "utf-8")
    if utf8 is not None:
        contradicted = declared is not None and declared not in ("utf-8", "ascii")
        # Text in another encoding is almost never valid UTF-8 by chance beyond a couple of characters.
        if not contradicted or len(_MULTI_BYTE_UTF8.findall(body)) > 2:
            note = f"charset: declared {declared}, the bytes are utf-8" if contradicted else None
            return Decoded(text=utf8, charset="utf-8", note=note)
    if declared is not None:
        text = _strict(body, declared)
        if text is not None:
            return Decoded(text=text, charset=declared)
        broken = body.decode(declared, "replace")
        bad = broken.count("\ufffd")
        # A few torn characters in a long page are damage; many mean that the declaration is wrong.
        if bad <= max(3, (len(broken) - sum(map(str.isascii, broken[:200_000]))) // 20):
            return Decoded(text=broken, charset=declared, note=f"charset: {bad} bytes do not fit {declared}")
    return _by_content(body, declared)


def _known(name: str | None) -> str | None:
    if name is None:
        return None
    resolved = resolve_encoding(name)
    if resolved is None:
        return None
    try:
        return codecs.lookup(resolved).name if resolved != "cp1252" else "cp1252"
    except LookupError:
        return None


def _strict(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None


def _by_content(body: bytes, declared: str | None) -> Decoded:
    sample = b" ".join(_HIGH.findall(body))[:_SAMPLE_BYTES]
    best, best_score = "cp1252", -1.0
    for charset in (*_MULTI_BYTE, *_SINGLE_BYTE):
        text = sample.decode(charset, "replace")
        beyond = [c for c in text if c > "\x7f"]
        if not beyond:
            continue
        wrong = sum(1 for c in beyond if c == "\ufffd" or "\x80" <= c <= "\x9f" or "\ue000" <= c <= "\uf8ff")
        common = sum(1 for c in beyond if c in _COMMON)
        score = (common - 4 * wrong) / len(beyond)
        if score > best_score + 0.02:
            best, best_score = charset, score
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") <= 2 and len(_MULTI_BYTE_UTF8.findall(body)) > 20:
        return Decoded(text=text, charset="utf-8", note="charset: a few bytes do not fit utf-8")
    said = f"declared {declared} does not fit" if declared else "nothing valid is declared"
    return Decoded(text=body.decode(best, "replace"), charset=best, note=f"charset: {said}; read as {best}")
