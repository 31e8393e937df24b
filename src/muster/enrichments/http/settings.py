"""The settings of a REST service: what is sent, how fast, what is taken from the answer, what it costs.

Everything is checked when the settings are made, so that a run cannot find out after a thousand paid calls that a
path has a slip in it.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from muster.enrichments.http.paths import MAX_PATH_CHARACTERS, parse_path
from muster.enrichments.http.templates import (
    INDEX,
    ITEMS,
    TemplateRefused,
    parse_header,
    parse_url_template,
    places_in,
)
from muster.enrichments.model import MICROS
from muster.enrichments.provider import Form, Input, Keep, Kind, Output, Rate, Settings, Terms
from muster.enrichments.provider_settings import ALLOW_PRIVATE
from muster.web.outgoing.addresses import AddressRefused


def _is_path(text: str) -> str:
    parse_path(text)
    return text


def _is_header_name(name: str) -> str:
    parse_header(name, "")
    return name


def _is_sendable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("Write it without line ends and control characters.")
    return text


def _is_sendable_secret(secret: SecretStr) -> SecretStr:
    _is_sendable(secret.get_secret_value())
    return secret


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, Field(min_length=1, max_length=200)]
JsonPath = Annotated[str, Field(min_length=1, max_length=MAX_PATH_CHARACTERS), AfterValidator(_is_path)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=8000), AfterValidator(_is_sendable_secret)]
Days = Annotated[float, Field(ge=0, le=3650)]


class Need(Settings):
    """One thing the service is asked with. form: how it is brought into shape; inputs alike after it are asked once."""

    name: Name
    title: Words
    form: Form = Field(Form.FOLDED, description="folded: trimmed and in lower case; trimmed; exact")
    required: bool = Field(True, description="Rows where it is empty are not asked about.")
    fields: list[Words] = Field(
        default_factory=list, max_length=20, description="Columns it is usually found in."
    )


class Gives(Settings):
    """One thing that is taken from an answer. path: where it stands in it, or in one item of a batch."""

    name: Name
    path: JsonPath = Field(description="JSONPath, such as `$.company.name`.")
    title: Words | None = None
    kind: Kind = Kind.TEXT
    column: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="The column it fills unless told otherwise; the name without it."
    )
    keep_days: Days | None = Field(
        None, description="Days a found value is taken from the cache; `found_days` without it."
    )


class NoAuth(Settings):
    kind: Literal["none"] = "none"


class Bearer(Settings):
    """`Authorization: Bearer TOKEN`."""

    kind: Literal["bearer"]
    token: Secret


class Basic(Settings):
    """`Authorization: Basic ...`, from a name and a password."""

    kind: Literal["basic"]
    username: Annotated[str, Field(max_length=500, pattern=r"^[^:]*$"), AfterValidator(_is_sendable)]
    password: Secret


class HeaderKey(Settings):
    """A header of the service's own with the key in it."""

    kind: Literal["header"]
    name: Annotated[str, Field(max_length=100), AfterValidator(_is_header_name)] = "X-Api-Key"
    value: Secret


class Batch(Settings):
    """Several inputs in one call. The body has the text `{items}` where the list of them goes.

    match `position`: the results come in the order of the items, as many of them. match `key`: each result says at
    `key` which item it belongs to, by the value of `key_input`: one of the needs, or `index`, the item's place.
    """

    size: Annotated[int, Field(ge=1, le=100)]
    item: JsonValue = Field(
        description='One item, such as `{"domain": "{domain}"}`; `{index}` is its place, from 0.'
    )
    results: JsonPath = Field("$", description="JSONPath to the array of results.")
    match: Literal["position", "key"] = "position"
    key: JsonPath | None = Field(
        None, description="JSONPath, in one result, to what says which item it belongs to."
    )
    key_input: Name | None = Field(None, description="The need the key repeats, or `index`.")


class Confidence(Settings):
    """How sure the service is, read from its answer; 0 where it does not say. most: what stands for certain."""

    path: JsonPath
    most: Annotated[float, Field(gt=0, le=1_000_000)] = 1.0


class Pace(Settings):
    """At most `calls` in any `seconds`."""

    calls: Annotated[int, Field(ge=1, le=100_000)]
    seconds: Annotated[float, Field(ge=0.1, le=86_400)] = 1.0


class HttpSettings(Settings):
    """How a REST service is asked."""

    model_config = Settings.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "url": "https://api.example.com/companies/{domain}",
                    "needs": [{"name": "domain", "title": "Domain", "fields": ["company_domain", "domain"]}],
                    "outputs": [{"name": "employees", "path": "$.employees", "kind": "number"}],
                }
            ]
        }
    }

    url: Annotated[str, Field(min_length=1, max_length=4000)] = Field(
        title="Address", description="`{domain}` stands for an input, `{secret:key}` for a secret."
    )
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, Annotated[str, Field(max_length=2000)]] = Field(default_factory=dict, max_length=30)
    body: JsonValue | None = Field(None, description="JSON; its texts may have places. Only with POST.")
    auth: Annotated[NoAuth | Bearer | Basic | HeaderKey, Field(discriminator="kind")] = NoAuth()
    secrets: dict[Name, Secret] = Field(default_factory=dict, max_length=20)
    needs: list[Need] = Field(min_length=1, max_length=10)
    outputs: list[Gives] = Field(min_length=1, max_length=30)
    batch: Batch | None = None
    empty_statuses: list[Annotated[int, Field(ge=200, le=499)]] = Field(
        default_factory=lambda: [204, 404],
        max_length=20,
        description="Statuses that mean: there is nothing about this one. Without a batch only.",
    )
    confidence: Annotated[float, Field(ge=0, le=1)] | Confidence | None = Field(
        None, description="How sure found values are: a number from 0 to 1, or where it stands in the answer."
    )
    price: Annotated[float, Field(ge=0, le=10_000)] = Field(
        0, description="What one input costs, in the currency of your prices; at most six decimals."
    )
    price_per: Literal["asked", "found"] = "asked"
    found_days: Days = Field(90, description="Days found values are taken from the cache.")
    empty_days: Days = Field(7, description="Days it is remembered that there is nothing.")
    rate: Pace | None = None
    concurrency: Annotated[int, Field(ge=1, le=50)] = Field(4, description="Calls at a time.")
    timeout_seconds: Annotated[float, Field(ge=0.1, le=60)] = Field(10, description="For one call, in all.")
    retries: Annotated[int, Field(ge=0, le=8)] = Field(
        3, description="How often a call is made again after 429, 5xx, a timeout or a broken connection."
    )

    def secrets_are_for(self) -> str:
        """The service, by scheme, host and port."""
        return parse_url_template(self.url, allow_private=True).address.origin

    @property
    def price_micros(self) -> int:
        return round(self.price * MICROS)

    def terms(self) -> Terms:
        """What holds for a use of the service."""
        needs = tuple(
            Input(need.name, need.title, "", tuple(need.fields), need.form, need.required)
            for need in self.needs
        )
        gives = tuple(
            Output(
                output.name,
                output.title or output.name,
                "",
                output.column or output.name,
                output.kind,
                None if output.keep_days is None else timedelta(days=output.keep_days),
            )
            for output in self.outputs
        )
        return Terms(
            needs,
            gives,
            needs_one=not any(need.required for need in needs),
            price_micros=self.price_micros,
            price_per=self.price_per,
            keep=Keep(timedelta(days=self.found_days), timedelta(days=self.empty_days)),
            rate=None if self.rate is None else Rate(self.rate.calls, self.rate.seconds),
            concurrency=self.concurrency,
            timeout_seconds=self.timeout_seconds,
        )

    @field_validator("url")
    @classmethod
    def _url(cls, url: str, info: ValidationInfo) -> str:
        # Settings that are kept are read without it: they are refused when their address is called.
        context: dict[str, Any] = info.context or {}
        try:
            parse_url_template(url, allow_private=context.get(ALLOW_PRIVATE, True))
        except (AddressRefused, TemplateRefused) as error:
            raise ValueError(str(error)) from error
        return url

    @field_validator("headers")
    @classmethod
    def _headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            parse_header(name, value)
        if len({name.lower() for name in headers}) < len(headers):
            raise ValueError("Give each header once.")
        return headers

    @field_validator("price")
    @classmethod
    def _price(cls, price: float) -> float:
        if abs(price * MICROS - round(price * MICROS)) > 1e-6 * max(1, price):
            raise ValueError("A price has at most six decimals.")
        return price

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _check(self)
        return self


def _check(settings: HttpSettings) -> None:
    """Everything that one member alone cannot tell. Raises ValueError with what to change."""
    needs = [need.name for need in settings.needs]
    if len(set(needs)) < len(needs) or {ITEMS, INDEX} & set(needs):
        raise ValueError(f"Give each need a name of its own, and not `{ITEMS}` or `{INDEX}`.")
    outputs = [output.name for output in settings.outputs]
    if len(set(outputs)) < len(outputs):
        raise ValueError("Give each output a name of its own.")
    if settings.auth.kind != "none":
        taken = settings.auth.name if isinstance(settings.auth, HeaderKey) else "authorization"
        if taken.lower() in {name.lower() for name in settings.headers}:
            raise ValueError("The header that `auth` sets is among `headers` as well; leave it out there.")
    _check_places(settings, set(needs))
    _check_batch(settings, set(needs))


def _check_places(settings: HttpSettings, needs: set[str]) -> None:
    if settings.method == "GET" and (settings.body is not None or settings.batch is not None):
        raise ValueError("Only POST has a body; set `method`.")
    outside = list(places_in([settings.url, *settings.headers.values()]))
    inside = list(places_in(settings.body))
    item = list(places_in(settings.batch.item)) if settings.batch else []
    for place in (*outside, *inside, *item):
        if place.is_secret and place.name not in settings.secrets:
            raise ValueError(
                f"`{{secret:{place.name}}}` has no secret of this name; give it among `secrets`."
            )
    asked = {place.name for place in (*outside, *inside) if not place.is_secret}
    if settings.batch is None:
        unknown = asked - needs
    else:
        item_asked = {place.name for place in item if not place.is_secret}
        unknown = (asked - {ITEMS}) | (item_asked - needs - {INDEX})
        asked = item_asked
    if unknown:
        where = " With a batch, inputs stand in `item` only." if settings.batch and unknown & needs else ""
        raise ValueError(f"`{{{min(unknown)}}}` stands for nothing here; inputs are named in `needs`.{where}")
    if needs - asked:
        raise ValueError(f"`{{{min(needs - asked)}}}` is needed but sent nowhere.")


def _check_batch(settings: HttpSettings, needs: set[str]) -> None:
    batch = settings.batch
    if batch is None:
        return
    if _count_items(settings.body) != 1:
        raise ValueError(f"The body of a batch has one text `{{{ITEMS}}}`, where the list goes.")
    if (batch.match == "key") != (batch.key is not None and batch.key_input is not None):
        raise ValueError("Results are matched by key with `key` and `key_input`, by position without both.")
    if batch.key_input is not None and batch.key_input not in needs | {INDEX}:
        raise ValueError(f"`key_input` is the name of a need, or `{INDEX}`.")


def _count_items(body: Any) -> int:
    match body:
        case str():
            return int(body == f"{{{ITEMS}}}")
        case dict():
            return sum(map(_count_items, body.values()))
        case list():
            return sum(map(_count_items, body))
        case _:
            return 0
