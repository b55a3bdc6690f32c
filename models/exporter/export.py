"""Turns a trained base into what Ostinato runs: safetensors parts, a loss graph and a gradient graph per group.

    python export.py --base base.safetensors --corpus ../reference/corpus --out ../reference \
        --golden ../../test/fixtures/model-golden.json

The loss graph takes all weights as external data that point into the parts. A gradient graph takes the shared weights
and the other groups' experts that way; its own group's experts are inputs, because they change with every step. It also
takes `loss_scale`, a number that the loss is multiplied with before its gradients are computed: 1 for plain gradients.
"""

import argparse
import json
import math
from pathlib import Path

import onnx
import torch
from onnx import TensorProto
from safetensors.torch import load_file, save_file
from torch._decomp import core_aten_decompositions
from torch.fx.experimental.proxy_tensor import make_fx

from model import (CONTEXT, EXPERTS, GROUPS, HEADS, HIDDEN, LAYERS, TAGS, TOP_K, VOCABULARY, WIDTH, losses, part_of,
                   shapes, tagged)

OPSET = 18
# Symbolic tracing merges equal sizes, so the traced batch must equal no other dimension.
TRACED_BATCH = 5


def part_file(part: str | int) -> str:
    return "model_shared.safetensors" if part == "shared" else f"model_expgroup_{part}.safetensors"


def traced(function, inputs: list[tuple[str, torch.Tensor]], outputs: list[str], path: Path) -> onnx.ModelProto:
    """Exports `function(*tensors)`; the first two inputs (tokens and targets) have a dynamic batch."""
    values = [tensor for _, tensor in inputs]
    graph = make_fx(function, tracing_mode="symbolic", decomposition_table=core_aten_decompositions())(*values)
    batch = torch.export.Dim("batch", min=1, max=4096)
    dynamic = [({0: batch} if index < 2 else None) for index in range(len(values))]
    program = torch.export.export(graph, tuple(values), dynamic_shapes=tuple(dynamic), strict=False)
    program = program.run_decompositions()
    torch.onnx.export(program, (), str(path), dynamo=True, input_names=[name for name, _ in inputs], output_names=outputs,
                      opset_version=OPSET, external_data=False)
    return onnx.load(str(path))


def strip(model: onnx.ModelProto) -> None:
    """Drops what only a reader of Python would want; it is most of the file."""
    del model.metadata_props[:]
    del model.functions[:]
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    model.doc_string = ""
    model.graph.doc_string = ""
    model.producer_name, model.producer_version = "ostinato", ""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
        node.name = ""
    for value in [*model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
        value.doc_string = ""


def headers(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Where each tensor's bytes lie: (file, offset in that file, length)."""
    found = {}
    for part in ["shared", *range(GROUPS)]:
        data = (folder / part_file(part)).read_bytes()
        size = int.from_bytes(data[:8], "little")
        for name, entry in json.loads(data[8:8 + size]).items():
            if name != "__metadata__":
                begin, end = entry["data_offsets"]
                found[name] = (part_file(part), 8 + size + begin, end - begin)
    return found


def externalize(model: onnx.ModelProto, names: set[str], where: dict[str, tuple[str, int, int]]) -> None:
    """Replaces the graph inputs called `names` by initializers whose bytes lie in the parts."""
    kept = [value for value in model.graph.input if value.name not in names]
    used = {name for node in model.graph.node for name in node.input}
    del model.graph.input[:]
    model.graph.input.extend(value for value in kept if value.name in used)
    for name in sorted(names & used):
        file, offset, length = where[name]
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shapes()[name],
                             data_location=TensorProto.EXTERNAL)
        for key, value in (("location", file), ("offset", str(offset)), ("length", str(length))):
            tensor.external_data.add(key=key, value=value)
        model.graph.initializer.append(tensor)


def save(model: onnx.ModelProto, path: Path) -> None:
    strip(model)
    path.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{path.name}: {path.stat().st_size} bytes, {len(model.graph.node)} nodes")


def loss_graph(p, names, where, out: Path) -> None:
    def function(tokens, targets, *weights):
        return losses(dict(zip(names, weights)), tokens.long(), targets.long())

    tokens = torch.zeros(TRACED_BATCH, CONTEXT, dtype=torch.int32)
    inputs = [("tokens", tokens), ("targets", tokens.clone()), *((name, p[name]) for name in names)]
    model = traced(function, inputs, ["losses"], out)
    externalize(model, set(names), where)
    save(model, out)


def gradient_graph(p, names, own, where, out: Path) -> None:
    def function(tokens, targets, loss_scale, *weights):
        given = dict(zip(names, weights))

        def objective(trained):
            rows = losses({**given, **trained}, tokens.long(), targets.long())
            return rows.mean() * loss_scale, rows

        gradients, (_, rows) = torch.func.grad_and_value(objective, has_aux=True)({name: given[name] for name in own})
        return (rows, *(gradients[name] for name in own))

    tokens = torch.zeros(TRACED_BATCH, CONTEXT, dtype=torch.int32)
    inputs = [("tokens", tokens), ("targets", tokens.clone()), ("loss_scale", torch.tensor(1.0)),
              *((name, p[name]) for name in names)]
    model = traced(function, inputs, ["losses", *(f"gradient.{name}" for name in own)], out)
    externalize(model, set(names) - set(own), where)
    save(model, out)


def golden(p, corpus: Path) -> dict:
    """Values that the tests hold the graphs against, computed by torch in double precision."""
    wide = {name: tensor.double() for name, tensor in p.items()}
    groups = []
    for group in range(GROUPS):
        text = (corpus / f"group_{group}.heldout.txt").read_bytes()[:4 * CONTEXT]
        tokens, targets = tagged(torch.tensor(list(text)).reshape(4, CONTEXT), group)
        own = [name for name in wide if part_of(name) == group]
        leaves = {**wide, **{name: wide[name].clone().requires_grad_() for name in own}}
        rows = losses(leaves, tokens, targets)
        gradients = torch.autograd.grad(rows.mean(), [leaves[name] for name in own])
        groups.append({
            "group": group,
            "losses": rows.tolist(),
            "gradients": {name: {"norm": gradient.norm().item(), "sum": gradient.sum().item(),
                                 "first": gradient.flatten()[:4].tolist()}
                          for name, gradient in zip(own, gradients)},
        })
    return {"rows": 4, "groups": groups}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--golden", type=Path, required=True)
    parser.add_argument("--weights-only", action="store_true", help="leave the graphs as they are; they hold no weights")
    args = parser.parse_args()
    loaded = load_file(args.base)
    p = {name: loaded[name] for name in shapes()}
    names = list(p)
    args.out.mkdir(parents=True, exist_ok=True)
    for part in ["shared", *range(GROUPS)]:
        save_file({name: p[name].contiguous() for name in names if part_of(name) == part}, args.out / part_file(part))
    if not args.weights_only:
        where = headers(args.out)
        loss_graph(p, names, where, args.out / "loss.onnx")
        for group in range(GROUPS):
            own = [name for name in names if part_of(name) == group]
            gradient_graph(p, names, own, where, args.out / f"gradients_{group}.onnx")
    sizes = [math.prod(shape) for shape in shapes().values()]
    description = {
        "format": 1, "layers": LAYERS, "experts": EXPERTS, "groups": GROUPS, "topK": TOP_K, "width": WIDTH,
        "hidden": HIDDEN, "heads": HEADS, "context": CONTEXT, "vocabulary": VOCABULARY, "tags": TAGS,
        "parameters": sum(sizes),
    }
    (args.out / "model.json").write_text(json.dumps(description, indent=2) + "\n")
    args.golden.parent.mkdir(parents=True, exist_ok=True)
    args.golden.write_text(json.dumps(golden(p, args.corpus), indent=1) + "\n")


if __name__ == "__main__":
    main()
