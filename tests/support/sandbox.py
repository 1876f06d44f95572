"""A running sandbox of a test's own, and the line that serves its 34 provinces."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvicorn

from infra.embedded.home import INBOX, prepare
from infra.embedded.services import inbox
from infra.sandbox.drop import Drop
from infra.sandbox.home import configure
from infra.sandbox.server import application
from jobs import objects
from jobs.errors import LienthongError
from jobs.settings import CHECKOUT
from jobs.sources import model
from tests.support import registers, truth
from tests.support.line import Line, at_day

_POLITE = 4
"""Sources that are pulled at a time."""


class Nation:
    """All provinces and their line."""

    def __init__(self, line: Line, home: Path, url: str, sftp_url: str) -> None:
        self.folder = home / "sandbox"
        values = {
            "home": home,
            "sandbox_url": url,
            "sandbox_sftp_url": sftp_url,
            "source_paths": f"{CHECKOUT / 'infra' / 'sources'}:{home / 'sources'}",
        }
        self.line = Line(line.settings.model_copy(update=values), home / "sources")

    def control(self, method: str, what: str, **body: Any) -> dict[str, Any]:
        """The sandbox's answer."""
        url = f"{self.line.settings.sandbox_url}/_control/{what}"
        answer = httpx.request(method, url, json=body, timeout=60, trust_env=False)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    def advance(self, day: int) -> None:
        """Moves the sources' calendar."""
        self.control("POST", "advance", day=day)

    def fault(self, province: str, kind: str) -> None:
        """Switches a fault on."""
        self.control("POST", "faults", province=province, kind=kind)

    def heal(self) -> None:
        """Switches every fault off."""
        self.control("DELETE", "faults")

    def pull(self, day: int, *kinds: str) -> tuple[list[dict[str, Any]], dict[str, LienthongError]]:
        """Pulls every feed of the given kinds; receipts, and the faults of those that failed.

        A province's second system is of the kind of its first: ``dossiers_h22`` of ``dossiers``.
        """
        known = model.load(self.line.settings)
        feeds = [name for name in known if name.partition("-")[2].partition("_")[0] in kinds]
        late: dict[str, LienthongError] = {}

        def one(feed: str) -> dict[str, Any] | None:
            try:
                return self.line.pull(feed, at_day(day))
            except LienthongError as fault:
                late[feed] = fault
                return None

        with ThreadPoolExecutor(_POLITE) as pool:
            receipts = [receipt for receipt in pool.map(one, feeds) if receipt is not None]
        return receipts, late

    def serve(self, day: int) -> dict[str, dict[str, Any]]:
        """Conforms and merges what is sealed."""
        self.line.conform(at_day(day))
        return self.line.merge(at_day(day))

    def compare(self, day: int) -> truth.Comparison:
        """The registers against the truth."""
        return truth.compare(self.line.settings, self.folder, day=day)

    def state(self) -> registers.State:
        """What the registers hold, without what arrival decides."""
        return registers.state(self.line.settings)


@contextmanager
def serving(
    folder: Path, *, sftp: socket.socket | None = None, drop: Drop | None = None, **tls: Any
) -> Iterator[str]:
    """The sandbox of a folder, served from this process on a port of its own; uvicorn's options of TLS."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # Who asks before the server is up waits.
        world = application(folder, sftp=sftp, drop=drop)
        server = uvicorn.Server(uvicorn.Config(world, log_level="warning", **tls))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def nation(
    line: Line, home: Path, *, scale: float, profile: str = "typical", seed: str = "2026"
) -> Iterator[Nation]:
    """The provinces of a sandbox with the line that serves them."""
    (home / "sources").mkdir(parents=True)
    configure(home / "sandbox", seed=seed, scale=scale, profile=profile)
    store = objects.client(line.settings)
    for key in list(objects.keys(store, INBOX, "")):
        store.remove_object(bucket_name=INBOX, object_name=key)
    drop, sftp = Drop(**inbox(prepare(line.settings.home))), socket.create_server(("127.0.0.1", 0))
    sftp_url = f"sftp://127.0.0.1:{sftp.getsockname()[1]}"
    with serving(home / "sandbox", sftp=sftp, drop=drop) as url:
        yield Nation(line, home, url, sftp_url)
