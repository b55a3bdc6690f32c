"""Which expert of which layer belongs to which group."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .network import PROJECTIONS, Network, expert_name
from .problem import bad_groups

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Group:
    """`experts` has the numbers of each layer's experts; what no group has stays in the shared part, untrained."""

    name: str
    experts: dict[int, list[int]]

    def parameters(self, network: Network) -> list[str]:
        return [expert_name(network.layers[layer], expert, projection)
                for layer, experts in self.experts.items() for expert in experts for projection in PROJECTIONS]


def divided(network: Network, count: int, rule: str) -> list[Group]:
    """
    All experts of each layer in `count` groups: `contiguous` gives the first group the first experts, `round-robin`
    deals them out.
    """
    if not 1 <= count <= network.experts:
        raise bad_groups(f"{count} groups of {network.experts} experts in a layer")
    owner = {"contiguous": lambda expert: expert * count // network.experts, "round-robin": lambda expert: expert % count}
    return [Group(f"group_{group}", {layer: [expert for expert in range(network.experts) if owner[rule](expert) == group]
                                     for layer in network.layers})
            for group in range(count)]


def assigned(network: Network, path: Path) -> list[Group]:
    """Reads `[{"name": "exp_math", "experts": {"LAYER": [EXPERT, …]}}, …]`; a group's number is its place."""
    try:
        entries = json.loads(path.read_text("utf-8"))
        groups = [Group(entry["name"], {int(layer): [int(expert) for expert in experts]
                                        for layer, experts in entry["experts"].items()}) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad_groups(f"{path} is no list of groups: {error!r}") from error
    taken: dict[tuple[int, int], str] = {}
    for group in groups:
        if not isinstance(group.name, str) or not NAME.fullmatch(group.name):
            raise bad_groups(f"the name {group.name!r}; names are small letters, digits, - and _")
        for layer, experts in group.experts.items():
            if layer not in network.layers:
                raise bad_groups(f"{group.name} names layer {layer}, which has no experts")
            for expert in experts:
                if not 0 <= expert < network.experts:
                    raise bad_groups(f"{group.name} names expert {expert} of layer {layer}, which has {network.experts}")
                if (layer, expert) in taken:
                    raise bad_groups(f"{group.name} and {taken[layer, expert]} both have expert {expert} of layer {layer}")
                taken[layer, expert] = group.name
    if not groups or any(not any(group.experts.values()) for group in groups):
        raise bad_groups("a group without experts")
    if len({group.name for group in groups}) < len(groups):
        raise bad_groups("two groups of one name")
    return groups


def write_groups(folder: Path, groups: list[Group], context: int) -> None:
    """`expert_groups/NAME/config.yaml` and the assignment beside it, one folder for each group."""
    for number, group in enumerate(groups):
        at = folder / "expert_groups" / group.name
        at.mkdir(parents=True)
        (at / "config.yaml").write_text(
            f"group_id: {number}\ndata:\n  sequence_length: {context}\n")
        assignment = {str(layer): experts for layer, experts in group.experts.items() if experts}
        (at / "expert_assignment.json").write_text(json.dumps(assignment) + "\n")
