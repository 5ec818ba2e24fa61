"""The columns of the granular data set."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seollem.scoring.emotions import FACE_EMOTIONS

if TYPE_CHECKING:
    import pyarrow

BOX = ("x", "y", "width", "height")


def schema(labels: Sequence[str], with_crops: bool) -> "pyarrow.Schema":
    """The columns; Hugging Face's ``datasets`` finds its own names of their types in the metadata.

    - image: path within the folder of photographs; sha256: of its file
    - face: 0 is the largest of the photograph
    - box: in pixels of the upright photograph; score: the detector's, in [0, 1]
    - label: the most probable one, null where there is none; abstained: then why
    - confidence: its probability; probabilities: over the labels, summing to 1
    - expression: over the eight emotions the model was trained on, summing to 1
    - reviewed: whether a person looked; corrected: what the person said, null for none of them
    - crop: PNG, as the model saw it, before its own scaling
    """
    import pyarrow as pa

    def shares(names: Sequence[str]) -> "pyarrow.DataType":
        return pa.struct([(name, pa.float32()) for name in names])

    columns: list[tuple[str, pyarrow.DataType]] = [
        ("image", pa.string()),
        ("sha256", pa.string()),
        ("face", pa.int32()),
        ("box", shares(BOX)),
        ("score", pa.float32()),
        ("label", pa.string()),
        ("confidence", pa.float32()),
        ("abstained", pa.string()),
        ("probabilities", shares(labels)),
        ("expression", shares(FACE_EMOTIONS)),
        ("reviewed", pa.bool_()),
        ("corrected", pa.string()),
    ]
    if with_crops:
        columns.append(("crop", pa.struct([("bytes", pa.binary()), ("path", pa.string())])))
    features = {name: _feature(kind) for name, kind in columns}
    return pa.schema(columns, {b"huggingface": json.dumps({"info": {"features": features}})})


def _feature(kind: "pyarrow.DataType") -> dict[str, Any]:
    import pyarrow as pa

    if not pa.types.is_struct(kind):
        return {"dtype": str(kind).replace("float", "float32"), "_type": "Value"}
    if kind.get_field_index("bytes") >= 0:
        return {"_type": "Image"}
    return {field.name: _feature(field.type) for field in kind}
