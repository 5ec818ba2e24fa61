import pytest
import torch

from seollem.vision.int8 import dequantize, quantize


@pytest.mark.parametrize("size", [1.0, 1e-3])
def test_a_matrix_comes_back_to_within_half_a_step_of_its_block(size: float) -> None:
    matrix = torch.randn(6, 64, generator=torch.Generator().manual_seed(0)) * size
    matrix[2, 5] = 40 * size  # an outlier coarsens its own block only
    stored = quantize({"layer.weight": matrix})
    assert stored["layer.weight"].dtype == torch.int8
    error = (dequantize(stored)["layer.weight"] - matrix).abs().reshape(6, 2, 32).amax(dim=2)
    largest = matrix.abs().reshape(6, 2, 32).amax(dim=2)
    assert torch.all(error <= largest / 127 * 0.51 + 1e-7)


def test_an_embedding_matrix_has_one_scale_a_row_and_empty_rows_stay_empty() -> None:
    matrix = torch.randn(3, 64)
    matrix[1] = 0
    stored = quantize({"embeddings.weight": matrix})
    assert stored["embeddings.weight.int8_scale"].shape == (3, 1)
    assert torch.all(dequantize(stored)["embeddings.weight"][1] == 0)


def test_vectors_and_integers_are_kept() -> None:
    state = {"bias": torch.randn(5), "count": torch.tensor(3)}
    back = dequantize(quantize(state))
    assert torch.equal(back["bias"], state["bias"].half().float())
    assert torch.equal(back["count"], state["count"])
