"""Values that stand behind a label, as in "SKU: 4447801" or a table of details."""

from __future__ import annotations

import re

from crawler.extract.document import Document
from crawler.extract.headings import heading, layout_of
from crawler.extract.layout import Layout, Region, Text

MAX_LABEL_CHARS = 40
MAX_VALUE_CHARS = 80

# Labels as shops write them, in folded case; the longest alternatives first where one begins another.
LABELS = {
    "sku": (
        r"sku(?: code| number| no\.?)?|item ?(?:#|no\.?|number|code|id|model)|product (?:code|id|no\.?|number|#)"
        r"|stock (?:code|#|no\.?|number)|style (?:#|no\.?|number|code)|style|catalog(?:ue)? (?:no\.?|number|#)"
        r"|cat\.? no\.?|article (?:no\.?|number|nr\.?)|art\.?[- ]?(?:nr|no)\.?|artikel-?(?:nummer|nr\.?)|artnr\.?"
        r"|bestell-?(?:nummer|nr\.?)|produkt-?(?:nummer|nr\.?)|réf(?:érence|\.)?(?: produit)?|reference|referencia"
        r"|ref\.?(?: ?#| no\.?)?|codice(?: articolo| prodotto)?|código(?: do produto| de producto)?|modelo|cód\.?"
        r"|varenr\.?|varenummer|tuotenumero|kod produktu|nr katalogowy|symbol|kód(?: produktu| zboží)?"
        r"|katalogové číslo|cikkszám|cod produs|артикул|код(?: товара)?|商品番号|品番|货号|asin|isbn-10"
    ),
    "mpn": (
        r"mpn|manufacturer(?:'s)? (?:part(?: number| no\.?| #)?|number|#)|mfr\.? ?(?:part)? ?(?:#|no\.?|number)?"
        r"|mfg\.? part(?: number| #)?|part (?:number|no\.?|#)|model(?: ?#| no\.?| number| nr\.?|nummer)?"
        r"|item model number|herstellernummer|hersteller-?nr\.?|teilenummer|modell(?:-?nr\.?|nummer)?|modèle"
        r"|numéro de modèle|número de modelo(?: del producto)?|modello|fabrikantnummer|číslo dílu|型番|型号"
    ),
    "gtin": (
        r"gtin(?:-?1[234])?|upc(?: code| ?#)?|ean(?:-?13)?(?:[ -]?code)?|isbn(?:-?1[03])?|bar ?code|jan(?:コード)?"
        r"|strichcode|código de barras|code-barres|streckkod|штрихкод"
    ),
    "brand": (
        r"brand(?: name| & model)?|marke|hersteller|manufacturer|marque|fabricant|marca|fabricante|merk|märke"
        r"|varumärke|mærke|merke|tuotemerkki|marka|producent|výrobce|značka|gyártó|márka|brend|бренд|производитель"
        r"|марка|ブランド|メーカー|品牌|브랜드|מותג|publisher|maker|from the manufacturer|label"
    ),
    "seller": (
        r"seller|sold by|ships from and sold by|sold and shipped by|shop(?: name)?|store|verkäufer(?:in)?"
        r"|verkauft von|anbieter|vendeur|vendu par|vendedor|vendido por|venditore|venduto da|verkoper"
        r"|verkocht door|säljare|säljes av|sælger|selger|myyjä|sprzedawca|sprzedający|prodejce|prodávající|eladó"
        r"|hirdető|vânzător|продавец|販売元|掌柜|卖家|판매자|מוכר"
    ),
    "condition": (
        r"(?:item |product )?condition|zustand|artikelzustand|état|estado(?: del producto)?|condizioni?|staat"
        r"|conditie|skick|stand|tilstand|kunto|stan|stav|állapot|stare|состояние|стан|durum|状態|成色|상태"
        r"|מצב(?: פריט)?"
    ),
    "availability": (
        r"availability|stock(?: status)?|inventory|verfügbarkeit|lieferbarkeit|lagerbestand|disponibilité"
        r"|disponibilità|disponibilidad|disponibilidade|beschikbaarheid|voorraad|lagerstatus|lager|tillgänglighet"
        r"|saatavuus|dostępność|dostupnost|dostupnosť|készlet|elérhetőség|disponibilitate|наличие|наявність|stok"
        r"|在庫|库存|재고"
    ),
    "uploader": (
        r"uploaded by|uploader|posted by|published by|added by|by|hochgeladen von|mis en ligne par|ajouté par"
        r"|subido por|publicado por|caricato da|geüpload door|uppladdad av|dodał|загрузил|автор"
    ),
}
_SEPARATOR = r"\s*(?:[:#№：]|\s[-–]\s|(?<=[#.])\s)+\s*"
_PATTERNS = {
    name: (
        re.compile(rf"^\W{{0,3}}(?:{labels}){_SEPARATOR}(?P<value>\S.*)?$", re.IGNORECASE),
        re.compile(rf"^\W{{0,3}}(?:{labels})\W{{0,3}}$", re.IGNORECASE),
    )
    for name, labels in LABELS.items()
}
_CODE = re.compile(r"[A-Za-z0-9][\w./#-]{1,39}")


def labelled(document: Document, name: str) -> list[str]:
    """
    What stands behind the labels of that name (a key of `LABELS`), in page order, the main part before the rest.

    A value stands in the label's own words behind a colon, or in the next words shown.
    """
    layout = layout_of(document)
    with_value, alone = _PATTERNS[name]
    found: list[tuple[int, str]] = []
    start = heading(document)
    for place, text in enumerate(layout.texts):
        if len(text.text) > MAX_LABEL_CHARS + MAX_VALUE_CHARS:
            continue
        region = layout.places[text.inside].region
        if region is Region.FRAME:
            continue
        match = with_value.match(text.text)
        value = match["value"] if match else None
        if value is None and (match or alone.match(text.text)):
            value = _next(layout, place, text, needs_table=match is None and text.text.strip()[-1:] not in ":：#")
        if value and len(value) <= MAX_VALUE_CHARS:
            before = start is not None and text.inside < start.order
            found.append((2 * (region is not Region.MAIN) + before, value.strip(" :#-–")))
    return [value for _, value in sorted(found, key=lambda item: item[0]) if value]


def _next(layout: Layout, place: int, text: Text, *, needs_table: bool) -> str | None:
    """The words behind a label that stands alone; without a colon only in a table, a list of terms or a pair."""
    if needs_table and layout.places[text.inside].tag not in ("th", "dt", "td", "b", "strong", "span", "label"):
        return None
    for other in layout.texts[place + 1 : place + 4]:
        if re.search(r"\w", other.text):
            if other.inside - text.inside > 12:
                return None
            return other.text if not other.text.rstrip().endswith((":", "：")) else None
    return None


def code_in(value: str) -> str | None:
    """The item number at the start of a value: one token with a digit in it."""
    match = _CODE.match(value)
    return match.group().rstrip(".,-/") if match and re.search(r"\d", match.group()) else None
