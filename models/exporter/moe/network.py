"""A transformers model without its weights, whose loss is a pure function over a flat dictionary of tensors."""

import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.nn.functional as F
import transformers
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM

from .expert_ops import Expert
from .problem import bad_checkpoint, unsupported

PROJECTIONS = ("gate_proj", "up_proj", "down_proj")


def expert_name(layer: str, expert: int, projection: str) -> str:
    return f"{layer}.{expert}.{projection}.weight"


class Network:
    """
    `shapes` has all parameters, under the names and in the layout in which checkpoints store them; `layers` maps the
    number of each mixture layer to the path of its experts.
    """

    def __init__(self, folder: Path, context: int) -> None:
        try:
            self.config = AutoConfig.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise bad_checkpoint(f"its config.json cannot be used: {error}") from error
        self.context = context
        self._check()
        with torch.device("meta"):
            self.model = AutoModelForCausalLM.from_config(self.config, dtype=torch.float32, attn_implementation="eager")
        self.model.eval()
        self.layers: dict[int, str] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.experts = 0
        self._take_experts()
        self._take_rest()
        self._make_buffers()

    def _check(self) -> None:
        config = self.config
        if getattr(config, "hidden_act", "silu") != "silu":
            raise unsupported(f"experts by the activation {config.hidden_act}; silu is")
        if getattr(config, "quantization_config", None) is not None:
            raise unsupported("quantized weights; convert the checkpoint to bfloat16 first")
        window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
        if window is not None and window < self.context:
            raise unsupported(f"an attention window of {window} tokens below the context of {self.context}")
        longest = getattr(config, "max_position_embeddings", None)
        if longest is not None and longest < self.context:
            raise unsupported(f"a context of {self.context} tokens; the model has {longest} positions")
        rope = getattr(config, "rope_parameters", None) or {}
        if rope.get("rope_type", "default") in ("dynamic", "longrope"):
            raise unsupported(f"rotary embeddings of the type {rope['rope_type']}, which change with the length")

    def _take_experts(self) -> None:
        for path, module in self.model.named_modules():
            fused = getattr(module, "gate_up_proj", None)
            if not path.endswith(".experts") or not isinstance(fused, nn.Parameter):
                continue
            odd = (getattr(module, "has_bias", False) or getattr(module, "is_transposed", False)
                   or not getattr(module, "is_concatenated", True) or not getattr(module, "has_gate", True)
                   or getattr(module, "has_post_expert_norm", False))
            if odd or fused.dim() != 3:
                raise unsupported(f"experts like those of {type(module).__name__}")
            count, twice, width = fused.shape
            hidden = twice // 2
            self.experts, self.hidden = count, hidden
            self.layers[int(path.split(".layers.")[1].split(".")[0])] = path
            for expert in range(count):
                for projection in PROJECTIONS:
                    shape = (width, hidden) if projection == "down_proj" else (hidden, width)
                    self.shapes[expert_name(path, expert, projection)] = shape
            module.forward = types.MethodType(self._experts_forward(path), module)
        if not self.layers:
            raise unsupported(f"models without experts in the form of Qwen's and DeepSeek's; this is {self.config.model_type}")

    def _experts_forward(self, path: str):
        def forward(module, x: Tensor, chosen: Tensor, shares: Tensor) -> Tensor:
            gates = x.new_zeros(x.shape[0], self.experts).scatter(-1, chosen, shares.to(x.dtype))
            y = torch.zeros_like(x)
            for expert in range(self.experts):
                weights = [self.given[expert_name(path, expert, projection)] for projection in PROJECTIONS]
                y = Expert.apply(y, x, gates[:, expert], *weights)
            return y

        return forward

    def _take_rest(self) -> None:
        state = self.model.state_dict()
        tied = set(self.model.all_tied_weights_keys) if self.config.tie_word_embeddings else set()
        fused = {f"{path}.{name}" for path in self.layers.values() for name in ("gate_up_proj", "down_proj")}
        self.rest = [name for name in state if name not in fused and name not in tied]
        for name in self.rest:
            self.shapes[name] = tuple(state[name].shape)

    def _make_buffers(self) -> None:
        """What is no weight (rotary frequencies) follows from the configuration and becomes constants of the graph."""
        for module in self.model.modules():
            missing = [name for name in module._non_persistent_buffers_set if module._buffers.get(name) is not None]
            if not missing:
                continue
            if not hasattr(module, "inv_freq"):
                raise unsupported(f"the computed tensors of {type(module).__name__}")
            real = type(module)(self.config)
            for name in missing:
                module._buffers[name] = real._buffers[name]
            if hasattr(real, "attention_scaling"):
                module.attention_scaling = real.attention_scaling
        if self.config.model_type == "deepseek_v2":
            rotary = self.model.model.rotary_emb
            rotary.forward = types.MethodType(_angles, rotary)

    def losses(self, given: dict[str, Tensor], tokens: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy of each row [batch], in nats per token, of inputs and targets [batch, context]."""
        self.given = given
        rest = {name: given[name] for name in self.rest}
        mask = torch.full((self.context, self.context), -1e9).triu(1)[None, None]
        with _by_real_numbers(self.model):
            logits = torch.func.functional_call(
                self.model, rest, (tokens,), {"attention_mask": mask, "use_cache": False}, tie_weights=True).logits
        spoken = torch.gather(logits, -1, targets.unsqueeze(-1)).squeeze(-1)
        return (torch.logsumexp(logits, -1) - spoken).mean(-1)


def _angles(module, x, position_ids):
    frequencies = position_ids[..., None].float() * module.inv_freq.float()
    return torch.stack([frequencies.cos(), frequencies.sin()]) * module.attention_scaling


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    pairs = x.float().reshape(*x.shape[:-1], -1, 2)
    even, odd = pairs[..., 0], pairs[..., 1]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(3).type_as(x)


def _rotate_both(q: Tensor, k: Tensor, turned: Tensor) -> tuple[Tensor, Tensor]:
    cos, sin = turned[0].unsqueeze(1), turned[1].unsqueeze(1)
    return _rotate(q, cos, sin), _rotate(k, cos, sin)


@contextmanager
def _by_real_numbers(model: nn.Module) -> Iterator[None]:
    """DeepSeek-V2 rotates by complex numbers, which ONNX does not have. Only while it is traced: a check runs the original."""
    if model.config.model_type != "deepseek_v2":
        yield
        return
    code = transformers.models.deepseek_v2.modeling_deepseek_v2
    original = code.apply_rotary_emb
    code.apply_rotary_emb = _rotate_both
    try:
        yield
    finally:
        code.apply_rotary_emb = original
