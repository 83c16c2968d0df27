"""What tables are made of: their base, and types of columns and indexes that both databases have."""

import re
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped as Mapped
else:

    class Mapped:
        """Type of a table's field: `Reminder.next_due_at` is a column, `reminder.next_due_at` its value.

        SQLModel declares fields as plain values, so a type checker mistakes columns for values and every `in_` needs `col()`.
        SQLAlchemy's own descriptor type is correct for both; pydantic sees the plain type.
        """

        def __class_getitem__(cls, kind: object) -> object:
            return kind


class Table(SQLModel):
    """Base of all tables. A table has the name of its class in snake case."""

    model_config = {"defer_build": True}  # nothing validates rows (see `Schema`)

    @sa.orm.declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy calls it with the class
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class PartialIndex(sa.Index):
    """An index of the rows that fulfil a condition. Naming both databases in `Index` itself would load what both need."""

    def __init__(self, name: str, *columns: str, where: str) -> None:
        super().__init__(name, *columns)
        self._condition = where

    @cached_property
    def dialect_options(self) -> Any:  # asked for where tables are made or compared
        options = super().dialect_options
        for dialect in ("sqlite", "postgresql"):
            options[dialect]["where"] = sa.text(self._condition)
        return options


def enum_column(kind: type[StrEnum]) -> sa.Enum:
    """Column type that stores an enum's values as text on both databases and loads them as the enum."""
    return sa.Enum(
        kind, native_enum=False, length=24, values_callable=lambda members: [member.value for member in members]
    )


def json_column() -> sa.JSON:
    """Column type for small JSON documents; None is stored as SQL NULL."""
    return sa.JSON(none_as_null=True)
