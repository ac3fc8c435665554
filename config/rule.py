"""
A reading rule: one place on a page, and how to take what stands there.

Which kind of value a field holds is the field's own; `as` on a rule repeats it for the reader and is held against it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from config.declaration import Declaration

PLACES = ("css", "jsonld", "microdata", "annotated", "script", "meta", "url", "value", "guess")

Kind = Literal["text", "money", "url", "date", "enum", "integer", "variant"]

Step = Literal["digits", "lower", "unescape", "unquote", "base64", "hundredths", "last", "joined"]
"""
What `then` may do with the words a rule found, in the order written; the set is closed.

`digits` keeps only digits; `lower` makes small letters; `unescape` resolves HTML entities; `unquote` resolves percent
escapes; `base64` decodes; `hundredths` makes an amount of one counted in cents; `last` keeps the last hit; `joined`
makes one of all hits, ` > ` between them.
"""

KINDS: dict[str, Kind] = {
    **dict.fromkeys(("price", "price_original", "shipping_price"), "money"),
    **dict.fromkeys(("images", "image", "link", "next", "seller_url", "canonical_url"), "url"),
    **dict.fromkeys(("links", "players", "manifests"), "url"),
    **dict.fromkeys(("availability", "condition"), "enum"),
    **dict.fromkeys(("quantity", "reviews", "sold_count", "year", "season", "episode", "duration_s"), "integer"),
    "posted_at": "date",
    "variants": "variant",
}
"""Fields that hold something else than text."""


class Rule(Declaration):
    """
    Where one value stands on a page. One of `css`, `jsonld`, `microdata`, `annotated`, `script`, `meta`, `url`,
    `value` or `guess` names the place; `json` is short for the path in a page that is JSON as a whole.

    `css` selects elements (their text, or `attr`); `jsonld`, `microdata` and `annotated` (RDFa, microformats) a
    schema.org type (or several, `A|B`) found anywhere in the page's structured data, `script` a script element
    holding JSON, all searched with the JMESPath `path`; `meta` a meta name or property; `url` a regular expression
    over the page's own address; `value` a constant; `guess` the name of a heuristic of `crawler/extract/guesses.py`,
    for pages nobody wrote rules for.
    """

    css: str | None = None
    attr: str | None = None
    jsonld: str | None = None
    microdata: str | None = None
    annotated: str | None = None
    script: str | None = None
    path: str | None = None
    meta: str | None = None
    url: str | None = None
    value: str | None = None
    guess: str | None = None
    re: str | None = None  # RE2: the first group, or the whole match
    then: tuple[Step, ...] = ()  # after `re`
    as_: Kind | None = Field(default=None, alias="as")
    hits: int | None = Field(default=None, ge=1)  # how many elements there must be
    all: bool = False  # every hit, not only the first
    _family: str | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _of_an_answer(cls, data: Any) -> Any:  # Any: whatever stands in the TOML file
        """`json = PATH` is a path in a page that is JSON as a whole, such as an interface's answer."""
        if not isinstance(data, dict) or "json" not in data:
            return data
        if {"script", "path"} & set(data):
            raise ValueError("json names the path itself: no script or path beside it")
        return {
            **{name: value for name, value in data.items() if name != "json"},
            "script": "json",
            "path": data["json"],
        }

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = [name for name in PLACES if getattr(self, name) is not None]
        if len(places) != 1:
            raise ValueError(f"a rule names one of {', '.join(PLACES)}; this one names {', '.join(places) or 'none'}")
        searched = (self.jsonld, self.microdata, self.annotated, self.script)
        if self.path is not None and all(place is None for place in searched):
            raise ValueError("path goes with jsonld, microdata, annotated or script")
        if self.attr is not None and self.css is None:
            raise ValueError("attr goes with css")
        return self

    @property
    def family(self) -> str | None:
        """The family the rule comes from, where it is laid over another's; None for a platform's own."""
        return self._family

    def of_family(self, name: str) -> Rule:
        """The same rule, known as that family's."""
        copy = self.model_copy()
        copy._family = name
        return copy


def _as_rules(value: Any) -> Any:  # Any: whatever stands in the TOML file
    """A bare string is a CSS rule; one rule is a list of one."""
    if isinstance(value, str):
        return [{"css": value}]
    if isinstance(value, dict | Rule):
        return [value]
    if isinstance(value, list | tuple):
        return [{"css": part} if isinstance(part, str) else part for part in value]
    return value


Rules = Annotated[tuple[Rule, ...], BeforeValidator(_as_rules)]


class Fields(Declaration):
    """The rules of one kind of page, a field each."""

    @model_validator(mode="after")
    def _as_what_they_are(self) -> Self:
        for field, rules in self:
            for rule in rules if isinstance(rules, tuple) else ():
                kind = KINDS.get(field, "text")
                if rule.as_ not in (None, kind):
                    raise ValueError(f"{field} is read as {kind!r}, a rule of it says as = {rule.as_!r}")
        return self
