"""
The exercise's market played for a hundred days under Mercado Libre's programme: sellers relist, object and lie.

Every day offers appear, people confirm what they take for fakes, notices are prepared, approved, signed and sealed,
the platform pauses, hears the seller and decides, objections are answered, removals looked at again. What the ledger
says at the end is held against the truth of the market: returns that were linked, the record of accuracy, clocks met.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from config.declarations import Declarations
from config.policy import EvidencePolicy, Policy, ReviewPolicy
from exercise.days import Disguise, Market, Offer
from reports.answers.intake import Fate, take_sheet
from reports.budget.gate import ALL, admit, records, release
from reports.budget.standing import OWN_STANDARD, Budget
from reports.clocks.keeping import keep_clocks, take_step
from reports.clocks.ladder import next_of
from reports.objections import answer_objection
from reports.relisting import relistings
from reports.removals import Removal, watched
from reports.run import export_batches, prepare
from reports.signing import approve, sign
from store.db import tables
from store.db.audit import act_of
from store.db.deadlines import Deadlines
from store.db.notices import Notices
from store.db.outcomes import CounterNotices
from store.db.rechecks import Rechecks
from store.db.rows import row_of, upsert
from store.db.session import Database, migrate
from store.evidence.seal import SigningKey, create_key
from store.evidence.vault import Vault
from store.records.deadlines import DeadlineState, Holder
from store.records.ids import new_id
from store.records.notices import NoticeState
from store.records.outcomes import Response
from store.records.rechecks import Presence, Recheck, RecheckPurpose
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.benchmarks.frame import Benchmark, Row, wilson
from tests.faults.answers import Line, filled, read_lines, write_lines

DAYS = 100
PROFILE = "mercado-libre"
RIGHT = make.right(territories=("BR",))  # the mark where the programme is
TRUTH = {
    "documentation_not_presented": "upheld",
    "documentation_not_approved": "upheld",
    "documentation_approved": "reversed",
    "rejected": "refused",
}
SENDER_CLOCK = "bpp_member"


@dataclass(slots=True)
class Played:
    """What the days came to."""

    offers: int = 0
    noticed: int = 0
    back: int = 0  # offers that came back and were found
    back_traceable: int = 0  # of them those that have anything in common with what they were
    linked: int = 0
    linked_right: int = 0  # to an item of the same seller's chain
    wrong_links: int = 0  # honest or first offers called returns
    days_stopped: int = 0
    answers: int = 0
    refused_answers: int = 0
    marks: dict[str, int] = field(default_factory=dict)
    true_marks: dict[str, int] = field(default_factory=dict)
    ours_ended: int = 0
    ours_met: int = 0
    objections: int = 0
    right_answers: int = 0
    unseen: int = 0  # removals that nobody has looked at in time
    confirmed: int = 0
    there: int = 0


class Office:
    """A workspace with one platform and three people, on a clock that is set by the day."""

    def __init__(self, home: Path, market: Market) -> None:
        self.market = market
        self.home = home
        self.now = make.NOW
        self.vault = Vault(home / "vault")
        self.database = Database(f"sqlite:///{home / 'marque.db'}")
        migrate(self.database)
        policy = Policy(evidence=EvidencePolicy(max_age_h=96), review=ReviewPolicy(people=2))
        place = make.platform(countries=["BR"], notify={"profile": PROFILE})
        self.declared: Declarations = make.declarations(exercise=False, platforms=(place,), policy=policy)
        days = {"valid_from": make.NOW - timedelta(days=1), "valid_to": make.NOW + timedelta(days=600)}
        self.key: SigningKey = create_key(home / "keys", name="Test office", random_bytes=bytes, **days)
        with self.database.write() as connection:  # the reference's own product, beside those that are offered
            for table, record in (
                (tables.party, make.party()),
                (tables.right, RIGHT),
                (tables.product, make.product()),
            ):
                upsert(connection, table, [row_of(record, table)], ["id"])
        self.played = Played()
        self.lines: dict[int, Line] = {}  # by offer: its line of the answer sheet
        self.due: dict[int, list[tuple[int, str]]] = defaultdict(list)  # day -> (offer, the platform's word)
        self.truth: dict[int, tuple[str, datetime]] = {}  # by offer: how its notice came out, and when
        self.silent: list[int] = []  # offers whose notice waits for a reminder

    def clock(self) -> datetime:
        """The office's clock."""
        return self.now

    def at(self, day: int, hours: float = 0) -> None:
        """Set the clock."""
        self.now = make.NOW + timedelta(days=day, hours=hours)

    # --- what is seen -------------------------------------------------------------------------------

    def see(self, offer: Offer) -> None:
        """An offer is captured, matched, and decided by a person."""
        n, look_at = offer.number, self.now - timedelta(minutes=30)
        scene = make.goods_scene(n, offer.title)
        account, photo = make.an_id("seller", offer.seller), offer.photo.to_bytes(32, "big")
        listing = replace(scene.listing, seller=account, first_seen=look_at, last_seen=look_at)
        product = make.an_id("product", offer.product)
        scene = replace(
            scene,
            listing=listing,
            right=RIGHT,
            seller=make.seller(offer.seller),
            product=make.product(id=product, product_ref=f"P-{offer.product}"),
            captures=(
                replace(scene.captures[0], fetched_at=look_at),
                replace(scene.captures[1], fetched_at=look_at, body_sha256=offer.photo_sha256, body_bytes=len(photo)),
            ),
            bodies=(*scene.bodies, photo),
            observation=replace(scene.observation, observed_at=look_at),
            images=tuple(replace(image, sha256=offer.photo_sha256) for image in scene.images),
            finding=replace(scene.finding, product=product, found_at=self.now, updated_at=self.now),
            comparison=replace(scene.comparison, product=product, compared_at=self.now),
            case=replace(scene.case, seller=account, opened_at=self.now),
            decision=replace(scene.decision, at=self.now, by="Ann"),
        )
        make.store_scene(self.database, self.vault, scene, decided=self.market.confirms(offer))
        with self.database.write() as connection:
            code = {"sha256": offer.photo_sha256, "algorithm": "pdq", "version": "1", "variant": "whole"}
            keys = ["sha256", "algorithm", "version", "variant"]
            upsert(connection, tables.fingerprint, [{**code, "value": photo}], keys)

    def link(self, offers: Sequence[Offer]) -> None:
        """Hold what was called a return against the truth."""
        played, market = self.played, self.market
        ids = {make.an_id("listing", offer.number): offer for offer in offers}
        with self.database.read() as connection:
            found = {listing: link for (listing, _), link in relistings(connection, ids, now=self.now).items()}
        for id, offer in ids.items():
            chain = set()
            before = offer.before
            while before is not None:
                chain.add(make.an_id("listing", before))
                before = market.offers[before].before
            link = found.get(id)
            if chain:
                played.back += 1
                played.back_traceable += offer.disguise is not Disguise.EVERYTHING
            if link is None:
                continue
            with self.database.read() as connection:
                item = tables.notice_item
                old = connection.execute(item.select().where(item.c.id == link.item)).one()
            played.linked += bool(chain)
            played.linked_right += old.listing in chain
            played.wrong_links += not chain

    # --- what leaves ----------------------------------------------------------------------------------

    def complain(self, offers: Sequence[Offer], day: int) -> None:
        """Prepare, approve, sign and seal; where the budget is used up, two people release the day."""
        for offer in offers:
            prepare(
                self.database, self.vault, self.declared, sender=make.sender(), clock=self.clock, ids=new_id,
                case=make.an_id("case", offer.number), by="Ann",
            )  # fmt: skip
        with self.database.read() as connection:
            ready = Notices(connection, EVERYTHING).in_state(NoticeState.READY)
        for notice in ready:
            approve(self.database, notice.id, by="Ben", clock=self.clock, ids=new_id)
            sign(self.database, notice.id, by="Cy", clock=self.clock, ids=new_id)
        self._release_if_stopped()
        made = export_batches(
            self.database, self.vault, self.declared, sender=make.sender(), out=self.home / "out", key=self.key,
            answer_key=make.ANSWER_KEY, clock=self.clock, ids=new_id,
        )  # fmt: skip
        for batch in made:
            for line in read_lines((self.home / batch.path / "answers.csv").read_bytes()):
                number = int(line["url"].rpartition("/")[2]) - 5_100_000
                self.lines[number] = line
                self.played.noticed += 1
                answered = self.market.answers_on(day)
                if answered is None:
                    self.silent.append(number)
                    self.due[day + 1].append((number, "created"))
                else:
                    self.due[answered].append((number, "waiting_documentation"))

    def _release_if_stopped(self) -> None:
        with self.database.read() as connection:
            signed = [n for n in Notices(connection, EVERYTHING).in_state(NoticeState.APPROVED) if n.signed_at]
            held = admit(connection, self.declared, signed, now=self.now)[1]
            stopped = [
                r for r in records(connection, self.declared, now=self.now) if r.stand.budget is Budget.STOPPED
            ]
        if not stopped or not any(each.code == "BUDGET-1" for each in held):
            return
        self.played.days_stopped += 1
        for person in ("Ann", "Ben"):
            why = "each refusal was read, and what was wrong is withdrawn"
            account = stopped[0].account
            release(self.database, stopped[0].platform, account, by=person, because=why, clock=self.clock, ids=new_id)

    # --- what comes back ---------------------------------------------------------------------------------

    def answer_sheet(self, day: int) -> None:
        """The platform's words of the day, entered as it sent them; what follows of them is planned."""
        said = self.due.pop(day, [])
        if not said:
            return
        sheet = write_lines([filled(self.lines[number], word, self.now) for number, word in said])
        taken = take_sheet(
            self.database,
            self.vault,
            self.declared,
            sheet,
            key=make.ANSWER_KEY,
            by="Ann",
            clock=self.clock,
            ids=new_id,
        )
        self.played.answers += len(taken)
        self.played.refused_answers += sum(each.fate is not Fate.ENTERED for each in taken)
        for number, word in said:
            self._follow(self.market.offers[number], word, day)

    def _follow(self, offer: Offer, word: str, day: int) -> None:
        if word in TRUTH:
            self.truth[offer.number] = (TRUTH[word], self.now)
        match word:
            case "waiting_documentation":
                objection = self.market.remove(offer, day)
                if offer.infringes and objection is None and self.market.refuses():
                    offer.back = True
                    self._plan(day + 1, offer, "rejected")
                elif objection is not None:
                    self._plan(min(objection.day, day + 2), offer, "documentation_presented")
                else:
                    self._plan(day + 4, offer, "documentation_not_presented")
            case "documentation_approved":
                offer.back = True
            case _:
                pass

    def _plan(self, day: int, offer: Offer, word: str) -> None:
        self.due[day].append((offer.number, word))

    def hear(self, day: int) -> None:
        """Answer every objection by the truth, a day after it came; the platform follows the answer."""
        with self.database.read() as connection:
            waiting = CounterNotices(connection, EVERYTHING).find(tables.counter_notice.c.our_response.is_(None))
        by_item = {line["item_id"]: number for number, line in self.lines.items()}
        for counter in waiting:
            offer = self.market.offers[by_item[counter.item or ""]]
            response = Response.REJECT if offer.infringes else Response.ACCEPT
            answer_objection(
                self.database, self.declared, counter.id, response, by="Dee",
                because="The papers were read and compared with the holder's list.", clock=self.clock, ids=new_id,
            )  # fmt: skip
            if response is Response.ACCEPT:
                self.truth[offer.number] = ("reversed", self.now)
            self.played.objections += 1
            self.played.right_answers += (response is Response.ACCEPT) is not offer.infringes
            word = "documentation_not_approved" if response is Response.REJECT else "documentation_approved"
            self._plan(day + 1, offer, word)

    def remind(self, day: int) -> None:
        """Take every step of the ladder that is open; a reminded platform goes on."""
        keep_clocks(self.database, self.declared, clock=self.clock, ids=new_id)
        profile = self.declared.profiles[PROFILE]
        with self.database.read() as connection:
            missed = Deadlines(connection, EVERYTHING).nearest(
                tables.deadline.c.state == DeadlineState.MISSED.value, tables.deadline.c.ended_at.is_(None)
            )
        for each in missed:
            following = next_of(each, profile, self.now)
            if following is not None and following.act == "remind" and following.on <= self.now:
                take_step(
                    self.database, self.declared, each.id, by="Ann", because="asked by the portal", clock=self.clock,
                    ids=new_id,
                )  # fmt: skip
        if day % 10 == 9:  # whoever was forgotten is found by the list of clocks at the latest
            for number in self.silent:
                self._plan(day + 1, self.market.offers[number], "waiting_documentation")
            self.silent.clear()

    def look_again(self) -> None:
        """Make every look that is due, as the crawler proves it: absent where nothing is there."""
        with self.database.read() as connection:
            due = [each for each in watched(connection, now=self.now) if each.due is not None]
        for each in due:
            number = int(each.url.rpartition("/")[2]) - 5_100_000
            there = self.market.offers[number].is_there
            look = Recheck(
                id=new_id(), listing=each.listing, run=make.an_id("run"), purpose=RecheckPurpose.REMOVAL,
                judged_at=self.now, presence=Presence.PRESENT if there else Presence.ABSENT, reasons=("played",),
                divergent=False, differences=(), sights=(), baseline=None, by="marque",
            )  # fmt: skip
            with self.database.write() as connection:
                act = act_of("marque", "recheck", "listing", each.listing, clock=self.clock, ids=new_id)
                Rechecks(connection, EVERYTHING).enter(look, act)

    # --- what it came to -----------------------------------------------------------------------------------

    def reckon(self) -> Played:
        """Hold the ledger against the market."""
        played = self.played
        played.offers = len(self.market.offers)
        with self.database.read() as connection:
            found = records(connection, self.declared, now=self.now)
            clocks = Deadlines(connection, EVERYTHING).find(tables.deadline.c.kind == SENDER_CLOCK)
            seen = watched(connection, now=self.now)
        tally = next((r.stand.tally for r in found if r.code == ALL), None)
        if tally is not None:
            played.marks = {"upheld": tally.upheld, "refused": tally.refused, "reversed": tally.reversed}
        window = self.now - timedelta(days=OWN_STANDARD.window_days)
        played.true_marks = dict.fromkeys(("upheld", "refused", "reversed"), 0)
        for mark, at in self.truth.values():
            played.true_marks[mark] += at >= window
        ours = [each for each in clocks if each.holder is Holder.SENDER and each.state is not DeadlineState.RUNNING]
        played.ours_ended = len(ours)
        played.ours_met = sum(each.state in (DeadlineState.MET, DeadlineState.VOID) for each in ours)
        played.unseen = sum(each.removal is Removal.UNCONFIRMED and each.due is not None for each in seen)
        played.confirmed = sum(each.removal is Removal.CONFIRMED for each in seen)
        played.there = sum(each.removal is Removal.THERE for each in seen)
        return played

    def close(self) -> None:
        """Let go of the files."""
        self.database.close()
        self.vault.close()


def play(days: int, seed: int) -> Played:
    """Play so many days of one market."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder), Market(seed))
        try:
            for day in range(days):
                office.at(day)
                fresh = office.market.open_day(day)
                for offer in fresh:
                    office.see(offer)
                office.link(fresh)
                office.complain(fresh, day)
                office.at(day, 2)
                office.answer_sheet(day)
                office.at(day, 3)
                office.remind(day)
                office.hear(day)
                office.look_again()
            office.at(days)
            office.remind(days)
            return office.reckon()
        finally:
            office.close()


def run(*, data: Path | None = None, seed: int | None = None, size: int | None = None) -> Benchmark:
    """Play the market; `size` is how many days."""
    del data
    days = size or DAYS
    played = play(days, 1 if seed is None else seed)
    marked = sum(played.marks.values())
    linked, back = played.linked_right, played.back
    rows = (
        Row(
            case="returns",
            measure="linked with what they were, of all",
            value=linked / back if back else 1.0,
            aim=">= 0.9",
            interval=wilson(linked, back),
        ),
        Row(
            case="returns",
            measure="linked, of those with anything in common",
            value=linked / played.back_traceable if played.back_traceable else 1.0,
            aim=">= 0.99",
            interval=wilson(linked, played.back_traceable),
        ),
        Row(case="returns", measure="others called a return", value=float(played.wrong_links), aim="<= 0"),
        Row(
            case="clocks",
            measure="objections answered in time",
            value=played.ours_met / played.ours_ended if played.ours_ended else 1.0,
            aim=">= 1",
            interval=wilson(played.ours_met, played.ours_ended),
        ),
        Row(case="clocks", measure="removals nobody looked at in time", value=float(played.unseen), aim="<= 0"),
        Row(
            case="objections",
            measure="answered as the truth is",
            value=played.right_answers / played.objections if played.objections else 1.0,
            aim=">= 1",
        ),
        Row(
            case="accuracy",
            measure="items the ledger marks otherwise than the truth",
            value=float(sum(abs(played.marks.get(k, 0) - n) for k, n in played.true_marks.items())),
            aim="<= 0",
        ),
        Row(
            case="answers",
            measure="honest words of the platform refused",
            value=float(played.refused_answers),
            aim="<= 0",
        ),
    )
    notes = (
        f"{days} days, {played.offers} offers, {played.noticed} noticed, {played.answers} answers",
        f"accuracy ledger: {played.marks}, {marked} judged; sending stopped on {played.days_stopped} days",
        f"removals confirmed {played.confirmed}, seen there {played.there}; objections {played.objections}",
    )
    return Benchmark(rows=rows, notes=notes)
