"""Values that stand behind a label, as in "SKU: 4447801" or a table of details."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extract.document import Document
from crawler.extract.headings import heading, layout_of
from crawler.extract.layout import Layout, Region, Text
from crawler.extract.memory import remembers
from crawler.extract.patterns import finder
from crawler.extract.text import fold

MAX_LABEL_CHARS = 40
MAX_VALUE_CHARS = 80

# Labels as shops write them, in folded case; the longest alternatives first where one begins another.
LABELS = {
    "sku": (
        r"sku(?: code| number| no\.?)?|code|item ?(?:#|no\.?|number|code|id|model)|product (?:code|id|no\.?|number|#)"
        r"|stock (?:code|#|no\.?|number)|style (?:#|no\.?|number|code)|style|catalog(?:ue)? (?:no\.?|number|#)"
        r"|cat\.? no\.?|article (?:no\.?|number|nr\.?)|art\.?[- ]?(?:nr|no)\.?|artikel-?(?:nummer|nr\.?)|artnr\.?"
        r"|bestell-?(?:nummer|nr\.?)|produkt-?(?:nummer|nr\.?)|réf(?:érence|\.)?(?: produit)?|reference|referencia"
        r"|ref\.?(?: ?#| no\.?)?|codice(?: articolo| prodotto)?|cod\.?(?: art\.?| prodotto)?|código(?: do produto"
        r"| de producto)?|modelo|cód\.?"
        r"|varenr\.?|varenummer|tuotenumero|kod produktu|nr katalogowy|symbol|kód(?: produktu| zboží)?"
        r"|katalogové číslo|cikkszám|cod produs|артикул|код(?: товара)?|商品番号|品番|(?:商品)?货号|(?:商品)?编号"
        r"|型番コード|asin|isbn-10"
        r"|kode produk|kode barang|mã (?:sản phẩm|sp|hàng)|รหัสสินค้า|ürün kodu|stok kodu"
        r"|κωδικός(?: προϊόντος)?|код на продукт|šifra(?: artikla)?|kood|prekės kodas|رمز المنتج|מק\"ט|מקט"
        r"|상품코드|상품번호|제품코드|part code|lot (?:no\.?|number)|référence produit"
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
        r"|штрих-код|kod ean|ean kód|kod kreskowy|čárový kód|vonalkód|barkod|codice a barre|barcode"
        r"|カタログ番号|条形码|바코드"
    ),
    "brand": (
        r"brand(?: name| & model)?|marke|hersteller|manufacturer|marque|fabricant|marca|fabricante|merk|märke"
        r"|varumärke|mærke|merke|tuotemerkki|marka|producent|výrobce|značka|gyártó|márka|brend|бренд|производитель"
        r"|марка|ブランド|メーカー|(?:商品)?品牌|produttore|produtor|make(?: ?/ ?(?:manufacturer|model))?"
        r"|브랜드|מותג|publisher|maker|from the manufacturer|label"
        r"|merek|thương hiệu|hãng(?: sản xuất)?|nhãn hiệu|แบรนด์|ยี่ห้อ|marca(?: do produto)?|μάρκα"
        r"|κατασκευαστής|марка|proizvođač|znamka|gamintojas|ražotājs|العلامة التجارية|الماركة|יצרן|제조사"
        r"|브랜드명|brand/manufacturer|fabrikant|bränd|виробник|бренди"
    ),
    "seller": (
        r"seller|sold by|ships from and sold by|sold and shipped by|shop(?: name)?|store|verkäufer(?:in)?"
        r"|verkauft von|anbieter|vendeur|vendu par|vendedor|vendido por|venditore|venduto da|verkoper"
        r"|verkocht door|säljare|säljes av|sælger|selger|myyjä|sprzedawca|sprzedający|prodejce|prodávající|eladó"
        r"|jméno|meno|imię|hirdető|vânzător|продавец|販売元|掌柜|卖家|판매자|מוכר"
        r"|penjual|toko|người bán|ร้านค้า|ผู้ขาย|satıcı|πωλητής|продавач|prodavac|prodavač|prodajalec"
        r"|pardavėjas|pārdevējs|müüja|البائع|المعلن|vendedor/loja|판매자명|店铺|商家|出品者|пользователь"
        r"|користувач|uzytkownik|użytkownik|owner|contact person|ansprechpartner|vendu et expédié par"
        r"|sold & shipped by|dealer|merchant|vendor"
    ),
    "condition": (
        r"(?:item |product )?condition|zustand|artikelzustand|état|estado(?: del producto)?|condizioni?|staat"
        r"|conditie|skick|stand|tilstand|kunto|stan|stav|állapot|stare|состояние|стан|durum|状態|成色|상태"
        r"|מצב(?: פריט)?"
        r"|kondisi|tình trạng|สภาพ(?:สินค้า)?|κατάσταση|състояние|stanje|būklė|stāvoklis|seisund|الحالة|holati"
        r"|жағдайы|제품상태|商品の状態|新旧程度"
    ),
    "availability": (
        r"availability|stock(?: status)?|inventory|verfügbarkeit|lieferbarkeit|lagerbestand|disponibilité"
        r"|disponibilità|disponibilidad|disponibilidade|beschikbaarheid|voorraad|lagerstatus|lager|tillgänglighet"
        r"|saatavuus|dostępność|dostupnost|dostupnosť|készlet|elérhetőség|disponibilitate|наличие|наявність|stok"
        r"|在庫|(?:商品)?库存|庫存|재고"
        r"|ketersediaan|stok|tình trạng kho|สถานะสินค้า|διαθεσιμότητα|наличност|dostupnost|zaloga|zaliha"
        r"|sandėlis|pieejamība|laoseis|التوفر|حالة التوفر|זמינות|stok durumu|재고상태|在庫状況|库存状态"
        r"|delivery status|status|lieferstatus|leverbaarheid"
    ),
    "quantity": (
        r"(?:quantity|qty|stock|units?|pieces?|items?) (?:available|left|in stock)|available (?:quantity|qty|stock)"
        r"|in stock|stock(?: level| quantity)?|lagerbestand|bestand|stück verfügbar|stock disponible|unidades"
        r"|disponibles|giacenza|voorraad|lagersaldo|antal i lager|stan magazynowy|ilość|остаток|количество"
        r"|在庫数|库存"
        r"|jumlah stok|sisa stok|số lượng|จำนวนคงเหลือ|stok adedi|ποσότητα|количество на склад"
    ),
    "ships_from": (
        r"ships? from|shipped from|item location|located in|location|dispatched from|versand aus|artikelstandort"
        r"|standort|expédié de|localisation|lieu|ubicación|se envía desde|envío desde|localização|enviado de|luogo"
        r"|spedito da|locatie|verzonden vanuit|plats|ort|skickas från|sted|lokalizacja|wysyłka z|lokalita|hely"
        r"|localitate|местоположение|город|отправка из|発送元(?:の地域)?|发货地|所在地"
        r"|dikirim dari|lokasi|gửi từ|ส่งจาก|konum|τοποθεσία|местоположение|lokacija|manzil|الموقع|מיקום|지역"
    ),
    "ships_to": (
        r"ships? to|shipping to|delivers to|versand nach|liefert nach|livraison vers|envía a|envíos a|spedisce a"
        r"|verzending naar|skickas till|wysyłka do|доставка в"
    ),
    "shipping_price": (
        r"(?:estimated )?(?:shipping|delivery|postage)(?: (?:cost|fee|charge|price|rate)s?)?(?: from)?|p ?& ?p"
        r"|shipping & handling"
        r"|versand(?:kosten)?|lieferung|(?:frais de )?(?:livraison|port)|(?:gastos|costes?|costo) de envío|envío"
        r"|(?:spese|costi) di spedizione|spedizione|frete|verzendkosten|verzending|frakt(?:kostnad)?|fragt"
        r"|toimituskulut|(?:koszt )?(?:dostawy|wysyłki)|dostawa|wysyłka|doprava|szállítás(?:i költség)?|livrare"
        r"|(?:стоимость )?доставк[аи]|送料|运费|運費|배송비"
        r"|ongkos kirim|biaya kirim|phí vận chuyển|ค่าจัดส่ง|kargo(?: ücreti)?|μεταφορικά|доставка|dostava"
        r"|الشحن|משלוח|배송"
    ),
    "sold_count": (
        r"(?:items |units |total )?sold|sales|orders|verkauft|vendus|vendidos|venduti|verkocht|sålda|sprzedano"
        r"|продано|заказов|月销量|销量|已售|販売数"
    ),
    "posted_at": (
        r"(?:date )?(?:posted|listed|published|added|created|listing date|ad placed|placed)(?: on| at)?|date"
        r"|eingestellt(?: am)?|erstellt(?: am)?|anzeige vom|online seit|veröffentlicht|publiée?(?: le)?"
        r"|mise? en ligne(?: le)?|publicado(?: el| em)?|fecha|data|pubblicato(?: il)?|inserito(?: il)?"
        r"|geplaatst(?: op)?"
        r"|publicerad|inlagd|lagt (?:ut|inn)|oprettet|julkaistu|dodane?|data dodania|vloženo|feladva|publicat"
        r"|размещено|опубликовано|дата|発売日|発布日期|发布时间"
        r"|diiklankan|ngày đăng|ลงประกาศ|ilan tarihi|ημερομηνία|публикувана|objavljeno|تاريخ النشر|등록일"
        r"|опубліковано|дата публикации|added on|e'lon sanasi"
    ),
    "category": (
        r"categor(?:y|ies)|product (?:type|category)|kategorien?|warengruppe|catégories?|categor[ií]as?|categorie"
        r"|kategori(?:a|e|er)?|категори[яи]|раздел|カテゴリー?|分类|類別"
        r"|kategori|danh mục|หมวดหมู่|κατηγορία|категория|kategorija|التصنيف|القسم|קטגוריה|카테고리|분류"
    ),
    "colour": (
        r"colou?rs?|colou?r name|farbe|couleur|coloris|color(?:es)?|cor|colore|kleur|färg|farve|farge|väri"
        r"|kolor|barva|farba|szín"
        r"|culoare|цвет|колір|renk|カラー|色|颜色|顏色|색상|צבע"
    ),
    "size": (
        r"(?:item |product )?sizes?|größe|groesse|taille|pointure|talla|tamaño|tamanho|taglia|maat|storlek|størrelse"
        r"|koko|rozmiar|velikost|veľkosť|méret|mărime|размер|розмір|beden|サイズ|尺寸|尺码|사이즈"
    ),
    "rating": (
        r"(?:average |customer |overall )?rating|bewertung|note|valoración|valutazione|beoordeling|betyg|ocena"
        r"|рейтинг|оценка"
    ),
    "uploader": (
        r"uploaded by|uploader|posted by|published by|added by|by|hochgeladen von|mis en ligne par|ajouté par"
        r"|subido por|publicado por|caricato da|geüpload door|uppladdad av|dodał|загрузил|автор"
    ),
}
_SEPARATOR = re.compile(r"[:：#№]|\s[-–|]\s|(?<=[#.])\s")
_LABEL_NAMES = tuple(LABELS)
_labels = finder(*(f"(?i)^(?:{labels})$" for labels in LABELS.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label shown on the page and what stands behind it."""

    names: frozenset[str]  # keys of `LABELS`
    value: str
    order: int  # of the element the label stands in
    region: Region


@remembers(20_000)
def label_names(words: str) -> frozenset[str]:
    """The keys of `LABELS` that words mean as a whole; none for other words."""
    return frozenset(_LABEL_NAMES[number] for number in _labels(words) or ())


_AGENT = re.compile(r"\w (by|von|par|por|da|door|av|af|przez)$")
_CODE = re.compile(r"[A-Za-zА-Яа-яΑ-Ωα-ω0-9][\w./#-]{1,39}")


def labelled(document: Document, name: str) -> list[str]:
    """
    What stands behind the labels of that name (a key of `LABELS`), in page order, the main part before the rest.

    A value stands in the label's own words behind a colon, or in the next words shown.
    """
    start = heading(document)
    before = start.order if start is not None else 0
    found = [pair for pair in pairs(document) if name in pair.names]
    return [
        pair.value
        for pair in sorted(found, key=lambda pair: 2 * (pair.region is not Region.MAIN) + (pair.order < before))
    ]


def pairs(document: Document) -> list[Pair]:
    """Every known label outside the page's frame with its value, in page order."""
    return document.once("pairs", lambda: _pairs(document))


def _pairs(document: Document) -> list[Pair]:
    layout = layout_of(document)
    found: list[Pair] = []
    for place, text in enumerate(layout.texts):
        if len(text.text) > MAX_LABEL_CHARS + MAX_VALUE_CHARS:
            continue
        region = layout.places[text.inside].region
        if region is Region.FRAME:
            continue
        names, value, alone = _parted(text.text)
        if not names:
            continue
        if value is None:
            value = _next(layout, place, text, needs_table=alone)
        value = (value or "").strip(" :#-–：")
        if value and len(value) <= MAX_VALUE_CHARS:
            found.append(Pair(names=names, value=value, order=text.inside, region=region))
    return found


@remembers(20_000)
def _parted(text: str) -> tuple[frozenset[str], str | None, bool]:
    """The label's names, the value behind it in the same words, and whether the label has no mark behind it."""
    start = re.match(r"\W{0,3}", text)
    begin = start.end() if start is not None else 0
    for mark in _SEPARATOR.finditer(text, begin, begin + MAX_LABEL_CHARS + 3):
        label = fold(text[begin : mark.end()]).strip(" :：-–|")
        names = label_names(label) or label_names(label.rstrip("#№. "))
        if names:
            return names, text[mark.end() :].strip(" :#№-–：") or None, False
    label = fold(text[begin : begin + MAX_LABEL_CHARS + 3]).strip(" :：")
    return label_names(label.rstrip(" *?")), None, True


def _next(layout: Layout, place: int, text: Text, *, needs_table: bool) -> str | None:
    """The words behind a label that stands alone; without a colon only in a table, a list of terms or a pair."""
    following = layout.texts[place + 1] if place + 1 < len(layout.texts) else None
    if needs_table and following is not None and _AGENT.search(fold(text.text)):
        # "Uploaded by" stands before the name's own link, whatever holds the two.
        return following.text if any(above.tag == "a" for above in layout.chain(following.inside, 2)) else None
    if needs_table and layout.places[text.inside].tag not in ("th", "dt", "td", "b", "strong", "span", "label"):
        pairs_here = layout.chain(text.inside, 2)
        if not any(pair.last - pair.first == 2 and pair.first == place for pair in pairs_here):
            return None  # neither a table's cell nor the first of two words of one element
    for other in layout.texts[place + 1 : place + 4]:
        if re.search(r"\w", other.text):
            if other.inside - text.inside > 12:
                return None
            return other.text if not other.text.rstrip().endswith((":", "：")) else None
    return None


def code_in(value: str) -> str | None:
    """The item number at the start of a value: one token with a digit in it."""
    match = _CODE.match(value)
    if match is None:
        return None
    said = match.group().rstrip(".,-/")
    whole = len(said) == len(value.strip()) and re.fullmatch(r"[A-ZА-Я]{1,8}([-_/.][A-ZА-Я]{1,8})+", said)
    return said if whole or re.search(r"\d", said) else None
