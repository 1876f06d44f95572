"""TLS to a source: the pinned CA, the certificate that the source wants to see, faults in safe words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from jobs.errors import Refused, UsageFault
from jobs.settings import Settings
from jobs.sources.credentials import client_key_of
from jobs.sources.model import Feed
from jobs.sources.reaching import address

_NOT_YET, _EXPIRED, _OTHER_HOST = 9, 10, (62, 64)
"""Numbers of faults of a certificate, the last ones of a name and an address (OpenSSL, x509_vfy.h)."""
_OF_OURS = ("ALERT", "BAD_CERTIFICATE", "CERTIFICATE_REQUIRED", "UNKNOWN_CA")
"""What the reason has when the other side refuses the certificate that was shown, or misses one."""
_PROBE_SECONDS = 2


def context_of(feed: Feed, settings: Settings) -> ssl.SSLContext:
    """What a connection to a feed's source trusts and shows.

    With ``ca_file`` that CA alone is trusted, otherwise those of the system. Hosts are always verified.

    Raises:
        UsageFault: A file cannot be used; the message has nothing of its content.
    """
    try:
        context = ssl.create_default_context(cafile=feed.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise UsageFault(
            f"{feed.feed_id}: ca_file is not readable as certificates.", "give it in PEM form."
        ) from error
    if feed.client_certificate is not None:
        key, passphrase = client_key_of(feed, settings)
        try:
            context.load_cert_chain(feed.client_certificate, key, password=passphrase)
        except (OSError, ssl.SSLError) as error:
            raise UsageFault(
                f"{feed.feed_id}: client_certificate and client_key do not open, or are no pair.",
                f"give both in PEM form, and its passphrase in the credential {feed.client_key}.",
            ) from error
    return context


def refusal_of(feed: Feed, error: BaseException) -> Refused | None:
    """What is wrong with the certificates, when that is what a connection failed of; else None.

    Asking again gives the same, so it is a refusal.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _of_theirs(feed, cause.verify_code)
        if isinstance(cause, ssl.SSLError) and any(part in (cause.reason or "") for part in _OF_OURS):
            return of_ours(feed)
    return None


def closes_unasked(feed: Feed, context: ssl.SSLContext) -> Refused | None:
    """The refusal of a source that ends a connection as soon as it is secured; None when it waits.

    In TLS 1.3 the client's certificate is judged after the client has finished its handshake, and many
    servers hang up without saying why. One that is merely troubled lets a new connection be.
    """
    _, host, port = address(feed)
    try:
        with (
            socket.create_connection((host, port), timeout=_PROBE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return of_ours(feed) if _has_ended(secured) else None
    except OSError:
        return None


def _has_ended(secured: ssl.SSLSocket) -> bool:
    try:
        return secured.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _of_theirs(feed: Feed, code: int) -> Refused:
    if code == _EXPIRED:
        what, remedy = "has expired", "ask the province to renew it, and look at this machine's clock."
    elif code == _NOT_YET:
        what, remedy = "is not valid yet", "ask the province, and look at this machine's clock."
    elif code in _OTHER_HOST:
        what, remedy = "names another host", "correct url, or ask the province for the right certificate."
    elif feed.ca_file is None:
        what, remedy = "comes from no CA that this system trusts", "name the province's CA in ca_file."
    else:
        what = "does not come from the CA of ca_file"
        remedy = "ask the province, by another way, which CA it has now; then change ca_file."
    return Refused(f"{feed.feed_id}: the certificate of the source {what}.", remedy)


def of_ours(feed: Feed) -> Refused:
    """The refusal of a source that misses our certificate, or does not take it."""
    if feed.client_certificate is None:
        return Refused(
            f"{feed.feed_id}: the source wants a client certificate.",
            "name client_certificate and client_key in the source's file.",
        )
    return Refused(
        f"{feed.feed_id}: the source refuses our client certificate.",
        "renew client_certificate, or ask the province which CA must have issued it.",
    )
