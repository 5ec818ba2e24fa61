import torch
from torch import nn

from seollem.training.runs.schedule import WARM_UP, Average, one_cycle


def test_the_rate_rises_to_its_peak_and_falls_to_almost_nothing() -> None:
    rates = [one_cycle(step, 1000) for step in range(1000)]
    peak = round(WARM_UP * 1000)
    assert rates[peak] == 1.0
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 0.01 < rates[0]


def test_the_average_follows_the_weights_and_copies_counters() -> None:
    layer = nn.BatchNorm1d(2)
    average = Average(layer, decay=0.5)
    assert layer.num_batches_tracked is not None
    with torch.no_grad():
        layer.weight.fill_(3.0)
        layer.num_batches_tracked.fill_(7)
    for _ in range(60):
        average.update(layer)
    assert torch.allclose(average.state["weight"], torch.tensor(3.0))
    assert average.state["num_batches_tracked"] == 7
