"""The page in every package that says how to check it with `sha256sum` and `openssl` alone."""

from collections.abc import Sequence

_README_TEXT = """\
HOW TO CHECK THIS PACKAGE

It holds files, a list of them (manifest.json), and a signature over that list. Whoever has the sender's public
key can check that nothing was changed, added or removed.{first_page} Two ways:

A. With the verifier, one file for Python 3.11 and the package "cryptography":

     python verify.py PACKAGE --keys KEYS.json{trust}

   KEYS.json is the sender's published key file. Get it in another way than this package.

B. With sha256sum and openssl (3.0 or later) alone. Unpack, enter the folder, then:

   1. Is it the sender's key? Compare this digest with the one the sender gave you in another way:

        sha256sum signatures/{key_id}.pem

   2. Did that key sign the list? This must print "Signature Verified Successfully":

        openssl pkeyutl -verify -pubin -inkey signatures/{key_id}.pem -rawin -in manifest.json -sigfile signatures/{key_id}.sig

   3. Is the list of digests the one that was signed? This must print 1:

        grep -c "$(sha256sum < SHA256SUMS | cut -c 1-64)" manifest.json

   4. Are the files those on the list? Every line must end in OK, but for files that erasures/ names, where that
      folder is there: those were erased lawfully after sealing, and the statement beside says by whom and why:

        sha256sum --strict -c SHA256SUMS

   5. Is there any other file than those, SHA256SUMS, manifest.json{and_timestamps}, signatures/{key_id}.* and erasures/*? There must be none.
{about_time}
WHAT IT DOES NOT SHOW

{no_time}A signature shows who sealed these bytes and that they are unchanged since. It does not show what a web server
would have sent to somebody else, from elsewhere, or at another moment.
"""  # noqa: E501 -- a command must stand on one line to be copied

_ABOUT_TIME = """
   6. When did the signature exist? For each time authority, with its root certificates from itself or the sender in
      another way (ROOTS.pem); this must print "Verification: OK":

{commands}

      The time it states:

{times}
"""
_FIRST_PAGE = """

report.html says in plain words what was seen, what speaks against it and what it does not prove: open it in any
browser; it needs no network.
"""
_NO_TIME = "No external time token is attached: the time of signing is the signer's own word.\n"


def write_readme(key_id: str, authorities: Sequence[str], *, has_report: bool) -> str:
    """The text for a package of that signing key, with tokens of these time authorities."""
    place = f"signatures/{key_id}.sig"
    verify_line = "        openssl ts -verify -data {place} -in timestamps/{name}.tsr -CAfile ROOTS.pem"
    show_line = "        openssl ts -reply -in timestamps/{name}.tsr -text"
    about_time = _ABOUT_TIME.format(
        commands="\n".join(verify_line.format(place=place, name=name) for name in authorities),
        times="\n".join(show_line.format(name=name) for name in authorities),
    )
    return _README_TEXT.format(
        key_id=key_id,
        first_page=f"{_FIRST_PAGE}\nTo check it:" if has_report else "",
        and_timestamps=", timestamps/*" if authorities else "",
        about_time=about_time if authorities else "",
        trust=" --trust ROOTS.pem" if authorities else "",
        no_time="" if authorities else _NO_TIME,
    )
