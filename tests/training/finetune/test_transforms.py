import torch

from seollem.training.finetune.transforms import Augmentation, augment

STILL = Augmentation(
    rotation=0, scale=(1, 1), shift=0, contrast=0, brightness=0, gamma=0, blur=0, erase=0
)


def faces() -> torch.Tensor:
    return torch.rand(8, 1, 48, 48, generator=torch.Generator().manual_seed(1)) * 255


def test_without_any_bending_a_face_is_only_enlarged_or_mirrored() -> None:
    original = faces()
    bent = augment(original, 96, STILL, torch.Generator().manual_seed(2))
    plain = torch.nn.functional.interpolate(original, (96, 96), mode="bilinear")
    mirrored = [bool((face - own).abs().max() > 1) for face, own in zip(bent, plain, strict=True)]
    assert 0 < sum(mirrored) < 8
    for face, own, is_mirrored in zip(bent, plain, mirrored, strict=True):
        assert torch.allclose(face, own.flip(-1) if is_mirrored else own, atol=0.1)


def test_a_seed_gives_the_same_pictures_within_bounds() -> None:
    once, again, other = (
        augment(faces(), 64, Augmentation(), torch.Generator().manual_seed(seed))
        for seed in (3, 3, 4)
    )
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    assert once.shape == (8, 1, 64, 64)
    assert 0 <= once.min() <= once.max() <= 255
