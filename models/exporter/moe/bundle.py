"""The folder that Ostinato reads: graphs, parts, groups, tokenizer, description."""

import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import graphs
from .checkpoint import Checkpoint
from .groups import Group, assigned, divided, write_groups
from .network import Network
from .problem import ExportProblem, bad_checkpoint

Report = Callable[..., None]


@dataclass(frozen=True)
class Wish:
    checkpoint: Path
    bundle: Path
    context: int
    groups: int
    rule: str
    assignment: Path | None
    dtype: str
    corpus: Path | None
    first_token: int | None
    check: bool = False


def export(wish: Wish, report: Report) -> None:
    """Writes the bundle beside its place and moves it there when it is whole."""
    if wish.bundle.exists():
        raise ExportProblem("OST_EXPORT_TARGET", folder=str(wish.bundle))
    partial = wish.bundle.with_name(f".{wish.bundle.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _write(wish, partial, report)
        if wish.check:
            from .compare import compare

            compare(wish.checkpoint, partial, report)
        description = json.loads((partial / "model.json").read_text())
        partial.rename(wish.bundle)
        report("done", folder=str(wish.bundle), groups=description["groups"], parameters=description["parameters"],
               trained=description["trained"])
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _write(wish: Wish, out: Path, report: Report) -> None:
    report("reading", folder=str(wish.checkpoint))
    network = Network(wish.checkpoint, wish.context)
    checkpoint = Checkpoint(wish.checkpoint)
    checkpoint.check(network.shapes)
    groups = divided(network, wish.groups, wish.rule) if wish.assignment is None else assigned(network, wish.assignment)
    description = _description(wish, network, groups)
    _copy_texts(wish, out, len(groups))
    owned = [group.parameters(network) for group in groups]
    taken = {name for names in owned for name in names}
    shared = [name for name in network.shapes if name not in taken]
    parts = [("model_shared.safetensors", shared),
             *((f"model_expgroup_{number}.safetensors", names) for number, names in enumerate(owned))]
    stored = graphs.Parts(wish.dtype, {})
    for file, names in parts:
        stored.places.update(checkpoint.write_part(out / file, names, network.shapes, wish.dtype))
        report("part", file=file, tensors=len(names), bytes=(out / file).stat().st_size)
    report("tracing", file="loss.onnx")
    graphs.loss_graph(network, stored, out / "loss.onnx")
    report("graph", file="loss.onnx", bytes=(out / "loss.onnx").stat().st_size)
    for number, names in enumerate(owned):
        file = f"gradients_{number}.onnx"
        report("tracing", file=file)
        graphs.gradient_graph(network, names, stored, out / file)
        report("graph", file=file, bytes=(out / file).stat().st_size)
    write_groups(out, groups, wish.context)
    description["trained"] = [sum(math.prod(network.shapes[name]) for name in names) for names in owned]
    (out / "model.json").write_text(json.dumps(description, indent=2) + "\n")


def _description(wish: Wish, network: Network, groups: list[Group]) -> dict:
    config = network.config
    first = wish.first_token
    if first is None:
        first = next((each for each in (config.bos_token_id, config.eos_token_id) if isinstance(each, int)), None)
    if first is None or not 0 <= first < config.vocab_size:
        raise bad_checkpoint("its configuration names no token to begin with; --first-token does")
    return {
        "format": 1, "layers": config.num_hidden_layers, "experts": network.experts, "groups": len(groups),
        "topK": config.num_experts_per_tok, "width": config.hidden_size, "hidden": network.hidden,
        "heads": config.num_attention_heads, "context": wish.context, "vocabulary": config.vocab_size, "tags": 0,
        "firstToken": first, "parameters": sum(math.prod(shape) for shape in network.shapes.values()),
        "architecture": config.model_type, "dtype": wish.dtype, "groupNames": [group.name for group in groups],
    }


def _copy_texts(wish: Wish, out: Path, groups: int) -> None:
    if not (wish.checkpoint / "tokenizer.json").is_file():
        raise bad_checkpoint("it has no tokenizer.json")
    for file in ("tokenizer.json", "tokenizer_config.json"):
        if (wish.checkpoint / file).is_file():
            shutil.copyfile(wish.checkpoint / file, out / file)
    if wish.corpus is None:
        return
    (out / "corpus").mkdir()
    for group in range(groups):
        for kind in ("train", "heldout"):
            file = f"group_{group}.{kind}.txt"
            if not (wish.corpus / file).is_file():
                raise ExportProblem("OST_EXPORT_CORPUS", folder=str(wish.corpus), file=file)
            shutil.copyfile(wish.corpus / file, out / "corpus" / file)
