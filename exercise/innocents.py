"""Innocent listings: ordinary offers and films in five languages, a few of them honest near misses."""

from exercise.drafts import LANGUAGE, Drafts
from exercise.records import Mirror, Role, Stream
from exercise.words import (
    COLOUR_WORDS,
    FILM_CATEGORIES,
    FILM_FIRST,
    FILM_SECOND,
    GOODS,
    MAKERS,
    NEAR_MISSES,
    REVIEWS,
    SENTENCES,
    TRAITS,
)

# Share of innocents on each platform, chosen so that the demo's largest site has fourteen full result pages.
SHARES = {"shopnest": 0.32, "bazario": 0.26, "kvarter": 0.17, "vitrin": 0.14, "filmhamn": 0.11}
NEAR_MISS_SHARE = 0.04  # every 25th listing speaks of marks in general, as real sellers do

_LANGUAGES = {
    "shopnest": ("en", "en", "sv", "sv"),
    "bazario": ("de", "de", "de", "en"),
    "kvarter": ("sv",),
    "vitrin": ("fr", "fr", "es", "en"),
}


def add_innocents(drafts: Drafts, count: int) -> None:
    """Add `count` innocent listings, spread over the platforms by `SHARES`."""
    platforms = tuple(SHARES)
    left = count
    for place, platform in enumerate(platforms):
        share = left if place == len(platforms) - 1 else round(count * SHARES[platform])
        share = min(left, share)
        left -= share
        for number in range(share):
            if platform == "filmhamn":
                _add_film(drafts, number)
            else:
                _add_offer(drafts, platform, number)


def _add_offer(drafts: Drafts, platform: str, number: int) -> None:
    dice = drafts.dice
    language = dice.choice(_LANGUAGES.get(platform, (LANGUAGE[platform],)))
    goods = GOODS[number % len(GOODS)]
    maker = dice.choice(MAKERS)
    noun = dice.choice(goods.nouns[language])
    trait, colour = dice.choice(TRAITS[language]), dice.choice(COLOUR_WORDS[language])
    title = dice.choice(
        (
            f"{maker} {noun}, {trait}",
            f"{noun[0].upper()}{noun[1:]} {colour} – {maker}",
            f"{maker} {noun} {colour}",
            f"{noun[0].upper()}{noun[1:]}, {trait}, {colour}",
        )
    )
    sentences = dice.sample(SENTENCES[language], 3)
    near = dice.random() < NEAR_MISS_SHARE
    if near:
        sentences.append(dice.choice(NEAR_MISSES[language]))
    used = platform == "kvarter" or dice.random() < 0.15
    price = drafts.euro_price(platform, *goods.euro)
    before = None
    if dice.random() < 0.12:
        before = type(price)(amount=price.amount + int(price.amount) // 4 + 5, currency=price.currency)
    pictures = 1 if dice.random() < 0.85 else 2
    drafts.add(
        platform=platform,
        category=goods.category,
        title=title,
        description=" ".join(sentences),
        photos=tuple(drafts.own_photo(goods.motif, dice.choice((maker.split()[0], ""))) for _ in range(pictures)),
        kind="near_miss" if near else "innocent",
        role=Role.INNOCENT,
        expected="silent",
        price=price,
        price_before=before,
        condition="used" if used else "new",
        brand=maker if maker in title and dice.random() < 0.7 else "",
        colour=colour if dice.random() < 0.5 else "",
        ships_from=dice.choice(("", "", "SE", "DE", "FR", "PL")),
    )


def make_mirrors(drafts: Drafts, dead: int = 1) -> tuple[Mirror, ...]:
    """Give a seeded list of links: one or two alive, one of them nested, up to `dead` dead ones after."""
    dice = drafts.dice
    labels = dice.sample(("BoxStream", "Kaai", "PlayDock", "Vloed", "StreamKade", "Anker"), 3)
    alive = [Mirror(label=labels[0], nested=dice.random() < 0.5, alive=True)]
    if dice.random() < 0.3:
        alive.append(Mirror(label=labels[1], nested=True, alive=True))
    if dead and dice.random() < 0.4:
        alive.append(Mirror(label=labels[2], nested=False, alive=False))
    return tuple(alive)


def _add_film(drafts: Drafts, number: int) -> None:
    dice = drafts.dice
    about = number % 8 == 7  # every eighth page talks about a film instead of showing one
    category = REVIEWS if about else FILM_CATEGORIES[number % len(FILM_CATEGORIES)]
    name = f"{dice.choice(('The ', 'One ', ''))}{dice.choice(FILM_FIRST)} {dice.choice(FILM_SECOND)}"
    year = dice.randrange(1962, 2026)
    season, episode = (dice.randint(1, 4), dice.randint(1, 9)) if category == "series" else (None, None)
    photo = drafts.own_photo("scene", name)
    drafts.add(
        platform="filmhamn",
        category=category,
        title=f"Review: {name}" if about else f"{name} ({year})",
        description=f"A story from {year} about {' and '.join(dice.sample(FILM_SECOND, 2)).lower()}. "
        + ("Our critics discuss it." if about else "Uploaded by its makers under a free licence."),
        photos=(photo,),
        kind="innocent",
        role=Role.INNOCENT,
        expected="silent",
        stream=Stream(
            title=name,
            year=year,
            season=season,
            episode=episode,
            footage=photo.seed,
            mirrors=() if about else make_mirrors(drafts),
        ),
    )
