"""What is protected in the exercise world: invented holders, rights, products, works and their sellers."""

from datetime import date
from decimal import Decimal

from exercise.records import (
    Holder,
    Medium,
    Photo,
    Price,
    Product,
    Reference,
    RegisteredSeller,
    Right,
    Seller,
    Work,
)

AURELIA, VELMORA, KESTRANE = "Aurelia Horlogerie SA", "Velmora Maison SAS", "Kestrane Sport AB"
ZUVO, LUMBRIK, AMBER = "Zuvo Audio GmbH", "Lumbrik Leg A/S", "Amber Eyewear S.r.l."
PADRIMO, ORVANTE, SEEDS = "Padrimo Cuir SARL", "Orvante Lighting Inc.", "Aurelia Saatgut GmbH"
LANTERN, VINTERLJUS = "Polar Lantern Pictures B.V.", "Vinterljus Film AB"

HOLDERS: tuple[Holder, ...] = tuple(
    Holder(name=name, country=country, address=address, email=f"rights@{domain}.example", phone=phone)
    for name, country, address, domain, phone in (
        (AURELIA, "CH", "Rue des Cadrans 4, 2300 La Chaux-de-Fonds", "aurelia-horlogerie", "+41 32 555 01 10"),
        (VELMORA, "FR", "12 rue du Sablier, 75003 Paris", "velmora", "+33 1 55 55 01 20"),
        (KESTRANE, "SE", "Fjällgatan 8, 831 40 Östersund", "kestrane", "+46 63 555 01 30"),
        (ZUVO, "DE", "Tonstraße 17, 20457 Hamburg", "zuvo-audio", "+49 40 555 01 40"),
        (LUMBRIK, "DK", "Klodsvej 3, 7190 Billund", "lumbrik", "+45 75 55 01 50"),
        (AMBER, "IT", "Via delle Lenti 21, 32044 Pieve di Cadore", "amber-eyewear", "+39 0435 555 01 60"),
        (PADRIMO, "FR", "5 quai des Tanneurs, 81300 Graulhet", "padrimo", "+33 5 55 55 01 70"),
        (ORVANTE, "US", "200 Filament Street, Portland, OR 97209", "orvante", "+1 503 555 0180"),
        (SEEDS, "DE", "Gärtnerweg 2, 06484 Quedlinburg", "aurelia-saatgut", "+49 3946 555 01 90"),
        (LANTERN, "NL", "Kinkerkade 40, 1053 Amsterdam", "polarlantern", "+31 20 555 01 95"),
        (VINTERLJUS, "SE", "Ljusgränd 1, 116 45 Stockholm", "vinterljus", "+46 8 555 01 98"),
    )
)

LONG_VALID = date(2035, 6, 30)  # far enough that the exercise does not age


def _mark(
    ref: str,
    holder: str,
    text: str,
    classes: tuple[int, ...],
    goods: str,
    number: str,
    territories: tuple[str, ...] = ("EU", "NO", "CH"),
    office: str = "EUIPO",
    expires: date = LONG_VALID,
    status: str = "active",
) -> Right:
    return Right(
        ref=ref,
        holder=holder,
        kind="trademark",
        office=office,
        registration_number=number,
        mark_text=text,
        mark_feature="word",
        nice_classes=classes,
        goods=goods,
        territories=territories,
        filed_on=date(2014, 3, 3),
        registered_on=date(2014, 9, 1),
        expires_on=expires,
        status=status,
    )


def _film_right(ref: str, holder: str) -> Right:
    return Right(
        ref=ref,
        holder=holder,
        kind="copyright",
        office="",
        registration_number="",
        mark_text="",
        mark_feature="",
        nice_classes=(),
        goods="",
        territories=("EU", "NO", "CH", "GB", "US"),
        filed_on=date(2018, 1, 1),
        registered_on=date(2018, 1, 1),
        expires_on=date(2088, 12, 31),
        status="active",
    )


RIGHTS: tuple[Right, ...] = (
    _mark("R-AUR-14", AURELIA, "AURELIA", (14,), "watches; clocks; watch straps", "018100114"),
    _mark("R-VEL-18", VELMORA, "VELMORA", (3, 18), "handbags; perfumes", "018100218"),
    _mark("R-KES-25", KESTRANE, "KESTRANE", (25,), "clothing; footwear", "018100325"),
    _mark("R-ZUV-09", ZUVO, "ZUVO", (9,), "headphones; loudspeakers", "018100409"),
    _mark("R-LUM-28", LUMBRIK, "LUMBRIK", (28,), "toys; toy robots", "018100528"),
    _mark("R-AMB-09", AMBER, "AMBER", (9,), "sunglasses; spectacle frames", "018100609"),
    _mark(
        "R-PAD-18",
        PADRIMO,
        "PADRIMO",
        (18,),
        "backpacks; travelling bags",
        "013100718",
        expires=date(2024, 3, 3),
        status="expired",
    ),
    _mark(
        "R-ORV-11",
        ORVANTE,
        "ORVANTE",
        (11,),
        "lamps; lighting apparatus",
        "5100811",
        territories=("US", "JP"),
        office="USPTO",
    ),
    _mark(
        "R-SEED-31",
        SEEDS,
        "AURELIA",
        (31,),
        "seeds; live plants; bulbs",
        "302014100931",
        territories=("EU",),
        office="EUIPO",
    ),
    _film_right("R-FILM-PL", LANTERN),
    _film_right("R-FILM-VL", VINTERLJUS),
)


def gtin13(stem: str) -> str:
    """Complete twelve digits to a GTIN-13 with its check digit (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(stem))
    return f"{stem}{-total % 10}"


def _product(
    ref: str,
    holder: str,
    right: str,
    mark: str,
    line: str,
    noun: str,
    others: tuple[str, ...],
    mpn: str,
    stem: str,
    colours: tuple[str, ...],
    sizes: tuple[str, ...],
    euro: int,
    nice_class: int,
    category: str,
    motif: str,
    seed: int,
    looks: tuple[tuple[str, str, str], ...],
    safety: str = "",
    photo_owner: str = "",
) -> Product:
    # List prices: the euro price in the common currency, the rest at round local price points.
    prices = (
        ("SE", Price(amount=Decimal(round(euro * 11.5 / 10) * 10 - 5), currency="SEK")),
        ("NO", Price(amount=Decimal(round(euro * 11.8 / 10) * 10 - 1), currency="NOK")),
        ("DE", Price(amount=Decimal(euro), currency="EUR")),
        ("FR", Price(amount=Decimal(euro + 10), currency="EUR")),
        ("NL", Price(amount=Decimal(euro), currency="EUR")),
        ("US", Price(amount=Decimal(round(euro * 1.1)), currency="USD")),
    )
    photos = tuple(
        Photo(motif=motif, seed=seed, view=view, wordmark=mark, base=base, accent=accent, backdrop=ground, quality=92)
        for view, (base, accent, ground) in enumerate(looks, 1)
    )
    return Product(
        ref=ref,
        holder=holder,
        right_refs=(right,),
        mark=mark,
        line=line,
        noun=noun,
        other_names=others,
        mpn=mpn,
        gtin=gtin13(stem),
        colours=colours,
        sizes=sizes,
        prices=prices,
        launched_on=date(2023, 9, 15),
        safety_class=safety,
        nice_class=nice_class,
        category=category,
        photo_owner=photo_owner or holder,
        photos=photos,
    )


PRODUCTS: tuple[Product, ...] = (
    _product(
        "P-MERIDIAN",
        AURELIA,
        "R-AUR-14",
        "AURELIA",
        "Meridian 38",
        "automatic watch",
        ("Meridian 38 Automatic",),
        "AM38-4410",
        "761234500014",
        ("navy", "silver", "black"),
        ("38 mm",),
        2450,
        14,
        "watch",
        "watch",
        9011,
        (("navy", "cognac", "stone"), ("navy", "cognac", "wood"), ("silver", "black", "studio")),
    ),
    _product(
        "P-CORSAIRE",
        AURELIA,
        "R-AUR-14",
        "AURELIA",
        "Corsaire Chrono",
        "chronograph watch",
        ("Corsaire",),
        "AC42-7702",
        "761234500021",
        ("black", "forest green"),
        ("42 mm",),
        3890,
        14,
        "watch",
        "watch",
        9024,
        (("forest green", "chocolate", "cloth"), ("black", "graphite", "tiles")),
        photo_owner="Studio Brandt",
    ),
    _product(
        "P-SABLIER",
        VELMORA,
        "R-VEL-18",
        "VELMORA",
        "Sablier",
        "leather handbag",
        ("Sac Sablier",),
        "VS-2208",
        "376123450003",
        ("cognac", "black", "burgundy"),
        ("small", "medium"),
        1290,
        18,
        "handbag",
        "handbag",
        9032,
        (("cognac", "chocolate", "stone"), ("burgundy", "gold", "cloth"), ("black", "gold", "studio")),
    ),
    _product(
        "P-NUITVERTE",
        VELMORA,
        "R-VEL-18",
        "VELMORA",
        "Nuit Verte",
        "eau de parfum",
        ("Eau Nuit Verte",),
        "VN-0075",
        "376123450010",
        ("mint",),
        ("50 ml", "75 ml"),
        138,
        3,
        "perfume",
        "perfume",
        9045,
        (("mint", "forest green", "stone"), ("mint", "gold", "bokeh")),
        safety="cosmetic",
    ),
    _product(
        "P-VANDRA",
        KESTRANE,
        "R-KES-25",
        "KESTRANE",
        "Vandra 3",
        "shell jacket",
        ("Vandra III",),
        "KV3-1180",
        "735012340005",
        ("teal", "orange", "graphite"),
        ("S", "M", "L", "XL"),
        420,
        25,
        "jacket",
        "jacket",
        9053,
        (("teal", "orange", "outdoors"), ("orange", "graphite", "studio"), ("graphite", "yellow", "wood")),
    ),
    _product(
        "P-FJELL",
        KESTRANE,
        "R-KES-25",
        "KESTRANE",
        "Fjell Runner",
        "trail running shoes",
        ("Fjellrunner",),
        "KF-2051",
        "735012340012",
        ("sky blue", "black", "coral"),
        ("38", "39", "40", "41", "42", "43", "44"),
        185,
        25,
        "sneaker",
        "sneaker",
        9067,
        (("sky blue", "coral", "stone"), ("coral", "white", "tiles"), ("black", "mint", "outdoors")),
    ),
    _product(
        "P-ARC2",
        ZUVO,
        "R-ZUV-09",
        "ZUVO",
        "Arc 2",
        "wireless headphones",
        ("Arc II",),
        "ZA2-900",
        "426012340007",
        ("graphite", "cream", "copper"),
        (),
        349,
        9,
        "headphones",
        "headphones",
        9071,
        (("graphite", "copper", "wood"), ("cream", "copper", "studio"), ("copper", "black", "stone")),
    ),
    _product(
        "P-OTTO",
        LUMBRIK,
        "R-LUM-28",
        "LUMBRIK",
        "Otto",
        "toy robot",
        ("Otto Robot",),
        "LO-0301",
        "570123450006",
        ("red", "yellow"),
        (),
        79,
        28,
        "toy",
        "toy",
        9088,
        (("red", "steel blue", "room"), ("yellow", "teal", "cloth")),
        safety="toy",
    ),
    _product(
        "P-LIDO",
        AMBER,
        "R-AMB-09",
        "AMBER",
        "Lido",
        "sunglasses",
        ("Lido 52",),
        "AL-5218",
        "803123450009",
        ("black", "cream", "burgundy"),
        ("52",),
        240,
        9,
        "sunglasses",
        "sunglasses",
        9093,
        (("burgundy", "amber", "stone"), ("cream", "teal", "wood")),
    ),
    _product(
        "P-TRANSIT",
        PADRIMO,
        "R-PAD-18",
        "PADRIMO",
        "Transit 24",
        "leather backpack",
        ("Transit",),
        "PT-2400",
        "376234560005",
        ("olive", "cognac"),
        ("24 l",),
        390,
        18,
        "backpack",
        "backpack",
        9105,
        (("olive", "cognac", "wood"), ("cognac", "chocolate", "stone")),
    ),
    _product(
        "P-SOLO",
        ORVANTE,
        "R-ORV-11",
        "ORVANTE",
        "Solo",
        "table lamp",
        ("Solo Lamp",),
        "OS-1110",
        "085123450004",
        ("white", "copper"),
        (),
        310,
        11,
        "lamp",
        "lamp",
        9112,
        (("copper", "black", "stone"), ("white", "gold", "room")),
    ),
)


def _work(
    ref: str,
    holder: str,
    right: str,
    title: str,
    year: int,
    footage: int,
    others: tuple[str, ...] = (),
    kind: str = "movie",
    season: int | None = None,
    episode: int | None = None,
    licensed: tuple[str, ...] = (),
) -> Work:
    slug = title.lower().replace(" ", "-")
    return Work(
        ref=ref,
        holder=holder,
        right_refs=(right,),
        title=title,
        other_titles=others,
        kind=kind,
        year=year,
        season=season,
        episode=episode,
        identifiers=f"isan:0000-{footage:04d}-0000-0000",
        authorised_urls=(f"https://watch.{'polarlantern' if holder == LANTERN else 'vinterljus'}.example/{slug}",),
        licensed_on=licensed,
        footage=footage,
    )


WORKS: tuple[Work, ...] = (
    _work(
        "W-SALT",
        LANTERN,
        "R-FILM-PL",
        "The Salt Cartographers",
        2021,
        7001,
        ("De zoutkaarten", "Les Cartographes du sel"),
    ),
    _work("W-ORCHARD", LANTERN, "R-FILM-PL", "Winter Orchard", 2019, 7002, ("Winterboomgaard", "Vinterfruktgården")),
    _work("W-LANTERNS", LANTERN, "R-FILM-PL", "Nine Lanterns", 2023, 7003, ("Negen lantaarns", "Neuf Lanternes")),
    _work("W-GLASS-11", LANTERN, "R-FILM-PL", "Harbour of Glass", 2022, 7004, ("Haven van glas",), "episode", 1, 1),
    _work("W-GLASS-12", LANTERN, "R-FILM-PL", "Harbour of Glass", 2022, 7005, ("Haven van glas",), "episode", 1, 2),
    _work("W-NOLL", VINTERLJUS, "R-FILM-VL", "Kilometer Noll", 2022, 7006, ("Kilometre Zero",)),
    _work("W-FERRY", VINTERLJUS, "R-FILM-VL", "The Last Ferry North", 2024, 7007, ("Sista färjan norrut",)),
    _work(
        "W-MIDWINTER",
        VINTERLJUS,
        "R-FILM-VL",
        "Midwinter Station",
        2020,
        7008,
        ("Station Midvinter",),
        "episode",
        2,
        3,
    ),
    _work(
        "W-COMMONS",
        VINTERLJUS,
        "R-FILM-VL",
        "A Meadow for Everyone",
        2018,
        7009,
        ("En äng för alla",),
        licensed=("filmhamn",),
    ),
)

# Seller accounts of this list carry fixed ids: the registry names them, so no seed may move them.
AUTHORISED: tuple[tuple[str, str, str, str, str], ...] = (  # holder, platform, id, name, city
    (AURELIA, "shopnest", "410001", "Nordic Time Atelier", "Stockholm"),
    (AURELIA, "bazario", "B-77001", "Uhrenhaus Lindner", "München"),
    (VELMORA, "vitrin", "vt70001", "Maison Velmora Outlet", "Paris"),
    (VELMORA, "shopnest", "410002", "Velmora Scandinavia", "Oslo"),
    (KESTRANE, "shopnest", "410003", "Kestrane Factory Store", "Östersund"),
    (KESTRANE, "kvarter", "k-50003", "Fjällbutiken i Åre", "Åre"),
    (ZUVO, "bazario", "B-77004", "Klangwerk Hamburg", "Hamburg"),
    (ZUVO, "shopnest", "410004", "Klangwerk Nordic", "Malmö"),
    (LUMBRIK, "bazario", "B-77005", "Spielzeugkiste Kiel", "Kiel"),
    (AMBER, "vitrin", "vt70006", "Optique du Canal", "Lyon"),
    (SEEDS, "bazario", "B-77009", "Gartenhof Harz", "Quedlinburg"),
    (SEEDS, "shopnest", "410009", "Odlarens Hörna", "Lund"),
    (SEEDS, "vitrin", "vt70009", "Le Potager Bleu", "Nantes"),
    (SEEDS, "kvarter", "k-50009", "Plantboden Skåne", "Kristianstad"),
)

AUTHORISED_SELLERS: tuple[Seller, ...] = tuple(
    Seller(platform=platform, id=seller_id, name=name, city=city, since=2016)
    for _, platform, seller_id, name, city in AUTHORISED
)

REGISTERED_SELLERS: tuple[RegisteredSeller, ...] = tuple(
    RegisteredSeller(
        holder=holder,
        platform=platform,
        seller_id=seller_id,
        name=name,
        status="authorised",
        right_refs=tuple(r.ref for r in RIGHTS if r.holder == holder),
        territories=("EU", "NO"),
        basis="selective distribution agreement of 2025-01-15",
    )
    for holder, platform, seller_id, name, _ in AUTHORISED
)

_LOGO_COLOURS = {
    AURELIA: ("navy", "gold"),
    VELMORA: ("burgundy", "cream"),
    KESTRANE: ("teal", "white"),
    ZUVO: ("graphite", "copper"),
    LUMBRIK: ("red", "yellow"),
    AMBER: ("chocolate", "amber"),
    PADRIMO: ("olive", "sand"),
    ORVANTE: ("copper", "white"),
    SEEDS: ("forest green", "mint"),
}


def list_references() -> tuple[Reference, ...]:
    """Give every file of the holders' reference folder: official photos, logos, stills."""
    found = [
        Reference(
            ref=f"REF-{product.ref[2:]}-{number}",
            file=f"{product.ref[2:].lower()}-{number}.jpg",
            medium=Medium.PHOTO,
            right_ref=product.right_refs[0],
            product_ref=product.ref,
            work_ref="",
            photo_owner=product.photo_owner,
            photo=photo,
        )
        for product in PRODUCTS
        for number, photo in enumerate(product.photos, 1)
    ]
    for place, right in enumerate(right for right in RIGHTS if right.mark_text):
        base, accent = _LOGO_COLOURS[right.holder]
        found.append(
            Reference(
                ref=f"REF-LOGO-{right.ref[2:]}",
                file=f"logo-{right.ref[2:].lower()}.jpg",
                medium=Medium.LOGO,
                right_ref=right.ref,
                product_ref="",
                work_ref="",
                photo_owner=right.holder,
                photo=Photo(
                    motif="logo", seed=300 + place, wordmark=right.mark_text, base=base, accent=accent, quality=92
                ),
            )
        )
    for work in WORKS:
        for number, title in enumerate((work.title, ""), 1):
            found.append(
                Reference(
                    ref=f"REF-{work.ref[2:]}-{number}",
                    file=f"{work.ref[2:].lower()}-{number}.jpg",
                    medium=Medium.STILL,
                    right_ref=work.right_refs[0],
                    product_ref="",
                    work_ref=work.ref,
                    photo_owner=work.holder,
                    photo=Photo(motif="scene", seed=work.footage, wordmark=title, quality=92),
                )
            )
    return tuple(found)
