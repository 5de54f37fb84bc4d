"""The table of numbers by name answers as a dictionary does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.keys import Numbers

NAMES = st.text(alphabet="工伤赔偿 ab_", min_size=1, max_size=4)


@given(known=st.dictionaries(NAMES, st.integers(0, 2**31 - 1)), asked=NAMES)
def test_it_answers_as_a_dictionary_does(known: dict[str, int], asked: str) -> None:
    table = Numbers.of(known, known.items())

    assert {name: table[name] for name in known} == known
    assert len(table) == len(known)
    assert (asked in table, table.get(asked), table.get(asked, -1)) == (
        asked in known,
        known.get(asked),
        known.get(asked, -1),
    )


def test_a_name_without_a_number_counts_nothing() -> None:
    table = Numbers.of(("工", "工伤"), [("工伤", 7)])

    assert (table["工"], table["工伤"]) == (0, 7)


def test_names_in_order_are_counted_from_zero() -> None:
    table = Numbers.in_order(("工伤", "赔偿"))

    assert [table.get("工伤"), table.get("赔偿"), table.get("工")] == [0, 1, None]


def test_an_unknown_name_is_an_error_where_a_number_is_needed() -> None:
    with pytest.raises(KeyError):
        Numbers.in_order(("工伤",))["赔偿"]
