"""SELLER: nobody is accused of selling what he may sell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from reports.facts import ItemFacts
from reports.rules.contract import Example, Rule
from store.records.comparisons import Sign, SignFamily
from store.records.findings import GroundCode, InfringementClass
from store.records.listings import Condition
from store.records.rights import covers
from store.records.seen import Seen
from store.records.sellers import SellerRule, SellerStanding
from store.records.works import LicenceWindow

# Grounds that answer "it may be a genuine second-hand article": the seller says himself that it is not, the
# article was bought or examined, or the holder's expert looked. A low price or an odd colour does not.
ANSWERS_RESALE = frozenset(
    {
        GroundCode.SELF_DECLARED_COPY,
        GroundCode.FAILED_AUTHENTICITY_MARK,
        GroundCode.TEST_PURCHASE,
        GroundCode.HOLDERS_DETERMINATION,
    }
)
RESALE_WORDS = ("used", "resale", "second_hand", "condition")
"""Parts of the names of signals that speak of a genuine article sold on."""


def _in_force(rule: SellerRule, facts: ItemFacts) -> bool:
    day = facts.observed_on
    if rule.holder != facts.holder.id or rule.platform != facts.listing.platform:
        return False
    if facts.seller is None or rule.platform_seller_id != facts.seller.platform_seller_id:
        return False
    if rule.rights and facts.right.id not in rule.rights:
        return False
    if rule.products and (facts.product is None or facts.product.id not in rule.products):
        return False
    if rule.territories and not any(covers(rule.territories, country) for country in facts.territories):
        return False
    return _within(rule.valid_from, rule.valid_until, day)


def _within(first: date | None, last: date | None, day: date) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _licensed(window: LicenceWindow, facts: ItemFacts) -> bool:
    if window.platform != facts.listing.platform or not _within(
        window.valid_from, window.valid_until, facts.observed_on
    ):
        return False
    return not window.territories or any(covers(window.territories, country) for country in facts.territories)


def allowed_seller(facts: ItemFacts) -> str | None:
    """The holder's own word, a licence, or the account being the holder's own ends the matter."""
    for rule in facts.seller_rules:
        if _in_force(rule, facts):
            said = "may sell" if rule.standing is SellerStanding.AUTHORISED else "is to be left alone"
            basis = f" ({rule.basis})" if rule.basis else ""
            return f"{facts.holder.legal_name} says that account {rule.platform_seller_id} {said}{basis}"
    for window in facts.work.licences if facts.work else ():
        if _licensed(window, facts):
            return f"{facts.platform.name} holds a licence for {facts.work.title if facts.work else 'the work'}"
    name = (facts.seller.name or "").casefold().strip() if facts.seller else ""
    if name and name in {facts.holder.legal_name.casefold(), (facts.sender.agent or "").casefold()}:
        return f"the account bears the name of {facts.claimant_name} itself"
    return None


def resale_sign(facts: ItemFacts) -> str | None:
    """What speaks for a genuine article sold on: the listing's own condition, or a sign; None if nothing does."""
    condition = facts.observation.fields.condition
    if condition is not None and condition.value in (Condition.USED, Condition.REFURBISHED, Condition.DAMAGED):
        return f"the listing calls the article {condition.value.value}"
    for sign in facts.finding.counter_signs:
        if any(word in sign.signal for word in RESALE_WORDS):
            return sign.because
    return None


def genuine_resale(facts: ItemFacts) -> str | None:
    """A used original shows the same name and photo; it is no counterfeit."""
    if facts.item.infringement_class is not InfringementClass.COUNTERFEIT:
        return None
    suspicion = resale_sign(facts)
    if suspicion is None or any(code in ANSWERS_RESALE for code in facts.item.grounds):
        return None
    return f"it may be a genuine article sold on: {suspicion}"


def _authorised(facts: ItemFacts) -> ItemFacts:
    rule = SellerRule(
        id="rule",
        holder=facts.holder.id,
        platform=facts.listing.platform,
        platform_seller_id=facts.seller.platform_seller_id if facts.seller else "",
        standing=SellerStanding.AUTHORISED,
    )
    return replace(facts, seller_rules=(rule,))


def _licensed_here(facts: ItemFacts) -> ItemFacts:
    window = LicenceWindow(platform=facts.listing.platform)
    return replace(facts, work=replace(facts.work, licences=(window,)) if facts.work else None)


def _own_account(facts: ItemFacts) -> ItemFacts:
    return replace(facts, seller=replace(facts.seller, name=facts.holder.legal_name) if facts.seller else None)


def _cheap_only(facts: ItemFacts) -> ItemFacts:
    item = replace(
        facts.item, infringement_class=InfringementClass.COUNTERFEIT, grounds=(GroundCode.FAR_BELOW_PRICE,)
    )
    return replace(facts, item=item)


def _used(facts: ItemFacts) -> ItemFacts:
    fields = replace(facts.observation.fields, condition=Seen(value=Condition.USED, raw="Used", rule="example"))
    return replace(_cheap_only(facts), observation=replace(facts.observation, fields=fields))


def _resale_sign(facts: ItemFacts) -> ItemFacts:
    sign = Sign(
        signal="resale_words",
        family=SignFamily.TEXT,
        strength=0.8,
        against=True,
        because="the seller writes that he wore it twice",
        ours="",
        theirs="worn twice",
    )
    return replace(_cheap_only(facts), finding=replace(facts.finding, counter_signs=(sign,)))


RULES = (
    Rule(
        code="SELLER-1",
        condition="the account is authorised, licensed, left alone by the holder, or the holder's own",
        fix="reject the finding as authorised, or correct the holder's list of sellers",
        because=allowed_seller,
        examples=(
            Example(name="authorised", change=_authorised),
            Example(name="licensed", change=_licensed_here),
            Example(name="the holder itself", change=_own_account),
        ),
    ),
    Rule(
        code="SELLER-2",
        condition="genuine resale is suspected, the claim is counterfeit, and nobody bought or examined the article",
        fix="make a test purchase, or ask the holder's expert for a determination",
        because=genuine_resale,
        examples=(
            Example(name="used and cheap", change=_used),
            Example(name="a sign of resale", change=_resale_sign),
        ),
    ),
)
