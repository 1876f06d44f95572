"""Brings the stack up in order, tells its state, takes it down: supervisord does the supervising."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from infra.embedded.home import PORTS, prepare, write_private
from infra.embedded.service import BIN, Service, listens
from infra.embedded.services import services
from infra.embedded.system import MARIADB_MISSING, mariadb_prefix

EVERYTHING = (
    *("postgres", "store", "spark", "mariadb", "sandbox"),
    *("airflow-api", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"),
)
Told = Callable[[str], None]
_PATIENCE = 120
"""Seconds for the supervisor itself; each service is stopped within twenty."""


class StackError(RuntimeError):
    """A service cannot be started; the message names it and its log."""


def up(
    home: Path,
    names: Iterable[str] = EVERYTHING,
    told: Told = lambda _: None,
    spark_master: str | None = None,
) -> None:
    """Starts the named services and waits until each is ready. Safe to repeat.

    Args:
        home: The home.
        names: The services; those that they come after are started too.
        told: Told of each that is ready, and of one that this machine cannot have.
        spark_master: Where the Spark server computes from now on; None keeps what the home was told. It
            takes effect when the stack starts.

    Raises:
        HomeError: The home's settings name services that others run.
        StackError: A service does not become ready.
    """
    values = prepare(home, spark_master=spark_master)
    every = services(home, values)
    asked = _closure({name: one.after for name, one in every.items()}, {*names})
    wanted = [one for name, one in every.items() if name in asked]
    if asked & {"mariadb", "sandbox"} and "mariadb" not in every:
        told(MARIADB_MISSING)
    _supervisor(home, values, every.values())
    waiting: list[Service] = []
    for service in wanted:
        if _needs(service, waiting):
            _wait(home, waiting, told)
        _start(home, service)
        waiting.append(service)
    _wait(home, waiting, told)


def _closure(after: Mapping[str, tuple[str, ...]], names: set[str]) -> set[str]:
    """Names with all that they come after, as far as this machine has it."""
    more = {one for name in names for one in after.get(name, ())} - names
    return _closure(after, names | more) if more else names


def _needs(service: Service, waiting: Iterable[Service]) -> bool:
    return any(one.name in service.after for one in waiting)


def _start(home: Path, service: Service) -> None:
    state = _states(home).get(service.name)
    if state in {"RUNNING", "STARTING", "BACKOFF"}:
        return
    if service.prepare is not None:
        service.prepare()
    _rpc(home).supervisor.startProcess(service.name, False)


def _wait(home: Path, waiting: list[Service], told: Told) -> None:
    """Waits for services, the first started first."""
    while waiting:
        service = waiting.pop(0)
        begun = time.monotonic()
        while not service.ready():
            state = _states(home).get(service.name)
            if state in {"FATAL", "EXITED"} or time.monotonic() - begun > service.patience:
                log = home / "logs" / f"{service.name}.log"
                raise StackError(f"{service.name} is not ready ({state}). Remedy: read {log}.")
            time.sleep(0.2)
        if service.started is not None:
            service.started()
        told(f"{service.name} is ready ({time.monotonic() - begun:.1f} s)")


def down(home: Path) -> bool:
    """Stops everything; whether anything ran."""
    if not _alive(home):
        return False
    pid = int((home / "run" / "supervisord.pid").read_text())
    _rpc(home).supervisor.shutdown()
    _until(lambda: not _runs(pid), "supervisord does not end", home)
    return True


def _until(condition: Callable[[], bool], fault: str, home: Path) -> None:
    """Waits for a condition, as long as the slowest service may take to end."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > _PATIENCE:
            raise StackError(f"{fault}. Remedy: read {home / 'logs' / 'supervisord.log'}.")
        time.sleep(0.1)


def status(home: Path) -> dict[str, str]:
    """State of every service by name; all STOPPED when nothing runs."""
    absent = {} if mariadb_prefix() else {"mariadb": "NOT INSTALLED"}
    return dict.fromkeys(EVERYTHING, "STOPPED") | absent | (_states(home) if _alive(home) else {})


def _taken(values: Mapping[str, str]) -> bool:
    """Whether something listens where a service will: what a killed supervisor leaves ends within seconds."""
    return any(listens(values[f"{name}_port"]) for name in PORTS)


def _supervisor(home: Path, values: Mapping[str, str], every: Iterable[Service]) -> None:
    if _alive(home):
        return
    _until(lambda: not _taken(values), "another process listens on a port of stack.json", home)
    configuration = home / "run" / "supervisord.conf"
    write_private(configuration, _configuration(home, every))
    begun = subprocess.run(
        [str(BIN / "supervisord"), "-c", str(configuration)],
        check=False,
        capture_output=True,
        text=True,
        cwd=home,
    )
    if begun.returncode:
        raise StackError(f"supervisord does not start: {begun.stderr.strip()}")
    _until(lambda: _alive(home), "supervisord does not answer", home)


def _configuration(home: Path, every: Iterable[Service]) -> str:
    run = home / "run"
    head: dict[str, dict[str, Any]] = {
        "unix_http_server": {"file": _socket(home), "chmod": "0700"},
        "supervisord": {
            "logfile": home / "logs" / "supervisord.log",
            "pidfile": run / "supervisord.pid",
            "childlogdir": home / "logs",
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisorctl": {"serverurl": f"unix://{_socket(home)}"},
    }
    sections = {**head, **{f"program:{service.name}": _program(home, service) for service in every}}
    lines = []
    for name, options in sections.items():
        lines += [f"[{name}]", *[f"{key}={_literal(value)}" for key, value in options.items()], ""]
    return "\n".join(lines)


def _literal(value: object) -> str:
    """A value in which the configuration's expansions find nothing."""
    return str(value).replace("%", "%%")


def _program(home: Path, service: Service) -> dict[str, Any]:
    inherited = {
        "PATH": f"{BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(Path.home()),
    }
    environment = {**inherited, "LIENTHONG_HOME": str(home), **service.environment}
    start = home / "run" / f"{service.name}.json"
    stop = "INT" if service.name == "postgres" else "TERM"
    told = {"command": service.command, "environment": environment, "stop": f"SIG{stop}"}
    write_private(start, json.dumps(told))
    return {
        "command": shlex.join([sys.executable, str(Path(__file__).with_name("launch.py")), str(start)]),
        "directory": home,
        "autostart": "false",
        "autorestart": "true",
        "startsecs": 1,
        "stopasgroup": "true",
        "killasgroup": "true",
        "stopsignal": stop,
        "stopwaitsecs": 20,
        "redirect_stderr": "true",
        # Supervisor expands it twice, so the home is left out.
        "stdout_logfile": f"logs/{service.name}.log",
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": 2,
    }


def _socket(home: Path) -> str:
    """A socket's path may have about 100 bytes, a home's may be longer."""
    path = str(home / "run" / "supervisor.sock")
    if len(path) < 100:
        return path
    import hashlib  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    return f"{tempfile.gettempdir()}/lienthong-{hashlib.sha256(path.encode()).hexdigest()[:16]}.sock"


def _rpc(home: Path) -> xmlrpc.client.ServerProxy:
    return xmlrpc.client.ServerProxy(
        "http://127.0.0.1", transport=SupervisorTransport(None, None, f"unix://{_socket(home)}")
    )


def _states(home: Path) -> dict[str, str]:
    told: Any = _rpc(home).supervisor.getAllProcessInfo()
    return {one["name"]: one["statename"] for one in told}


def _alive(home: Path) -> bool:
    if not Path(_socket(home)).exists():
        return False
    try:
        return bool(_rpc(home).supervisor.getPID())
    except (OSError, xmlrpc.client.Error):
        return False


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
