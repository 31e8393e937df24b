"""The libraries alone, over the same different values: what a script of ten lines would take.

usage: python bare_enrich.py email|phone|website FILE     (prints JSON: seconds, values; start-up is not counted)
"""

import json
import sys
import time
from pathlib import Path

kind, source = sys.argv[1:]
values = Path(source).read_text(encoding="utf-8").splitlines()

if kind == "email":
    from email_validator import EmailNotValidError, validate_email

    def call(value: str) -> str | None:
        try:
            return validate_email(value, check_deliverability=False).normalized
        except EmailNotValidError:
            return None

elif kind == "phone":
    import phonenumbers

    def call(value: str) -> object:
        try:
            number = phonenumbers.parse(value, None)
        except phonenumbers.NumberParseException:
            return None
        return (
            phonenumbers.is_valid_number(number),
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
            phonenumbers.region_code_for_number(number),
            phonenumbers.number_type(number),
        )

else:
    import tldextract

    extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())

    def call(value: str) -> object:
        return extract(value).top_domain_under_public_suffix


call(values[0])
began_at = time.perf_counter()
answers = [call(value) for value in values]
print(json.dumps({"seconds": time.perf_counter() - began_at, "values": len(values)}))
