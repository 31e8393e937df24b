"""`muster doctor`: the settings in effect, secrets masked, and whether each dependency answers."""

import os
import shutil
from collections.abc import Callable
from typing import Annotated

import typer
from pydantic import SecretStr

from muster.cli.output import print_json, print_table, say
from muster.db import migrate
from muster.db.database import address_without_password
from muster.errors import MusterError
from muster.settings import Settings, load_settings
from muster.wiring import House, build_house

_MASK = "********"


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print the settings in effect and check every dependency. Exits with 1 when one cannot be used."""
    settings = load_settings()
    shown = masked(settings)
    checks = _checked(settings)
    failed = [check for check in checks if check["result"] != "ok"]
    if json:
        print_json({"status": "error" if failed else "success", "settings": shown, "checks": checks})
    else:
        print_table(["setting", "value"], [[name, str(value)] for name, value in shown.items()])
        say()
        print_table(["check", "result", "what to do"], [list(check.values()) for check in checks])
    if failed:
        raise typer.Exit(1)


def masked(settings: Settings) -> dict[str, object]:
    """Every setting by its environment name; secrets hidden, but what they point at is told."""
    shown: dict[str, object] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = _MASK if value.get_secret_value() else ""
        shown[f"MUSTER_{name.upper()}"] = (
            value if isinstance(value, (int, float, list, bool)) else str(value or "")
        )
    shown["database in use"] = address_without_password(settings.effective_database_url)
    shown["objects in use"] = settings.effective_objects_url
    return shown


def _checked(settings: Settings) -> list[dict[str, str]]:
    try:
        house = build_house(settings)
    except MusterError as error:
        return [{"check": "settings", "result": "failed", "what to do": error.message}]
    try:
        return [_check(name, work) for name, work in _checks(house).items()]
    finally:
        house.close()


def _checks(house: House) -> dict[str, Callable[[], str]]:
    def database() -> str:
        house.db.ping()
        return ""

    def schema() -> str:
        waiting = migrate.pending(house.db)
        return f"{len(waiting)} migrations run at the next start of the server" if waiting else ""

    def objects() -> str:
        house.objects.ping()
        return ""

    def disk() -> str:
        directory = house.settings.data_dir if house.settings.data_dir.exists() else "."
        return f"{shutil.disk_usage(directory).free // 2**20:,} MiB free for {house.settings.data_dir}"

    def processors() -> str:
        return f"{os.cpu_count()} processors"

    return {"database": database, "schema": schema, "objects": objects, "disk": disk, "machine": processors}


def _check(name: str, work: Callable[[], str]) -> dict[str, str]:
    try:
        return {"check": name, "result": "ok", "what to do": work()}
    except MusterError as error:
        return {"check": name, "result": "failed", "what to do": error.message}
