"""What transformers' own modules compute, to hold a bundle against."""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
import transformers

from .network import PROJECTIONS


def perturbed(weights: torch.Tensor) -> torch.Tensor:
    """Another submission, the same in every language: every third element times -1.5, the others halved."""
    factors = torch.where(torch.arange(weights.numel()) % 3 == 0, -1.5, 0.5).reshape(weights.shape)
    return weights * factors.to(weights.dtype)


class Torch:
    """The checkpoint's model, with its groups' experts at hand."""

    def __init__(self, checkpoint: Path, bundle: Path) -> None:
        self.description = json.loads((bundle / "model.json").read_text())
        self.model = transformers.AutoModelForCausalLM.from_pretrained(
            checkpoint, dtype=torch.float32, attn_implementation="eager", experts_implementation="eager")
        self.model.eval()
        self.kind = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[self.description["dtype"]]
        with torch.no_grad():
            # A bundle of a 16-bit type has rounded weights; its graphs compute in float32 all the same.
            for tensor in self.model.state_dict().values():
                tensor.copy_(tensor.to(self.kind).to(tensor.dtype))
        self.parameters = dict(self.model.named_parameters())
        self.groups = []
        for name in self.description["groupNames"]:
            assignment = json.loads((bundle / "expert_groups" / name / "expert_assignment.json").read_text())
            self.groups.append([(int(layer), expert) for layer, experts in assignment.items() for expert in experts])

    def rows(self, count: int, seed: int = 1) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        size = (count, self.description["context"])
        return torch.randint(0, self.description["vocabulary"], size, generator=generator)

    def losses(self, rows: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy of each row: the first token is given, and each of the row's is predicted."""
        first = torch.full((len(rows), 1), self.description["firstToken"])
        logits = self.model(torch.cat([first, rows[:, :-1]], 1), use_cache=False).logits
        return F.cross_entropy(logits.transpose(1, 2), rows, reduction="none").mean(1)

    def slices(self, group: int) -> dict[str, tuple[torch.nn.Parameter, torch.Tensor]]:
        """A group's tensors by the names of the checkpoint: the fused parameter, and the view of it."""
        found = {}
        for layer, expert in self.groups[group]:
            path = f"model.layers.{layer}.mlp.experts"
            for projection in PROJECTIONS:
                fused = self.parameters[f"{path}.{'down_proj' if projection == 'down_proj' else 'gate_up_proj'}"]
                found[f"{path}.{expert}.{projection}.weight"] = (fused, _view(fused, expert, projection))
        return found

    def perturb(self, group: int) -> None:
        with torch.no_grad():
            for _, view in self.slices(group).values():
                view.copy_(perturbed(view).to(self.kind).to(view.dtype))

    def gradients(self, group: int, rows: torch.Tensor) -> dict[str, torch.Tensor]:
        self.model.zero_grad()
        self.losses(rows).mean().backward()
        return {name: _view(fused.grad, *_place(name)) for name, (fused, _) in self.slices(group).items()}


def _place(name: str) -> tuple[int, str]:
    expert, projection, _ = name.split(".experts.")[1].split(".")
    return int(expert), projection


def _view(fused: torch.Tensor, expert: int, projection: str) -> torch.Tensor:
    if projection == "down_proj":
        return fused[expert]
    return fused[expert].chunk(2)[0 if projection == "gate_proj" else 1]


def summary(tensor: torch.Tensor) -> dict:
    return {"norm": tensor.double().norm().item(), "sum": tensor.double().sum().item(),
            "first": tensor.flatten()[:3].tolist()}


def golden(checkpoint: Path, bundle: Path, rows: int) -> dict:
    """Rows, and torch's losses of them: of the model, of the model with one group replaced; and the gradients."""
    count = len(Torch(checkpoint, bundle).groups)
    torch_ = Torch(checkpoint, bundle)
    given = torch_.rows(rows)
    groups = []
    with torch.no_grad():
        losses = torch_.losses(given).tolist()
    assert all(math.isfinite(loss) for loss in losses)
    for group in range(count):
        fresh = Torch(checkpoint, bundle)
        gradients = {name: summary(gradient) for name, gradient in fresh.gradients(group, given).items()}
        fresh.perturb(group)
        with torch.no_grad():
            groups.append({"group": group, "perturbed": fresh.losses(given).tolist(), "gradients": gradients})
    return {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
            "rows": given.tolist(), "losses": losses, "groups": groups}
