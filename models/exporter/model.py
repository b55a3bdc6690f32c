"""The reference model: a small mixture-of-experts causal language model over bytes, as pure functions.

Parameters are a flat dictionary from name to tensor. Matrices are stored as [inputs, outputs], so that the graphs
multiply by them as they lie in the file and no transposed copy is ever made.
"""

import torch
import torch.nn.functional as F

LAYERS = 2
EXPERTS = 8
GROUPS = 4
TOP_K = 2
WIDTH = 128
HIDDEN = 128
HEADS = 4
CONTEXT = 128
# Bytes, which are read and predicted; and tags, which are only read: one for each group, and one for any other text.
VOCABULARY = 256
TAGS = GROUPS + 1
OTHER = GROUPS

Parameters = dict[str, torch.Tensor]


def group_of(expert: int) -> int:
    return expert * GROUPS // EXPERTS


def shapes() -> dict[str, tuple[int, ...]]:
    """All parameters, in the order in which they are stored."""
    made: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (VOCABULARY + TAGS, WIDTH),
        "model.embed_positions.weight": (CONTEXT, WIDTH),
    }
    for layer in range(LAYERS):
        at = f"model.layers.{layer}"
        made[f"{at}.input_layernorm.weight"] = (WIDTH,)
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            made[f"{at}.self_attn.{name}.weight"] = (WIDTH, WIDTH)
        made[f"{at}.post_attention_layernorm.weight"] = (WIDTH,)
        made[f"{at}.mlp.gate.weight"] = (WIDTH, EXPERTS)
        for expert in range(EXPERTS):
            made[f"{at}.mlp.experts.{expert}.gate_proj.weight"] = (WIDTH, HIDDEN)
            made[f"{at}.mlp.experts.{expert}.up_proj.weight"] = (WIDTH, HIDDEN)
            made[f"{at}.mlp.experts.{expert}.down_proj.weight"] = (HIDDEN, WIDTH)
    made["model.norm.weight"] = (WIDTH,)
    made["lm_head.weight"] = (WIDTH, VOCABULARY)
    return made


def tagged(text: torch.Tensor, tag: int | torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Inputs and targets [batch, context] of rows of bytes [batch, context]. A row begins with its tag instead of a byte,
    so that the router knows from the first token on whose text it is.
    """
    tags = torch.as_tensor(tag).expand(text.shape[0]).unsqueeze(-1) + VOCABULARY
    return torch.cat([tags, text[:, :-1]], 1), text


def part_of(name: str) -> str | int:
    """The part that holds a parameter: 'shared', or the number of an expert group."""
    if ".experts." not in name:
        return "shared"
    return group_of(int(name.split(".experts.")[1].split(".")[0]))


def initial(seed: int) -> Parameters:
    generator = torch.Generator().manual_seed(seed)
    made: Parameters = {}
    for name, shape in shapes().items():
        if len(shape) == 1:
            made[name] = torch.ones(shape)
        else:
            residual = name.endswith(("o_proj.weight", "down_proj.weight"))
            scale = 0.02 if "embed" in name else shape[0] ** -0.5 / (2 if residual else 1)
            made[name] = torch.randn(shape, generator=generator) * scale
    return made


def norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * weight


def attention(p: Parameters, at: str, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    batch = x.shape[0]

    def heads(name: str) -> torch.Tensor:
        y = x @ p[f"{at}.{name}.weight"]
        return y.reshape(batch, CONTEXT, HEADS, WIDTH // HEADS).transpose(1, 2)

    scores = heads("q_proj") @ heads("k_proj").transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + mask
    mixed = torch.softmax(scores, -1) @ heads("v_proj")
    return mixed.transpose(1, 2).reshape(batch, CONTEXT, WIDTH) @ p[f"{at}.o_proj.weight"]


def experts(p: Parameters, at: str, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Every expert sees every token, and the gates mask all but the two best: plain operators, easy to differentiate."""
    scores = x @ p[f"{at}.gate.weight"]
    best, chosen = torch.topk(scores, TOP_K, -1)
    gates = torch.zeros_like(scores).scatter(-1, chosen, torch.softmax(best, -1))
    y = torch.zeros_like(x)
    for expert in range(EXPERTS):
        a = x @ p[f"{at}.experts.{expert}.gate_proj.weight"]
        b = x @ p[f"{at}.experts.{expert}.up_proj.weight"]
        y = y + gates[..., expert:expert + 1] * ((a * torch.sigmoid(a) * b) @ p[f"{at}.experts.{expert}.down_proj.weight"])
    return y, scores


def forward(p: Parameters, tokens: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Logits [batch, context, vocabulary] and each layer's router scores [batch, context, experts]."""
    dtype = p["model.norm.weight"].dtype
    mask = torch.full((CONTEXT, CONTEXT), -1e9, dtype=dtype).triu(1)
    x = F.embedding(tokens, p["model.embed_tokens.weight"]) + p["model.embed_positions.weight"]
    routed = []
    for layer in range(LAYERS):
        at = f"model.layers.{layer}"
        x = x + attention(p, f"{at}.self_attn", norm(x, p[f"{at}.input_layernorm.weight"]), mask)
        y, scores = experts(p, f"{at}.mlp", norm(x, p[f"{at}.post_attention_layernorm.weight"]))
        x = x + y
        routed.append(scores)
    return norm(x, p["model.norm.weight"]) @ p["lm_head.weight"], routed


def row_losses(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of each row [batch], in nats per byte."""
    spoken = torch.gather(logits, -1, targets.unsqueeze(-1)).squeeze(-1)
    return (torch.logsumexp(logits, -1) - spoken).mean(-1)


def losses(p: Parameters, tokens: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return row_losses(forward(p, tokens)[0], targets)
