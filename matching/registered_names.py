"""The names of a registry that are looked for in texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from matching.names import Name, NameKind
from matching.signals.product_name import model_words
from matching.wording import words_of
from registry.snapshot import Snapshot

# Marks of one letter or digit say nothing in running text.
MIN_NAME_LETTERS = 2


def names_of(snapshot: Snapshot) -> Iterable[Name]:
    """Every name that is looked for: marks, products with and without their mark, titles."""
    marks = {right.id: right.mark_text for right in snapshot.rights if right.mark_text}
    for right, mark in marks.items():
        if len("".join(words_of(mark))) >= MIN_NAME_LETTERS:
            yield Name(text=mark, kind=NameKind.MARK, right=right)
    for product in snapshot.products:
        own_marks = [set(words_of(marks[right])) for right in product.rights if right in marks]
        for text in (product.name, *product.other_names):
            words = words_of(text)
            if any(set(words) <= mark for mark in own_marks):
                continue  # a product called like its mark is found by the mark
            yield Name(text=text, kind=NameKind.PRODUCT, product=product.id)
            for mark_words in own_marks:
                line = " ".join(word for word in words if word not in mark_words)
                if line and line != " ".join(words) and len(line) >= MIN_NAME_LETTERS and not line.isdigit():
                    yield Name(text=line, kind=NameKind.PRODUCT, product=product.id)
    for work in snapshot.works:
        for text in (work.title, *work.other_titles):
            yield Name(text=text, kind=NameKind.TITLE, work=work.id)


def models_of(snapshot: Snapshot) -> dict[str, tuple[tuple[str, frozenset[str]], ...]]:
    """The words of products' models, by right: Product id and words of its name."""
    marks = {right.id: right.mark_text for right in snapshot.rights}
    found: defaultdict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for product in snapshot.products:
        for right in product.rights:
            words = model_words(product.name, marks.get(right))
            if words:
                found[right].append((product.id, frozenset(words)))
    return {right: tuple(listed) for right, listed in found.items()}
