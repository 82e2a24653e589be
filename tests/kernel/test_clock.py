"""The one clock, and the two forms of an instant."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kernel.clock import EPOCH, ManualClock, Stopwatch, SystemClock, from_us, to_us

INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(INSTANTS)
def test_an_instant_survives_both_ways(at: datetime) -> None:
    """Microseconds lose nothing of an instant, before the epoch and after it."""
    assert from_us(to_us(at)) == at


@given(st.integers(min_value=to_us(datetime.min.replace(tzinfo=UTC)), max_value=10**17))
def test_microseconds_survive_both_ways(at_us: int) -> None:
    """An instant loses nothing of its microseconds, where a float would."""
    assert to_us(from_us(at_us)) == at_us


def test_an_instant_is_the_same_in_every_time_zone() -> None:
    """What counts is the instant, not how a place writes it."""
    cest = timezone(timedelta(hours=2))
    assert to_us(datetime(2026, 7, 1, 14, tzinfo=cest)) == to_us(
        datetime(2026, 7, 1, 12, tzinfo=UTC)
    )
    assert to_us(EPOCH) == 0
    assert to_us(EPOCH + timedelta(microseconds=1)) == 1
    assert to_us(datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)) == 10**15


def test_a_time_without_a_zone_is_refused() -> None:
    """A naive time could be anywhere on Earth, so it is no instant."""
    with pytest.raises(ValueError, match="2026-01-01T00:00:00 has no time zone; give an aware"):
        to_us(datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_system_clock_tells_the_machine_s_time() -> None:
    """It agrees with the machine to the second and does not stand still."""
    clock = SystemClock()
    first = clock.now_us()
    assert abs(from_us(first) - datetime.now(UTC)) < timedelta(seconds=5)
    while clock.now_us() == first:
        pass


def test_a_manual_clock_moves_when_told() -> None:
    """Forwards, backwards, to an instant, and not otherwise."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    clock = ManualClock(start)
    assert clock.now_us() == clock.now_us() == to_us(start)
    clock.advance(timedelta(microseconds=7))
    assert clock.now_us() == to_us(start) + 7
    clock.advance(timedelta(seconds=-1))
    assert clock.now_us() == to_us(start) + 7 - 1_000_000
    clock.set(start)
    assert clock.now_us() == to_us(start)


def test_a_stopwatch_only_goes_up() -> None:
    """It measures how long something took and never runs back."""
    watch = Stopwatch()
    first = watch.elapsed_s
    assert 0 <= first <= watch.elapsed_s < 60
