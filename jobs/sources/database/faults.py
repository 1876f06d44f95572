"""Faults of a source's database in safe words: the server's code, never its text, which may quote a row."""

from __future__ import annotations

import re
import socket
import ssl
import struct

from sqlalchemy.exc import DBAPIError

from jobs.errors import LienthongError, Refused, Unreachable
from jobs.sources.model import Feed
from jobs.sources.reaching import address
from jobs.sources.tls import of_ours, refusal_of

_NOT_LET_IN = frozenset({"28P01", "28000", "3D000", "1044", "1045", "1049", "1130", "1698"})
_NO_GRANT = frozenset({"42501", "1142", "1143", "1370"})
_NOT_UNDERSTOOD = frozenset(
    {"42P01", "42703", "42601", "42702", "42883", "42804", "42P18", "42846", "3F000", "22007", "22P02"}
    | {"1052", "1054", "1060", "1064", "1146", "1248", "1267", "1305"}
)
_NOT_TEXT = frozenset({"22021", "22P05"})
_LOCKED = frozenset({"55P03", "1205"})
_TOO_LONG = frozenset({"57014", "1969", "3024"})
_NO_TLS = "2026"
"""PyMySQL's, where a server has none."""
_HUNG_UP = "2006"
"""PyMySQL's, where a login could not be written: a server that takes no certificate of ours says no word."""
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""What a client of PostgreSQL sends before anything else (PostgreSQL, Message Formats)."""
_SECONDS = 5


def of(feed: Feed, error: DBAPIError, tls: ssl.SSLContext | None) -> LienthongError:
    """What a fault of the driver means for the pull: ``Refused`` where asking again gives the same.

    Args:
        feed: The feed.
        error: What the driver raised.
        tls: What the connection trusts and shows; None where it has no TLS.
    """
    code, name = _code(error), feed.feed_id
    if (refusal := _of_tls(feed, error, code, tls)) is not None:
        return refusal
    if code in _NOT_LET_IN or _is_turned_away(error):
        return Refused(
            f"{name}: the database does not let us in ({code or 'at the login'}).",
            f"renew the credentials {feed.credentials}, or ask the province for the right to connect.",
        )
    if code in _NO_GRANT:
        return Refused(
            f"{name}: the database does not let us read what the select names ({code}).",
            "ask the province to grant select on its tables; no other right is needed.",
        )
    if code in _NOT_UNDERSTOOD:
        return Refused(
            f"{name}: the database does not understand the select ({code}).",
            f"compare [table] and [layout] of {feed.dialect}.toml with its tables.",
        )
    if code in _NOT_TEXT:
        return Refused(
            f"{name}: a text of the database is not in the character set of its column ({code}).",
            f"let [table] of {feed.dialect}.toml give the column's bytes, or ask the province to mend it.",
        )
    if code in _LOCKED:
        return Unreachable(f"{name}: the owner has locked a table, and was not waited for ({code}).")
    if code in _TOO_LONG:
        return Unreachable(
            f"{name}: the query was ended for its length ({code}).",
            "ask the province for an index on the columns of change instant and identity.",
        )
    kind = type(error.orig).__name__
    return Unreachable(f"{name}: the database does not answer ({' '.join(filter(None, (kind, code)))}).")


def _code(error: DBAPIError) -> str:
    """The server's own code: SQLSTATE, or MySQL's number; empty where it has told none."""
    first = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return str(first) if isinstance(first, int) else str(getattr(error.orig, "sqlstate", None) or "")


def _is_turned_away(error: DBAPIError) -> bool:
    """Whether PostgreSQL ended a connection when it knew who asks: libpq tells no code then.

    ``pg_hba.conf`` is a name, which stays as it is in a message of any language.
    """
    attempt = getattr(error.orig, "pgconn", None)
    return attempt is not None and (bool(attempt.used_password) or "pg_hba.conf" in str(error.orig))


def _of_tls(feed: Feed, error: DBAPIError, code: str, tls: ssl.SSLContext | None) -> Refused | None:
    """What is wrong with certificates, when that is what a connection failed of; else None.

    libpq tells it in a text of its own, so it is looked at anew.
    """
    if tls is None:
        return None
    if (refusal := refusal_of(feed, error)) is not None:
        return refusal
    if code == _NO_TLS:
        return _without_tls(feed)
    if code == _HUNG_UP and feed.client_certificate is not None and "SSLEOFError" in str(error.orig):
        return of_ours(feed)
    if getattr(error.orig, "pgconn", None) is None:
        return None
    try:
        version = agreed(feed, tls)
    except OSError as cause:
        return refusal_of(feed, cause)
    if version is None:
        return _without_tls(feed)
    return of_ours(feed) if re.search("alert|certificate", str(error.orig)) else None


def agreed(feed: Feed, tls: ssl.SSLContext) -> str | None:
    """The version of TLS that a PostgreSQL server agrees on; None where it has no TLS.

    Raises:
        OSError: It does not answer, or a certificate is not accepted.
    """
    _, host, port = address(feed)
    with socket.create_connection((host, port), timeout=_SECONDS) as plain:
        plain.sendall(_SSL_REQUEST)
        if plain.recv(1) != b"S":
            return None
        with tls.wrap_socket(plain, server_hostname=host) as secured:
            return secured.version()


def _without_tls(feed: Feed) -> Refused:
    return Refused(
        f"{feed.feed_id}: the database has no TLS.",
        "ask the province to switch it on; on a line that is secured otherwise, end url with ?tls=off.",
    )
