r"""Values as the database writes them: what is not interpreted here cannot be interpreted wrongly.

Integers are numbers and PostgreSQL's booleans are booleans. A string of bits in MySQL is the integer that it
stands for. Every other value is the server's own text of it: decimals with all their digits, instants in the
session's zone, ``0000-00-00``, ``infinity``, ``NaN``, documents. Bytes that no character set explains are
``\x`` and hexadecimal, as PostgreSQL writes ``bytea``: a mapping that wants the text in them converts it in
its ``select``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from pymysql.constants import FIELD_TYPE
from pymysql.converters import encoders

_NUMBERS = frozenset({"bool", "int2", "int4", "int8"})
"""Types of PostgreSQL whose usual reading is kept."""
_INTEGERS = (
    *(FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG),
    FIELD_TYPE.YEAR,
)


def _integer_of_bits(data: bytes) -> int:
    return int.from_bytes(data, "big")


OF_MYSQL: Mapping[Any, Any] = {
    **encoders,
    **dict.fromkeys(_INTEGERS, int),
    FIELD_TYPE.DECIMAL: Decimal,
    FIELD_TYPE.NEWDECIMAL: Decimal,
    FIELD_TYPE.BIT: _integer_of_bits,
}
"""How PyMySQL writes parameters, and the only types whose text it reads."""


class _Written(Loader):
    """PostgreSQL's text of a value; bytes of it that are no UTF-8, as ``SQL_ASCII`` may have, are escaped."""

    def load(self, data: Buffer) -> str:
        """The text."""
        return bytes(data).decode("utf-8", "backslashreplace")


def as_written(connection: sa.Connection) -> None:
    """Makes a connection to PostgreSQL give the server's own text, but for integers and booleans."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  (its URL names the driver)
    adapters = driver.adapters
    adapters.register_loader(0, _Written)  # What psycopg reads a type with that it does not know.
    for one in psycopg.postgres.types:
        if one.name not in _NUMBERS:
            adapters.register_loader(one.oid, _Written)
        if one.array_oid:
            adapters.register_loader(one.array_oid, _Written)


def plain(value: Any) -> Any:
    """A value as JSON has it; see the module.

    >>> plain(Decimal("1.50")), plain(7)
    ('1.50', 7)
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return f"\\x{bytes(value).hex()}"
    return str(value) if isinstance(value, Decimal) else value
