"""Words for a rest shift that every roster understands: in files, when pasting, and in the template."""

from collections.abc import Sequence

from daka.shifts.models import Shift

REST_WORDS = ("休", "休息", "公休", "轮休", "off", "rest", "r")
"""The web app has the same list (frontend/src/roster/clipboard.ts). Shift codes and names take precedence."""


def only_rest_shift(shifts: Sequence[Shift]) -> Shift | None:
    """The shift that these words mean: the team's rest shift, if there is exactly one."""
    rest = [shift for shift in shifts if shift.is_rest]
    return rest[0] if len(rest) == 1 else None
