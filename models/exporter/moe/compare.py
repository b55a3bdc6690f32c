"""Holds a bundle against transformers: losses, losses with one group replaced, gradients of every group."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy
import onnxruntime
import torch
from safetensors.torch import load_file

from .check import Torch, perturbed
from .problem import ExportProblem

# Both compute in float32, in other orders of summation.
TOLERANCE = 1e-3
ROWS = 2


def compare(checkpoint: Path, bundle: Path, report: Callable[..., None]) -> None:
    """Raises OST_EXPORT_CHECK where a loss or a gradient is further than 1e-3 (relative) from torch's."""
    torch_ = Torch(checkpoint, bundle)
    rows = torch_.rows(ROWS)
    with torch.no_grad():
        base = torch_.losses(rows)
    _near("losses", "the model", {"losses": base}, _run(bundle / "loss.onnx", bundle, torch_, rows, {}), report)
    for group in range(len(torch_.groups)):
        file = bundle / f"model_expgroup_{group}.safetensors"
        own = {name: tensor.float() for name, tensor in load_file(file).items()}
        wanted = {f"gradient.{name}": gradient.clone() for name, gradient in torch_.gradients(group, rows).items()}
        given = _run(bundle / f"gradients_{group}.onnx", bundle, torch_, rows, own)
        given.pop("losses")
        _near(f"gradients of group {group}", f"group {group}", wanted, given, report)
        fresh = Torch(checkpoint, bundle)
        fresh.perturb(group)
        with torch.no_grad():
            wanted = {"losses": fresh.losses(rows)}
        with tempfile.TemporaryDirectory(dir=bundle.parent) as folder:
            _with_group(bundle, Path(folder), file.name)
            given = _run(bundle / "loss.onnx", Path(folder), torch_, rows, {})
        _near(f"losses with group {group} replaced", f"the model with group {group} replaced", wanted, given, report)


def _with_group(bundle: Path, folder: Path, replaced: str) -> None:
    """The bundle's parts with one of them perturbed in place: header and offsets stay."""
    for part in bundle.glob("*.safetensors"):
        shutil.copyfile(part, folder / part.name)
    path = folder / replaced
    data = bytearray(path.read_bytes())
    begin = 8 + int.from_bytes(data[:8], "little")
    entries = load_file(path)
    for name, entry in json.loads(data[8:begin]).items():
        start, end = (begin + offset for offset in entry["data_offsets"])
        data[start:end] = perturbed(entries[name]).contiguous().flatten().view(torch.uint8).numpy().tobytes()
    path.write_bytes(data)


def _run(graph: Path, folder: Path, torch_: Torch, rows: torch.Tensor, own: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    session = onnxruntime.InferenceSession(graph.read_bytes(), options, providers=["CPUExecutionProvider"])
    targets = rows.numpy().astype(numpy.int32)
    tokens = numpy.roll(targets, 1, 1)
    tokens[:, 0] = torch_.description["firstToken"]
    feeds = {"tokens": tokens, "targets": targets, **{name: tensor.numpy() for name, tensor in own.items()}}
    if own:
        feeds["loss_scale"] = numpy.array(1, numpy.float32)
    outputs = session.run(None, feeds)
    return {output.name: torch.from_numpy(value) for output, value in zip(session.get_outputs(), outputs)}


def _near(what: str, where: str, wanted: dict[str, torch.Tensor], given: dict[str, torch.Tensor],
          report: Callable[..., None]) -> None:
    if set(wanted) != set(given):
        raise ExportProblem("OST_EXPORT_CHECK", problem=f"of {where} they have other tensors: {sorted(set(wanted) ^ set(given))[:3]}")
    worst = 0.0
    for name, tensor in wanted.items():
        distance = (given[name].double() - tensor.double()).norm().item() / max(tensor.double().norm().item(), 1e-7)
        if not distance < TOLERANCE:
            raise ExportProblem("OST_EXPORT_CHECK", problem=f"{name} of {where} differs by {distance:.2e}")
        worst = max(worst, distance)
    report("checked", what=what, worst=worst)
