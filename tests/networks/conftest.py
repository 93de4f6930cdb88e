"""What tests of networks share."""

from collections.abc import Callable

import numpy as np
import pytest

from utils.networks.network import Network


@pytest.fixture(scope="session")
def assert_same_networks() -> Callable[[Network, Network], None]:
    """A check that two networks are equal to the last bit."""

    def check(first: Network, second: Network) -> None:
        assert first.activations == second.activations
        for a, b in zip(first.kernels + first.biases, second.kernels + second.biases, strict=True):
            assert a.dtype == b.dtype
            assert np.array_equal(a, b)

    return check
