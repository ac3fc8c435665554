"""RIGHT, TERR, CLASS: the right was and is in force, in this place, for these goods."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from reports.facts import ItemFacts
from reports.rules.contract import Example, Rule
from store.records.rights import RegisterKind, RightKind, RightStatus, covers

MADRID = "WO"
"""WIPO's ST.3 code: a mark of the Madrid system holds where it was designated, nowhere else."""

# Rights that come into being by an entry in a register.
REGISTERED_KINDS = frozenset(
    {RightKind.TRADEMARK, RightKind.DESIGN, RightKind.PATENT, RightKind.GEOGRAPHICAL_INDICATION}
)


def not_in_force(facts: ItemFacts) -> str | None:
    """A cancelled right, or one that began after the listing was seen, carries nothing."""
    right = facts.right
    if right.status is RightStatus.CANCELLED:
        return f"{right.right_ref} is cancelled"
    began = right.registered_on or (None if right.kind in REGISTERED_KINDS else right.filed_on)
    if began is not None and began > facts.observed_on:
        return f"{right.right_ref} came into force on {began}, after the listing was seen on {facts.observed_on}"
    return None


def expired(facts: ItemFacts) -> str | None:
    """The right must be in force both when the listing was seen and today."""
    right = facts.right
    if right.expires_on is not None and right.expires_on < facts.today:
        return f"{right.right_ref} expired on {right.expires_on}"
    if right.expires_on is not None and right.expires_on < facts.observed_on:
        return f"{right.right_ref} had expired on {right.expires_on} when the listing was seen"
    if right.status is RightStatus.EXPIRED:
        return f"the register says that {right.right_ref} is expired"
    return None


def pending(facts: ItemFacts) -> str | None:
    """An application, or an opposed one, does not yet forbid anything to anybody."""
    right = facts.right
    if right.status not in (RightStatus.PENDING, RightStatus.OPPOSED):
        return None
    if right.kind in REGISTERED_KINDS or facts.profile.registered_only:
        return f"{right.right_ref} is {right.status.value}, and {facts.profile.regime} needs a registered right"
    return None


def supplemental(facts: ItemFacts) -> str | None:
    """Some recipients hear no mark that stands in a supplemental register alone."""
    if facts.profile.principal_register and facts.right.register_kind is RegisterKind.SUPPLEMENTAL:
        return f"{facts.right.right_ref} stands in the supplemental register, which {facts.profile.regime} refuses"
    return None


def stale_status(facts: ItemFacts) -> str | None:
    """What a register said long ago may have changed."""
    right = facts.right
    if right.office is None:
        return None
    if right.status_checked_on is None:
        return f"nobody has asked {right.office} whether {right.right_ref} is in force"
    days = (facts.today - right.status_checked_on).days
    if days > facts.policy.rights.status_block_days:
        return (
            f"{right.office} was last asked about {right.right_ref} {days} days ago,"
            f" more than {facts.policy.rights.status_block_days}"
        )
    return None


def no_proof(facts: ItemFacts) -> str | None:
    """The recipient may ask for the certificate; it must be at hand."""
    if facts.right.proof_sha256 is None:
        return f"no proof of {facts.right.right_ref} was handed in"
    return None if facts.proof_kept else f"the proof of {facts.right.right_ref} is not in the vault"


def outside_territory(facts: ItemFacts) -> str | None:
    """A right holds where it was granted, and the offer must reach there."""
    if not facts.territories:
        return f"nothing says to which country the offer on {facts.platform.name} is directed"
    if any(covers(facts.right.held_in, country) for country in facts.territories):
        return None
    if facts.right.office == MADRID:
        return (
            f"{facts.right.right_ref} designates {', '.join(facts.right.held_in)}; a designation of"
            f" {' or '.join(facts.territories)}, where the offer is directed, is missing"
        )
    return (
        f"{facts.right.right_ref} holds in {', '.join(facts.right.held_in)};"
        f" the offer is directed to {', '.join(facts.territories)}"
    )


def outside_goods(facts: ItemFacts) -> str | None:
    """A mark protects goods of its classes; judged only where the class of the goods is known."""
    right, product = facts.right, facts.product
    if (
        right.kind is not RightKind.TRADEMARK
        or not right.nice_classes
        or product is None
        or product.nice_class is None
    ):
        return None
    if product.nice_class in right.nice_classes:
        return None
    classes = ", ".join(str(number) for number in right.nice_classes)
    return f"the goods are of class {product.nice_class}, {right.right_ref} covers {classes}"


def _right(facts: ItemFacts, **values: Any) -> ItemFacts:  # Any: fields of a Right
    return replace(facts, right=replace(facts.right, **values))


RULES = (
    Rule(
        code="RIGHT-1",
        condition="the right was not in force on the day the listing was seen",
        fix="check the register; use a right that was in force then",
        because=not_in_force,
        examples=(
            Example(name="cancelled", change=lambda f: _right(f, status=RightStatus.CANCELLED)),
            Example(
                name="registered later",
                change=lambda f: _right(f, registered_on=f.observed_on + timedelta(days=1)),
            ),
        ),
    ),
    Rule(
        code="RIGHT-2",
        condition="the right has expired",
        fix="renew the right and import it again, or use another",
        because=expired,
        examples=(
            Example(name="by date", change=lambda f: _right(f, expires_on=f.today - timedelta(days=1))),
            Example(name="by status", change=lambda f: _right(f, status=RightStatus.EXPIRED)),
        ),
    ),
    Rule(
        code="RIGHT-3",
        condition="the right is pending or opposed where a registered one is needed",
        fix="wait for the registration",
        because=pending,
        examples=(
            Example(
                name="application",
                change=lambda f: replace(
                    _right(f, status=RightStatus.PENDING, kind=RightKind.TRADEMARK),
                ),
            ),
            Example(name="opposed", change=lambda f: _right(f, status=RightStatus.OPPOSED, kind=RightKind.TRADEMARK)),
        ),
    ),
    Rule(
        code="RIGHT-4",
        condition="the register's word is older than the policy allows, or was never asked for",
        fix="look the right up in its register and import the day: status_checked_on",
        because=stale_status,
        examples=(
            Example(name="never asked", change=lambda f: _right(f, office="EUIPO", status_checked_on=None)),
            Example(
                name="long ago",
                change=lambda f: _right(
                    f,
                    office="EUIPO",
                    status_checked_on=f.today - timedelta(days=f.policy.rights.status_block_days + 1),
                ),
            ),
        ),
    ),
    Rule(
        code="RIGHT-5",
        condition="no proof of the right is kept",
        fix="import the certificate, or for an unregistered right the holder's signed claim",
        because=no_proof,
        examples=(
            Example(name="none handed in", change=lambda f: _right(f, proof_sha256=None)),
            Example(name="not in the vault", change=lambda f: replace(f, proof_kept=False)),
        ),
    ),
    Rule(
        code="RIGHT-6",
        condition="the mark stands in a supplemental register, and the recipient refuses those",
        fix="use a mark of the principal register, or leave the listing alone",
        because=supplemental,
        examples=(
            Example(
                name="supplemental",
                change=lambda f: replace(
                    _right(f, register_kind=RegisterKind.SUPPLEMENTAL),
                    profile=f.profile.model_copy(update={"principal_register": True}),
                ),
            ),
        ),
    ),
    Rule(
        code="TERR-1",
        condition="the right holds in no country to which the offer is directed",
        fix="use one that holds there, or leave the listing alone; no country known: name some in its platform file",
        because=outside_territory,
        examples=(
            Example(
                name="beyond the Union by a Union mark",
                change=lambda f: replace(
                    _right(f, office="EM", territories=("EU", "CH")),
                    platform=f.platform.model_copy(update={"countries": ("CH",)}),
                ),
            ),
            Example(name="elsewhere", change=lambda f: _right(f, territories=("JP",))),
            Example(
                name="directed nowhere known",
                change=lambda f: replace(
                    f,
                    platform=f.platform.model_copy(update={"countries": ()}),
                    observation=replace(f.observation, fields=replace(f.observation.fields, ships_to=())),
                ),
            ),
        ),
    ),
    Rule(
        code="CLASS-1",
        condition="the goods are known to be of a class that the mark does not cover",
        fix="use a right that covers the goods, or leave the listing alone",
        because=outside_goods,
        examples=(
            Example(
                name="other goods",
                change=lambda f: _right(
                    replace(f, product=replace(f.product, nice_class=31) if f.product else None),
                    kind=RightKind.TRADEMARK,
                    nice_classes=(14,),
                ),
            ),
        ),
    ),
)
