"""Ids of 128 bits that order by time (RFC 9562)."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kernel.clock import ManualClock, from_us, to_us
from counterfoil.kernel.ids import IdMaker, derive_id, new_id

# RFC 9562, appendix A.6: an example of version 7, made at 2022-02-22 19:22:22 UTC.
EXAMPLE = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
EXAMPLE_AT = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def fields(made: UUID) -> tuple[int, int, int]:
    """Read time (48 bits), version (4) and variant (2) where RFC 9562 §5.7 puts them."""
    return made.int >> 80, made.int >> 76 & 0xF, made.int >> 62 & 0b11


def test_the_layout_is_that_of_the_standard() -> None:
    """Time, version and variant stand where the RFC's own example has them."""
    clock = ManualClock(EXAMPLE_AT)
    made = IdMaker(clock)()
    assert fields(made) == fields(EXAMPLE) == (0x017F22E279B0, 7, 0b10)
    assert (made.version, made.variant) == (EXAMPLE.version, EXAMPLE.variant)
    assert fields(derive_id("x", at_us=clock.now_us())) == fields(EXAMPLE)


def test_ids_rise_within_a_millisecond_and_past_its_counter() -> None:
    """10,000 ids at one instant rise, are distinct, and borrow no more time than they need."""
    clock = ManualClock(EXAMPLE_AT)
    maker = IdMaker(clock)
    made = [maker() for _ in range(10_000)]
    assert all(a < b for a, b in pairwise(made))
    borrowed = fields(made[-1])[0] - fields(made[0])[0]
    assert borrowed == 10_000 // 4096
    clock.advance(timedelta(milliseconds=1))
    assert maker() > made[-1]


@given(st.lists(st.integers(-5000, 5000), min_size=2, max_size=50))
def test_ids_rise_whatever_the_clock_does(steps: list[int]) -> None:
    """A clock that stands still or runs backwards makes no smaller id."""
    clock = ManualClock(EXAMPLE_AT)
    maker = IdMaker(clock)

    def made() -> Iterator[UUID]:
        for step in steps:
            clock.advance(timedelta(microseconds=step))
            yield maker()

    assert all(a < b for a, b in pairwise(made()))


def test_threads_share_one_rising_order() -> None:
    """Ids made by several threads at once are distinct, and rise in each."""
    made: list[list[UUID]] = [[] for _ in range(4)]

    def work(own: list[UUID]) -> None:
        own.extend(new_id() for _ in range(2000))

    threads = [threading.Thread(target=work, args=(own,)) for own in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one for own in made for one in own}) == 8000
    assert all(a < b for own in made for a, b in pairwise(own))


def test_two_makers_do_not_collide() -> None:
    """Two processes at the same instant differ in 62 random bits."""
    clock = ManualClock(EXAMPLE_AT)
    assert len({IdMaker(clock)() for _ in range(1000)}) == 1000


NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=4
)
INSTANTS_US = st.integers(0, to_us(datetime(2100, 1, 1, tzinfo=UTC)))


@given(NAMES, NAMES, INSTANTS_US)
def test_a_derived_id_follows_from_its_names(
    names: list[str], others: list[str], at_us: int
) -> None:
    """The same names at the same instant have one id, other names another."""
    made = derive_id(*names, at_us=at_us)
    assert made == derive_id(*names, at_us=at_us)
    assert (made == derive_id(*others, at_us=at_us)) == (names == others)
    assert fields(made) == (at_us // 1000, 7, 0b10)


@given(NAMES, NAMES, INSTANTS_US, INSTANTS_US)
def test_derived_ids_order_by_time(
    names: list[str], others: list[str], at_us: int, later_us: int
) -> None:
    """An index over them grows at its end, whatever they are made from."""
    at_us, later_us = sorted((at_us, later_us))
    if at_us // 1000 < later_us // 1000:
        assert derive_id(*names, at_us=at_us) < derive_id(*others, at_us=later_us)
    assert from_us(fields(derive_id(*names, at_us=at_us))[0] * 1000) <= from_us(at_us)


def test_a_derived_id_stays_the_same_over_versions() -> None:
    """What was derived last year is found again this year: the recipe is part of the data."""
    made = derive_id("refund", 17, EXAMPLE, at_us=to_us(EXAMPLE_AT))
    # printf 'refund\x0017\x00017f22e2-79b0-7cc3-98c4-dc0c0c07398f' | sha256sum: its low 74 bits
    # stand around the variant.
    assert made == UUID("017f22e2-79b0-750f-b01d-8160035a305d")
