"""EmotionCLIP's image tower as ONNX, run by ONNX Runtime: ``pip install 'seollem[onnx]'``.

The graph holds everything from crops to logits, so that other programs can run it without knowing
how training prepared its faces:

    faces (N, C, crop_size, crop_size) in [0, 255], label_vectors (L, D) → logits (N, L)

The logits of several annotators are mixed within it by their weights.
"""

from pathlib import Path

import torch
from torch import Tensor

from seollem.vision.errors import BrokenWeights, MissingExtra

FILE_NAME = "model.onnx"
INPUTS, OUTPUTS = ("faces", "label_vectors"), ("logits",)


class OnnxModel:
    """An ONNX Runtime session; several threads may call it at once.

    Args:
        path: the .onnx file.
        threads: of the session's own; None leaves the number to ONNX Runtime.

    Raises:
        BrokenWeights: the file is missing, damaged, or no such graph.
        MissingExtra: ONNX Runtime is not installed.
    """

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtra(f"{path} needs ONNX Runtime: pip install 'seollem[onnx]'") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 3  # errors, which are raised as well
        try:
            self._session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's have no base of their own
            raise BrokenWeights(
                f"{path} is no ONNX model that can be run ({error}). Make it with: "
                "seollem train onnx"
            ) from error
        inputs = tuple(value.name for value in self._session.get_inputs())
        outputs = tuple(value.name for value in self._session.get_outputs())
        if (inputs, outputs) != (INPUTS, OUTPUTS):
            raise BrokenWeights(
                f"{path} is of another architecture: it makes {', '.join(outputs)} of "
                f"{', '.join(inputs)}. Make it with: seollem train onnx"
            )

    def __call__(self, faces: Tensor, label_vectors: Tensor) -> Tensor:
        """(N, C, crop_size, crop_size) in [0, 255], (L, D) → logits (N, L)."""
        values = (faces.numpy(), label_vectors.numpy())
        (logits,) = self._session.run(OUTPUTS, dict(zip(INPUTS, values, strict=True)))
        return torch.from_numpy(logits)
