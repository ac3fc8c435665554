"""Traps: lawful or undecidable offers that share a name, a photo or a price with the plants."""

from collections.abc import Callable

from exercise.catalogue import PRODUCTS, REGISTERED_SELLERS, SEED_HOLDER, WORKS
from exercise.drafts import LANGUAGE, MARKETS, Drafts
from exercise.innocents import make_mirrors
from exercise.plants import UNLICENSED, WATCHED, clean_title, official_photo
from exercise.records import OtherOffer, Photo, Product, RegisteredSeller, Role, Stream
from exercise.words import (
    BUNDLE,
    COLOUR_WORDS,
    COMPATIBLE,
    FIRST_SALE,
    FITS,
    FITTING,
    GENERIC,
    GOODS_BY_MOTIF,
    LOOK_ALIKES,
    MAKERS,
    NOT_BY,
    PARODY,
    PLAIN_AMBER,
    PUNS,
    REVIEWED,
    REVIEWS,
    SEED_TITLES,
    SENTENCES,
    USED,
)

_BY_REF = {product.ref: product for product in PRODUCTS}
_BRANDED = tuple(one for one in REGISTERED_SELLERS if one.holder != SEED_HOLDER)
_SEED_SHOPS = tuple(one for one in REGISTERED_SELLERS if one.holder == SEED_HOLDER)

_FITTED: tuple[Product, ...] = tuple(product for product in WATCHED if product.category in FITTING)


def _right_of(mark: str) -> str:
    return next(product.right_refs[0] for product in WATCHED if product.mark == mark)


def _plain(drafts: Drafts, language: str) -> str:
    return " ".join(drafts.dice.sample(SENTENCES[language], 2))


def _outlet(number: int) -> tuple[RegisteredSeller, Product]:
    """An authorised account and one of its holder's products, in turn."""
    outlet = _BRANDED[number % len(_BRANDED)]
    own = [product for product in WATCHED if product.holder == outlet.holder]
    return outlet, own[number // len(_BRANDED) % len(own)]


def authorised_seller(drafts: Drafts, number: int) -> None:
    """The holder's own outlet, known by platform and seller id, sells cheaply with the official photo."""
    outlet, product = _outlet(number)
    platform = outlet.platform
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[product.category].category,
        title=clean_title(drafts, product, LANGUAGE[platform]),
        description=FIRST_SALE[LANGUAGE[platform]],
        photos=(official_photo(drafts, product),),
        kind="authorised_seller",
        role=Role.TRAP,
        expected="silent",
        right_ref=product.right_refs[0],
        seller_id=outlet.seller_id,
        price=drafts.share_of(product, platform, 0.15, 0.3),
        brand=product.mark,
        gtin=product.gtin,
        mpn=product.mpn,
        ships_from={"bazario": "DE", "vitrin": "FR"}.get(platform, "SE"),
    )


def genuine_resale(drafts: Drafts, number: int) -> None:
    """A used original: resale wording, condition used, the official photo, a low price."""
    product, platform = (
        WATCHED[(number * 2 + 1) % len(WATCHED)],
        ("kvarter", "shopnest", "bazario", "vitrin")[number % 4],
    )
    language = LANGUAGE[platform]
    first, second, story = USED[language]
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[product.category].category,
        title=f"{product.name}, {first if number % 2 else second}",
        description=story,
        photos=(official_photo(drafts, product),),
        kind="genuine_resale",
        role=Role.TRAP,
        expected="review",
        right_ref=product.right_refs[0],
        price=drafts.share_of(product, platform, 0.2, 0.45),
        condition="used",
    )


def shared_catalogue(drafts: Drafts, number: int) -> None:
    """One catalogue page on which several sellers offer the same product at its usual price."""
    product, platform = WATCHED[(number * 2) % len(WATCHED)], ("shopnest", "bazario")[number % 2]
    others = tuple(
        OtherOffer(seller_id=drafts.any_seller(platform), price=drafts.share_of(product, platform, 0.93, 1.06))
        for _ in range(drafts.dice.randint(3, 5))
    )
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[product.category].category,
        title=clean_title(drafts, product, LANGUAGE[platform]),
        description=_plain(drafts, LANGUAGE[platform]),
        photos=(official_photo(drafts, product),),
        kind="shared_catalogue",
        role=Role.TRAP,
        expected="review",
        right_ref=product.right_refs[0],
        price=drafts.share_of(product, platform, 0.92, 1.0),
        brand=product.mark,
        gtin=product.gtin,
        mpn=product.mpn,
        colour=product.colours[0],
        other_offers=others,
    )


def impostor_name(drafts: Drafts, number: int) -> None:
    """A seller who calls itself like an authorised one, under another id, cheap, with the official photo."""
    outlet, product = _outlet(number)
    platform = outlet.platform
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[product.category].category,
        title=clean_title(drafts, product, LANGUAGE[platform]),
        description=_plain(drafts, LANGUAGE[platform]),
        photos=(official_photo(drafts, product),),
        kind="impostor_name",
        role=Role.TRAP,
        expected="review",
        right_ref=product.right_refs[0],
        seller_id=drafts.new_seller(platform, outlet.name).id,
        price=drafts.share_of(product, platform, 0.1, 0.2),
        brand=product.mark,
    )


def other_class(drafts: Drafts, number: int) -> None:
    """The same word as another holder's mark for other goods: AURELIA seeds."""
    shop = _SEED_SHOPS[number % len(_SEED_SHOPS)]
    platform = shop.platform
    drafts.add(
        platform=platform,
        category="garden",
        title=f"{SEED_TITLES[platform]} {drafts.dice.randrange(20, 90)}",
        description=_plain(drafts, LANGUAGE[platform]),
        photos=(drafts.own_photo("packet", "AURELIA"),),
        kind="other_class",
        role=Role.TRAP,
        expected="silent",
        right_ref="R-AUR-14",
        seller_id=shop.seller_id,
        price=drafts.euro_price(platform, 2, 6),
        brand="AURELIA",
    )


def compatible_with(drafts: Drafts, number: int) -> None:
    """An honest spare part that names the product it is compatible with, on a photo of its own."""
    product, platform = _FITTED[number % len(_FITTED)], MARKETS[number % 4]
    language, fitting = LANGUAGE[platform], FITTING[product.category]
    motif, nouns = fitting.motif, fitting.nouns
    noun, maker = nouns[language], drafts.dice.choice(MAKERS)
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[motif].category,
        title=f"{noun[0].upper()}{noun[1:]} {COMPATIBLE[language]} {product.name}",
        description=f"{NOT_BY[language].format(maker=maker)} {_plain(drafts, language)}",
        photos=(drafts.own_photo(motif, maker.split()[0]),),
        kind="compatible_with",
        role=Role.TRAP,
        expected="silent",
        right_ref=product.right_refs[0],
        price=drafts.euro_price(platform, 9, 35),
        brand=maker,
    )


def descriptive_word(drafts: Drafts, number: int) -> None:
    """The descriptive mark AMBER as a plain word for a colour, a resin or a scent."""
    platform = MARKETS[number % 4]
    motif, title = PLAIN_AMBER[platform][number // 4 % 3]
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[motif].category,
        title=f"{title}, {drafts.dice.choice(MAKERS)}",
        description=_plain(drafts, LANGUAGE[platform]),
        photos=(drafts.own_photo(motif),),
        kind="descriptive_word",
        role=Role.TRAP,
        expected="silent",
        right_ref="R-AMB-09",
        price=drafts.euro_price(platform, *GOODS_BY_MOTIF[motif].euro),
    )


def look_alike_word(drafts: Drafts, number: int) -> None:
    """An ordinary word or another maker's name, one or two letters from a mark."""
    mark, word, motif = LOOK_ALIKES[number % len(LOOK_ALIKES)]
    platform = MARKETS[(number + number // 4) % 4]
    goods = GOODS_BY_MOTIF[motif]
    language = LANGUAGE[platform]
    noun, colour = drafts.dice.choice(goods.nouns[language]), drafts.dice.choice(COLOUR_WORDS[language])
    drafts.add(
        platform=platform,
        category=goods.category,
        title=f"{word} {noun} {colour}",
        description=_plain(drafts, language),
        photos=(drafts.own_photo(motif, word),),
        kind="look_alike_word",
        role=Role.TRAP,
        expected="silent",
        right_ref=_right_of(mark),
        price=drafts.euro_price(platform, *goods.euro),
        brand=word,
    )


def accessory_bundle(drafts: Drafts, number: int) -> None:
    """A third party's set of accessories, on photos of its own, naming the product it fits."""
    product, platform = _FITTED[(number + 2) % len(_FITTED)], MARKETS[(number + 1) % 4]
    language, fitting = LANGUAGE[platform], FITTING[product.category]
    motif, nouns = fitting.motif, fitting.nouns
    maker = drafts.dice.choice(MAKERS)
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[motif].category,
        title=f"{maker} {BUNDLE[language]} + {nouns[language]}, {FITS[language]} {product.name}",
        description=f"{NOT_BY[language].format(maker=maker)} {_plain(drafts, language)}",
        photos=(drafts.own_photo(motif, maker.split()[0]), drafts.own_photo("bottle", maker.split()[0])),
        kind="accessory_bundle",
        role=Role.TRAP,
        expected="silent",
        right_ref=product.right_refs[0],
        price=drafts.euro_price(platform, 12, 45),
        brand=maker,
    )


def parody(drafts: Drafts, number: int) -> None:
    """A T-shirt with a pun on a mark, drawn by its maker, that says it is a parody."""
    mark, pun = PUNS[number % len(PUNS)]
    platform = MARKETS[(number + 1) % 4]
    language = LANGUAGE[platform]
    drafts.add(
        platform=platform,
        category="fashion",
        title=PARODY[language].format(pun=pun.capitalize(), mark=mark),
        description=_plain(drafts, language),
        photos=(drafts.own_photo("tshirt", pun),),
        kind="parody",
        role=Role.TRAP,
        expected="silent",
        right_ref=_right_of(mark),
        price=drafts.euro_price(platform, 14, 29),
    )


def review_page(drafts: Drafts, number: int) -> None:
    """A review, an unboxing or a trailer: it speaks of the product or film and offers neither."""
    if number % 5 < 3:
        work = UNLICENSED[number % len(UNLICENSED)]
        photo = drafts.own_photo("scene", "Review")
        drafts.add(
            platform="filmhamn",
            category=REVIEWS,
            title=f"{drafts.dice.choice(('Review', 'Trailer and review'))}: {work.title} ({work.year})",
            description=f"Our critics talk about {work.title}. Pictures are our own; the film is not shown here.",
            photos=(photo,),
            kind="review_page",
            role=Role.TRAP,
            expected="silent",
            right_ref=work.right_refs[0],
            stream=Stream(
                title=f"Review: {work.title}",
                year=work.year,
                season=work.season,
                episode=work.episode,
                footage=photo.seed,
                mirrors=(),
            ),
        )
        return
    product, platform, language = (
        WATCHED[number % len(WATCHED)],
        *(("vitrin", "fr") if number % 2 else ("shopnest", "en")),
    )
    title, text = REVIEWED[language]
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[product.category].category,
        title=title.format(name=product.name),
        description=text.format(name=product.name),
        photos=(drafts.own_photo("phone", "Review"),),
        kind="review_page",
        role=Role.TRAP,
        expected="silent",
        right_ref=product.right_refs[0],
    )


def blank_picture(drafts: Drafts, number: int) -> None:
    """A placeholder instead of a photo, under a title that says nothing."""
    platform = MARKETS[number % 4]
    title = GENERIC[platform][number // 4 % 2]
    drafts.add(
        platform=platform,
        category=("home", "play", "garden")[number % 3],
        title=f"{title} {number + 1}",
        description=_plain(drafts, LANGUAGE[platform]),
        photos=(Photo(motif="blank", seed=drafts.new_seed()),),
        kind="blank_picture",
        role=Role.TRAP,
        expected="silent",
        right_ref=WATCHED[number % len(WATCHED)].right_refs[0],
        price=drafts.euro_price(platform, 3, 25),
    )


def _add_refused(drafts: Drafts, number: int, kind: str, product: Product, expected: str) -> None:
    platform = MARKETS[number % 4]
    drafts.add(
        platform=platform,
        category=GOODS_BY_MOTIF[product.category].category,
        title=clean_title(drafts, product, LANGUAGE[platform]),
        description=_plain(drafts, LANGUAGE[platform]),
        photos=(official_photo(drafts, product),),
        kind=kind,
        role=Role.TRAP,
        expected=expected,
        right_ref=product.right_refs[0],
        price=drafts.share_of(product, platform, 0.1, 0.2),
        ships_from="CN",
    )


def expired_right(drafts: Drafts, number: int) -> None:
    """Would be noticed, but the right has expired."""
    _add_refused(drafts, number, "expired_right", _BY_REF["P-TRANSIT"], "refused:RIGHT")


def other_territory(drafts: Drafts, number: int) -> None:
    """Would be noticed, but the right does not reach the platform's country."""
    _add_refused(drafts, number, "other_territory", _BY_REF["P-SOLO"], "refused:TERR")


def licensed_stream(drafts: Drafts, number: int) -> None:
    """A work its holder licensed to this very platform."""
    work = next(work for work in WORKS if "filmhamn" in work.licensed_on)
    poster = Photo(motif="scene", seed=work.footage, wordmark=work.title, quality=80 + number % 5)
    drafts.add(
        platform="filmhamn",
        category="drama",
        title=f"{work.title} ({work.year})",
        description=f"Shown with the kind licence of {work.holder}.",
        photos=(poster,),
        kind="licensed_stream",
        role=Role.TRAP,
        expected="silent",
        right_ref=work.right_refs[0],
        stream=Stream(
            title=work.title,
            year=work.year,
            season=None,
            episode=None,
            footage=work.footage,
            mirrors=make_mirrors(drafts, dead=0),
        ),
    )


TRAPS: tuple[Callable[[Drafts, int], None], ...] = (
    authorised_seller,
    genuine_resale,
    shared_catalogue,
    impostor_name,
    other_class,
    compatible_with,
    descriptive_word,
    look_alike_word,
    accessory_bundle,
    parody,
    review_page,
    blank_picture,
    expired_right,
    other_territory,
    licensed_stream,
)


def add_traps(drafts: Drafts, each: int) -> None:
    """Add `each` traps of every kind."""
    for trap in TRAPS:
        for number in range(each):
            trap(drafts, number)
