"""The loss graph and the gradient graphs: plain ONNX operators, weights as external data in the parts."""

from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper
from torch._decomp import core_aten_decompositions
from torch.fx.experimental.proxy_tensor import make_fx

from .expert_ops import DOMAIN, FUNCTIONS, TRANSLATIONS
from .network import Network

OPSET = 18
# What a weight that was widened to float32 is called.
WIDE = "#fp32"
# Symbolic tracing merges equal sizes, so the traced batch must equal no other dimension.
TRACED_BATCHES = (5, 7, 11, 13, 17, 19, 23)

ONNX_TYPES = {"fp32": TensorProto.FLOAT, "bf16": TensorProto.BFLOAT16, "fp16": TensorProto.FLOAT16}


@dataclass(frozen=True)
class Parts:
    """Where each tensor lies, (file, offset, length), and as which type all of them are stored."""

    dtype: str
    places: dict[str, tuple[str, int, int]]


def loss_graph(network: Network, parts: Parts, out: Path) -> None:
    names = list(network.shapes)

    def function(tokens, targets, *weights):
        return network.losses(dict(zip(names, weights)), tokens.long(), targets.long())

    tokens = _tokens(network)
    inputs = [("tokens", tokens), ("targets", tokens.clone()), *_empty(network, names)]
    model = _traced(function, inputs, ["losses"], out)
    _externalize(model, network, set(names), parts)
    _save(model, out)


def gradient_graph(network: Network, own: list[str], parts: Parts, out: Path) -> None:
    """`own` are inputs, since they change with every step, and so is `loss_scale`, which the loss is multiplied with."""
    names = list(network.shapes)

    def function(tokens, targets, loss_scale, *weights):
        given = dict(zip(names, weights))
        trained = {name: given[name].detach().requires_grad_() for name in own}
        with torch.enable_grad():
            rows = network.losses({**given, **trained}, tokens.long(), targets.long())
            gradients = torch.autograd.grad(rows.mean() * loss_scale, [trained[name] for name in own])
        return (rows.detach(), *gradients)

    tokens = _tokens(network)
    inputs = [("tokens", tokens), ("targets", tokens.clone()), ("loss_scale", torch.tensor(1.0)), *_empty(network, names)]
    model = _traced(function, inputs, ["losses", *(f"gradient.{name}" for name in own)], out)
    _externalize(model, network, set(names) - set(own), parts)
    _save(model, out)


def _tokens(network: Network) -> torch.Tensor:
    taken = {network.context, network.config.vocab_size, *(size for shape in network.shapes.values() for size in shape)}
    batch = next(size for size in TRACED_BATCHES if size not in taken)
    return torch.zeros(batch, network.context, dtype=torch.int32)


def _empty(network: Network, names: list[str]) -> list[tuple[str, torch.Tensor]]:
    # Tracing looks at shapes alone. Memory that nobody writes to is never given: this costs no more for 30 GB.
    return [(name, torch.empty(network.shapes[name])) for name in names]


def _traced(function, inputs: list[tuple[str, torch.Tensor]], outputs: list[str], path: Path) -> onnx.ModelProto:
    values = [tensor for _, tensor in inputs]
    with torch.no_grad():
        # Constants of the model, like its rotary frequencies, are real tensors among the traced ones.
        graph = make_fx(function, tracing_mode="symbolic", decomposition_table=core_aten_decompositions(),
                        _allow_non_fake_inputs=True)(*values)
    batch = torch.export.Dim("batch", min=1, max=65536)
    dynamic = tuple({0: batch} if index < 2 else None for index in range(len(values)))
    program = torch.export.export(graph, tuple(values), dynamic_shapes=dynamic, strict=False)
    program = program.run_decompositions()
    torch.onnx.export(program, (), str(path), dynamo=True, input_names=[name for name, _ in inputs], output_names=outputs,
                      opset_version=OPSET, external_data=False, custom_translation_table=TRANSLATIONS, verbose=False)
    return onnx.load(str(path))


def _externalize(model: onnx.ModelProto, network: Network, names: set[str], parts: Parts) -> None:
    """
    Replaces the graph inputs called `names` by initializers whose bytes lie in the parts. 16-bit ones are widened by the
    graph: what is computed is float32 whatever is stored.
    """
    graph = model.graph
    kept = [value for value in graph.input if value.name not in names]
    used = {name for node in graph.node for name in node.input}
    del graph.input[:]
    graph.input.extend(value for value in kept if value.name in used)
    kind = ONNX_TYPES[parts.dtype]
    wide: dict[str, str] = {}
    for name in sorted(names & used):
        file, offset, length = parts.places[name]
        tensor = TensorProto(name=name, data_type=kind, dims=network.shapes[name], data_location=TensorProto.EXTERNAL)
        for key, value in (("location", file), ("offset", str(offset)), ("length", str(length))):
            tensor.external_data.add(key=key, value=value)
        graph.initializer.append(tensor)
        if kind != TensorProto.FLOAT:
            wide[name] = f"{name}{WIDE}"
    for node in graph.node:
        node.input[:] = [wide.get(name, name) for name in node.input]
    nodes = [helper.make_node("Cast", [name], [to], to=TensorProto.FLOAT) for name, to in wide.items()] + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def _multiply_where_they_lie(model: onnx.ModelProto, weights: set[str]) -> None:
    """
    Checkpoints store matrices as [outputs, inputs], so a linear layer multiplies by the transpose. A transpose of its
    own would be folded into a second copy of every weight when the graph is loaded; Gemm reads them as they lie.
    """
    graph = model.graph
    turned = {node.output[0]: node.input[0] for node in graph.node
              if node.op_type == "Transpose" and node.input[0] in weights
              and [list(a.ints) for a in node.attribute if a.name == "perm"] == [[1, 0]]}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in turned:
            node.op_type = "Gemm"
            node.input[1] = turned[node.input[1]]
            node.attribute.append(helper.make_attribute("transB", 1))
        elif node.op_type == "Gemm" and node.input[1] in turned:
            set_before = [a for a in node.attribute if a.name == "transB"]
            before = set_before[0].i if set_before else 0
            for attribute in set_before:
                node.attribute.remove(attribute)
            node.input[1] = turned[node.input[1]]
            node.attribute.append(helper.make_attribute("transB", 1 - before))
    used = {name for node in graph.node for name in node.input} | {value.name for value in graph.output}
    kept = [node for node in graph.node if any(name in used for name in node.output)]
    del graph.node[:]
    graph.node.extend(kept)


def _shorten(model: onnx.ModelProto) -> None:
    """Values inside of the graph get short names: the tracer's are most of the file."""
    graph = model.graph
    fixed = {value.name for value in [*graph.input, *graph.output]} | {
        tensor.name for tensor in graph.initializer if tensor.data_location == TensorProto.EXTERNAL}
    short: dict[str, str] = {"": ""}

    def rename(name: str) -> str:
        return name if name in fixed else short.setdefault(name, f"v{len(short)}")

    for tensor in graph.initializer:
        tensor.name = rename(tensor.name)
    for node in graph.node:
        node.input[:] = [rename(name) for name in node.input]
        node.output[:] = [rename(name) for name in node.output]


def _save(model: onnx.ModelProto, path: Path) -> None:
    """Drops what only a reader of Python would want, and writes the graph."""
    weights = {tensor.name for tensor in model.graph.initializer if tensor.data_location == TensorProto.EXTERNAL}
    weights |= {f"{name}{WIDE}" for name in weights}
    _multiply_where_they_lie(model, weights | {value.name for value in model.graph.input})
    del model.metadata_props[:]
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    model.doc_string = model.graph.doc_string = ""
    model.graph.name = path.stem
    model.producer_name, model.producer_version = "ostinato", ""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = node.name = ""
    for value in [*model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
        value.doc_string = ""
    del model.functions[:]
    called = {node.op_type for node in model.graph.node if node.domain == DOMAIN}
    model.functions.extend(function for function in FUNCTIONS if function.name in called)
    del model.opset_import[:]
    model.opset_import.extend([helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, 1)])
    _shorten(model)
    path.write_bytes(model.SerializeToString(deterministic=True))
