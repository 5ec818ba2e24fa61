"""Linear layers in 8-bit integers."""

import torch
from torch import nn

from seollem.vision.int8_linear import Int8Linear, use_int8


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 32, bias=False)).eval()


def test_it_computes_what_the_layer_did_to_within_a_hundredth() -> None:
    layer = nn.Linear(64, 128)
    inputs = torch.randn(5, 3, 64)

    with torch.inference_mode():
        exact, rounded = layer(inputs), Int8Linear(layer)(inputs)

    assert rounded.shape == (5, 3, 128)
    assert float((exact - rounded).norm() / exact.norm()) < 0.02


def test_one_output_with_large_weights_does_not_coarsen_the_others() -> None:
    layer = nn.Linear(64, 8)
    with torch.no_grad():
        layer.weight[0] *= 1000
    inputs = torch.randn(16, 64)

    with torch.inference_mode():
        error = (layer(inputs) - Int8Linear(layer)(inputs))[:, 1:]

    assert float(error.abs().max()) < 0.05


def test_a_token_of_large_numbers_does_not_coarsen_the_others() -> None:
    layer = nn.Linear(64, 8)
    inputs = torch.randn(16, 64)
    inputs[0] *= 1000

    with torch.inference_mode():
        exact, rounded = layer(inputs)[1:], Int8Linear(layer)(inputs)[1:]

    assert float((exact - rounded).norm() / exact.norm()) < 0.02


def test_a_token_of_zeros_gets_the_bias() -> None:
    layer = nn.Linear(4, 2)
    inputs = torch.cat([torch.zeros(1, 4), torch.ones(1, 4)])

    with torch.inference_mode():
        torch.testing.assert_close(Int8Linear(layer)(inputs)[0], layer.bias.detach())


def test_a_network_gives_nearly_the_same_answers_without_its_float_weights() -> None:
    exact, small = network(), network()
    inputs = torch.randn(4, 64)

    use_int8(small)
    with torch.inference_mode():
        cosine = nn.functional.cosine_similarity(exact(inputs), small(inputs))

    assert float(cosine.min()) > 0.999
    assert not list(small.parameters())


def test_a_layer_of_zeros_stays_one() -> None:
    layer = nn.Linear(4, 2)
    nn.init.zeros_(layer.weight)

    with torch.inference_mode():
        torch.testing.assert_close(Int8Linear(layer)(torch.ones(1, 4))[0], layer.bias.detach())
