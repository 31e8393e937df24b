"""Whose mailbox an address is: of a provider open to everybody, of a function in a company, or made to be thrown away.

The lists of providers and functions are facts and short on purpose: the services with the most users in each
country, and the names RFC 2142 reserves with those that took their place in several languages.
"""

from functools import cache
from itertools import accumulate
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_FAMILIES: Final[dict[str, str]] = {
    "aol": "com de fr it es co.uk",
    "gmx": "com de net at ch fr es co.uk us info biz",
    "hotmail": (
        "com co.uk fr de it es be nl ca se no dk fi gr ch at pt ru cl com.ar com.br com.mx com.tr com.au co.jp co.kr "
        "co.nz co.za co.il co.in in my sg hk ph"
    ),
    "live": (
        "com co.uk fr de it nl be se no dk fi at ch ie ca ru cl com.ar com.mx com.au com.pt com.sg com.my co.za co.kr cn in jp hk"
    ),
    "mail": "com ru ee ua bg de",
    "outlook": (
        "com fr de it es be dk ie pt sg in jp kr my ph sa cz cl co.id co.il co.nz co.th com.ar com.au com.br com.gr com.tr com.vn"
    ),
    "yahoo": (
        "com co.uk fr de it es ie ca in se no dk nl be at ch pl pt ro gr hu cz ru fi bg co.in co.jp co.kr co.id co.nz co.za "
        "co.th co.il com.br com.ar com.mx com.au com.sg com.hk com.tw com.ph com.my com.vn com.tr com.co com.pe com.ve com.cn"
    ),
    "yandex": "com ru by kz ua com.tr net",
    "ymail": "com",
}  # fmt: skip
"""Name of a provider to the endings it gives mailboxes under."""

_ALONE: Final = (
    # Everywhere
    "gmail.com googlemail.com msn.com windowslive.com rocketmail.com myyahoo.com aim.com icloud.com me.com mac.com "
    "proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com tuta.io tuta.com keemail.me zohomail.com "
    "zohomail.eu zohomail.in fastmail.com fastmail.fm hushmail.com hey.com duck.com email.com mailbox.org posteo.de posteo.net "
    "posteo.eu mailfence.com disroot.org riseup.net lycos.com excite.com juno.com netzero.net usa.com usa.net europe.com "
    "consultant.com engineer.com post.com inbox.com gmx.li "
    # Germany, Austria, Switzerland
    "web.de t-online.de freenet.de arcor.de online.de email.de magenta.de vodafone.de vodafonemail.de kabelmail.de unitybox.de "
    "netcologne.de versanet.de ewetel.net alice.de alice-dsl.net aon.at chello.at bluewin.ch hispeed.ch sunrise.ch "
    # France, Belgium, Netherlands
    "orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr numericable.fr club-internet.fr voila.fr cegetel.net aliceadsl.fr "
    "skynet.be telenet.be proximus.be scarlet.be ziggo.nl kpnmail.nl planet.nl home.nl xs4all.nl hetnet.nl casema.nl upcmail.nl "
    # United Kingdom, Ireland
    "btinternet.com btopenworld.com sky.com virginmedia.com virgin.net ntlworld.com blueyonder.co.uk talktalk.net tiscali.co.uk "
    "plusnet.com o2.co.uk eircom.net "
    # Southern Europe
    "libero.it virgilio.it tin.it alice.it tiscali.it fastwebnet.it inwind.it iol.it tim.it poste.it email.it telefonica.net ono.com "
    "terra.es sapo.pt netcabo.pt otenet.gr forthnet.gr "
    # Northern Europe
    "telia.com bredband.net comhem.se spray.se online.no frisurf.no mail.dk stofanet.dk jubii.dk luukku.com kolumbus.fi elisanet.fi "
    # Eastern Europe
    "wp.pl o2.pl onet.pl onet.eu interia.pl interia.eu poczta.onet.pl op.pl tlen.pl gazeta.pl vp.pl seznam.cz email.cz centrum.cz atlas.cz "
    "post.cz volny.cz azet.sk zoznam.sk centrum.sk freemail.hu citromail.hu indamail.hu t-online.hu abv.bg dir.bg inbox.lv inbox.lt "
    "bk.ru list.ru inbox.ru internet.ru rambler.ru lenta.ru ya.ru narod.ru ukr.net i.ua meta.ua bigmir.net tut.by "
    # Asia
    "qq.com foxmail.com 163.com 126.com 139.com 189.cn yeah.net sina.com sina.cn sohu.com tom.com aliyun.com vip.qq.com vip.163.com "
    "naver.com hanmail.net daum.net nate.com kakao.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp nifty.com "
    "rediffmail.com rediff.com walla.com walla.co.il mynet.com "
    # The Americas, Australia
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net spectrum.net roadrunner.com rr.com earthlink.net "
    "optonline.net optimum.net frontier.com frontiernet.net windstream.net centurylink.net embarqmail.com mindspring.com suddenlink.net "
    "ameritech.net pacbell.net rogers.com shaw.ca sympatico.ca bell.net telus.net videotron.ca uol.com.br bol.com.br terra.com.br ig.com.br "
    "globo.com globomail.com oi.com.br prodigy.net.mx speedy.com.ar fibertel.com.ar bigpond.com bigpond.net.au optusnet.com.au tpg.com.au "
    "iinet.net.au xtra.co.nz telkomsa.net mweb.co.za"
)  # fmt: skip

FREE_MAIL: Final = frozenset(_ALONE.split()) | {
    f"{name}.{ending}" for name, endings in _FAMILIES.items() for ending in endings.split()
}
"""Domains of providers where everybody may have a mailbox: such a domain says nothing of a company."""

_ROLE_NAMES: Final = (
    # RFC 2142, and what servers send from
    "abuse hostmaster noc postmaster security usenet news webmaster www ftp uucp info marketing sales support root daemon "
    "mailerdaemon bounce bounces noreply donotreply nobody sysadmin sysop admin administrator system "
    # English
    "accounting accounts accountspayable accountsreceivable advertising ads affiliates alerts api appointments assistance board "
    "billing booking bookings bookkeeping business careers ceo cfo claims compliance contact contactus contracts cto customercare "
    "customerservice customersupport data dataprotection delivery design developers director distribution dpo ecommerce editor "
    "editorial education email employment engineering enquiries enquiry events everyone export facilities feedback finance frontdesk "
    "fundraising gdpr general hello help helpdesk hi hiring hr humanresources import inbox inquiries inquiry insurance investors invoice "
    "invoices invoicing it itsupport jobs legal library licensing logistics mail mailbox maintenance management manager media "
    "membership newsletter notifications office operations ops order orders partners partnerships payments payroll personnel pr press "
    "privacy procurement production project projects property publicrelations purchase purchasing quality reception recruiting recruitment "
    "registration rentals research reservations returns rsvp salesteam school secretary service services shipping shop social staff "
    "store subscribe subscriptions supplier suppliers tech technical technicalsupport techsupport tenders test tickets training travel "
    "treasurer unsubscribe volunteer warehouse web webshop welcome wholesale "
    # German
    "anfrage anfragen ausbildung auftrag bestellung bestellungen bewerbung bewerbungen buchhaltung datenschutz einkauf empfang "
    "geschaeftsleitung gf hallo hausverwaltung impressum kanzlei karriere kasse kontakt kundenservice lager leitung logistik "
    "personal personalabteilung pfarramt poststelle praxis presse rathaus rechnung rechnungen rechnungswesen redaktion rezeption sekretariat "
    "service servus studio technik termin termine verein versand vertrieb verwaltung vorstand werbung werkstatt zentrale "
    # French
    "accueil achat achats administratif adv bonjour candidature comptabilite commande commandes commercial communication compta "
    "contactez direction facturation facture factures formation gerance juridique mairie reclamation recrutement rh secretariat "
    "serviceclient standard ventes "
    # Spanish and Portuguese
    "administracion administracao atencionalcliente atendimento ayuda compras comunicacion contabilidad contabilidade contacto contato "
    "direccion facturacion facturas faturamento financeiro gerencia hola informacion ouvidoria pedidos prensa recepcion reservas "
    "rrhh soporte suporte vendas ventas "
    # Italian
    "acquisti amministrazione assistenza ciao commerciale contabilita contatti direzione fatture fatturazione informazioni ordini "
    "posta prenotazioni protocollo segreteria stampa ufficio vendite "
    # Dutch, Polish, Nordic
    "administratie boekhouding facturatie facturen inkoop klantenservice receptie secretariaat vacatures verkoop welkom "
    "biuro dzialhandlowy faktury handlowy kadry kontakt ksiegowosc rekrutacja reklamacje rodo sekretariat sklep sprzedaz zamowienia "
    "bestilling faktura firmapost hej kundservice kundeservice kundtjanst myynti order postmottak regnskap salg toimisto "
    "ekonomi asiakaspalvelu"
)  # fmt: skip
_ROLES: Final = frozenset(_ROLE_NAMES.split())
_SHORTEST_JOINED: Final = 5
"""`customer.service` is a function, `h.r` may be a person's initials."""


def is_free(domain: str) -> bool:
    """Whether everybody may have a mailbox under this domain (lower case)."""
    return domain in FREE_MAIL


def is_disposable(domain: str) -> bool:
    """Whether mailboxes under this domain (lower case), or one above it, are made to be thrown away."""
    labels = domain.split(".")
    above = accumulate(reversed(labels), lambda known, label: f"{label}.{known}")
    return not _disposable().isdisjoint([name for name in above if "." in name])


def are_roles(locals_: pa.Array) -> pa.Array:
    """Whether local parts of addresses name functions rather than persons; null for null.

    `support+x`, `no-reply` and `sales2` do as well.
    """
    names = pc.replace_substring_regex(locals_, r"\+.*$", "")
    joined = pc.replace_substring_regex(names, r"[._-]|[0-9]+$", "")
    is_joined = pc.and_(
        pc.greater_equal(pc.utf8_length(joined), _SHORTEST_JOINED), pc.is_in(joined, _role_array())
    )
    return pc.if_else(names.is_valid(), pc.or_(pc.is_in(names, _role_array()), is_joined), None)


@cache
def _role_array() -> pa.Array:
    return pa.array(sorted(_ROLES), pa.large_string())


@cache
def _disposable() -> frozenset[str]:
    # 10,000 names that only those pay for who ask.
    from disposable_email_domains import allowlist, blocklist  # noqa: PLC0415

    return frozenset(blocklist - allowlist)
