"""Tests what an app may do at its vendor, one permission at a time, each with its name in the vendor's console."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from daka.reminders.punches.remedies import remedy
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.syncing.schemas import PermissionRead

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Refusals:
    """How a vendor's refusals are told apart, by the hints of `SourceError`."""

    app: frozenset[str]
    """Of the app itself: nothing else can be tested."""
    permission: frozenset[str]
    """Of the permission that was tested."""
    remedy: Mapping[str, str]
    """How to grant the permission `{name}`, by language."""


@dataclass(slots=True)
class PermissionTests:
    """What is found, in the order of the tests."""

    refusals: Refusals
    found: list[PermissionRead] = field(default_factory=list)

    @property
    def is_app_refused(self) -> bool:
        return any(each.name == "" for each in self.found)

    async def run(self, name: str, test: Callable[[], Awaitable[Answer]], *, is_needed: bool = True) -> Answer | None:
        """Test a permission by a call that needs it. None: it was refused."""
        try:
            answer = await test()
        except SourceError as error:
            self.refuse(name, error, is_needed=is_needed)
            return None
        self.note(name, is_granted=True, is_needed=is_needed)
        return answer

    def note(self, name: str, *, is_granted: bool | None, is_needed: bool = True) -> None:
        """Note what an answer showed; None: nothing."""
        found = PermissionRead(name=name, is_needed=is_needed, state="unknown")
        if is_granted is not None:
            found.state = "ok" if is_granted else "missing"
            found.remedy = {} if is_granted else self._remedy(name)
        self.found.append(found)

    def refuse(self, name: str, error: SourceError, *, is_needed: bool = True) -> None:
        if error.hint in self.refusals.app:
            name, is_needed = "", True
        self.found.append(
            PermissionRead(
                name=name,
                is_needed=is_needed,
                state="missing" if error.kind is SourceErrorKind.BROKEN else "unknown",
                provider_code=error.code,
                provider_message=error.message,
                remedy=self._remedy(name)
                if error.hint in self.refusals.permission
                else remedy(error.hint, error.message),
            )
        )

    def _remedy(self, name: str) -> dict[str, str]:
        return {language: text.format(name=name) for language, text in self.refusals.remedy.items()}
