"""Bytes to text, honestly: what was declared, what the bytes say, and a note where the two disagree."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

_SAMPLE_BYTES = 60_000  # of the non-ASCII stretches: enough to tell encodings apart, small enough to be quick
# A word with a byte above ASCII in it, up to a dozen letters in front. Second bytes of East Asian signs may be ASCII.
_STRETCH = re.compile(rb"[A-Za-z]{0,12}[\x80-\xff][\x40-\xff]*")
_MULTI_BYTE_UTF8 = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_CROWDED = re.compile(r"[a-z][\u0080-\U0010ffff]")  # seldom in East Asian text, always in Latin text misread
_SHIFTED = re.compile(rb"\x1b\$[@B]")  # what opens Japanese in ISO-2022-JP

# Letters above ASCII, the commonest of running text first: a wrong decoding scatters over rare ones.
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюіцщэфїєґёъ"
_WESTERN = "éáäöüóíñàåèçãúêßøæâôîëïùòìœ¿¡ªõû"
_CENTRAL = "áéíőűăóţşłěščřžęąýśżůúćźâîöüńôäďťňľđĺŕëßç"
_LETTERS = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1251": _CYRILLIC,
    "koi8_u": _CYRILLIC,
    "cp866": _CYRILLIC,
    "cp1253": "αοιτεσνηυρπκμλςόίάέήώύγδχθφβξζψϊϋ",
    "cp1254": "ıüşğöçâîûéäß",
    "cp1255": "יוהלאתרבשמנדעקפחגכםסטןצזךףץ",
    "cp1256": "اليمونرتبةعدسفهكقأحجشطصخىإذغضزثءؤئظآ",
    "cp874": "านรก่้อเงม์วลส็ัีทดยตหุิปพคขบใไจแชูผโะถึซำณญศษฟธ",
}
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254")
_RANKS = {
    charset: {letter: 1.0 - 0.8 * place / len(letters) for place, letter in reversed(list(enumerate(letters)))}
    for charset, letters in _LETTERS.items()
}
_MARKS = frozenset("–—‘’“”„…•°©®™€£«»№\u00a0")  # of any script

# East Asian sets put their common signs into rows of their own: by first byte, with the second byte's lowest.
# Source: GB 2312 level 1, Big5 level 1, KS X 1001 syllables, JIS X 0208 kana and level 1.
_ROWS = {
    "gb18030": ((0xB0, 0xD7, 0xA1),),
    "euc_kr": ((0xB0, 0xC8, 0xA1),),
    "euc_jp": ((0xA4, 0xA5, 0xA1), (0xB0, 0xCF, 0xA1)),
    "shift_jis": ((0x82, 0x83, 0x40), (0x88, 0x97, 0x40)),
    "big5": ((0xA4, 0xC6, 0x40),),
}
_SIGNS = {
    "gb18030": frozenset(
        "的一是不了人在有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后"
        "小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动"
        "新品商购买价格包邮女男款机送货正保证质量全厂直销现供应请件元退换店铺图片尺寸颜色信息联系电话网"
    ),
    "big5": frozenset(
        "的一是不了人在有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後"
        "小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動"
        "新品商購買價格包郵女男款機送貨正保證質量全廠直銷現供應請件元退換店鋪圖片尺寸顏色訊息聯絡電話網運費"
    ),
    "euc_kr": frozenset("이다는에의가을로고하지한도기사서은를자시해인상품원판매배송니입요세문제무료능격협으리"),
    "euc_jp": frozenset(
        "あいうえおかがきくけこさしすせそたちつてとなにのはまもやらりるれわをんでだじどばブアイウエオカキクコ"
        "サシスセタチテトナニネノハパフマムメモラリルレロンードトプ、。の品商日本円税込送料"
    ),
}  # fmt: skip
_SIGNS["shift_jis"] = _SIGNS["euc_jp"]
_PRIOR = {"cp1252": 0.12}  # most pages that declare nothing are of it
MIN_EAST_ASIAN = 1.1
"""Signs of common rows and few broken ones: text in another encoding seldom reaches it. Chosen on made texts."""


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
        shifted = _strict(body, "iso2022_jp") if _SHIFTED.search(body) else None
        if shifted is not None:
            return Decoded(text=shifted, charset="iso2022_jp")
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
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") <= 2 and len(_MULTI_BYTE_UTF8.findall(body)) > 20:
        return Decoded(text=text, charset="utf-8", note="charset: a few bytes do not fit utf-8")
    sample = b" ".join(_STRETCH.findall(body))[:_SAMPLE_BYTES]
    east = max(_ROWS, key=lambda charset: _east_asian(sample, charset))
    charset = east
    if _east_asian(sample, east) < MIN_EAST_ASIAN:
        charset = max(_LETTERS, key=lambda name: _alphabetic(sample, name) + _PRIOR.get(name, 0.0))
    said = f"declared {declared} does not fit" if declared else "nothing valid is declared"
    return Decoded(text=body.decode(charset, "replace"), charset=charset, note=f"charset: {said}; read as {charset}")


def _east_asian(sample: bytes, charset: str) -> float:
    """How much a sample is text of common East Asian signs: 1 and more where it is, less than 0 where it breaks."""
    text = sample.decode(charset, "replace")
    signs = [c for c in text if c > "\x7f"]
    if len(signs) < 2:
        return 0.0
    common = known = broken = 0
    crowded = len(_CROWDED.findall(text))
    for sign in signs:
        if sign == "\ufffd" or "\ue000" <= sign <= "\uf8ff" or "\uff61" <= sign <= "\uff9f":
            broken += 1  # half-width kana are what any other text becomes in Shift_JIS
            continue
        spelled = sign.encode(charset, "replace")
        if len(spelled) == 2:
            common += any(low <= spelled[0] <= high and spelled[1] >= least for low, high, least in _ROWS[charset])
            common += sign in "，。、！？：；（）「」《》・ー～"
        known += sign in _SIGNS[charset]
    return (common + 1.2 * known - crowded - 4 * broken) / len(signs)


def _alphabetic(sample: bytes, charset: str) -> float:
    """How much a sample is text in the letters of an encoding, the common ones above all: 1 at most."""
    text = sample.decode(charset, "replace")
    ranks, latin = _RANKS[charset], charset in _LATIN
    score, letters, before = 0.0, 0, " "
    for letter in text:
        if letter > "\x7f":
            letters += 1
            small = letter.lower()
            rank = ranks.get(small[:1])
            if letter == "\ufffd" or "\x80" <= letter <= "\x9f":
                score -= 4.0
            elif rank is None:
                score += 0.2 if letter in _MARKS else -0.6
            elif (small != letter and before.islower()) or (not latin and before.isascii() and before.isalpha()):
                score -= 0.6  # a capital within a word, or one script within another's word
            elif small != letter and before.isupper():
                score += 0.4 * rank  # words in capitals alone are rare
            elif latin and before > "\x7f":
                score -= 0.2  # accents seldom stand side by side
            else:
                score += rank
        elif not latin and before > "\x7f" and letter.isalpha():
            score -= 0.6
        before = letter
    return score / letters if letters else 0.0
