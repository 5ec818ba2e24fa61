import cv2
import numpy as np
from numpy.typing import NDArray

from miniatures import striped_face
from seollem.scoring.emotions import FACE_EMOTIONS
from seollem.training.data.duplicates import BLOCK, find_duplicates
from seollem.training.data.perceptual_hash import perceptual_hashes


def faces(count: int) -> NDArray[np.uint8]:
    return np.stack([striped_face(FACE_EMOTIONS[n % len(FACE_EMOTIONS)], n) for n in range(count)])


def saved_again(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reduced, enlarged, and saved as a JPEG of poor quality."""
    small = cv2.resize(face, (30, 30), interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, face.shape, interpolation=cv2.INTER_LINEAR)
    return np.asarray(
        cv2.imdecode(cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0), np.uint8
    )


def distance(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    hashes = perceptual_hashes(np.stack([a, b]))
    return int(np.bitwise_count(hashes[0] ^ hashes[1]))


def test_a_hash_survives_saving_scaling_and_toning() -> None:
    for face in faces(16):
        assert distance(face, saved_again(face)) <= 8
        assert distance(face, (face * 0.6 + 20).astype(np.uint8)) <= 8
    large, small = striped_face("fear", 3, 96), striped_face("fear", 3, 48)
    assert np.bitwise_count(perceptual_hashes(large[None]) ^ perceptual_hashes(small[None])) <= 4


def test_hashes_of_other_faces_are_far_away() -> None:
    hashes = perceptual_hashes(faces(64))
    apart = np.bitwise_count(hashes[:, None] ^ hashes)[np.triu_indices(64, 1)]
    assert np.median(apart) > 24


def test_copies_in_an_earlier_split_are_leaked_and_others_are_not() -> None:
    images = faces(40)
    splits = np.repeat([0, 1, 2], [20, 10, 10])
    images[25] = saved_again(images[3])  # validation ~ training
    images[31] = images[4]  # test = training
    images[32] = saved_again(images[21])  # test ~ validation
    images[33] = saved_again(images[34])  # within the test split
    images[6] = images[5]  # within the training split
    found = find_duplicates(images, splits)
    assert np.flatnonzero(found.leaked).tolist() == [25, 31, 32]
    copies = {25: 3, 31: 4, 32: 21, 34: 33, 6: 5}
    expected = [copies.get(row, row) for row in range(40)]
    assert found.first.tolist() == expected


def test_faces_that_a_hash_confuses_are_told_apart_by_their_pixels() -> None:
    smooth = np.linspace(0, 200, 48)[None].repeat(48, axis=0)
    random = np.random.default_rng(1)
    one, other = (
        (smooth + random.normal(0, 60, (48, 48))).clip(0, 255).astype(np.uint8) for _ in range(2)
    )
    blurred = [np.asarray(cv2.GaussianBlur(face, (0, 0), 3), np.uint8) for face in (one, other)]
    assert distance(*blurred) < distance(*faces(2))
    found = find_duplicates(np.stack([one, other]), np.array([0, 2]))
    assert not found.leaked.any()


def test_pictures_of_one_colour_are_nobodys_copies() -> None:
    images = np.zeros((3, 48, 48), np.uint8)
    found = find_duplicates(images, np.array([0, 0, 2]))
    assert not found.leaked.any()
    assert found.first.tolist() == [0, 1, 2]


def test_a_chain_of_likenesses_leads_to_its_first_picture() -> None:
    face = striped_face("anger", 1).astype(float)
    other = striped_face("sadness", 2).astype(float)
    shares = np.linspace(0, 1, 12)
    chain = np.stack([((1 - s) * face + s * other).astype(np.uint8) for s in shares])
    found = find_duplicates(chain[::-1], np.zeros(12, np.int64))
    assert set(found.first) == {0}


def test_the_scan_finds_pairs_across_its_blocks() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 255, (BLOCK[0] * 3 + 5, 48, 48), np.uint8)
    images[-1] = images[1]
    images[BLOCK[0] + 1] = saved_again(images[0])
    images[0] = images[BLOCK[0] + 1]
    found = find_duplicates(images, np.zeros(len(images), np.int64))
    assert found.first[-1] == 1
    assert found.first[BLOCK[0] + 1] == 0


def test_no_pictures_have_no_duplicates() -> None:
    found = find_duplicates(np.empty((0, 48, 48), np.uint8), np.empty(0, np.int64))
    assert len(found.leaked) == 0
