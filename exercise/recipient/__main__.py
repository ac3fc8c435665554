"""
A platform with four desks, on loopback, as a program of its own.

    python -m exercise.recipient [--port N] [--repeats same_key|look_up|neither] [--faults 0.1] [--seed N]
                                 [--courses removed,kept,...] [--mail MAILDIR] [--sheets FOLDER] [--step-s S]

The first line of output is the address of its desks on the web, the second, with `--mail`, host and port of its mail
desk. With `--step-s` every item takes its next step so often, and mail and sheets are written; else `POST /advance`.
"""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from exercise.recipient.ledger import COURSES, Recipient
from exercise.recipient.mail import Mailbox, MailDesk, ServedMailDesk
from exercise.recipient.sheets import SheetDesk
from exercise.recipient.web import ServedRecipient


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--repeats", choices=("same_key", "look_up", "neither"), default="same_key")
    parser.add_argument("--faults", type=float, default=0.0, help="chance of each fault, 0.1 at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stall-s", type=float, default=2.0)
    parser.add_argument("--late-s", type=float, default=0.3)
    parser.add_argument("--busy-s", type=int, default=1)
    parser.add_argument("--courses", default="removed", help=f"in turn, of: {', '.join(COURSES)}")
    parser.add_argument("--mail", type=Path, help="Maildir that answers of the mail desk are written into")
    parser.add_argument("--sheets", type=Path, help="folder with `in` for batches and `out` for filled sheets")
    parser.add_argument("--step-s", type=float, default=0.0)
    args = parser.parse_args()
    courses = args.courses.split(",")
    unknown = sorted(set(courses) - COURSES.keys())
    if unknown:
        parser.error(f"no course {', '.join(unknown)}")
    recipient = Recipient(
        repeats=args.repeats,
        faults=min(args.faults, 0.1),
        seed=args.seed,
        stall_s=args.stall_s,
        late_s=args.late_s,
        busy_s=args.busy_s,
        courses=courses,
    )
    with ExitStack() as desks:
        served = desks.enter_context(ServedRecipient(recipient, args.port))
        lines = [served.base]
        mail = MailDesk(recipient, Mailbox(args.mail)) if args.mail else None
        if mail is not None:
            lines.append(f"127.0.0.1:{desks.enter_context(ServedMailDesk(mail)).port}")
        sheets = SheetDesk(recipient, args.sheets / "in", args.sheets / "out") if args.sheets else None
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
        if not args.step_s:
            served.thread.join()
        pause = threading.Event()
        while not pause.wait(args.step_s):
            if sheets is not None:
                sheets.fetch()
            recipient.advance()
            if mail is not None:
                mail.answer()
            if sheets is not None:
                sheets.answer()


if __name__ == "__main__":
    main()
