"""Which certificates servers outside may have: the public authorities', and those that the operator adds."""

import os
import ssl
from functools import lru_cache

from daka.errors import ConfigurationError


def refuse_unreadable() -> None:
    """At the start, without the public authorities, which only sending needs. Raises ConfigurationError, as `trust`."""
    _add(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), *_added())


def trust() -> ssl.SSLContext:
    """The public authorities, and those in `SSL_CERT_FILE` and `SSL_CERT_DIR`: a private CA is added and replaces nothing.

    Raises ConfigurationError: one of the two cannot be read.
    """
    return _trust(*_added())


def _added() -> tuple[str, str]:
    return os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")


@lru_cache(maxsize=16)
def _trust(file: str, folder: str) -> ssl.SSLContext:
    """Kept: to read the authorities takes tens of milliseconds."""
    import httpx  # loaded with the client

    context = httpx.create_ssl_context(trust_env=False)
    _add(context, file, folder)
    return context


def _add(context: ssl.SSLContext, file: str, folder: str) -> None:
    try:
        if file:
            context.load_verify_locations(cafile=file)
    except OSError as error:  # also ssl.SSLError: it is no certificate
        raise ConfigurationError(f"SSL_CERT_FILE: {file} cannot be read as certificates in PEM") from error
    if folder:
        if not os.path.isdir(folder):
            raise ConfigurationError(f"SSL_CERT_DIR: {folder} is not a directory")
        context.load_verify_locations(capath=folder)
