"""A model's view of many faces."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vision.model import EmotionCLIP
from vision.pixels import to_pixels

BATCH = 256


@torch.inference_mode()
def embed_faces(
    model: EmotionCLIP, images: NDArray[np.uint8], *, mirrored: bool = False
) -> dict[str, Tensor]:
    """Annotator → (N, D) of unit length on the CPU, for grey faces (N, h, w).

    With ``mirrored`` every face and its mirror image are embedded and averaged, as the classifier
    does.
    """
    model.eval()
    device = next(model.parameters()).device
    embedded: dict[str, list[Tensor]] = {annotator: [] for annotator in model.config.annotators}
    for start in range(0, len(images), BATCH):
        batch = torch.from_numpy(images[start : start + BATCH]).to(device).unsqueeze(1).float()
        views = [batch, batch.flip(-1)] if mirrored else [batch]
        features = [model.features(to_pixels(view, model.config)) for view in views]
        for annotator, rows in embedded.items():
            mean = torch.stack([model.embed(f, annotator) for f in features]).mean(dim=0)
            rows.append(torch.nn.functional.normalize(mean, dim=-1).cpu())
    return {annotator: torch.cat(rows) for annotator, rows in embedded.items()}
