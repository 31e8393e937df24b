"""Foreign headers are recognised, with a reason, and never more surely than the values allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.records.header_words import HEADER_WORDS
from muster.records.headers import CERTAIN, guess_columns, normalised, respelled, signature


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("E-Mail", "email"), ("EMAIL_ADDRESS", "email"), ("emailAddress", "email"), ("  Courriel ", "email"),
        ("Correo electrónico", "email"), ("E-Mail-Adresse", "email"), ("メールアドレス", "email"), ("邮箱", "email"),
        ("Электронная почта", "email"), ("Work Email", "business_email"), ("E-posta", "email"),
        ("Prénom", "first_name"), ("Vorname", "first_name"), ("Nachname", "last_name"), ("姓", "last_name"),
        ("Straße", "street"), ("PLZ", "postal_code"), ("Código Postal", "postal_code"), ("ZIP", "postal_code"),
        ("Société", "company_name"), ("Unternehmen", "company_name"), ("会社名", "company_name"),
        ("# Employees", "employees"), ("Mitarbeiterzahl", "employees"), ("Handynummer", "mobile_phone"),
        ("Téléphone", "phone"), ("País", "country"), ("Länder-Code", None), ("Geburtsdatum", "birth_date"),
    ],
)  # fmt: skip
def test_headers_in_many_languages_are_recognised_by_their_words(header: str, field: str | None) -> None:
    guess = guess_columns([header], [])[0]
    assert guess.field == field or (field is None and guess.confidence < CERTAIN)


def test_every_word_of_the_map_is_written_as_headers_are_compared_and_means_one_field() -> None:
    seen: dict[str, str] = {}
    for field, words in HEADER_WORDS.items():
        for word in words:
            key = normalised(word)
            assert seen.setdefault(key, field) == field, word


def test_values_that_do_not_fit_make_a_header_doubtful() -> None:
    sure = guess_columns(["email"], [["ada@example.org"], ["bob@example.org"]])[0]
    doubtful = guess_columns(["email"], [["yes"], ["no"]])[0]
    assert sure.confidence > CERTAIN > doubtful.confidence
    assert "few values" in doubtful.reason


def test_values_alone_tell_an_unknown_header() -> None:
    rows = [["ada@example.org", "example.org", "n/a"], ["bob@example.com", "example.com", "?"]]
    email, domain, other = guess_columns(["kontakt 7", "xyz", "misc"], rows)
    assert (email.field, domain.field, other.field) == ("email", "domain", None)
    assert domain.confidence < CERTAIN, "a bare domain may be many things"
    assert guess_columns(["company mail"], [["a@b.org"]])[0].field == "business_email"


def test_no_field_is_given_twice_and_the_surest_column_has_it() -> None:
    guesses = guess_columns(["mail", "email"], [["no address", "a@b.org"], ["none", "c@d.org"]])
    assert [guess.field for guess in guesses] == [None, "email"]
    assert "`email` fits email better" in guesses[0].reason


def test_what_was_decided_before_wins_even_when_it_was_to_keep_the_name() -> None:
    guesses = guess_columns(["email", "x"], [["a@b.org", "1"]], {"email": None, "x": "employees"})
    assert [(guess.field, guess.confidence) for guess in guesses] == [(None, 1.0), ("employees", 1.0)]


def test_a_signature_ignores_order_case_and_spacing_but_not_a_column() -> None:
    assert signature(["E-Mail", "Vorname"]) == signature(["vorname", "e mail"])
    assert signature(["E-Mail"]) != signature(["E-Mail", "Vorname"])
    assert signature(["!!"]) != signature(["??"]), "headers without letters still differ"


@given(
    st.lists(st.text(max_size=40), max_size=8),
    st.lists(st.lists(st.none() | st.text(max_size=60), max_size=8), max_size=5),
)
def test_any_header_over_any_values_gets_a_guess(columns: list[str], sample: list[list[str | None]]) -> None:
    guesses = guess_columns(columns, sample)
    assert [guess.column for guess in guesses] == columns
    assert all(0 <= guess.confidence <= 1 and guess.reason for guess in guesses)
    given_fields = [guess.field for guess in guesses if guess.field]
    assert len(given_fields) == len(set(given_fields))


def test_long_values_are_judged_in_linear_time() -> None:
    hostile = ["a." * 100_000, "1" * 100_000, "(" + " " * 100_000, "-" * 100_000]
    for value in hostile:
        assert guess_columns(["x"], [[value]])[0].column == "x"


def test_headers_known_from_elsewhere_are_found_however_they_are_spelled() -> None:
    columns = ["E-Mail", "e_mail", "Last Name", "Größe"]
    assert respelled(["E-Mail", "last_name", "GRÖSSE", "phone"], columns) == {
        "E-Mail": "E-Mail",
        "last_name": "Last Name",
        "GRÖSSE": "Größe",
    }
    assert respelled(["e mail"], columns) == {}, "two columns could be meant"
