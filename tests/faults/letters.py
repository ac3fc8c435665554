"""
Forges, edits and replays letters about a batch that was sent by mail, and shows that none of them changes anything.

    python -m tests.faults.letters 1000 [--seed N] [--json]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

from config.delivery import Delivery
from config.returns import Returns
from reports.answers.inbox import Inbox
from reports.answers.intake import Fate
from reports.answers.post import take_letter
from store.db.audit import act_of
from store.db.outbox import Outbox
from store.records import codec
from store.records.ids import new_id
from store.records.outbox import OutboxEntry, OutboxState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.faults.answers import Bureau

TO, OFFICE = "desk@shop.example", "office@unit.example"
LATER = timedelta(minutes=5)


@dataclass
class Tally:
    """What all letters came to."""

    attempts: int = 0
    changed: int = 0  # letters after which ledger or delivery said something else: must be 0
    true_letters: int = 0  # honest ones in between, which must all be entered
    true_entered: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    fates: dict[str, int] = field(default_factory=dict)


class Post:
    """A batch that left by mail, and the mailbox its answers come into."""

    def __init__(self, home: Path) -> None:
        self.bureau = Bureau(home)
        self.batch = self.bureau.batches[0]
        declared = self.bureau.declared
        shop = declared.platforms[self.batch.platform]
        self.returns = Returns(by="mail", at="post", senders=("shop.example",))
        delivery = Delivery(by="mail", to=TO, sender=OFFICE)
        notify = shop.notify.model_copy(update={"delivery": delivery, "answers": self.returns})
        platforms = {**declared.platforms, shop.name: shop.model_copy(update={"notify": notify})}
        self.key = codec.digest(["a letter", self.batch.id])
        self.clock = lambda: make.NOW + LATER
        self.inbox = Inbox(
            database=self.bureau.database,
            vault=self.bureau.vault,
            declarations=replace(declared, platforms=platforms),
            home=home,
            key=make.ANSWER_KEY,
            by="Ann",
            clock=self.clock,
            ids=new_id,
        )
        entry = OutboxEntry(
            id=new_id(),
            batch=self.batch.id,
            idempotency_key=self.key,
            state=OutboxState.ACCEPTED,
            queued_at=make.NOW,
            settled_at=make.NOW,
            receipt="<sent>",
        )
        act = act_of("Ann", "queue_delivery", "batch", entry.batch, clock=self.clock, ids=new_id)
        with self.bureau.database.write() as connection:
            Outbox(connection, EVERYTHING).queue(entry, act)
        self.entry = entry.id

    def take(self, data: bytes) -> list[Fate]:
        """What becomes of a letter; one that nobody can read has the fate of being unreadable."""
        try:
            fetched = take_letter(self.inbox, data, "letter", self.clock(), {self.batch.platform: self.returns})
        except ValueError:
            return [Fate.UNREADABLE]
        return [taken.fate for taken in fetched.taken]

    def standing(self) -> str:
        """Everything that the ledger says of answers and of the delivery, as one digest."""
        with self.bureau.database.read() as connection:
            entry = Outbox(connection, EVERYTHING).get(self.entry)
        return codec.digest([self.bureau.standing(), codec.to_json(entry)])

    def reply(self, text: str, *, key: str | None = None, sender: str = TO, head: str = "") -> bytes:
        """A letter that answers the delivery of a key."""
        date = format_datetime(self.clock())
        about = f"<{key or self.key}@unit.example>"
        return f"From: {sender}\nTo: {OFFICE}\nDate: {date}\nIn-Reply-To: {about}\n{head}\n{text}\n".encode()

    def bounce(self, *, key: str | None = None, to: str = TO, action: str = "failed") -> bytes:
        """A message given back."""
        return (
            f"From: MAILER-DAEMON@relay.example\nDate: {format_datetime(self.clock())}\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nNot delivered.\n'
            f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
            f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: 5.1.1\n\n"
            f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{key or self.key}@unit.example>\n--b--\n"
        ).encode()


def attacks(post: Post, chance: random.Random, told: list[bytes]) -> dict[str, Callable[[], bytes]]:
    """Ways to write in somebody else's name, each making one letter."""
    number, other = post.batch.number, post.bureau.batches[1].number
    word = chance.choice(["removed", "kept", "reinstated", "counter_notice", "more_needed", "received"])
    line = f"{number}-{chance.randint(1, 3)}: {word}"
    guessed = "".join(chance.choices("0123456789abcdef", k=64))
    at = chance.randrange(64)
    near = post.key[:at] + ("0" if post.key[at] != "0" else "1") + post.key[at + 1 :]
    strangers = (
        "x@shop.example.evil.example", "x@evil-shop.example", "desk@shop.example, x@evil.example", "x@evil.example",
        '"desk@shop.example" <x@evil.example>', "nobody", "",
    )  # fmt: skip
    return {
        "guessed_key": lambda: post.reply(line, key=guessed),
        "one_digit": lambda: post.reply(line, key=near),
        "no_key": lambda: post.reply(line, key="0"),
        "from_elsewhere": lambda: post.reply(line, sender=chance.choice(strangers)),
        "another_batch": lambda: post.reply(f"{other}-9: {word}"),
        "quoted": lambda: post.reply(f"> {line}", head="Auto-Submitted: auto-replied\n"),
        "bounce_elsewhere": lambda: post.bounce(to=f"{guessed[:8]}@else.example"),
        "bounce_guessed": lambda: post.bounce(key=guessed),
        "bounce_delayed": lambda: post.bounce(action=chance.choice(["delayed", "relayed", "delivered", "expanded"])),
        "noise": lambda: bytes(chance.randrange(256) for _ in range(chance.randint(0, 200))),
        "replayed": lambda: chance.choice(told),
        "reordered": lambda: post.reply(f"{number}-1: received"),
    }


def run(count: int, seed: int) -> Tally:
    """Take `count` such letters after three honest ones."""
    chance, tally, fates, kinds = random.Random(seed), Tally(), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        post = Post(Path(folder))
        number = post.batch.number
        told = [post.reply(f"{number}-{n}: {word}") for n, word in ((1, "removed"), (2, "under_review"), (3, "kept"))]
        for letter in told:
            tally.true_letters += 1
            tally.true_entered += post.take(letter) == [Fate.ENTERED]
        for _ in range(count):
            before = post.standing()
            kind, make_letter = chance.choice(sorted(attacks(post, chance, told).items()))
            kinds[kind] += 1
            fates.update(fate.value for fate in post.take(make_letter()))
            tally.attempts += 1
            tally.changed += post.standing() != before
        post.bureau.close()
    tally.fates, tally.by_kind = dict(sorted(fates.items())), dict(sorted(kinds.items()))
    return tally


def main() -> None:
    """Run the proof; exit 1 where any letter changed anything, or an honest one was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    tally = run(args.count, args.seed)
    sys.stdout.write(json.dumps(asdict(tally), indent=1) + "\n" if args.json else f"{tally}\n")
    sys.exit(1 if tally.changed or tally.true_entered != tally.true_letters else 0)


if __name__ == "__main__":
    main()
