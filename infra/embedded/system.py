"""What the stack takes from the system: an ordinary user in root's place, and programs of its packages."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

MARIADB_MISSING = (
    "mariadb is not installed: the sandbox keeps the tables of all its provinces in PostgreSQL. Remedy, where"
    " they shall be in both: as root on Debian, apt-get install mariadb-server-core; then lienthong up."
)
_MARIADB = Path("/usr")
"""Where the system's package puts it."""


def mariadb_prefix() -> Path | None:
    """Folder below which MariaDB is installed; None where it is not."""
    return _MARIADB if (_MARIADB / "sbin" / "mariadbd").exists() else None


def ordinary_user(stop: str) -> tuple[str, ...]:
    """What to put before a command: nothing, or the step down from root.

    The user keeps the right to pass through folders, since a checkout may lie in root's own.

    Args:
        stop: Signal that ends the program with its parent: another user no longer gets the one that its
            parent asked for.
    """
    if os.geteuid() != 0:
        return ()
    nobody = pwd.getpwnam("nobody")
    step = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
    return (*step, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", f"--pdeathsig={stop}")


def give(path: Path) -> None:
    """Makes a file or folder the ordinary user's, where there was a step down."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
