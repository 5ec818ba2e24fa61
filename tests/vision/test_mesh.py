"""The face mesh on real photographs."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from photographs import ASTRONAUT_EYES, ASTRONAUT_FACE, astronaut, texture
from seollem.vision.errors import BrokenWeights
from seollem.vision.faces import WEIGHTS
from seollem.vision.geometry import Square
from seollem.vision.mesh import MESH, FaceMesh


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return FaceMesh(WEIGHTS / MESH)


def about_the_astronaut(roll: float = 0.0) -> Square:
    x, y = np.mean(ASTRONAUT_EYES, axis=0)
    return Square(float(x), float(y) + 0.15 * ASTRONAUT_FACE, 1.5 * ASTRONAUT_FACE, roll)


def test_the_mesh_lies_on_the_face(mesh: FaceMesh) -> None:
    found = mesh.fit(astronaut(), about_the_astronaut())
    assert found.points.shape == (468, 2)
    assert np.abs(found.face.eyes - ASTRONAUT_EYES).max() < 0.06 * ASTRONAUT_FACE
    assert found.face.box.width == pytest.approx(ASTRONAUT_FACE, rel=0.12)


def test_an_upright_face_is_present_and_others_are_not(mesh: FaceMesh) -> None:
    upright = mesh.fit(astronaut(), about_the_astronaut()).presence
    sideways = mesh.fit(astronaut(), about_the_astronaut(np.pi / 2)).presence
    upside_down = mesh.fit(astronaut(), about_the_astronaut(np.pi)).presence
    nothing = mesh.fit(texture(400, 400), Square(200, 200, 200)).presence
    assert upright > 13 > upside_down
    assert sideways < 4
    assert nothing < 0


def test_a_damaged_or_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenWeights, match="cannot be read"):
        FaceMesh(tmp_path / MESH)
    shutil.copy(WEIGHTS / MESH, tmp_path)
    (tmp_path / MESH).write_bytes((tmp_path / MESH).read_bytes()[:-1])
    with pytest.raises(BrokenWeights, match="damaged"):
        FaceMesh(tmp_path / MESH)
