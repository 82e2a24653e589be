"""Random numbers are the published Philox, compiled and on arrays alike."""

import numpy as np
import pytest

from counterfoil.lab.randomness import Stream, philox, philox_arrays, threshold, words

# Known answers published with Random123 1.14 (kat_vectors, philox4x32 10 rounds).
VECTORS = [
    (
        (0, 0, 0, 0, 0, 0),
        (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ),
    (
        (0xFFFFFFFF,) * 6,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "answer"), VECTORS)
def test_philox_gives_the_published_answers(
    counter: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    """Both forms of the generator give Random123's known answers."""
    scalars = tuple(np.uint64(word) for word in counter)
    arrays = tuple(np.array([word], dtype=np.uint64) for word in counter)
    assert tuple(int(word) for word in philox(*scalars)) == answer
    assert tuple(int(word[0]) for word in philox_arrays(*arrays)) == answer


def test_a_number_does_not_depend_on_how_many_are_drawn() -> None:
    """Person 7's numbers are the same whether 10 or 1,000 people are drawn."""
    few = words(10, seed=5, stream=Stream.PERSON)
    many = words(1_000, seed=5, stream=Stream.PERSON)
    assert (few == many[:10]).all()


def test_streams_months_and_seeds_are_apart() -> None:
    """Changing the stream, the month or the seed changes every number."""
    base = words(1_000, seed=5, stream=Stream.PERSON)
    for other in (
        words(1_000, seed=6, stream=Stream.PERSON),
        words(1_000, seed=5, stream=Stream.FRIEND),
        words(1_000, seed=5, stream=Stream.PERSON, month=1),
        words(1_000, seed=5 + (1 << 32), stream=Stream.PERSON),
    ):
        assert (base == other).mean() < 0.001


def test_a_threshold_meets_its_probability() -> None:
    """A word is below the threshold of p with probability p."""
    drawn = words(200_000, seed=1, stream=Stream.EVENT)
    assert abs((drawn < threshold(0.05)).mean() - 0.05) < 0.001
    assert threshold(0.0) == 0
    assert threshold(1.0) == 1 << 32
