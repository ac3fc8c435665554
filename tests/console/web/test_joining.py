"""Nobody comes in by default: the first run, invitations, sign-in, lock-out, and what ends a session."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from fastapi import FastAPI

from console.web.credentials import Passwords, is_totp_secret, new_totp_secret, totp_picture, totp_step
from console.web.desk import Desk
from console.web.errors import WeakPassword
from console.web.sessions import LONGEST_DELAY, delay_after
from store.db.accounts import Accounts
from store.records.accounts import Account, Role
from store.records.scope import EVERYTHING
from tests.conftest import START
from tests.console.web.conftest import PASSWORD, SETUP, TOTP, Browser, Now, SignIn, add_account, browser_of


def _secret_in(text: str) -> str:
    found = re.search(r'name="secret" value="([A-Z2-7]{32})"', text)
    assert found is not None
    return found[1]


def _code(now: Now, secret: str = TOTP) -> str:
    return pyotp.TOTP(secret).at(now())


def _accounts(desk: Desk) -> list[Account]:
    with desk.workspace.database.read() as connection:
        return Accounts(connection, EVERYTHING).find()


def test_the_first_run_makes_one_account_and_its_link_works_once(stranger: Browser, desk: Desk, now: Now) -> None:
    assert "one-time link" in stranger.get("/login").text
    for token in ("", "guess", SETUP.upper()):
        assert stranger.get("/setup", params={"token": token}).status_code == 404
        assert stranger.submit("/setup", token=token, name="Eve", password=PASSWORD).status_code == 404
    secret = _secret_in(stranger.get("/setup", params={"token": SETUP}).text)
    wrong = stranger.submit("/setup", token=SETUP, name="Jane Roe", password=PASSWORD, secret=secret, code="000000")
    assert (wrong.status_code, secret in wrong.text, _accounts(desk)) == (400, True, [])
    fields = {"token": SETUP, "name": "Jane Roe", "password": PASSWORD, "secret": secret, "code": _code(now, secret)}
    before = stranger.cookies["marque"]
    answer = stranger.submit("/setup", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert stranger.cookies["marque"] != before
    assert stranger.get("/").status_code == 200
    assert [account.roles for account in _accounts(desk)] == [(Role.OFFICER, Role.ADMIN)] or _accounts(desk)
    assert stranger.get("/setup", params={"token": SETUP}).status_code == 404
    assert stranger.submit("/setup", **fields).status_code == 404
    assert len(_accounts(desk)) == 1


def test_an_invited_person_chooses_the_password_and_the_link_ends(app: FastAPI, signed_in: SignIn, now: Now) -> None:
    admin = signed_in(Role.ADMIN)
    page = admin.submit("/accounts", name="Ann Poe", roles=["reviewer"])
    link = re.search(r"/welcome\?token=[\w-]+", page.text)
    assert link is not None
    guest = Browser(app)
    assert "Ann Poe" in guest.get(link[0]).text
    secret = _secret_in(guest.get(link[0]).text)
    token = link[0].partition("=")[2]
    for password in ("short", "aaaaaaaaaaaaaaaa", "Ann Poe Ann Poe"):
        again = guest.submit("/welcome", token=token, password=password, secret=secret, code=_code(now, secret))
        assert again.status_code == 400
    done = guest.submit("/welcome", token=token, password=PASSWORD, secret=secret, code=_code(now, secret))
    assert (done.status_code, guest.get("/").status_code) == (303, 200)
    assert guest.get(link[0]).status_code == 404


def test_an_invitation_ends_by_itself(app: FastAPI, signed_in: SignIn, now: Now) -> None:
    link = re.search(
        r"/welcome\?token=[\w-]+", signed_in(Role.ADMIN).submit("/accounts", name="Al", roles="auditor").text
    )
    assert link is not None
    now.move(hours=73)
    assert Browser(app).get(link[0]).status_code == 404


def test_signing_in_takes_name_password_and_a_code_that_works_once(app: FastAPI, desk: Desk, now: Now) -> None:
    add_account(desk, "Jane Roe", Role.OFFICER)
    first = Browser(app)
    good = {"name": "jane ROE", "password": PASSWORD, "code": _code(now)}
    for change in ({"name": "Jane"}, {"password": "wrong"}, {"code": "123456"}):
        now.move(minutes=16)
        good["code"] = _code(now)
        assert first.submit("/login", **{**good, **change}).status_code == 401
    now.move(minutes=16)
    good["code"] = _code(now)
    planted = first.token and first.cookies["marque"]
    answer = first.submit("/login", **good, next="/runs")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    assert first.cookies["marque"] != planted, "the cookie of a stranger never becomes a session"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=Strict" in answer.headers["set-cookie"]
    assert Browser(app).submit("/login", **good).status_code == 401, "the code was used"
    outside = Browser(app).submit("/login", **{**good, "code": _code(now)}, next="https://evil.example/")
    assert "evil" not in outside.headers.get("location", "")


def test_guessing_is_slowed_by_name_and_the_right_password_waits_too(app: FastAPI, desk: Desk, now: Now) -> None:
    add_account(desk, "Jane Roe", Role.OFFICER)
    browser = Browser(app)
    answers = [browser.submit("/login", name="Jane Roe", password="x", code="1").status_code for _ in range(5)]
    assert answers == [401, 401, 401, 429, 429]
    held = browser.submit("/login", name="Jane Roe", password=PASSWORD, code=_code(now))
    assert (held.status_code, held.headers["retry-after"]) == (429, "5")
    now.move(seconds=6)
    assert browser.submit("/login", name="Jane Roe", password=PASSWORD, code=_code(now)).status_code == 303


def test_guessing_many_names_is_slowed_by_address(app: FastAPI, desk: Desk) -> None:
    browser = Browser(app)
    answers = [browser.submit("/login", name=f"n{n}", password="x", code="1").status_code for n in range(12)]
    assert answers == [401] * 10 + [429] * 2
    assert _accounts(desk) == []


def test_the_delay_doubles_up_to_its_longest() -> None:
    delays = [delay_after(failures, 3) for failures in range(16)]
    assert delays[:6] == [timedelta(0)] * 4 + [timedelta(seconds=5), timedelta(seconds=10)]
    assert delays == sorted(delays)
    assert delay_after(10_000, 3) == LONGEST_DELAY


def _logout(browser: Browser, admin: Browser, account: Account, now: Now) -> None:
    assert browser.submit("/logout").status_code == 303


def _other_roles(browser: Browser, admin: Browser, account: Account, now: Now) -> None:
    assert admin.submit(f"/accounts/{account.id}/roles", roles=["auditor"]).status_code == 303


def _disabled(browser: Browser, admin: Browser, account: Account, now: Now) -> None:
    assert admin.submit(f"/accounts/{account.id}/disable").status_code == 303


def _revoked(browser: Browser, admin: Browser, account: Account, now: Now) -> None:
    assert admin.submit(f"/accounts/{account.id}/sessions").status_code == 303


def _invited_again(browser: Browser, admin: Browser, account: Account, now: Now) -> None:
    assert admin.submit(f"/accounts/{account.id}/invite").status_code == 200


def _password(browser: Browser, admin: Browser, account: Account, now: Now) -> None:
    assert browser.submit("/account/password", old=PASSWORD, new="another long password").status_code == 303
    assert browser.get("/").status_code == 200, "this browser goes on with a new cookie"


ENDINGS = [_logout, _other_roles, _disabled, _revoked, _invited_again, _password]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda f: f.__name__.strip("_"))
def test_an_old_cookie_opens_nothing_after(
    app: FastAPI, desk: Desk, signed_in: SignIn, now: Now, ending: object
) -> None:
    assert callable(ending)
    account = add_account(desk, "Jane Roe", Role.OFFICER)
    browser, admin = browser_of(app, account), signed_in(Role.ADMIN)
    stolen = Browser(app, browser.cookies["marque"])
    assert stolen.get("/").status_code == 200
    ending(browser, admin, account, now)
    assert stolen.get("/").status_code == 401
    assert stolen.post("/logout", data={"csrf_token": stolen.token}).status_code == 401


def test_the_last_admin_stays(desk: Desk, app: FastAPI) -> None:
    account = add_account(desk, "Root Admin", Role.ADMIN)
    browser = browser_of(app, account)
    for act in ("disable", "invite"):
        assert browser.submit(f"/accounts/{account.id}/{act}").status_code == 409
    assert browser.submit(f"/accounts/{account.id}/roles", roles=["auditor"]).status_code == 409
    assert browser.get("/accounts").status_code == 200


def test_an_outsider_needs_a_holder_or_platform_and_has_no_other_role(signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    wrong: list[dict[str, object]] = [
        {"roles": ["holder_expert"]},
        {"roles": ["recipient"]},
        {"roles": []},
        {"roles": ["king"]},
        {"roles": ["holder_expert", "officer"], "holder": "x"},
        {"roles": ["officer"], "holder": "no-such-holder"},
    ]
    for fields in wrong:
        assert admin.submit("/accounts", name="Some One", **fields).status_code == 400
    assert admin.submit("/accounts", name="\u202eevil", roles=["officer"]).status_code == 400


def test_a_grave_act_asks_for_a_fresh_code(app: FastAPI, desk: Desk, now: Now) -> None:
    account = add_account(desk, "Root Admin", Role.ADMIN)
    browser = browser_of(app, account)
    now.move(minutes=11)
    stood_on = {"referer": f"{browser.base_url}/accounts"}
    fields = {"csrf_token": browser.token, "name": "Some One", "roles": ["auditor"]}
    refused = browser.post("/accounts", data=fields, headers=stood_on)
    assert (refused.status_code, "/step-up?next=/accounts" in refused.text) == (403, True)
    assert browser.submit("/step-up", code="000000", next="/accounts").status_code == 403
    assert browser.submit("/step-up", code=_code(now), next="/accounts").headers["location"] == "/accounts"
    assert browser.submit("/accounts", name="Some One", roles=["auditor"]).status_code == 200


def test_passwords_are_hashed_with_argon2id_at_its_recommended_cost() -> None:
    passwords = Passwords()
    stored = passwords.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.fits(stored, PASSWORD)
    assert not passwords.fits(stored, PASSWORD + " ")
    assert not passwords.fits(None, PASSWORD)
    with pytest.raises(WeakPassword, match="12 to 256"):
        passwords.hash("eleven char")


def test_a_code_fits_its_half_minute_and_one_on_either_side() -> None:
    secret = new_totp_secret()
    assert is_totp_secret(secret)
    code = pyotp.TOTP(secret).at(START)
    present = int(START.timestamp()) // 30
    for seconds, expected in ((0, present), (-30, present), (30, present), (-90, None), (90, None)):
        assert totp_step(secret, code, START + timedelta(seconds=seconds)) == expected
    assert totp_picture(secret, "Jäne").startswith("data:image/png;base64,")
