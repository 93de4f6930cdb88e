"""Networks: their arithmetic and their files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from utils.networks.network import (
    ACTIVATIONS,
    Network,
    NetworkError,
    positions,
    scopes,
    sigmoid,
)


def test_forward_by_hand() -> None:
    network = Network(
        (np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([[1.0, 0.0], [3.0, -2.0]])),
        (np.array([0.5, 0.0]), np.array([0.0, 1.0])),
        ("relu",),
    )
    _, hidden, logits = network.forward(np.array([[1.0, 2.0], [-1.0, 0.0]]))
    assert hidden.tolist() == [[5.5, 0.0], [0.0, 1.0]]
    assert logits.tolist() == [[5.5, 1.0], [3.0, -1.0]]
    assert network.predict(np.array([[1.0, 2.0], [-1.0, 0.0]])).tolist() == [0, 0]
    assert network.n_correct(np.array([[1.0, 2.0], [-1.0, 0.0]]), np.array([0, 1])) == 1


def test_hidden_neurons_are_counted_through_the_layers_in_their_order() -> None:
    layers, numbers = positions((3, 1, 2))
    found = scopes((3, 1, 2))
    assert list(found) == ["layer-1", "layer-2", "layer-3", "network"]
    for layer, width in enumerate((3, 1, 2), 1):
        neurons = found[f"layer-{layer}"]
        assert layers[neurons].tolist() == [layer] * width
        assert numbers[neurons].tolist() == list(range(width))
    assert found["network"].tolist() == [0, 1, 2, 3, 4, 5]


def test_what_follows_a_layer_makes_the_same_of_its_outputs(
    random_network: Callable[..., Network],
) -> None:
    network = random_network((4, 5, 3, 2), "tanh")
    outputs = network.forward(np.random.default_rng(0).random((6, 4)))
    for layer in (0, 1, 2):
        after = network.after(layer)
        assert after.hidden == network.hidden[layer:]
        for ours, whole in zip(after.forward(outputs[layer]), outputs[layer:], strict=True):
            np.testing.assert_array_equal(ours, whole)


def test_sigmoid_far_out() -> None:
    x = np.array([-1e4, -1.0, 0.0, 1.0, 1e4], np.float32)
    assert sigmoid(x).dtype == np.float32
    expected = [0, 0.26894142, 0.5, 0.73105858, 1]
    np.testing.assert_allclose(sigmoid(x), expected, rtol=1e-6, atol=0)
    assert x.tolist() == [-1e4, -1, 0, 1, 1e4]


def test_arrays_are_read_only(random_network: Callable[..., Network]) -> None:
    network = random_network((4, 3, 2))
    for array in (*network.kernels, *network.biases):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        network.kernels = ()


def test_impossible_networks(random_network: Callable[..., Network]) -> None:
    network = random_network((4, 3, 2))
    with pytest.raises(NetworkError, match=r"\(4, 3\) and \(4, 3\) do not connect"):
        Network((network.kernels[0],) * 2, network.biases, ("relu",))
    with pytest.raises(NetworkError, match="one activation a hidden layer"):
        Network(network.kernels, network.biases, ())
    with pytest.raises(NetworkError, match="'elu'; allowed are sigmoid, tanh, relu"):
        Network(network.kernels, network.biases, ("elu",))
    for shape in ((5, 3), (4,), (5, 2, 2)):
        with pytest.raises(NetworkError, match=r"expected \(n, 4\)"):
            network.forward(np.zeros(shape))


def test_a_rounded_network_takes_half_the_room_and_comes_back_the_same(
    assert_same_networks, tmp_path: Path, random_network: Callable[..., Network]
) -> None:
    network = random_network((60, 50, 10), dtype=np.float32)
    rounded = network.rounded()
    for one, other in zip(network.kernels, rounded.kernels, strict=True):
        assert one.dtype == other.dtype == np.float32
        assert 0 < np.abs(one - other).max() <= 2**-11 * np.abs(one).max()
    for name, saved in (("whole", network), ("half", rounded)):
        saved.save(tmp_path / f"{name}.npz")
        assert_same_networks(Network.load(tmp_path / f"{name}.npz"), saved)
    whole, half = ((tmp_path / f"{name}.npz").stat().st_size for name in ("whole", "half"))
    assert half < 0.6 * whole
    assert_same_networks(rounded.rounded(), rounded)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_save_and_load(
    assert_same_networks, dtype: type, tmp_path: Path, random_network: Callable[..., Network]
) -> None:
    path = tmp_path / "replicate-00.npz"
    for sizes in ((6, 5, 4, 3), (6, 5, 3)):
        network = random_network(sizes, "tanh", dtype=dtype)
        network.save(path)
        assert_same_networks(Network.load(path), network)
    assert [p.name for p in tmp_path.iterdir()] == ["replicate-00.npz"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_same_network_same_bytes(tmp_path: Path, random_network: Callable[..., Network]) -> None:
    for name in ("one.npz", "two.npz"):
        random_network((6, 5, 3)).save(tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"no network at .*gone\.npz; 01-train makes it"):
        Network.load(tmp_path / "gone.npz")
    with pytest.raises(NetworkError, match=r"no networks in .*01-train"):
        Network.load_all(tmp_path)


def test_load_all_in_the_order_of_replicates(
    assert_same_networks, tmp_path: Path, random_network: Callable[..., Network]
) -> None:
    networks = [random_network((4, 3, 2), seed=k) for k in range(12)]
    for k in reversed(range(12)):
        networks[k].save(tmp_path / f"replicate-{k:02d}.npz")
    (tmp_path / "notes.npz").write_bytes(b"")
    for loaded, network in zip(Network.load_all(tmp_path), networks, strict=True):
        assert_same_networks(loaded, network)


def test_networks_are_saved_under_their_numbers_and_replace_those_before(
    assert_same_networks, tmp_path: Path, random_network: Callable[..., Network]
) -> None:
    networks = [random_network((4, 3, 2), seed=k) for k in range(4)]
    Network.save_all(networks, tmp_path)
    Network.save_all(networks[1:], tmp_path)
    names = [f"replicate-{k:02d}.npz" for k in range(3)]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    for name, network in zip(names, networks[1:], strict=True):
        assert_same_networks(Network.load(tmp_path / name), network)


@pytest.mark.parametrize("key", ["kernel_0", "bias_1", "activations"])
def test_pickled_array_is_refused_and_not_run(
    key: str,
    tmp_path: Path,
    random_network: Callable[..., Network],
    trap: tuple[np.ndarray, Path],
) -> None:
    path, (pickled, touched) = tmp_path / "replicate-00.npz", trap
    random_network((4, 3, 2)).save(path)
    with np.load(path) as file:
        arrays = {**file, key: pickled}
    np.savez(path, **arrays)
    with pytest.raises(NetworkError, match=r"replicate-00\.npz is not a saved network"):
        Network.load(path)
    assert not touched.exists()


@pytest.mark.filterwarnings("ignore")
def test_no_flipped_byte_goes_unnoticed(
    assert_same_networks, tmp_path: Path, random_network: Callable[..., Network]
) -> None:
    """Each is refused by name, or is in a part of the file that changes nothing."""
    path, network = tmp_path / "replicate-00.npz", random_network((4, 3, 2))
    network.save(path)
    raw = path.read_bytes()
    refusals = []
    for position in range(0, len(raw), 2):
        path.write_bytes(raw[:position] + bytes([raw[position] ^ 0x09]) + raw[position + 1 :])
        try:
            assert_same_networks(Network.load(path), network)
        except NetworkError as error:
            refusals.append(str(error))
    assert all("replicate-00.npz" in message for message in refusals)
    assert len(refusals) > len(raw) // 4


def test_single_precision_is_kept(random_network: Callable[..., Network]) -> None:
    single = random_network((4, 3, 2), dtype=np.float32)
    assert {a.dtype for a in single.kernels + single.biases} == {np.dtype(np.float32)}
    assert single.forward(np.ones((2, 4)))[-1].dtype == np.float32
    assert set(ACTIVATIONS) == {"sigmoid", "tanh", "relu"}
