"""Lists in the two languages."""

import pytest

from daka.languages import Language, people_in


@pytest.mark.parametrize(
    ("names", "chinese", "english"),
    [
        ([], "", ""),
        (["张三"], "张三", "张三"),
        (["张三", "李四", "张三"], "张三、李四", "张三, 李四"),
        (["甲", "乙", "丙"], "甲、乙 等 3 人", "甲, 乙 and others (3 people)"),
    ],
)
def test_people_are_listed(names: list[str], chinese: str, english: str) -> None:
    assert [people_in(names, language, most=2) for language in Language] == [chinese, english]
