"""Random streams depend on the seed and the key and on nothing else."""

from __future__ import annotations

import numpy as np

from core.models.streams import replicate_streams, stream


def test_the_same_key_gives_the_same_numbers_in_any_order() -> None:
    forward = [stream(1, "bootstrap", "rapid", i).random(3) for i in range(5)]
    backward = [stream(1, "bootstrap", "rapid", i).random(3) for i in reversed(range(5))]
    np.testing.assert_array_equal(forward, backward[::-1])


def test_every_part_of_the_key_counts() -> None:
    keys = [(1, "a", "bc"), (1, "ab", "c"), (1, "abc"), (1, "a", 1), (1, "a", "1"), (1, "a", None), (2, "a", 1),
            (1, 1, "a")]
    assert len({float(stream(*key).random()) for key in keys}) == len(keys)


def test_bytes_stay_the_same_from_version_to_version() -> None:
    """Results are promised to be the same for a seed; a change here changes every bootstrap interval."""
    assert stream(20220, "bootstrap", 0).integers(0, 1000, 5).tolist() == [684, 843, 229, 399, 232]


def test_neighbors_are_not_correlated() -> None:
    draws = np.array([stream(7, i).normal(size=200) for i in range(60)])
    correlations = np.corrcoef(draws)[np.triu_indices(60, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(200)
    assert np.abs(correlations.mean()) < 0.01


def test_replicates_have_the_streams_of_their_names() -> None:
    of = replicate_streams(3, "r", "rapid")
    for replicate in (0, 7, 1999):
        assert of(replicate).random() == stream(3, "r", "rapid", replicate).random()
