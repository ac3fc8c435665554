"""
Looks at a domain: asks the DNS, its registry, its host once each, reads what was captured, and keeps one dated look.

Every answer is a capture of the look's own run before it is read. Nothing is asked of a site that opted out, and
of a site itself only its certificate and, where robots.txt allows it, its security.txt.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

import dns.resolver

from config.declarations import load_declarations
from config.settings import Settings
from crawler import kinship, manners, opening, sites
from crawler.asking import Asker, Hop
from crawler.errors import NoContact, Refused
from crawler.names import NameAnswer, NoAnswer, addresses, ask_name, questions, system_resolver
from crawler.networks import find_networks, table_of
from crawler.portraits import Gallery, read_gallery
from crawler.registries import Directory, Said, links_on, read_domain, read_network
from store.db.captures import Captures
from store.db.opt_outs import OptOuts
from store.db.runs import Runs
from store.db.session import Database
from store.db.sites import Sites
from store.evidence.vault import Vault
from store.records.captures import Capture, CaptureFile, CaptureRole, Via
from store.records.fetches import Host, RobotsVerdict
from store.records.ids import Clock, NewId, new_id, utc_now
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING
from store.records.sites import FactKind, Gap, Site, SiteFact

ADDRESSES_MAX = 8  # of one site asked about at registries; the rest stand in the look, unasked, and a gap says so
RDAP_TYPE = "application/rdap+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Whom a look asks."""

    resolver: dns.resolver.Resolver
    asker: Asker
    directory: Directory


def inquiry_of(settings: Settings) -> Inquiry:
    """Whom this workspace asks: the system's resolver, the registries of its tables. Raises `Refused`, `BadTable`."""
    resolver = system_resolver()
    asker = Asker(resolve=lambda host: addresses(resolver, host), user_agent=settings.user_agent)
    return Inquiry(resolver=resolver, asker=asker, directory=Directory.load(settings.home / "rdap"))


def looks_at(settings: Settings, domain: str) -> list[Site]:
    """Every look kept of a domain, oldest first. Raises `BadDomain`."""
    with Database(settings.database_url) as database, database.read() as connection:
        return Sites(connection, EVERYTHING).looks(sites.site_of(domain))


def look(
    settings: Settings,
    domain: str,
    *,
    inquiry: Inquiry | None = None,
    clock: Clock = utc_now,
    ids: NewId = new_id,
) -> Site:
    """
    Look at a domain now, and keep the look beside earlier ones.

    Raises `BadDomain`, `BadTable`, and `NoContact` where others would be asked by nobody in particular.
    """
    name = sites.site_of(domain)
    is_here = ":" in name and not _is_address(name)
    if not is_here and settings.contact is None and (inquiry is None or not inquiry.asker.loopback):
        raise NoContact(name)
    inquiry = inquiry or (None if is_here else inquiry_of(settings))
    declarations = load_declarations(settings)
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        run = opening.open_run(
            database, vault, declarations, kind=RunKind.SITE, platform=None, fresh=True, clock=clock
        )
        with database.read() as connection:
            gallery = read_gallery(connection, vault, name)
            opted_out = OptOuts(connection, EVERYTHING).prefixes()
        looking = _Look(settings, name, run, vault, gallery, opted_out, clock, ids)
        found = looking.all(inquiry)
        vault.flush()
        with database.write() as connection:
            for capture in looking.captures:
                Captures(connection, EVERYTHING).add(capture)
            Sites(connection, EVERYTHING).add(found)
            counts = {"captures": len(looking.captures), "facts": len(found.facts), "gaps": len(found.gaps)}
            Runs(connection, EVERYTHING).end(run.id, RunState.COMPLETE, clock(), counts, ())
    return found


class _Look:
    """One look under way."""

    def __init__(
        self,
        settings: Settings,
        domain: str,
        run: Run,
        vault: Vault,
        gallery: Gallery,
        opted_out: tuple[str, ...],
        clock: Clock,
        ids: NewId,
    ) -> None:
        self._settings = settings
        self._domain = domain
        self._run = run
        self._vault = vault
        self._gallery = gallery
        self._opted_out = opted_out
        self._clock = clock
        self._ids = ids
        self._facts: list[SiteFact] = []
        self._gaps: list[Gap] = []
        self.captures: list[Capture] = []

    def all(self, inquiry: Inquiry | None) -> Site:
        """Everything, one after the other; a question that fails leaves a gap and stops nothing else."""
        at = self._clock()
        is_address = _is_address(self._domain)
        if inquiry is None:
            self._gap("DNS, RDAP, certificate", "the site is on this machine, where nothing is registered")
        else:
            if not is_address:
                self._names(inquiry)
                self._registry(inquiry)
                self._facts.append(sites.convention(self._domain, self._clock()))
            self._networks(inquiry)
            self._site_itself(inquiry, is_address)
        self._captured()
        facts = tuple(dict.fromkeys(self._facts))
        return Site(
            id=self._ids(), domain=self._domain, looked_at=at, run=self._run.id, facts=facts, gaps=tuple(self._gaps)
        )

    def _names(self, inquiry: Inquiry) -> None:
        hosts = sorted({f"www.{self._domain}", *self._gallery.hosts})
        for name, type in questions(self._domain, hosts):
            answer = ask_name(inquiry.resolver, name, type)
            if isinstance(answer, NoAnswer):
                self._gap(f"DNS {type} of {name}", answer.why)
            elif isinstance(answer, NameAnswer):
                capture = self._keep(answer.url, answer.wire, address=answer.server)
                self._facts += sites.facts_of_names(answer, capture.id, capture.fetched_at)

    def _registry(self, inquiry: Inquiry) -> None:
        server = inquiry.directory.of_domain(self._domain)
        if server is None:
            ending = self._domain.rpartition(".")[2]
            why = f"no table names the registry of .{ending}; lay IANA's dns.json at {self._settings.home / 'rdap'}"
            self._gap("RDAP", why)
            return
        body = self._rdap(inquiry, server.url, self._domain, domain=True)
        try:
            further = links_on(body) if body is not None else None
        except ValueError:
            further = None  # what is wrong with the answer is a gap already
        if further is not None and further != server.url:
            self._rdap(inquiry, further, self._domain, domain=True)

    def _networks(self, inquiry: Inquiry) -> None:
        found = [fact.value for fact in self._facts if fact.kind is FactKind.ADDRESS]
        asked = list(dict.fromkeys(found)) or ([self._domain] if _is_address(self._domain) else [])
        table = table_of(self._settings.home)
        if table is None:
            self._gap("network", f"the workspace has no table of networks ({self._settings.home / 'networks.tsv'})")
        else:
            known = find_networks(table, asked)
            self._facts += [sites.facts_of_network(known[each], self._clock()) for each in asked if each in known]
            for each in asked:
                if each not in known:
                    self._gap(f"network of {each}", f"{table.name} does not know it")
        if len(asked) > ADDRESSES_MAX:
            self._gap("RDAP of addresses", f"{len(asked) - ADDRESSES_MAX} of {len(asked)} were not asked about")
        for each in asked[:ADDRESSES_MAX]:
            server = inquiry.directory.of_address(each)
            if server is None:
                self._gap(f"RDAP of {each}", "no table names its registry")
            else:
                self._rdap(inquiry, server.url, each, domain=False)

    def _site_itself(self, inquiry: Inquiry, is_address: bool) -> None:
        if manners.is_opted_out(f"https://{self._domain}/", self._opted_out):
            self._gap("certificate, security.txt", "the site is on the list of those that are not asked")
            return
        try:
            shown = inquiry.asker.certificate(self._domain)
        except Refused as refused:
            self._gap("certificate", refused.why)
        else:
            capture = self._keep(
                f"tls://{self._domain}:{inquiry.asker.tls_port}", shown.der, address=shown.address, tls=shown.tls
            )
            file = CaptureFile(
                capture=capture.id,
                role=CaptureRole.CERTIFICATE,
                sha256=capture.body_sha256,
                size_bytes=capture.body_bytes,
            )
            self.captures[-1] = replace(capture, files=(file,))
            self._certificate(shown.der, f"presented by {shown.address}", capture)
        if not is_address:
            self._security_txt(inquiry)

    def _security_txt(self, inquiry: Inquiry) -> None:
        base = (
            f"https://{self._domain}"
            if not inquiry.asker.loopback
            else f"https://{self._domain}:{inquiry.asker.tls_port}"
        )
        url = f"{base}/.well-known/security.txt"
        try:
            robots = self._ask(inquiry, f"{base}/robots.txt", "text/plain")
            host = Host(
                host=base, delay_s=0.0, robots_status=robots.status, robots_text=manners.robots_text(robots.body)
            )
            match manners.verdict(host, url) if robots.status < 500 else RobotsVerdict.UNREACHABLE:
                case RobotsVerdict.ALLOWED | RobotsVerdict.ABSENT:
                    answer = self._ask(inquiry, url, "text/plain")
                case _:
                    self._gap("security.txt", "robots.txt does not allow it, or gave no answer")
                    return
        except Refused as refused:
            self._gap("security.txt", refused.why)
            return
        if answer.status == 200:
            capture = self.captures[-1]
            self._facts += sites.facts_of_security_txt(answer.body, self._domain, capture.id, capture.fetched_at)

    def _captured(self) -> None:
        """What pages and certificates that were captured earlier say, and which sites look akin."""
        gallery = self._gallery
        for capture, pem in gallery.certificates:
            self._certificate(pem, "presented during a crawl", capture)
        self._facts += sites.facts_of_pages(gallery.portrait, self._clock())
        sites.learn(gallery.portrait, self._facts)
        self._facts += kinship.kin(gallery.portrait, gallery.others, self._clock())
        self._gaps += gallery.gaps

    def _certificate(self, data: bytes, source: str, capture: Capture) -> None:
        try:
            certificate = sites.read_certificate(data)
        except ValueError as error:
            self._gap("certificate", f"what was {source} cannot be read: {error}")
            return
        of = self._domain
        self._facts += sites.facts_of_certificate(certificate, of, source, capture.id, capture.fetched_at)

    def _rdap(self, inquiry: Inquiry, url: str, of: str, *, domain: bool) -> bytes | None:
        """Ask a registry; gives the answer's bytes, whatever they say."""
        try:
            answer = self._ask(inquiry, url, RDAP_TYPE)
        except Refused as refused:
            self._gap(f"RDAP of {of}", refused.why)
            return None
        if answer.status != 200:
            why = (
                "the registry does not know it" if answer.status == 404 else f"the registry answered {answer.status}"
            )
            self._gap(f"RDAP of {of}", why)
            return None
        capture = self.captures[-1]
        try:
            said: list[Said] = read_domain(answer.body) if domain else read_network(answer.body)
        except ValueError as error:
            self._gap(f"RDAP of {of}", str(error))
            return None
        self._facts += sites.facts_of_registry(said, of, f"RDAP {answer.url}", capture.id, capture.fetched_at)
        return answer.body

    def _ask(self, inquiry: Inquiry, url: str, accept: str) -> Hop:
        """Ask, and keep every answer on the way before anything reads it."""
        hops = inquiry.asker.ask(url, accept=accept)
        parent = None
        for depth, hop in enumerate(hops):
            kept = self._keep(
                hop.url, hop.body, address=hop.address, tls=hop.tls, hop=hop, parent=parent, depth=depth
            )
            parent = kept.id
        return hops[-1]

    def _keep(
        self,
        url: str,
        body: bytes,
        *,
        address: str | None,
        tls: str | None = None,
        hop: Hop | None = None,
        parent: str | None = None,
        depth: int = 0,
    ) -> Capture:
        capture = Capture(
            id=self._ids(),
            run=self._run.id,
            url_requested=url,
            url_final=url,
            parent=parent,
            depth=depth,
            fetched_at=self._clock(),
            status=hop.status if hop is not None else None,
            response_headers=hop.headers if hop is not None else (),
            server_ip=address,
            tls=tls,
            body_sha256=self._vault.put(body),
            body_bytes=len(body),
            robots_verdict=RobotsVerdict.NOT_ASKED,
            via=Via.CRAWL,
        )
        self.captures.append(capture)
        return capture

    def _gap(self, what: str, why: str) -> None:
        self._gaps.append(Gap(what=what, why=why))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
