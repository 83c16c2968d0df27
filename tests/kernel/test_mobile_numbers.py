"""One form for a mobile number, however it is written."""

import pytest

from daka.mobile_numbers import bare_mobile, is_broken


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("13800000001", "13800000001"),
        ("138-0000-0001", "13800000001"),
        ("138 0000 0001", "13800000001"),
        ("138.0000.0001", "13800000001"),
        ("+86 138-0000-0001", "13800000001"),
        ("(+86)13800000001", "13800000001"),
        ("8613800000001", "13800000001"),
        ("008613800000001", "13800000001"),
        ("013800000001", "13800000001"),
        ("１３８０００００００１", "13800000001"),
        ("\u202d138\u20110000\u20110001\u202c", "13800000001"),
        ("13800000001.0", "13800000001"),
        ("1.3900000003E10", "13900000003"),
        ("1.39E+10", "139E+10"),
        ("+86 21 5555 0100", "2155550100"),
        ("+1 415 555 0100", "+14155550100"),
        ("001 415 555 0100", "+14155550100"),
        ("+852 5123 4567", "+85251234567"),
        ("13800000001/13900000003", "13800000001/13900000003"),
        ("无", "无"),
        ("", ""),
    ],
)
def test_a_mobile_number_has_one_form(written: str, bare: str) -> None:
    assert bare_mobile(written) == bare
    assert bare_mobile(bare) == bare


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ("13800138000", False),
        ("+86 138 0013 8000", False),
        ("0086-138-0013-8000", False),
        ("1380013800", True),
        ("138001380000", True),
        ("+86 138 0013 800", True),
        # Other countries' numbers, landlines and short ones are nobody's to judge.
        ("+14155550100", False),
        ("010-12345678", False),
        ("91234567", False),
        ("12345", False),
        ("no number", False),
    ],
)
def test_a_digit_too_few_or_too_many_is_seen(written: str, broken: bool) -> None:
    assert is_broken(written) is broken
