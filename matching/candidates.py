"""
The index of everything registered, and where one look at a listing touches it.

    index = build_index(snapshot, fingerprints)      # immutable, named by the snapshot's digest
    touch(index, input, policy, open_picture, seen) -> [Pair]

Building reads no picture: fingerprints come from the caller. Pictures are asked for only where a fingerprint is near
but not near enough, through `open_picture`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stdnum import ean
from stdnum.exceptions import ValidationError

from config.policy import LogoSearch, Policy
from matching.images import ViewCode
from matching.logos import Logo, LogoIndex, LogoSeen, read_scene
from matching.meant import likeness_to, most_touched, rival_of
from matching.names import NameHit, NameIndex
from matching.pair import (
    Account,
    ListingPhoto,
    LogoHit,
    Look,
    MatchInput,
    NumberHit,
    Pair,
    PhotoHit,
    Place,
    PlacedHit,
    PrintedHit,
)
from matching.peers import Peers
from matching.photo_index import PhotoIndex
from matching.photo_search import ColourReader, PhotoFinder, PictureReader, SeenPhotos
from matching.products.book import ProductBook, open_book
from matching.registered_names import models_of, names_of
from matching.signals.circumstances import says_used
from matching.signals.work_title import agreement
from matching.spelling import Spelling
from matching.vocabulary import vocabulary
from matching.wording import read_wording
from registry.snapshot import Snapshot
from store.records.parties import Party
from store.records.products import Product
from store.records.references import Medium, Polarity, Reference
from store.records.rights import Right
from store.records.seen import Seen
from store.records.sellers import SellerRule, SellerStanding
from store.records.works import Work

MIN_PART_NUMBER = 5  # letters and digits: shorter ones occur by accident (chosen)

_CODE_PARTS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{4,40}")  # of a QR code's address or list
_LONG_NUMBER = re.compile(r"(?<!\d)\d{8}(?:\d{4,6})?(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Everything registered, ready to be compared with; immutable."""

    digest: str
    names: NameIndex
    photos: PhotoIndex[str]
    logos: LogoIndex[str]
    by_bytes: Mapping[str, tuple[str, ...]]  # SHA-256 of a file: Reference ids
    gtins: Mapping[str, tuple[str, ...]]  # 14 digits: Product ids
    part_numbers: Mapping[str, tuple[str, ...]]  # letters and digits only: Product ids
    rights: Mapping[str, Right]
    holders: Mapping[str, Party]
    products: Mapping[str, Product]
    works: Mapping[str, Work]
    references: Mapping[str, Reference]
    products_of_right: Mapping[str, tuple[str, ...]]
    models: Mapping[str, tuple[tuple[str, frozenset[str]], ...]]  # by right: Product id, words of its name
    works_of_right: Mapping[str, tuple[str, ...]]
    book: ProductBook
    rules: Mapping[tuple[str, str], tuple[SellerRule, ...]]  # (holder, platform)
    genuine: Mapping[str, frozenset[Account]]  # by holder: accounts it authorised anywhere
    peers: Peers  # what accounts ask for each product, as earlier runs found it


def build_index(
    snapshot: Snapshot,
    codes: Mapping[str, Iterable[ViewCode]],
    corners: Mapping[str, tuple[bytes, bytes]] | None = None,
    *,
    logos: Mapping[str, Logo] | None = None,
    peers: Peers | None = None,
    folder: Path | None = None,
) -> Index:
    """
    The index of a snapshot; `codes` holds, by SHA-256, the fingerprints of reference photos (`hash_reference`),
    `corners` those of the photos and of their mirror images, by which cropped copies are found, `logos` the logos
    that are looked for inside photos, `peers` what other accounts ask (`read_peers`). With a `folder` the codes are
    kept there, mapped into memory and named by the snapshot's digest.

    A reference without fingerprints (refused, or not hashed yet) is still found by its bytes.
    """
    by_bytes: defaultdict[str, list[str]] = defaultdict(list)
    for reference in snapshot.references:
        by_bytes[reference.sha256].append(reference.id)
    gtins: defaultdict[str, list[str]] = defaultdict(list)
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    products_of: defaultdict[str, list[str]] = defaultdict(list)
    works_of: defaultdict[str, list[str]] = defaultdict(list)
    rules: defaultdict[tuple[str, str], list[SellerRule]] = defaultdict(list)
    genuine: defaultdict[str, set[Account]] = defaultdict(set)
    for product in snapshot.products:
        for gtin in product.gtin:
            if (whole := read_gtin(gtin)) is not None:
                gtins[whole].append(product.id)
        for mpn in product.mpn:
            if (number := read_part_number(mpn)) is not None:
                numbers[number].append(product.id)
        for right in product.rights:
            products_of[right].append(product.id)
    for work in snapshot.works:
        for right in work.rights:
            works_of[right].append(work.id)
    for rule in snapshot.seller_rules:
        rules[rule.holder, rule.platform].append(rule)
        if rule.standing is SellerStanding.AUTHORISED:
            genuine[rule.holder].add(Account(rule.platform, rule.platform_seller_id))
    return Index(
        digest=snapshot.digest,
        names=NameIndex(names_of(snapshot)),
        photos=PhotoIndex(
            ((ref.id, codes[ref.sha256]) for ref in snapshot.references if ref.sha256 in codes),
            {ref.id: corners[ref.sha256] for ref in snapshot.references if corners and ref.sha256 in corners},
            folder=folder,
            name=snapshot.digest,
        ),
        logos=LogoIndex(
            {
                ref.id: logos[ref.sha256]
                for ref in snapshot.references
                if logos and ref.sha256 in logos and is_logo(ref)
            }
        ),
        by_bytes=_frozen(by_bytes),
        gtins=_frozen(gtins),
        part_numbers=_frozen(numbers),
        rights={right.id: right for right in snapshot.rights},
        holders={party.id: party for party in snapshot.holders},
        products={product.id: product for product in snapshot.products},
        works={work.id: work for work in snapshot.works},
        references={reference.id: reference for reference in snapshot.references},
        products_of_right=_frozen(products_of),
        models=models_of(snapshot),
        works_of_right=_frozen(works_of),
        book=open_book(
            snapshot.products, {right.id: right.mark_text for right in snapshot.rights if right.mark_text}
        ),
        rules={key: tuple(listed) for key, listed in rules.items()},
        genuine={holder: frozenset(accounts) for holder, accounts in genuine.items()},
        peers=peers or {},
    )


def is_logo(reference: Reference) -> bool:
    """Whether a reference is a logo that speaks for identity: only those are looked for inside photos."""
    return reference.medium is Medium.LOGO and reference.polarity is Polarity.POSITIVE


def read_look(input: MatchInput) -> Look:
    """A listing's side of every comparison, read once."""
    fields = input.observation.fields
    title = read_wording(fields.title.value if fields.title else None)
    description = read_wording(fields.description.value if fields.description else None)
    goods = vocabulary().goods.find(title)
    if not goods and fields.category:
        goods = vocabulary().goods.find(read_wording(fields.category.value))
    condition = fields.condition.value if fields.condition else None
    return Look(
        input=input,
        fields=fields,
        title=title,
        description=description,
        brand=read_wording(fields.brand_claimed.value if fields.brand_claimed else None),
        goods=tuple(goods),
        is_used=says_used(title, description, condition),
        today=input.observation.observed_at.date(),
    )


def touch(
    index: Index,
    input: MatchInput,
    policy: Policy,
    open_picture: PictureReader,
    seen: SeenPhotos | None = None,
    open_colours: ColourReader | None = None,
) -> list[Pair]:
    """
    Every right that a look touches, each with the product or work it touches most, in the order of the rights' ids.

    Rights in `input.known_rights` come too, even where nothing touches them any more. `seen` keeps what photos came
    to for the next look; it belongs to this index, policy and vault. Logos are looked for in photos that
    `open_colours` gives; without it, in none.
    """
    known = seen or SeenPhotos()
    look = read_look(input)
    names = _find_names(index, look)
    numbers = _find_numbers(index, look)
    finder = PhotoFinder(index.photos, index.by_bytes, index.references)
    photos, negative = finder.find(input.photos, policy.photos, open_picture, known)
    printed = _find_printed(index, look)
    shown = {hit.right for hit in printed}
    logos = _find_logos(index, look, names, shown, photos, policy, open_colours, known) if open_colours else []
    touched = (
        _rights_touched(index, names, numbers, (*photos, *negative, *logos))
        | shown
        | {right for right in input.known_rights if right in index.rights}
    )
    return [
        _pair(index, look, index.rights[right], names, numbers, photos, negative, logos, printed, policy)
        for right in sorted(touched)
    ]


def read_gtin(text: str) -> str | None:
    """A GTIN-8, -12, -13 or -14 as 14 digits; None where it is none or its check digit is wrong."""
    digits = re.sub(r"[\s-]", "", text)
    if len(digits) not in (8, 12, 13, 14) or not digits.isdigit() or not digits.strip("0"):
        return None
    try:
        ean.validate(digits)
    except ValidationError:
        return None
    return digits.zfill(14)


def read_part_number(text: str) -> str | None:
    """A part number as capital letters and digits; None where it is too short or lacks one of the two."""
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())
    has_both = any(char.isdigit() for char in plain) and any(char.isalpha() for char in plain)
    return plain if len(plain) >= MIN_PART_NUMBER and has_both else None


def _frozen(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(listed) for key, listed in table.items()}


def _find_names(index: Index, look: Look) -> list[PlacedHit]:
    found = [PlacedHit(place=Place.TITLE, hit=hit) for hit in index.names.find(look.title)]
    for place, wording in ((Place.DESCRIPTION, look.description), (Place.BRAND, look.brand)):
        found += [PlacedHit(place=place, hit=hit) for hit in index.names.find(wording, misspelt=False)]
    return found


def _find_printed(index: Index, look: Look) -> list[PrintedHit]:
    """Marks among the words of photos, as they are spelled: a reader's slips are no disguises."""
    return [
        PrintedHit(right=right, photo=photo, line=line, quoted=hit.quoted)
        for photo in look.input.photos
        for line in photo.words
        for hit in index.names.find(read_wording(line.text), misspelt=False)
        if (right := hit.name.right) is not None and right in index.rights and hit.spelling is Spelling.EXACT
    ]


def _find_numbers(index: Index, look: Look) -> dict[str, list[NumberHit]]:
    """Give numbers by product."""
    found: defaultdict[str, list[NumberHit]] = defaultdict(list)
    fields = look.fields

    def note(kind: str, number: str, place: Place, quoted: str, capture: str | None) -> None:
        for product in (index.gtins if kind == "gtin" else index.part_numbers).get(number, ()):
            found[product].append(NumberHit(kind=kind, number=number, place=place, quoted=quoted, capture=capture))

    def note_field(field: Seen[str] | None) -> None:
        if field is None:
            return
        if (gtin := read_gtin(field.value)) is not None:
            note("gtin", gtin, Place.FIELD, field.value, field.capture)
        if (number := read_part_number(field.value)) is not None:
            note("mpn", number, Place.FIELD, field.value, field.capture)

    for field in (fields.gtin, fields.mpn, fields.sku):
        note_field(field)
    for version in fields.variants:
        said = version.value.gtin
        if said is not None and (gtin := read_gtin(said)) is not None:
            note("gtin", gtin, Place.FIELD, said, version.capture)
    if not index.gtins and not index.part_numbers:
        return found
    for place, wording, text in (
        (Place.TITLE, look.title, fields.title),
        (Place.DESCRIPTION, look.description, fields.description),
    ):
        capture = text.capture if text else None
        for digits in _LONG_NUMBER.findall(wording.raw):
            if (gtin := read_gtin(digits)) is not None:
                note("gtin", gtin, place, digits, capture)
        for at, _ in enumerate(wording.words):
            for last in range(at, min(at + 3, len(wording.words))):  # "VS 2208", "VS-2208 A"
                number = read_part_number("".join(wording.words[at : last + 1]))
                if number is not None and number in index.part_numbers:
                    note("mpn", number, place, wording.quote(at, last), capture)
    for photo in look.input.photos:
        for code in photo.hash.printed:
            for part in _CODE_PARTS.findall(code.text):
                if (gtin := read_gtin(part)) is not None:
                    note("gtin", gtin, Place.PHOTO, part, photo.capture)
                if (number := read_part_number(part)) is not None:
                    note("mpn", number, Place.PHOTO, part, photo.capture)
    return found


def _find_logos(
    index: Index,
    look: Look,
    names: list[PlacedHit],
    shown: Collection[str],
    photos: list[PhotoHit],
    policy: Policy,
    open_colours: ColourReader,
    known: SeenPhotos,
) -> list[LogoHit]:
    """
    Look for logos where the policy says so; a photo that is the holder's needs none.

    Where only named ones are wanted, those of the rights whose names stand in the text or in a photo: looked for one
    by one, they are found where among all registered logos they would not be.
    """
    wanted = policy.photos.logos
    if not len(index.logos) or wanted is LogoSearch.NONE:
        return []
    among: frozenset[str] | None = None
    least = policy.photos.logo_least
    if wanted is LogoSearch.NAMED:
        among = _logos_of(index, _rights_touched(index, names, {}, ()) | set(shown))
        least = policy.photos.logo_named_least
        if not among:
            return []
    ours = {hit.photo.sha256 for hit in photos}
    return [
        LogoHit(reference=index.references[each.reference], photo=photo, seen=each)
        for photo in look.input.photos
        if photo.sha256 not in ours
        for each in _logos_in(index, photo, least, among, open_colours, known)
    ]


def _logos_in(
    index: Index,
    photo: ListingPhoto,
    least: float,
    among: frozenset[str] | None,
    open_colours: ColourReader,
    known: SeenPhotos,
) -> tuple[LogoSeen[str], ...]:
    seen = known.logos(photo, among)
    if seen is not None:
        return seen
    pixels = open_colours(photo.sha256)
    found = index.logos.find(read_scene(pixels), least=least, among=among) if pixels is not None else []
    return known.keep_logos(photo, among, found)


def _logos_of(index: Index, rights: Collection[str]) -> frozenset[str]:
    """The logos of these rights, or of a product or work that bears one of them."""
    found = []
    for id in index.logos.ids:
        reference = index.references[id]
        own = {reference.right} if reference.right is not None else set()
        if reference.product is not None and reference.product in index.products:
            own.update(index.products[reference.product].rights)
        if reference.work is not None and reference.work in index.works:
            own.update(index.works[reference.work].rights)
        if not own.isdisjoint(rights):
            found.append(id)
    return frozenset(found)


def _rights_touched(
    index: Index,
    names: Iterable[PlacedHit],
    numbers: Mapping[str, list[NumberHit]],
    photos: Iterable[PhotoHit | LogoHit],
) -> set[str]:
    touched: set[str] = set()

    def of_product(product: str | None) -> None:
        if product is not None and product in index.products:
            touched.update(index.products[product].rights)

    def of_work(work: str | None) -> None:
        if work is not None and work in index.works:
            touched.update(index.works[work].rights)

    for placed in names:
        name = placed.hit.name
        if name.right is not None:
            touched.add(name.right)
        of_product(name.product)
        of_work(name.work)
    for product in numbers:
        of_product(product)
    for hit in photos:
        if hit.reference.right is not None:
            touched.add(hit.reference.right)
        of_product(hit.reference.product)
        of_work(hit.reference.work)
    return touched & set(index.rights)


def _pair(
    index: Index,
    look: Look,
    right: Right,
    names: list[PlacedHit],
    numbers: Mapping[str, list[NumberHit]],
    photos: list[PhotoHit],
    negative: list[PhotoHit],
    logos: list[LogoHit],
    printed: list[PrintedHit],
    policy: Policy,
) -> Pair:
    own = index.products_of_right.get(right.id, ())
    touched = most_touched(own, names, numbers, photos)
    if touched is None and any(placed.hit.name.right == right.id for placed in names):
        title = set(look.title.words)  # the model's words may stand apart from each other
        touched = next((model for model, words in index.models.get(right.id, ()) if words <= title), None)
    likeness = likeness_to(index.book, look, right, touched, own, names, policy.identity.product)
    product = likeness.product if touched is None and likeness else touched
    # Episodes of one series share its title: the one whose year, season and episode agree is meant.
    named = {placed.hit.name.work for placed in names} | {hit.reference.work for hit in photos}
    works = [each for each in index.works_of_right.get(right.id, ()) if each in named]
    works.sort(key=lambda each: (-agreement(look, index.works[each]), each))
    work = most_touched(works, names, numbers, photos)

    def is_ours(hit: NameHit) -> bool:
        name = hit.name
        own = (name.right == right.id, product and name.product == product, work and name.work == work)
        return any(own)

    def shows_ours(hit: PhotoHit | LogoHit) -> bool:
        reference = hit.reference
        if reference.right == right.id:
            return True
        return (reference.product is not None and reference.product == product) or (
            reference.work is not None and reference.work == work
        )

    ours = index.products.get(product) if product else None
    kinds = tuple(vocabulary().goods.kinds_named(ours.category)) if ours and ours.category else ()
    return Pair(
        look=look,
        right=right,
        holder=index.holders.get(right.holder),
        product=ours,
        work=index.works.get(work) if work else None,
        names=tuple(placed for placed in names if is_ours(placed.hit)),
        numbers=tuple(numbers.get(product, ())) if product else (),
        photos=tuple(hit for hit in photos if shows_ours(hit)),
        negative_photos=tuple(hit for hit in negative if shows_ours(hit)),
        logos=tuple(hit for hit in logos if shows_ours(hit)),
        printed=tuple(hit for hit in printed if hit.right == right.id),
        seller_rules=index.rules.get((right.holder, look.input.platform.name), ()),
        genuine=index.genuine.get(right.holder, frozenset()),
        peers=index.peers.get(product, ()) if product else (),
        goods_protected=kinds,
        likeness=likeness,
        rival=rival_of(
            right, touched, index.rights.values(), index.products_of_right, index.products, names, numbers, photos
        ),
        policy=policy,
    )
