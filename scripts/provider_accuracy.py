"""Measure providers against public truth sets and write docs/reference/provider-accuracy.md.

usage: python scripts/provider_accuracy.py [--sources DIR] [--check]

Truth sets come with packages, each under its licence. Those of installed packages are measured each time; for
`publicsuffixlist` and the tests of `nameparser` give a directory with their unpacked source distributions
(`pip download --no-deps --no-binary :all: publicsuffixlist nameparser`). What is not at hand keeps the numbers it has.
No number is typed, and no truth set is kept here.
"""

import gettext
import importlib.util
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.parser import HeaderParser
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import phonenumbers as known
import pyarrow as pa
import pycountry
from disposable_email_domains import blocklist

from muster.enrichments.known.countries import read_country
from muster.enrichments.provider import Call, Provider, Settings
from muster.enrichments.providers import all_providers
from muster.records.checks.domains import host_forms

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "provider-accuracy.md"
SHOWN = 8
INTRO = """# How right providers are

<!-- Written by scripts/provider_accuracy.py; run it, do not edit the numbers. -->

Measured against truth that others published. *Empty* means the provider gave no answer where there is one, *wrong* that it gave
another one. A provider that rests on the library a truth set comes with is not proved right by it: such a table shows what
the way through Muster (forms, hints of the country, case) loses. How the numbers are made: `scripts/provider_accuracy.py`.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One question. shown: how it is written when the answer was wrong; truth None: there should be no answer."""

    inputs: tuple[str | None, ...]
    truth: str | None
    shown: str


@dataclass(frozen=True, slots=True)
class Questions:
    """Cases of one kind, put to one output of one provider."""

    title: str
    provider: str
    output: str
    cases: Sequence[Case]
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth set. questions: None when its package is not at hand."""

    heading: str
    package: str
    words: str
    questions: Callable[[Path | None], Iterable[Questions] | None]


def answers_to(questions: Questions) -> list[str | None]:
    provider: Provider = all_providers()[questions.provider]
    settings: Settings = provider.manifest.settings.model_validate(questions.settings or {})
    terms = provider.terms(settings)
    columns = zip(*(case.inputs for case in questions.cases), strict=True)
    arrays = [pa.array(column, pa.large_string()) for column in columns]
    batch = pa.RecordBatch.from_arrays(arrays, names=[need.name for need in terms.needs])
    call = Call(settings, frozenset(output.name for output in terms.gives), allow_network=False)
    given: list[str | None] = provider.enrich(batch, call).column(questions.output).to_pylist()
    return given


def measured(questions: Questions) -> tuple[str, list[str]]:
    """(a row of the table, lines about what was wrong)."""
    questions = replace(questions, cases=tuple(dict.fromkeys(questions.cases)))
    given = answers_to(questions)
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    for case, answer in zip(questions.cases, given, strict=True):
        kind = "correct" if answer == case.truth else "empty" if answer is None else "wrong"
        kinds[kind] += 1
        if kind != "correct":
            wrong.append(f"`{case.shown}`: {_said(answer)} instead of {_said(case.truth)}")
    n = len(given)
    counts = " | ".join(f"{kinds[kind]:,}" for kind in ("correct", "empty", "wrong"))
    row = f"| {questions.title} | {n:,} | {counts} | {_percent(kinds['correct'], n)} |"
    some = wrong[:: max(1, len(wrong) // SHOWN)][:SHOWN]
    return row, [f"- {questions.title}: {'; '.join(some)}."] if some else []


def _said(text: str | None) -> str:
    return "nothing" if text is None else f"`{text}`"


def _percent(part: int, whole: int) -> str:
    """Rounded down: 100 % means all."""
    return f"{part * 1000 // whole / 10:g} %" if whole else ""


# Telephone numbers


def phone_questions(_: Path | None) -> Iterator[Questions] | None:
    ways: dict[str, list[Case]] = {}
    kinds: list[Case] = []
    for region in sorted(known.SUPPORTED_REGIONS):
        for kind in known.PhoneNumberType.values():
            number = known.example_number_for_type(region, kind)
            if number is None:
                continue
            truth = known.format_number(number, known.PhoneNumberFormat.E164)
            country = known.region_code_for_number(number)
            written = {
                "As one dials it at home, with the code of the country": (
                    known.PhoneNumberFormat.NATIONAL,
                    country,
                ),
                "As one dials it at home, with the country's English name": (
                    known.PhoneNumberFormat.NATIONAL,
                    english(country),
                ),
                "International, without a country": (known.PhoneNumberFormat.INTERNATIONAL, None),
                "`tel:` address (RFC 3966), without a country": (known.PhoneNumberFormat.RFC3966, None),
            }
            for way, (form, hint) in written.items():
                text = known.format_number(number, form)
                shown = f"{text} ({hint})" if hint else text
                ways.setdefault(way, []).append(Case((text, hint and hint.lower()), truth, shown))
            kinds.append(Case((truth, None), country, truth))
    for way, cases in ways.items():
        yield Questions(way, "phone", "e164", cases)
    yield Questions("Country of the number", "phone", "country", kinds)


def english(iso2: str) -> str:
    found = read_country(iso2)
    return iso2 if found is None else found.country.name


# Domains


def suffix_questions(sources: Path | None) -> Iterator[Questions] | None:
    text = _text_of("publicsuffixlist", "test_psl.txt", sources)
    if text is None:
        return None
    found = re.findall(r"^checkPublicSuffix\('([^']*)', (null|'[^']*')\);", text, re.M)
    cases = []
    for domain, truth in found:
        expected = None if truth == "null" else truth.strip("'")
        # Muster writes names in their own letters.
        cases.append(Case((domain.lower(), None, None), _unicode(expected), domain))
    return iter([Questions("Registrable domain", "company_domain", "domain", cases)])


def _unicode(domain: str | None) -> str | None:
    return None if domain is None else host_forms(domain)[2] or domain


def real_domain_questions(_: Path | None) -> Iterator[Questions] | None:
    cases = [Case((f"jane@{domain}",), None, domain) for domain in sorted(blocklist)]
    yield Questions("No suggestion for a domain that exists", "email_hygiene", "suggestion", cases)


# Names


def name_questions(sources: Path | None) -> Iterator[Questions] | None:
    path = None if sources is None else next(sources.glob("nameparser-*/tests/v2/cases.py"), None)
    if path is None:
        return None
    spec = importlib.util.spec_from_file_location("nameparser_cases", path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    plain = [
        case for case in module.CASES if case.policy is None and case.locale is None and case.text.strip()
    ]
    fields = {"first": "given", "middle": "middle", "last": "family", "title": "title", "suffix": "suffix"}
    return iter(
        Questions(
            output,
            "names",
            output,
            [Case((case.text,), case.expect.get(field) or None, case.text) for case in plain],
            {"case": "keep"},
        )
        for output, field in fields.items()
    )


# Countries


def country_questions(_: Path | None) -> Iterator[Questions] | None:
    every = list(pycountry.countries)
    codes = [
        Case((code.lower(), None), each.alpha_2, code)
        for each in every
        for code in (each.alpha_2, each.alpha_3, each.numeric)
    ]
    yield Questions("Codes of ISO 3166-1", "country", "iso2", codes)
    names = {(name, each.alpha_2) for each in every for name in _names(each)}
    yield Questions("English names", "country", "iso2", _name_cases(names))
    translated = set()
    for language in sorted(os.listdir(pycountry.LOCALES_DIR)):
        try:
            translate = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language]).gettext
        except FileNotFoundError:
            continue
        translated |= {(translate(name), iso2) for name, iso2 in names}
    yield Questions("Names in other languages", "country", "iso2", _name_cases(translated - names))
    slips = {
        (name[:at] + name[at + 1 :], iso2)
        for name, iso2 in names
        if len(name) >= 6 and name.isalpha()
        for at in range(len(name))
    }
    yield Questions("English names of one word with a letter left out", "country", "iso2", _name_cases(slips))
    states = [
        Case((each.country_code.lower(), each.name.lower()), each.code, f"{each.name} ({each.country_code})")
        for each in pycountry.subdivisions
    ]
    yield Questions("Subdivisions of ISO 3166-2 by name", "country", "state", states)


def _names(country: Any) -> Iterator[str]:
    for kind in ("name", "official_name", "common_name"):
        if hasattr(country, kind):
            yield getattr(country, kind)


def _name_cases(names: Iterable[tuple[str, str]]) -> list[Case]:
    return [Case((name.lower(), None), iso2, name) for name, iso2 in sorted(names)]


TRUTHS = (
    Truth(
        "Telephone numbers",
        "phonenumbers",
        "An example number for each country and kind of line, written in four ways and read back.",
        phone_questions,
    ),
    Truth(
        "Registrable domains",
        "publicsuffixlist",
        "The test vectors of the Public Suffix List (public domain, CC0). Under endings that are in no list Muster gives no domain, where the vectors take the last two labels.",
        suffix_questions,
    ),
    Truth(
        "Suggestions for misspelt addresses",
        "disposable-email-domains",
        "Domains that exist, many of them chosen to look like others. An address there should not be corrected.",
        real_domain_questions,
    ),
    Truth(
        "Names",
        "nameparser",
        "The cases of the library's own tests that use no settings, many of them odd on purpose; letters are compared as they are.",
        name_questions,
    ),
    Truth(
        "Countries and states",
        "pycountry",
        "ISO 3166 with translations from the Debian project's iso-codes. A name that means two countries in two languages is left empty.",
        country_questions,
    ),
)


def _text_of(package: str, name: str, sources: Path | None) -> str | None:
    """A file of an installed package, or of its source distribution."""
    try:
        place = Path(str(distribution(package).locate_file(f"{package}/{name}")))
        return place.read_text(encoding="utf-8")
    except PackageNotFoundError:
        found = None if sources is None else next(sources.glob(f"{package}-*/{package}/{name}"), None)
        return None if found is None else found.read_text(encoding="utf-8")


def _about(package: str, sources: Path | None) -> str:
    """Name, version and licence of a package, from its metadata."""
    try:
        metadata: Any = distribution(package).metadata
    except PackageNotFoundError:
        assert sources is not None  # noqa: S101 - it was found there
        metadata = HeaderParser().parsestr(next(sources.glob(f"{package}-*/PKG-INFO")).read_text("utf-8"))
    licence = metadata["License-Expression"] or metadata["License"]
    return f"Source: `{package}` {metadata['Version']}, {licence}."


def sections(sources: Path | None) -> dict[str, str | None]:
    """Each section of the page by its heading; None for a truth set that is not at hand."""
    found: dict[str, str | None] = {}
    for truth in TRUTHS:
        questions = truth.questions(sources)
        if questions is None:
            found[truth.heading] = None
            continue
        results = [measured(each) for each in questions]
        lines = [
            f"## {truth.heading}",
            "",
            f"{truth.words} {_about(truth.package, sources)}",
            "",
            "| | n | correct | empty | wrong | |",
            "|---|---:|---:|---:|---:|---:|",
            *(row for row, _ in results),
        ]
        wrong = [line for _, some in results for line in some]
        found[truth.heading] = "\n".join(
            [*lines, *(["", "Some that were not correct:", "", *wrong] if wrong else [])]
        )
    return found


def page(sources: Path | None, written: str) -> str:
    """The whole page; sections that cannot be measured here stay as they are in `written`."""
    old = dict(re.findall(r"^(?=## ([^\n]+)\n)(## .+?)\s*(?=^## |\Z)", written, re.M | re.S))
    parts = [text if text is not None else old.get(heading) for heading, text in sections(sources).items()]
    return "\n".join([INTRO, *(f"{part}\n" for part in parts if part)])


def main() -> int:
    arguments = sys.argv[1:]
    sources = Path(arguments[arguments.index("--sources") + 1]) if "--sources" in arguments else None
    written = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    text = page(sources, written)
    if "--check" in arguments:
        if text != written:
            print(
                f"{PAGE.relative_to(ROOT)} is not what was measured. Run scripts/provider_accuracy.py and commit the result."
            )
        return int(text != written)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
