"""``lienthong demo``: everything started, the baseline and one national day run, and where to look."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import typer

from infra import embedded
from jobs.cli.call import Call, Json, call_of, console, emit, line
from jobs.cli.stack import start
from jobs.cli.sync import run_day, tell
from jobs.errors import IntegrityFault
from jobs.settings import Settings, home_of

DAY = 1


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(demo)


def demo(ctx: typer.Context, as_json: Json = False) -> None:
    """Start everything, load the baseline, run one national day through Airflow, and say where to look.

    Safe to repeat: what runs keeps running, what is loaded stays loaded, and the day is run again.
    """
    from jobs.setup import prepare  # noqa: PLC0415

    begun, call = time.monotonic(), call_of(ctx)
    home = home_of(call.environ)
    console.print(f"Starting the stack in {home}", highlight=False)
    start(home, embedded.EVERYTHING)
    settings = call.settings
    prepare(settings)
    told = _days(call, settings)
    told["release"] = _release(call, settings)
    told["ledger"] = _verified(settings)
    told["seconds"] = round(time.monotonic() - begun, 1)
    emit(told, as_json=as_json, told=lambda: _tell(told, settings))
    if not told["ledger"]["verified"]:
        raise typer.Exit(IntegrityFault.exit_code)


def _days(call: Call, settings: Settings) -> dict[str, Any]:
    """The baseline on the evening before day one, then day one."""
    from jobs import extract  # noqa: PLC0415

    _advance(settings, 0)
    told: dict[str, Any] = {}
    evening = call.at(None)
    if pending := [name for name in extract.due(settings) if name.endswith("-baseline")]:
        console.print(f"Day 0: the baseline of {len(pending)} provinces")
        told["baseline"] = run_day(settings, at=evening, sources=pending, registers=[], since=None)
    _advance(settings, DAY)
    console.print(f"Day {DAY}: every source that is due")
    told["day"] = run_day(settings, at=evening + timedelta(days=DAY), sources=[], registers=[], since=None)
    return told


def _advance(settings: Settings, day: int) -> None:
    """Moves the sandbox's calendar on to a day; never back."""
    with httpx.Client(base_url=settings.sandbox_url, timeout=600, trust_env=False) as client:
        if int(client.get("/_control/state").json()["day"]) < day:
            client.post("/_control/advance", json={"day": day}).raise_for_status()


def _release(call: Call, settings: Settings) -> dict[str, Any]:
    """An open release built by Airflow and approved by the local operator."""
    from jobs.sync.publish import publish  # noqa: PLC0415

    console.print("Open release: built by Airflow, approved here as the local operator")
    return publish(settings, at=call.at(None), option="Approve")


def _verified(settings: Settings) -> dict[str, Any]:
    from jobs.ledger.verify import verify  # noqa: PLC0415

    console.print("Ledger: everything counted again from the data")
    return verify(settings)


def _tell(told: dict[str, Any], settings: Settings) -> None:
    for part in ("baseline", "day"):
        if part in told:
            tell(told[part])
    verdict = "verified" if told["ledger"]["verified"] else f"DIFFERS: {told['ledger']['first_difference']}"
    line(f"Ledger: {verdict}")
    line(f"Took {told['seconds']} s")
    line("")
    line(
        f"Airflow      {settings.airflow_url}   user {settings.airflow_user}, password: {_password(settings)}"
    )
    line(f"Data Docs    {settings.home / 'docs' / 'data' / 'index.html'}")
    line(f"Open data    {settings.s3_endpoint}/{settings.open_bucket}/index.html")
    line(f"Population   psql {settings.population_url}")
    line(f"Land         psql {settings.land_url}")
    line(f"Business     psql {settings.business_url}")
    line("")
    line("Next: lienthong ledger verify · lienthong status · lienthong sandbox advance && lienthong sync")
    line("      lienthong findings list · lienthong explain <code> · lienthong down")


def _password(settings: Settings) -> str:
    return settings.airflow_password.get_secret_value()
