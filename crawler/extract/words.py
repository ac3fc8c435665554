"""What shops call availability and condition, in their languages, as the closed sets Marque keeps."""

from __future__ import annotations

import re
from typing import TypeVar

from crawler.extract.text import fold
from store.records.listings import Availability, Condition

# schema.org ItemAvailability, by the last part of its address. Source: schema.org 29.
_SCHEMA_AVAILABILITY = {
    "instock": Availability.IN_STOCK,
    "onlineonly": Availability.ONLINE_ONLY,
    "instoreonly": Availability.IN_STORE_ONLY,
    "limitedavailability": Availability.LIMITED,
    "outofstock": Availability.OUT_OF_STOCK,
    "soldout": Availability.SOLD_OUT,
    "discontinued": Availability.DISCONTINUED,
    "preorder": Availability.PRE_ORDER,
    "presale": Availability.PRE_ORDER,
    "backorder": Availability.BACK_ORDER,
    "madetoorder": Availability.IN_STOCK,
    "reserved": Availability.LIMITED,
    # Meta's and Google's feed words, which stand in product:availability.
    "available": Availability.IN_STOCK,
    "availablefororder": Availability.BACK_ORDER,
    "pending": Availability.LIMITED,
    "oos": Availability.OUT_OF_STOCK,
    "unavailable": Availability.OUT_OF_STOCK,
}

_SCHEMA_CONDITION = {
    "newcondition": Condition.NEW,
    "usedcondition": Condition.USED,
    "refurbishedcondition": Condition.REFURBISHED,
    "damagedcondition": Condition.DAMAGED,
    "new": Condition.NEW,
    "used": Condition.USED,
    "refurbished": Condition.REFURBISHED,
    "damaged": Condition.DAMAGED,
}


_LONGEST = 200  # a sentence; in longer text a word like "new" says nothing of the offer
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

E = TypeVar("E", Availability, Condition)


def _phrases(table: dict[E, str]) -> list[tuple[re.Pattern[str], E]]:
    """One pattern a meaning. A phrase stands alone, except in scripts that write without blanks."""
    patterns = []
    for meaning, listed in table.items():
        words = [re.escape(fold(word)) for word in listed.split("|")]
        spaced = "|".join(word for word in words if not _UNSPACED.search(word))
        unspaced = "".join(f"|{word}" for word in words if _UNSPACED.search(word))
        patterns.append((re.compile(rf"(?<!\w)(?:{spaced})(?!\w){unspaced}"), meaning))
    return patterns


# Absence before presence: "not in stock" holds "in stock". All in folded (lower) case.
_AVAILABILITY = _phrases(
    {
        Availability.SOLD_OUT: "sold out|soldout|ausverkauft|épuisé|agotado|esaurito|esgotado|uitverkocht"
        "|slutsåld|slutsålt|udsolgt|utsolgt|loppuunmyyty|wyprzedane|vyprodáno|vypredané|elfogyott"
        "|распродано|tükendi|売り切れ|品切れ|已售罄|售罄|품절|אזל מהמלאי|stok habis|habis terjual|hết hàng"
        "|สินค้าหมด|εξαντλήθηκε"
        "|изчерпан|rasprodano|parduota|välja müüdud|izpārdots|نفدت الكمية|ناموجود|epuizat|zaprodano|razprodano"
        "|ausgebucht",
        Availability.DISCONTINUED: "discontinued|no longer available|no longer sold|nicht mehr lieferbar"
        "|nicht mehr verfügbar|n'est plus disponible|plus disponible|descatalogado|ya no está disponible"
        "|fuori produzione|niet meer leverbaar|utgått|har utgått|wycofany|снят с производства|販売終了|已下架",
        Availability.OUT_OF_STOCK: "out of stock|not in stock|not available|currently unavailable"
        "|temporarily unavailable|unavailable|nicht auf lager|nicht vorrätig|nicht verfügbar|nicht lieferbar"
        "|derzeit nicht|en rupture|rupture de stock|indisponible|non disponible|sin stock|no disponible"
        "|fuera de stock|sin existencias|fora de estoque|indisponível|esgotado|non disponibile|niet op voorraad"
        "|niet leverbaar|ej i lager|inte i lager|finns ej i lager|slut i lager|ikke på lager|ikke på lager"
        "|ei varastossa|ei saatavilla|brak w magazynie|brak na stanie|niedostępny|niedostępne|produkt niedostępny"
        "|není skladem|nie je skladom|nedostupné|nincs raktáron|nem elérhető|nu este în stoc|stoc epuizat"
        "|нет в наличии|нет на складе|немає в наявності|stokta yok|在庫なし|在庫切れ|缺货|無貨|无货|재고 없음"
        "|tidak tersedia"
        "|غير متوفر|غير متاح|không còn hàng|ไม่มีสินค้า|μη διαθέσιμο|δεν υπάρχει|няма в наличност|nema na zalihi"
        "|nije dostupno|ni na zalogi|nėra sandėlyje|ei ole laos|nav pieejams|nie na magazynie|momentan nicht"
        "|zur zeit nicht"
        "|vergriffen|actuellement indisponible|momentanément indisponible|no hay stock|agotada|sem estoque"
        "|non in stock"
        "|prodotto non disponibile|momenteel niet|tijdelijk niet|tillfälligt slut|ikke tilgjengelig"
        "|dočasně nedostupné|na dotaz|jelenleg nem|indisponibil|отсутствует|ожидается|під замовлення",
        Availability.PRE_ORDER: "pre order|pre-order|preorder|vorbestellen|vorbestellbar|précommande|précommander"
        "|preventa|pre-venda|preordine|förbeställ|förhandsboka|forudbestil|forhåndsbestill|przedsprzedaż"
        "|předobjednávka|предзаказ|予約|预售|預購|예약",
        Availability.BACK_ORDER: "back order|back-order|backorder|backordered|on backorder|nachbestellt"
        "|auf bestellung|sur commande|bajo pedido|sob encomenda|su ordinazione|op bestelling|beställningsvara"
        "|bestillingsvare|na zamówienie|na objednávku|под заказ|取り寄せ",
        Availability.LIMITED: "knapper lagerbestand|geringer lagerbestand|limited availability|low stock"
        "|limited stock|few left|only few left|almost gone"
        "|last one|nur noch wenige|nur noch|geringer bestand|plus que|stock limité|últimas unidades|pocas unidades"
        "|ultimi pezzi|laatste stuks|beperkt op voorraad|fåtal kvar|få kvar|endast få kvar|få på lager"
        "|ostatnie sztuki|poslední kus|utolsó darabok|заканчивается|мало|残りわずか",
        Availability.IN_STORE_ONLY: "in store only|in-store only|nur im laden|nur in der filiale"
        "|uniquement en magasin|solo en tienda|endast i butik|kun i butik",
        Availability.ONLINE_ONLY: "online only|online-only|nur online|uniquement en ligne|solo online"
        "|endast online|kun online",
        Availability.IN_STOCK: "in stock|instock|con stock|available instantly|available now|in-stock|available"
        "|ready to ship|ships today|ships within|usually ships|dispatched within|versandfertig|expédié sous"
        "|auf lager|lagernd|vorrätig|verfügbar"
        "|sofort lieferbar|lieferbar|en stock|disponible|disponibles|in magazzino|disponibile"
        "|disponibilità immediata|em estoque|em stock|disponível|op voorraad|leverbaar|i lager|finns i lager"
        "|på lager|på lager|varastossa|saatavilla|w magazynie|na stanie|dostępny|dostępne|dostępność|skladem"
        "|na sklade|skladom|raktáron|készleten|în stoc|in stoc|в наличии|есть в наличии|в наявності|є в наявності"
        "|stokta|stokta var|на склад|σε απόθεμα|διαθέσιμο|在庫あり|有货|現貨|现货|有貨|재고 있음|במלאי"
        "|tersedia|ready stock"
        "|متوفر|متاح|còn hàng|มีสินค้า|พร้อมส่ง|άμεσα διαθέσιμο|в наличност|налично|na zalihi|na zalogi"
        "|dostupno|sandėlyje"
        "|yra sandėlyje|laos|pieejams|ir noliktavā|na skladě|na magazynie|duża ilość|średnia ilość|mała ilość"
        "|sofort verfügbar"
        "|sofort versandfertig|ab lager|am lager|an lager|en magasin|en almacén|en existencia|hay stock"
        "|pronta entrega"
        "|disponibile subito|pronta consegna|direct leverbaar|uit voorraad|voorradig|på lager nu|klar til levering"
        "|heti saatavilla|raktárról|disponibil|на складе|имеется|stokdan teslim|即納|お取り寄せ可|即日発送",
    }
)

_CONDITION = _phrases(
    {
        Condition.DAMAGED: "damaged|for parts|for parts or not working|not working|spares or repair|defekt"
        "|beschädigt|für bastler|als ersatzteil|endommagé|pour pièces|dañado|para piezas|danneggiato|per ricambi"
        "|defect|trasig|uszkodzony|uszkodzone|poškozené|сломан|на запчасти|ジャンク|not functioning",
        Condition.REFURBISHED: "refurbished|certified refurbished|renewed|reconditioned|remanufactured|refurb"
        "|generalüberholt|wiederaufbereitet|runderneuert|reconditionné|remis à neuf|reacondicionado|ricondizionato"
        "|recondicionado|renoverad|rekonditionerad|refurbed|odnowiony|repasované|восстановленный|整備済み"
        "|リファービッシュ|翻新|리퍼|rekondisi|مجدد|ανακατασκευασμένο",
        Condition.USED: "やや傷や汚れあり|目立った傷や汚れなし|傷や汚れあり|未使用に近い|used|pre-owned|preowned"
        "|second hand|second-hand|secondhand|like new|very good"
        "|good condition|worn|gebraucht|gebrauchter zustand|sehr gut|occasion|d'occasion|usagé|très bon état"
        "|bon état|segunda mano|usado|usada|de segunda mano|como nuevo|seminovo|usato|come nuovo|tweedehands"
        "|gebruikt|zo goed als nieuw|begagnad|begagnat|bra skick|brugt|brukt|pent brukt|käytetty|używany|używane"
        "|używana|stan dobry|použité|bazarový|használt|folosit|б/у|бывший в употреблении|вживаний|ikinci el|中古"
        "|二手|중고|met gebruikssporen|bekas|مستعمل|đã qua sử dụng|มือสอง|μεταχειρισμένο|употребявано|rabljeno"
        "|polovno|kasutatud"
        "|naudotas|lietots|ишлатилган|ishlatilgan|б/в|vintage",
        Condition.NEW: "new|brand new|brand-new|new with tags|new without tags|new in box|nwt|unused|neu|neuware"
        "|nagelneu|neuf|neuve|nouveau|nuevo|nueva|nuevo con etiquetas|novo|nova|nuovo|nieuw|ny|nytt|ny med etikett"
        "|helt ny|helt ny|oanvänd|ubrugt|ubrukt|uusi|käyttämätön|nowy|nowe|nowa|fabrycznie nowy|nové|nový|új|новый"
        "|новое|новая|новий|нове|sıfır|yeni|新品|全新|未使用|새상품|חדש|baru|جديد|mới|mới 100%|ของใหม่"
        "|καινούργιο|ново|novo|uus|naujas|jauns|янги|yangi|жаңа",
    }
)


# Alone these say that an offer is over; in a sentence ("sold by", "vendu par") they say who sells.
_OVER = frozenset(
    fold(
        "sold|såld|sålt|solgt|myyty|verkauft|verkocht|vendu|vendido|venduto|sprzedane|prodáno|eladva|vândut"
        "|продано|satıldı"
    ).split("|")
)


def read_availability(text: str) -> Availability | None:
    """The availability a schema.org address, a feed word or a shop's phrase means; None when unknown."""
    if len(text) <= _LONGEST and re.sub(r"[\W_]+", "", fold(text)) in _OVER:
        return Availability.SOLD_OUT
    return _schema_word(text, _SCHEMA_AVAILABILITY) or _phrase(text, _AVAILABILITY)


# Grades that say nothing in a sentence; as the whole answer to "condition?" they grade a used thing.
_GRADES = frozenset(
    fold(
        "excellent|very good|good|fair|acceptable|poor|gut|sehr gut|akzeptabel|in ordnung|bon|très bon|correct"
        "|satisfaisant|bueno|muy bueno|aceptable|buono|ottimo|bom|ótimo|goed|redelijk|bra|gott|god|pæn|hyvä|dobry"
        "|bardzo dobry|dobrý|хорошее|отличное|удовлетворительное|добрий|良い|可"
    ).split("|")
)


def read_condition(text: str) -> Condition | None:
    """The condition a schema.org address, a feed word or a shop's phrase means; None when unknown."""
    if fold(text).strip(" .:") in _GRADES:
        return Condition.USED
    return _schema_word(text, _SCHEMA_CONDITION) or _phrase(text, _CONDITION)


def _schema_word(text: str, table: dict[str, E]) -> E | None:
    last = re.split(r"[/#:]", text.strip().rstrip("/#"))[-1]
    return table.get(re.sub(r"[\W_]+", "", last).casefold())


def _phrase(text: str, patterns: list[tuple[re.Pattern[str], E]]) -> E | None:
    if len(text) > _LONGEST:
        return None
    folded = fold(text)
    return next((meaning for pattern, meaning in patterns if pattern.search(folded)), None)
