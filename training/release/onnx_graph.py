"""An EmotionCLIP's image side as an ONNX graph, in float32 and with an int8 image tower.

int8 is static: scales come from what the layers see of some training faces. Weights have a scale a
channel, activations one a tensor. Weights use seven of the eight bits, because processors without
VNNI add two products of eight bits in sixteen and would overflow. Heads and cosines stay in
float32: they are small, and the answer is made there.
"""

import importlib.util
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seollem.training.errors import ExportError, MissingExtra
from seollem.vision.classifier import FaceReader
from seollem.vision.model import EmotionCLIP
from seollem.vision.onnx_model import INPUTS, OUTPUTS
from seollem.vision.pixels import stack_crops

if TYPE_CHECKING:
    import onnx

OPSET = 20
TOWER = "model.image_tower"  # the scope in which FaceReader holds it
CALIBRATION_BATCH = 32  # faces


def write_graph(model: EmotionCLIP, label_vectors: Tensor, path: Path) -> None:
    """Write the float32 graph of ``seollem.vision.onnx_model``; any number of faces and labels go
    in.

    Args:
        model: whose batch norms are folded away in place.
        label_vectors: (L, D), for their size.

    Raises:
        ExportError: the image tower has no form in ONNX.
    """
    size, channels = model.config.crop_size, 3 if model.config.color else 1
    # Two of each: a dimension that is 1 in the example would be taken for one that is always 1.
    example = (torch.zeros(2, channels, size, size), label_vectors[:2])
    sizes = {name: {0: torch.export.Dim(f"{name}_count")} for name in INPUTS}
    try:
        with _quiet():
            torch.onnx.export(
                FaceReader(model),
                example,
                path,
                input_names=INPUTS,
                output_names=OUTPUTS,
                dynamic_shapes=sizes,
                opset_version=OPSET,
                external_data=False,
                verbose=False,
            )
    except (torch.onnx.OnnxExporterError, RuntimeError) as error:
        raise ExportError(f"{model.config.name} has no form in ONNX ({error}).") from error
    _require_any_number(path)


def write_int8(
    graph: Path, model: EmotionCLIP, crops: Sequence[NDArray[np.uint8]], vectors: Tensor, path: Path
) -> None:
    """Write a float32 graph again with its image tower in int8.

    Args:
        graph: what ``write_graph`` wrote of ``model``.
        crops: faces to take the scales from: RGB HWC uint8.
        vectors: (L, D) of some labels.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    nodes = onnx.load(graph).graph.node
    with _quiet():
        quantize_static(
            graph,
            path,
            _Faces(model, crops, vectors),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_quantize=[node.name for node in nodes if _is_of_tower(node)],
        )


def require_onnx() -> None:
    """See to it that what writes and runs ONNX is installed.

    Raises:
        MissingExtra: something is missing.
    """
    needed = ("onnx", "onnxscript", "onnxruntime")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(f"{', '.join(missing)} missing: pip install 'seollem[onnx]'")


def _require_any_number(path: Path) -> None:
    """PyTorch falls back to graphs for the example's sizes alone, and does not say so."""
    import onnx

    for value in onnx.load(path).graph.input:
        if not value.type.tensor_type.shape.dim[0].dim_param:
            raise ExportError(
                f"The graph takes only two {value.name}: this image tower fixes their number."
            )


def _is_of_tower(node: "onnx.NodeProto") -> bool:
    return any(f"'{TOWER}'" in entry.value for entry in node.metadata_props)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the logs and warnings of exporter and quantizer."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


class _Faces:
    """Batches of inputs in the form that the quantizer asks for them."""

    def __init__(
        self, model: EmotionCLIP, crops: Sequence[NDArray[np.uint8]], vectors: Tensor
    ) -> None:
        faces = stack_crops(crops, model.config)
        self._batches = iter(faces.split(CALIBRATION_BATCH))
        self._vectors = vectors.numpy()

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        batch = next(self._batches, None)
        if batch is None:
            return None
        return dict(zip(INPUTS, (batch.numpy(), self._vectors), strict=True))
