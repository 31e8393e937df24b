"""Each test of one value, by examples from many places."""

from datetime import date

import pytest

from muster.records.checks.choose import value_check
from muster.records.issues import RuleCode as C
from muster.records.rules import (
    Boolean,
    Case,
    Date,
    Domain,
    Email,
    Enum,
    Length,
    Number,
    Pattern,
    Phone,
    Trim,
    Url,
    ValueTest,
)

LONG = "x" * 300
HEBREW = "\u05d3\u05d5\u05d0\u05e8"

PASSES: list[tuple[ValueTest, str, str | None]] = [
    # (test, value, its usual form when that is another)
    (Email(), "ana@example.com", None),
    (Email(), "Ana.Maria@example.com", None),
    (Email(), "ana+tag@sub.example.co.uk", None),
    (Email(), "o'neil@example.ie", None),
    (Email(), "ana@EXAMPLE.com", "ana@example.com"),
    (Email(), "Info@example.com", "info@example.com"),
    (Email(), "j\u00fcrgen@example.de", None),
    (Email(), "ana@m\u00fcller.example.de", None),
    (Email(), "ana@xn--mller-kva.de", "ana@m\u00fcller.de"),
    (Email(), "\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a", None),
    (Email(), f"{HEBREW}@example.co.il", None),
    (Email(), "ana@example.museum", None),
    (Domain(), "example.com", None),
    (Domain(), "EXAMPLE.Com", "example.com"),
    (Domain(), "example.com.", "example.com"),
    (Domain(), "m\u00fcller.de", None),
    (Domain(), "xn--mller-kva.de", "m\u00fcller.de"),
    (Domain(), "\u4f8b\u5b50.\u5e7f\u544a", None),
    (Domain(), "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444", None),
    (Domain(), "1and1.com", None),
    (Phone("DE"), "030 901820", "+4930901820"),
    (Phone("DE"), "+49 (30) 901820", "+4930901820"),
    (Phone("DE"), "+4930901820", None),
    (Phone("US"), "(202) 456-1111", "+12024561111"),
    (Phone("GB"), "020 7946 0018", "+442079460018"),
    (Phone("FR"), "01 42 68 53 00", "+33142685300"),
    (Phone("IT"), "06 6982", "+39066982"),
    (Phone("ES"), "91 522 50 00", "+34915225000"),
    (Phone("IN"), "098765 43210", "+919876543210"),
    (Phone("JP"), "03-3213-1111", "+81332131111"),
    (Phone("BR"), "(11) 96123-4567", "+5511961234567"),
    (Phone("AU"), "(02) 9374 4000", "+61293744000"),
    (Phone("EG"), "\u0660\u0662 \u0662\u0667\u0669\u0665 \u0660\u0660\u0660\u0660", "+20227950000"),
    (Phone(), "+972 3-633-3333", "+97236333333"),
    (Date(), "2025-01-31", None),
    (Date(), "2024-02-29", None),
    (Date(), "20240229", "2024-02-29"),
    (Date(), "2024/2/9", "2024-02-09"),
    (Date(), "31.12.2024", "2024-12-31"),
    (Date(), "3.4.2024", "2024-04-03"),
    (Date(), "31/12/2024", "2024-12-31"),
    (Date(), "12/31/2024", "2024-12-31"),
    (Date(), "05/05/2024", "2024-05-05"),
    (Date(day_first=True), "03/04/2024", "2024-04-03"),
    (Date(day_first=False), "03/04/2024", "2024-03-04"),
    (Date(), "3 Feb 2024", "2024-02-03"),
    (Date(), "february 29, 2024", "2024-02-29"),
    (Date(), "\u0662\u0660\u0662\u0664-\u0660\u0662-\u0662\u0669", "2024-02-29"),
    (Date(with_time=True), "2024-02-29T23:59:59Z", None),
    (Date(with_time=True), "29.02.2024 08:15", "2024-02-29T08:15"),
    (Date(with_time=True), "2024-02-29", None),
    (Date(("DD.MM.YY",)), "01.02.68", "2068-02-01"),
    (Date(("DD.MM.YY",)), "01.02.69", "1969-02-01"),
    (Date(("D MMM YYYY", "YYYY\u5e74M\u6708D\u65e5")), "2024\u5e742\u670829\u65e5", "2024-02-29"),
    (Date(min=date(2024, 1, 1), max=date(2024, 1, 31)), "2024-01-31", None),
    (Number(), "12", None),
    (Number(), "-1234.5", None),
    (Number(), "1,234,567.80", "1234567.8"),
    (Number(), "1'234", "1234"),
    (Number(), "1 234", "1234"),
    (Number(), ".5", "0.5"),
    (Number(), "+3", "3"),
    (Number(), "007", "7"),
    (Number(), "-0", "0"),
    (Number(), "1e3", "1000"),
    (Number(), "\u22125", "-5"),
    (Number(), "\u0663\u0664", "34"),
    (Number(decimal_comma=True), "1.234,50", "1234.5"),
    (Number(decimal_comma=True), "0,5", "0.5"),
    (Number(decimal_comma=True), "1\u202f234,5", "1234.5"),
    (Number(min=0, max=100), "100", None),
    (Number(integer=True), "5.0", "5"),
    (Boolean(), "true", None),
    (Boolean(), "YES", "true"),
    (Boolean(), "0", "false"),
    (Boolean(("ja", "oui"), ("nein", "non")), "Ja", "true"),
    (Url(), "https://example.com", None),
    (Url(), "https://example.com/a/b?c=d#e", None),
    (Url(), "HTTPS://Example.COM:443/Path", "https://example.com/Path"),
    (Url(), "http://m\u00fcller.de/stra\u00dfe", "http://xn--mller-kva.de/stra\u00dfe"),
    (Url(), "http://192.0.2.1:8080/x", None),
    (Url(), "http://[2001:db8::1]/x", None),
    (Url(), "https://example.com/x?", None),
    (Enum(("Berlin", "Paris")), "Paris", None),
    (Enum(("Berlin", "Paris"), ignore_case=True), "PARIS", "Paris"),
    (Enum(("Stra\u00dfe",), ignore_case=True), "STRASSE", "Stra\u00dfe"),
    (Pattern("[A-Z]{2}[0-9]+"), "AB12", None),
    (Pattern("[0-9]", match="part"), "room 7", None),
    (Pattern("ab", ignore_case=True), "AB", None),
    (Pattern(r"\p{Hebrew}+"), HEBREW, None),
    (Length(2, 4), "\u4f60\u597d", None),
    (Length(1, 4), HEBREW, None),
    (Case("lower"), "stra\u00dfe 7", None),
    (Case("upper"), "ABC \u4f60\u597d", None),
    (Case("title"), "Ana O'neil", None),
    (Trim(), "one two", None),
]

FAILS: list[tuple[ValueTest, str, C, str | None]] = [
    # (test, value, code, what it can be fixed to)
    (Email(), "ana", C.EMAIL_AT_MISSING, None),
    (Email(), "@example.com", C.EMAIL_LOCAL_MISSING, None),
    (Email(), "ana@", C.EMAIL_DOMAIN_MISSING, None),
    (Email(), "ana@example", C.EMAIL_DOMAIN_INVALID, None),
    (Email(), "ana@exa_mple.com", C.EMAIL_DOMAIN_INVALID, None),
    (Email(), "ana@-example.com", C.EMAIL_DOMAIN_INVALID, None),
    (Email(), "ana@example..com", C.EMAIL_DOMAIN_INVALID, None),
    (Email(), "ana@[192.0.2.1]", C.EMAIL_DOMAIN_ADDRESS, None),
    (Email(), "ana@192.0.2.1", C.EMAIL_DOMAIN_ADDRESS, None),
    (Email(), "ana@mail.test", C.EMAIL_DOMAIN_RESERVED, None),
    (Email(), "ana@printer.local", C.EMAIL_DOMAIN_RESERVED, None),
    (Email(), "a..na@example.com", C.EMAIL_SYNTAX, None),
    (Email(), ".ana@example.com", C.EMAIL_SYNTAX, None),
    (Email(), "ana maria@example.com", C.EMAIL_SYNTAX, None),
    (Email(), "ana@@example.com", C.EMAIL_SYNTAX, None),
    (Email(), '"ana maria"@example.com', C.EMAIL_QUOTED, None),
    (Email(), "Ana <ana@Example.com>", C.EMAIL_DISPLAY_NAME, "ana@example.com"),
    (Email(), "Ana <ana@example", C.EMAIL_DISPLAY_NAME, None),
    (Email(), "ana@example.com; bo@example.com", C.EMAIL_SEVERAL, None),
    (Email(), "ana@example.com,bo@example.com", C.EMAIL_SEVERAL, None),
    (Email(), f"{'x' * 65}@example.com", C.EMAIL_SYNTAX, None),
    (Email(), f"{'x' * 60}@{'y.' * 120}com", C.EMAIL_TOO_LONG, None),
    (Email(), f"{'x' * 100_000}@example.com", C.EMAIL_TOO_LONG, None),
    (Email(), " ana@example.com", C.BLANKS, "ana@example.com"),
    (Email(), "ana@Example.com\u00a0", C.BLANKS, "ana@example.com"),
    (Email(), "\u202aana@example.com\u202c", C.BLANKS, "ana@example.com"),
    (Email(), "ana@example.com\n", C.BLANKS, "ana@example.com"),
    (Domain(), "example", C.DOMAIN_NO_DOT, None),
    (Domain(), "exa mple.com", C.DOMAIN_SYNTAX, None),
    (Domain(), "example..com", C.DOMAIN_SYNTAX, None),
    (Domain(), "-example.com", C.DOMAIN_SYNTAX, None),
    (Domain(), "example.c0", C.DOMAIN_SYNTAX, None),
    (Domain(), "xn--a.com", C.DOMAIN_SYNTAX, None),
    (Domain(), f"{'x' * 64}.com", C.DOMAIN_TOO_LONG, None),
    (Domain(), "a." * 130 + "com", C.DOMAIN_TOO_LONG, None),
    (Domain(), "192.0.2.1", C.DOMAIN_IS_ADDRESS, None),
    (Domain(), "2001:db8::1", C.DOMAIN_IS_ADDRESS, None),
    (Domain(), "ana@Example.com", C.DOMAIN_IS_EMAIL, "example.com"),
    (Domain(), "https://www.Example.com/jobs?x=1", C.DOMAIN_IS_URL, "example.com"),
    (Domain(), "example.com/jobs", C.DOMAIN_IS_URL, "example.com"),
    (Domain(), "example.com:8080", C.DOMAIN_IS_URL, "example.com"),
    (Domain(), "mailto:", C.DOMAIN_IS_URL, None),
    (Phone("DE"), "hello", C.PHONE_SYNTAX, None),
    (Phone("DE"), "12", C.PHONE_TOO_SHORT, None),
    (Phone("FR"), "01 42", C.PHONE_TOO_SHORT, None),
    (Phone("DE"), "030 901820 901820 901820", C.PHONE_TOO_LONG, None),
    (Phone("US"), "(101) 555-0100", C.PHONE_INVALID, None),
    (Phone("US"), "555-0100", C.PHONE_TOO_SHORT, None),
    (Phone(), "030 901820", C.PHONE_COUNTRY_UNKNOWN, None),
    (Phone("DE"), "+999 123456", C.PHONE_COUNTRY_UNKNOWN, None),
    (Phone("US"), "202-456-1111 ext. 5", C.PHONE_EXTENSION, None),
    (Phone("DE"), "1" * 5000, C.PHONE_TOO_LONG, None),
    (Phone("DE"), "\u202a+49 30 901820\u202c", C.BLANKS, "+4930901820"),
    (Date(), "2023-02-29", C.DATE_NO_SUCH_DAY, None),
    (Date(), "1900-02-29", C.DATE_NO_SUCH_DAY, None),
    (Date(), "2024-13-01", C.DATE_NO_SUCH_DAY, None),
    (Date(), "0000-01-01", C.DATE_NO_SUCH_DAY, None),
    (Date(), "31/02/2024", C.DATE_NO_SUCH_DAY, None),
    (Date(), "03/04/2024", C.DATE_AMBIGUOUS, None),
    (Date(day_first=True), "03/25/2024", C.DATE_NO_SUCH_DAY, None),
    (Date(), "03/04/24", C.DATE_INVALID, None),
    (Date(), "yesterday", C.DATE_INVALID, None),
    (Date(), "2024-02-29T00:00:00Z", C.DATE_INVALID, None),
    (Date(with_time=True), "2024-02-29T25:00", C.DATE_INVALID, None),
    (Date(), "45321", C.DATE_INVALID, None),
    (Date(("DD.MM.YYYY",)), "2024-02-29", C.DATE_INVALID, None),
    (Date(("DD.MM.YYYY", "MM.DD.YYYY")), "03.04.2024", C.DATE_AMBIGUOUS, None),
    (Date(min=date(2024, 1, 1)), "2023-12-31", C.DATE_TOO_EARLY, None),
    (Date(max=date(2024, 1, 1)), "2024-01-02", C.DATE_TOO_LATE, None),
    (Date(), "1" * 5000, C.DATE_INVALID, None),
    (Number(), "twelve", C.NUMBER_INVALID, None),
    (Number(), "1,5", C.NUMBER_INVALID, None),
    (Number(), "1,2345", C.NUMBER_INVALID, None),
    (Number(), "12 euro", C.NUMBER_INVALID, None),
    (Number(), "NaN", C.NUMBER_INVALID, None),
    (Number(), "Infinity", C.NUMBER_INVALID, None),
    (Number(), "-", C.NUMBER_INVALID, None),
    (Number(), "1_000", C.NUMBER_INVALID, None),
    (Number(), "0x10", C.NUMBER_INVALID, None),
    (Number(), "9" * 5000, C.NUMBER_INVALID, None),
    (Number(decimal_comma=True), "1.5", C.NUMBER_INVALID, None),
    (Number(integer=True), "1.5", C.INTEGER_EXPECTED, None),
    (Number(min=0), "-0.0001", C.NUMBER_TOO_SMALL, None),
    (Number(max=0.1), "0.1000000000000000055", C.NUMBER_TOO_LARGE, None),
    (Number(), " 12", C.BLANKS, "12"),
    (Boolean(), "maybe", C.BOOLEAN_INVALID, None),
    (Url(), "not a url", C.URL_INVALID, None),
    (Url(), "mailto:ana@example.com", C.URL_SCHEME, None),
    (Url(), "javascript:alert(1)", C.URL_SCHEME, None),
    (Url(("https",)), "http://example.com", C.URL_SCHEME, None),
    (Url(), "Example.com/Jobs", C.URL_SCHEME_MISSING, "https://example.com/Jobs"),
    (Url(("http",)), "//example.com", C.URL_SCHEME_MISSING, "http://example.com"),
    (Url(), "https://", C.URL_HOST, None),
    (Url(), "https:/example.com", C.URL_INVALID, None),
    (Url(), "https://exa_mple.com", C.URL_HOST, None),
    (Url(), "https://example.com:99999/", C.URL_HOST, None),
    (Url(), "https://[::1", C.URL_HOST, None),
    (Url(), "https://localhost/", C.URL_HOST, None),
    (Url(), "https://ana:secret@example.com/", C.URL_CREDENTIALS, None),
    (Url(), f"https://example.com/{LONG * 40}", C.URL_INVALID, None),
    (Enum(("Berlin", "Paris")), "paris", C.ENUM_UNKNOWN, "Paris"),
    (Enum(("Berlin", "Paris")), "Rome", C.ENUM_UNKNOWN, None),
    (Enum(("Berlin",)), "Berlin ", C.BLANKS, "Berlin"),
    (Pattern("[A-Z]{2}"), "ABC", C.PATTERN_MISMATCH, None),
    (Pattern("a|ab"), "abc", C.PATTERN_MISMATCH, None),
    (Pattern("[A-Z]{2}"), "AB\n", C.PATTERN_MISMATCH, None),
    (Length(2, 4), "x", C.TOO_SHORT, None),
    (Length(2, 4), "xxxxx", C.TOO_LONG, None),
    (Case("lower"), "Ana", C.LETTER_CASE, "ana"),
    (Case("upper"), "stra\u00dfe", C.LETTER_CASE, "STRASSE"),
    (Case("title"), "ANA o\u2019NEIL 2ND", C.LETTER_CASE, "Ana O\u2019neil 2Nd"),
    (Trim(), " one  two\u00a0", C.BLANKS, "one two"),
    (Trim(), "one\ttwo", C.BLANKS, "one two"),
    (Trim(), "   ", C.BLANKS, ""),
]


def shown(value: object) -> str:
    return ascii(value)[:60]


@pytest.mark.parametrize(("test", "value", "usual"), PASSES, ids=shown)
def test_a_good_value_passes_and_its_usual_form_is_known(
    test: ValueTest, value: str, usual: str | None
) -> None:
    verdict = value_check(test)(value)
    assert verdict.is_ok, verdict
    assert verdict.fixed == usual
    assert (verdict.code is None) == (usual is None)


@pytest.mark.parametrize(("test", "value", "code", "fixed"), FAILS, ids=shown)
def test_a_bad_value_is_told_by_its_code_and_fixed_where_that_is_sure(
    test: ValueTest, value: str, code: C, fixed: str | None
) -> None:
    verdict = value_check(test)(value)
    assert (verdict.is_ok, verdict.code, verdict.fixed) == (False, code, fixed)


@pytest.mark.parametrize(
    ("test", "value"),
    [(test, usual) for test, _, usual in PASSES if usual and not (isinstance(test, Date) and test.formats)]
    + [(test, fixed) for test, _, _, fixed in FAILS if fixed],
    ids=shown,
)
def test_what_a_value_is_fixed_to_passes_and_stays_as_it_is(test: ValueTest, value: str) -> None:
    if isinstance(test, Number) and test.decimal_comma:
        test = Number()  # the usual form has a decimal point, whatever the rule reads
    if isinstance(test, Phone):
        test = Phone()
    verdict = value_check(test)(value)
    assert verdict.is_ok
    assert verdict.fixed is None
