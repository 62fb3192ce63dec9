"""File names give up their article numbers, and a pattern that cannot work says why."""

from __future__ import annotations

import pytest

from fabric_desktop.errors import BadPattern
from fabric_desktop.library.patterns import NamePattern, preview, suggest_pattern


@pytest.mark.parametrize(
    ("pattern", "name", "fields"),
    [
        ("{article}_{n}", "AB-1204_3.jpg", {"article": "AB-1204", "n": "3"}),
        ("{article}_{n}", "AB_12_10.JPG", {"article": "AB_12", "n": "10"}),
        ("{article}_{n}", "棉布０１＿２.png", {"article": "棉布01", "n": "2"}),
        ("{fabric}-{article} ({n})", "真丝缎-S99 (4).tif", {"fabric": "真丝缎", "article": "S99", "n": "4"}),
        ("swatch {article}{any}", "SWATCH 7781 front light.jpg", None),
        ("swatch {article} {any}", "SWATCH 7781 front light.jpg", {"article": "7781"}),
        ("{article}", "IMG.v2.jpg", {"article": "IMG.v2"}),
        ("{article}_{n}", "AB-1204_front.jpg", None),
        ("{article}_{n}", "_3.jpg", None),
        ("a+b {article}", "a+b 12.jpg", {"article": "12"}),
    ],
)
def test_a_name_is_read_as_the_pattern_says_or_not_at_all(
    pattern: str, name: str, fields: dict[str, str] | None
) -> None:
    if "}{" in pattern:
        with pytest.raises(BadPattern):
            NamePattern(pattern)
        return
    parsed = NamePattern(pattern).parse(name)
    assert parsed.fields == fields
    assert parsed.fabric == ("" if fields is None else fields.get("fabric", fields.get("article")))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{n}", "no_fabric"),
        ("", "no_fabric"),
        ("{article}_{colour}", "unknown"),
        ("{article}_{article}", "twice"),
        ("{article}{n}", "touching"),
        ("{article_{n}", "brace"),
        ("{article}_n}", "brace"),
    ],
)
def test_a_pattern_that_cannot_work_says_why(pattern: str, reason: str) -> None:
    with pytest.raises(BadPattern) as bad:
        NamePattern(pattern)
    assert bad.value.params["reason"] == reason


def test_the_first_twenty_files_are_shown_live() -> None:
    shown = preview("{article}_{n}", (f"A{number // 3}_{number % 3}.jpg" for number in range(10_000)))
    assert len(shown) == 20
    assert [parsed.fabric for parsed in shown[:4]] == ["A0", "A0", "A0", "A1"]


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["AB-1204_1.jpg", "AB-1204_2.jpg", "AB-1205_1.jpg"], "{article}_{n}"),
        (["AB1204-1.jpg", "AB1204-2.jpg", "AB1205-1.jpg"], "{article}-{n}"),
        (["棉布 (1).jpg", "棉布 (2).jpg", "麻 (1).jpg"], "{article} ({n})"),
        (["A12 front.jpg", "A12 back.jpg", "B1 front.jpg"], "{article} {any}"),
        (["cotton.jpg", "silk.jpg"], "{article}"),
    ],
)
def test_the_usual_ways_of_naming_are_recognised(names: list[str], pattern: str) -> None:
    assert suggest_pattern(names) == pattern
