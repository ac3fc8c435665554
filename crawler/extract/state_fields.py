"""What a product object of a page's scripts says, field by field, whatever its shop calls the keys."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from crawler.extract.document import Document
from crawler.extract.money import read_machine_number, read_number
from crawler.extract.states import ProductState, plain_key, product_state
from crawler.extract.text import clean_text

MAX_WORDS = 20  # values one field gives: a gallery's pictures

# Keys as `plain_key` leaves them, the likeliest first. An amount after reductions goes before one that may be either.
_KEYS = {
    "price": (
        "saleprice", "specialprice", "finalprice", "currentprice", "nowprice", "offerprice", "sellingprice",
        "discountedprice", "promoprice", "price", "priceamount", "pricevalue", "prices", "pricing", "priceinfo",
        "unitprice", "pricewithtax", "grossprice", "minprice", "lowprice", "pricemin", "pricerange", "totalprice",
        "value", "offers", "offer", "variants", "skus", "baseprice", "regularprice", "amount",
    ),
    "price_original": (
        "compareatprice", "originalprice", "oldprice", "wasprice", "listprice", "regularprice", "msrp", "rrp",
        "strikeprice", "retailprice", "fullprice", "pricebeforediscount", "crossedprice",
    ),
    "brand": ("brand", "brandname", "manufacturer", "manufacturername", "marca", "make", "vendor"),
    "sku": ("sku", "skuid", "skucode", "itemno", "itemnumber", "articlenumber", "number", "code", "reference"),
    "mpn": ("mpn", "manufacturerpartnumber", "partnumber", "modelnumber", "mfrpartnumber", "manufacturersku"),
    "gtin": ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "ean", "ean13", "eancode", "upc", "barcode", "isbn",
        "isbn13"),
    "availability": (
        "availability", "stockstatus", "availabilitystatus", "inventorystatus", "instock", "isinstock", "available",
        "isavailable", "soldout", "outofstock", "issoldout", "isoutofstock", "stock", "stockquantity", "stocklevel",
        "inventory", "inventoryquantity", "variants", "skus", "offers",
    ),
    "quantity": ("stockquantity", "inventoryquantity", "availablequantity", "stocklevel", "quantityavailable"),
    "condition": ("itemcondition", "condition", "conditionname", "zustand"),
    "category": ("category", "categoryname", "categorypath", "categories"),
    "description": ("description", "longdescription", "bodyhtml", "fulldescription", "content", "shortdescription"),
    "seller": ("seller", "sellername", "merchant", "merchantname", "advertiser", "shop", "shopname", "owner", "user"),
    "images": (
        "images", "image", "imageurl", "mainimage", "featuredimage", "gallery", "mediagallery", "media", "pictures",
        "picture", "photos", "photo", "img", "thumbnail",
    ),
    "rating": ("aggregaterating", "averagerating", "ratingaverage", "ratingvalue", "reviewrating", "rating"),
    "reviews": ("aggregaterating", "reviewcount", "reviewscount", "numreviews", "numberofreviews", "ratingcount",
        "totalreviews"),
    "sold_count": ("soldcount", "sold", "salescount", "soldquantity", "totalsold", "ordercount"),
}  # fmt: skip
FIELDS = tuple(_KEYS)
"""The fields a product object is asked for."""

# Inside an object that stands for one value: an amount, a brand, a picture.
_AMOUNTS = (
    "current", "now", "sale", "final", "finalprice", "saleprice", "currentprice", "special", "discounted", "selling",
    "sellingprice", "value", "amount", "price", "centamount", "min", "low", "lowprice", "minprice", "minvariantprice",
    "default", "display", "formatted", "regular", "base", "raw", "number", "gross", "withtax", "0",
)  # fmt: skip
_SPELLED = ("formatted", "formattedprice", "display", "displayprice", "formattedvalue", "text", "label", "string")
_NAMED = ("name", "displayname", "username", "nickname", "shopname", "title", "label", "value", "text", "login")
_PICTURED = ("zoom", "large", "full", "original", "big", "url", "src", "href", "contenturl", "path", "link", "image")
_COUNTED = {
    "rating": ("ratingvalue", "average", "value", "rating"),
    "reviews": ("reviewcount", "ratingcount", "count", "total"),
}
_CURRENCIES = ("currency", "currencycode", "pricecurrency", "currencyiso")
_SHORT = ("brand", "seller", "sku", "mpn", "gtin", "condition", "category")
_PRICED = re.compile(r"\D{0,8}\d[\d.,'\s]*\D{0,8}")
_NEGATIVE = frozenset(("soldout", "outofstock", "issoldout", "isoutofstock"))
_COUNTS = frozenset(("stock", "stockquantity", "stocklevel", "inventory", "inventoryquantity"))


def state_words(document: Document, field: str) -> list[str]:
    """What the page's product object says of a field of `FIELDS`, as words; empty when it is silent."""
    state = product_state(document)
    return said_of(state, field) if state is not None else []


def said_of(state: ProductState, field: str) -> list[str]:
    """What one product object says of a field of `FIELDS`, as words; empty when it is silent."""
    for key in _KEYS[field]:
        if key in state.keys:
            words = _words(state, field, key, state.keys[key], 0)
            if words:
                return words[:MAX_WORDS]
    return []


def _words(state: ProductState, field: str, key: str, value: Any, depth: int) -> list[str]:  # Any: JSON values
    if value in (None, "", [], {}) or depth > 4:
        return []
    if field in ("price", "price_original"):
        return _amount(state, value, depth)
    if field == "availability":
        return _stock(key, value)
    if field == "images":
        return _pictures(value, depth)
    if isinstance(value, list):
        if field == "category" and all(isinstance(part, str) for part in value):
            return [" > ".join(value[:8])]
        return _words(state, field, key, value[0], depth + 1)
    if isinstance(value, dict):
        plain = {plain_key(str(k)): v for k, v in value.items()}
        for name in (*_COUNTED.get(field, ()), *_NAMED):
            if plain.get(name) not in (None, "", [], {}):
                return _words(state, field, key, plain[name], depth + 1)
        return []
    if isinstance(value, bool):
        return []
    text = format(value, ".15g") if isinstance(value, float) else str(value).strip()
    if field in ("brand", "seller", "category") and not re.search(r"[^\W\d_]", text):
        return []  # a number of a table of theirs
    if field in _SHORT and len(text) > 200:
        return []
    return [text] if text else []


def _amount(state: ProductState, value: Any, depth: int) -> list[str]:  # Any: JSON values
    """An amount with its currency behind it, in a program's spelling where it was a number."""
    if depth > 4 or isinstance(value, bool) or value is None:
        return []
    currency = state.currency or ""
    if isinstance(value, dict):
        plain = {plain_key(str(k)): v for k, v in value.items()}
        said = next((plain[k] for k in _CURRENCIES if k in plain), None)
        for name in _AMOUNTS:
            inner = plain.get(name)
            if inner not in (None, "", [], {}, False, True):
                cents = name == "centamount" or _is_hundredths(inner, plain)
                words = _amount(state, inner / 100 if cents and isinstance(inner, int) else inner, depth + 1)
                if words and isinstance(said, str) and len(said) <= 5 and not re.search(r"[A-Z]{3}", words[0]):
                    return [f"{words[0]} {said}".strip()]
                if words:
                    return words
        return []
    if isinstance(value, list):
        return next((words for inner in value[:5] if (words := _amount(state, inner, depth + 1))), [])
    if isinstance(value, str):
        number = read_machine_number(value)
        if number is None:
            spelled = clean_text(value, 60)
            return [f"{spelled} {currency}".strip()] if _PRICED.fullmatch(spelled) else []
    else:
        number = Decimal(str(value))
    if not number.is_finite() or number <= 0:
        return []
    if state.cents and number == number.to_integral_value():
        number /= 100
    return [f"{number:.2f} {currency}".strip()]


def _is_hundredths(amount: Any, beside: dict[str, Any]) -> bool:  # Any: JSON values
    """Whether a whole number is an amount in hundredths: what the object spells for people is a hundredth of it."""
    if not isinstance(amount, int) or isinstance(amount, bool):
        return False
    spelled = next((said for key in _SPELLED if isinstance(said := beside.get(key), str)), "")
    number = read_number(spelled) if re.search(r"\d", spelled) else None
    return number is not None and number * 100 == amount


def _stock(key: str, value: Any) -> list[str]:  # Any: JSON values
    """A stock's state in schema.org's words."""
    if isinstance(value, bool):
        return ["InStock" if value is not (key in _NEGATIVE) else "OutOfStock"]
    if isinstance(value, list):
        said = [word for part in value[:200] if isinstance(part, dict) for word in _told_by(part)]
        return ["InStock"] if "InStock" in said else said[:1]
    if isinstance(value, dict):
        return _told_by(value)
    if isinstance(value, int | float):
        if key in _COUNTS:
            return ["InStock" if value > 0 else "OutOfStock"]
        return ["InStock" if value else "OutOfStock"] if value in (0, 1) and key not in _NEGATIVE else []
    text = str(value).strip()
    if text.lower() in ("true", "yes", "y", "1"):
        return ["OutOfStock" if key in _NEGATIVE else "InStock"]
    if text.lower() in ("false", "no", "n", "0"):
        return ["InStock" if key in _NEGATIVE else "OutOfStock"]
    return [text] if len(text) <= 60 and not text.isdigit() else []


def _told_by(part: dict[str, Any]) -> list[str]:  # Any: JSON values
    """Stock said by an object within a product: a variant, an offer."""
    return next((words for key, value in part.items() if (words := _told(plain_key(str(key)), value))), [])


def _told(key: str, value: Any) -> list[str]:  # Any: JSON values
    """Stock said by one key of a variant; nothing for keys that say something else."""
    if key not in _KEYS["availability"] + ("status",) or isinstance(value, list | dict) or value is None:
        return []
    return _stock(key, value)


def _pictures(value: Any, depth: int) -> list[str]:  # Any: JSON values
    if depth > 3:
        return []
    if isinstance(value, str):
        return [value] if re.search(r"^(https?:)?/|\.(jpe?g|png|webp)", value, re.IGNORECASE) else []
    if isinstance(value, list):
        return [text for part in value[:MAX_WORDS] for text in _pictures(part, depth + 1)[:1]]
    if isinstance(value, dict):
        plain = {plain_key(str(k)): v for k, v in value.items()}
        for name in _PICTURED:
            inner = plain.get(name)
            if inner not in (None, "", [], {}) and (words := _pictures(inner, depth + 1)):
                return words
    return []
