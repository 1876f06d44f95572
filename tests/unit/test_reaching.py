"""Where a source is, and that nothing is imported for it which it does not speak."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.errors import UsageFault
from jobs.settings import CHECKOUT, Settings
from jobs.sources.check import examiner_of
from jobs.sources.credentials import named
from jobs.sources.model import Feed
from jobs.sources.reaching import PORTS, address

SPOKEN = ("asyncssh", "httpx2", "psycopg", "pymysql", "zeep")
STATED = {"feed_id": "33-dossiers", "province_code": "33", "province_name": "T", "credentials": "X"}
KINDS = {
    "directory": {"kind": "directory", "dialect": "dvcqg", "url": "/in", "patterns": {"*": "dossiers"}},
    "database": {"kind": "database", "dialect": "epar", "url": "postgresql://motcua.example/epar"},
    "rest": {"kind": "rest", "dialect": "dvcqg", "url": "https://motcua.example"},
    "soap": {
        "kind": "soap",
        "dialect": "csdldc",
        "url": "https://csdldc.example",
        "asks_as": {"MaDVC": "1", "MaCanBo": "2", "MaDonVi": "3"},
    },
}
IMPORTED = f"""
import sys
from jobs.sources.check import examiner_of
from jobs.sources.model import Feed
examiner_of(Feed.model_validate(STATED))
print(*sorted(set({SPOKEN}) & set(sys.modules)))
"""


@pytest.mark.parametrize("scheme", PORTS)
def test_an_address_has_the_port_of_its_scheme_unless_it_names_one(scheme: str) -> None:
    feed = Feed.model_validate(STATED | KINDS["rest"])
    there, elsewhere = (
        feed.model_copy(update={"url": f"{scheme}://motcua.example{port}/x"}) for port in ("", ":4711")
    )
    assert address(there) == (scheme, "motcua.example", PORTS[scheme])
    assert address(elsewhere) == (scheme, "motcua.example", 4711)


@pytest.mark.parametrize(
    ("kind", "spoken"),
    [("directory", ""), ("database", "psycopg pymysql"), ("soap", ""), ("rest", "httpx2")],
)
def test_who_examines_a_kind_imports_what_it_speaks_and_no_more(kind: str, spoken: str) -> None:
    code = IMPORTED.replace("STATED", json.dumps(STATED | KINDS[kind]))
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, check=True)
    assert done.stdout.decode().strip() == spoken


def test_every_kind_is_examined_by_an_adapter_of_its_own() -> None:
    feeds = [Feed.model_validate(STATED | keys) for keys in KINDS.values()]
    assert len({examiner_of(feed) for feed in feeds}) == len(Feed.model_fields["kind"].annotation.__args__)


@pytest.mark.parametrize(
    ("sandbox_url", "remedy"), [("", 'write {"MINE": {"id": "…", "secret": "…"}}'), ("http://x", "sandbox")]
)
def test_credentials_that_are_not_in_their_file_are_asked_for(
    tmp_path: Path, sandbox_url: str, remedy: str
) -> None:
    settings = Settings(home=tmp_path, sandbox_url=sandbox_url)
    with pytest.raises(UsageFault) as fault:
        named(f"file:{tmp_path}/none.json#MINE", settings, of="33-dossiers")
    assert remedy in (fault.value.remedy or "")
    assert ("sandbox" in str(fault.value)) is bool(sandbox_url)
