"""A national day through the real Airflow, by the commands that people and machines type."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from infra.embedded.home import SPARK_CONF_IN_HASTE, SPARK_JAVA_IN_HASTE, prepare
from infra.sandbox import documents
from infra.sandbox.divided import formers
from infra.sandbox.home import configure
from infra.sandbox.places import provinces
from jobs import session
from jobs.__main__ import main
from jobs.registry import databases
from jobs.settings import Settings, load_settings
from schemas.contract import Contract
from schemas.derive import sql
from tests.support import canaries, places
from tests.support.marks import Mark, Searcher, named_alone

Answer = Mapping[str, Any]


class Home:
    """A home with the whole stack, driven from the command line."""

    def __init__(self, folder: Path) -> None:
        self.environ = {"LIENTHONG_HOME": str(folder), "LIENTHONG_PERSON": "tester"}
        self.folder = folder
        self.code = 0

    @property
    def settings(self) -> Settings:
        return load_settings(self.environ)

    def say(self, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
        """The JSON that a command answers; its exit code in ``code``."""
        capsys.readouterr()
        self.code = main([*words, "--json"], self.environ)
        return json.loads(capsys.readouterr().out)

    def control(self, path: str, method: str = "POST", **body: Any) -> None:
        httpx.request(method, f"{self.settings.sandbox_url}/_control/{path}", json=body, timeout=600)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The whole stack over a small world."""
    folder = tmp_path_factory.mktemp("national")
    prepare(folder, spark_memory="2g", spark_java=SPARK_JAVA_IN_HASTE, spark_conf=SPARK_CONF_IN_HASTE)
    configure(folder / "sandbox", seed="national", scale=0.02, profile="typical")
    made = Home(folder)
    session.disconnect()
    assert main(["up"], made.environ) == 0
    yield made
    session.disconnect()
    main(["down"], made.environ)
    left = [pid for pid in Path("/proc").iterdir() if pid.name.isdigit() and str(folder) in _command(pid)]
    assert left == []


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _sum(answer: Answer, name: str) -> int:
    return sum(counts[name] for counts in answer["registers"].values())


def test_the_baseline_loads(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    told = home.say(capsys, "sync", "--source", "*-baseline")
    assert home.code == 0
    assert told["late"] == []
    assert _sum(told, "landed") == _sum(told, "effective") + _sum(told, "quarantined") > 1000
    assert _sum(told, "emitted") == _sum(told, "inserted") + _sum(told, "updated") + _sum(
        told, "unchanged"
    ) + (_sum(told, "held"))


def test_a_day_with_one_province_down(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.control("advance", day=1)
    home.control("faults", province="01", kind="token_expired")
    told = home.say(capsys, "sync")
    assert home.code == 0
    assert [one["source"] for one in told["late"]] == ["01-dossiers"]
    assert "401" in told["late"][0]["reason"]
    assert _sum(told, "landed") > 100
    status = home.say(capsys, "status")
    assert "01-dossiers" in status["late"]
    told_of = {one["province"] for one in status["sources"]}
    assert len(told_of - {"00"}) == 34
    confirmed = sum(one["confirmed"] for one in status["confirmations"].values())
    assert 0 < confirmed <= sum(one["persons"] for one in status["confirmations"].values())
    served = [one for one in status["sources"] if one["source"] == "04-dossiers"]
    assert served[0]["last_success_at"]
    assert not any(register["is_late"] for register in served[0]["registers"].values())


def test_it_catches_up(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.control("faults", method="DELETE")
    told = home.say(capsys, "sync", "--source", "01-*")
    assert told["late"] == []
    assert _sum(told, "landed") > 0
    assert _sum(told, "duplicate") < _sum(told, "landed")


def test_everything_again_is_duplicate(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "reset", "*-dossiers*"], home.environ) == 0
    told = home.say(capsys, "sync", "--source", "*-dossiers*")
    assert _sum(told, "landed") == _sum(told, "duplicate") > 100
    assert _sum(told, "inserted") == _sum(told, "updated") == 0


def test_the_portal_follows(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """The stage after the day's has sent every dossier; what it refused is told."""
    until = time.monotonic() + 300
    while (told := home.say(capsys, "portal", "status"))["all"]["pending"] or told["underived"]:
        assert time.monotonic() < until, told["all"]
        time.sleep(0.5)
    assert told["all"]["due"] == told["all"]["synced"] + told["all"]["rejected"] > 500
    assert len(told["provinces"]) == 34
    found = home.say(capsys, "portal", "reconcile")
    assert (home.code, found["agrees"]) == (0, told["all"]["synced"])


def test_a_plan_does_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    told = home.say(capsys, "sync", "--plan")
    dossiers = 34 + sum(len(formers(one.code)) for one in provinces())
    assert len(told["pull"]) == dossiers + len(documents.PAIRS) + len(["national-population"])
    assert told["conform"] == []


def test_an_unknown_source_is_a_usage_fault(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    told = home.say(capsys, "sync", "--plan", "--source", "99-*")
    assert home.code == 2
    assert "99-*" in told["error"]


def test_the_open_release_is_published(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    from jobs import clock
    from jobs.sync.publish import publish

    told = publish(home.settings, at=clock.now(home.settings), option="Approve")
    assert told["state"] == "success"
    endpoint = home.say(capsys, "status")["endpoints"]["open_data"]
    page = httpx.get(endpoint, trust_env=False)
    assert page.status_code == 200
    assert "dossier_counts" in page.text
    assert home.say(capsys, "release", "list")[-1]["decided_by"] == "admin"


def test_no_persons_value_is_in_airflow_or_any_page(home: Home) -> None:
    known = [
        Mark(f"{contract.table()}.{column.name}", str(value))
        for contract, column in named_alone()
        for (value,) in _values(home, contract, column.name)
    ]
    assert len(known) > 30
    searcher = Searcher(known)
    searched = [*places.files(home.folder), *_everywhere(home)]
    assert any(name.startswith("logs/airflow/") for name, _ in searched)
    assert any(name.startswith("xcom") for name, _ in searched)
    assert [(name, found) for name, data in searched if (found := searcher.found(data))] == []
    text = known[0].text.encode()
    assert known[0].label in searcher.found(b"... " + text)


def test_no_secret_is_told(home: Home) -> None:
    searcher = Searcher(canaries.of(home.folder))
    kept = {name for name, data in places.files(home.folder) if searcher.found(data)}
    assert {name for name in kept if not canaries.keeps(name)} == set()
    assert "stack.json" in kept
    searched = [*places.commands(), *_everywhere(home)]
    assert [(name, found) for name, data in searched if (found := searcher.found(data))] == []


def _values(home: Home, contract: type[Contract], column: str) -> list[Any]:
    """A few values of a column, the same in every run."""
    table = sql.metadata(contract.info.register).tables[contract.info.noun]
    found = table.c[column]
    query = sa.select(found).where(sa.func.length(found) > 8).group_by(found).order_by(sa.func.md5(found))
    with databases.engine(home.settings, contract.info.register).connect() as connection:
        return list(connection.execute(query.limit(8)))


def _everywhere(home: Home) -> list[places.Place]:
    """Airflow's database with what tasks handed on and were rendered as, ops, and the open bucket."""
    settings = home.settings
    return [
        *places.tables(settings.airflow_db_url),
        *places.tables(settings.ops_url),
        *places.bucket(settings, settings.open_bucket),
    ]


def test_the_ledger_verifies(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    told = home.say(capsys, "ledger", "verify")
    assert told["first_difference"] is None
    assert told["verified"] is True
    assert home.code == 0
