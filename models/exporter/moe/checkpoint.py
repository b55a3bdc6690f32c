"""Tensors of a checkpoint's safetensors files, read one by one, and parts written from them."""

import json
import struct
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from .problem import bad_checkpoint

DTYPES = {"fp32": (torch.float32, "F32"), "bf16": (torch.bfloat16, "BF16"), "fp16": (torch.float16, "F16")}
FLOATS = {"F64", "F32", "F16", "BF16"}


class Checkpoint:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files = sorted(path.name for path in folder.glob("*.safetensors"))
        if not files:
            raise bad_checkpoint("it has no safetensors files")
        self._files = {}
        self.where: dict[str, str] = {}
        try:
            for file in files:
                self._files[file] = safe_open(folder / file, framework="pt")
                for name in self._files[file].keys():
                    self.where[name] = file
        except (OSError, SafetensorError) as error:
            raise bad_checkpoint(f"{file}: {error}") from error

    def check(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Before the first byte is written: every tensor is there, in its shape, as a float."""
        for name, shape in shapes.items():
            if name not in self.where:
                raise bad_checkpoint(f'the tensor "{name}" is missing')
            found = self._files[self.where[name]].get_slice(name)
            if tuple(found.get_shape()) != shape:
                raise bad_checkpoint(f'"{name}" has the shape {list(found.get_shape())} and must have {list(shape)}')
            if found.get_dtype() not in FLOATS:
                raise bad_checkpoint(f'"{name}" is {found.get_dtype()}; convert the checkpoint to bfloat16 first')

    def tensor(self, name: str) -> torch.Tensor:
        return self._files[self.where[name]].get_tensor(name)

    def write_part(self, path: Path, names: list[str], shapes: dict[str, tuple[int, ...]], dtype: str) -> dict[str, tuple[str, int, int]]:
        """Writes tensors one after the other, so that no more than one is ever in memory."""
        kind, label = DTYPES[dtype]
        entries, at = {}, 0
        for name in names:
            size = kind.itemsize * torch.Size(shapes[name]).numel()
            entries[name] = {"dtype": label, "shape": list(shapes[name]), "data_offsets": [at, at + size]}
            at += size
        header = json.dumps(entries, separators=(",", ":")).encode()
        header += b" " * (-len(header) % 8)
        begin = 8 + len(header)
        with path.open("wb") as file:
            file.write(struct.pack("<Q", len(header)) + header)
            for name in names:
                file.write(self.tensor(name).to(kind).contiguous().flatten().view(torch.uint8).numpy().data)
        return {name: (path.name, begin + entry["data_offsets"][0], entry["data_offsets"][1] - entry["data_offsets"][0])
                for name, entry in entries.items()}
