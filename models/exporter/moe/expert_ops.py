"""One expert as an operator of its own, forward and backward, for torch and for ONNX.

    expert(y, x, gate, w_gate, w_up, w_down) = y + gate * (silu(x w_gate^T) * (x w_up^T)) w_down^T

x is [tokens, width], gate [tokens], weights as Hugging Face stores them: [outputs, inputs]. Only tokens whose gate is
not zero are computed. How many those are depends on the data, which a tracer cannot follow; so a graph holds these
operators as they are, and their meaning as ONNX functions, which ONNX Runtime inlines when it loads the graph.
"""

import onnx
import onnx.parser
import torch
from onnxscript import values
from torch import Tensor

DOMAIN = "ostinato"


@torch.library.custom_op("ostinato::expert", mutates_args=())
def expert_forward(y: Tensor, x: Tensor, gate: Tensor, w_gate: Tensor, w_up: Tensor, w_down: Tensor) -> Tensor:
    raise NotImplementedError("the operator is traced, never run")


@expert_forward.register_fake
def _(y, x, gate, w_gate, w_up, w_down):
    return torch.empty_like(y)


@torch.library.custom_op("ostinato::expert_backward", mutates_args=())
def expert_backward(g: Tensor, x: Tensor, gate: Tensor, w_gate: Tensor, w_up: Tensor,
                    w_down: Tensor) -> tuple[Tensor, Tensor]:
    raise NotImplementedError("the operator is traced, never run")


@expert_backward.register_fake
def _(g, x, gate, w_gate, w_up, w_down):
    return torch.empty_like(x), torch.empty_like(gate)


@torch.library.custom_op("ostinato::expert_backward_trained", mutates_args=())
def expert_backward_trained(g: Tensor, x: Tensor, gate: Tensor, w_gate: Tensor, w_up: Tensor,
                            w_down: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    raise NotImplementedError("the operator is traced, never run")


@expert_backward_trained.register_fake
def _(g, x, gate, w_gate, w_up, w_down):
    return (torch.empty_like(x), torch.empty_like(gate), torch.empty_like(w_gate), torch.empty_like(w_up),
            torch.empty_like(w_down))


class Expert(torch.autograd.Function):
    """The operator with its derivative; a frozen expert has none in its weights, which saves half of the work."""

    @staticmethod
    def forward(ctx, y, x, gate, w_gate, w_up, w_down):
        ctx.save_for_backward(x, gate, w_gate, w_up, w_down)
        return expert_forward(y, x, gate, w_gate, w_up, w_down)

    @staticmethod
    def backward(ctx, g):
        saved = ctx.saved_tensors
        if ctx.needs_input_grad[3]:
            return g, *expert_backward_trained(g, *saved)
        return g, *expert_backward(g, *saved), None, None, None


def _operator(name: str, inputs: list[str], outputs: list[str]) -> values.Op:
    formal = onnx.defs.OpSchema.FormalParameter
    schema = onnx.defs.OpSchema(name, DOMAIN, 1, inputs=[formal(each, "tensor(float)") for each in inputs],
                                outputs=[formal(each, "tensor(float)") for each in outputs])
    return values.Op(values.Opset(DOMAIN, 1), name, schema)


_GIVEN = ["x", "gate", "w_gate", "w_up", "w_down"]
_DERIVED = [f"d{name}" for name in _GIVEN]
_expert = _operator("Expert", ["y", *_GIVEN], ["r"])
_expert_backward = _operator("ExpertBackward", ["g", *_GIVEN], _DERIVED[:2])
_expert_backward_trained = _operator("ExpertBackwardTrained", ["g", *_GIVEN], _DERIVED)


def _translated(operator: values.Op):
    return lambda *inputs: operator(*inputs)


TRANSLATIONS = {
    torch.ops.ostinato.expert.default: _translated(_expert),
    torch.ops.ostinato.expert_backward.default: _translated(_expert_backward),
    torch.ops.ostinato.expert_backward_trained.default: _translated(_expert_backward_trained),
}

_SELECT = """
  last = Constant <value = int64[1] {-1}> ()
  hits = NonZero (gate)
  hit = Reshape (hits, last)
  at = Unsqueeze (hit, last)
  xs = Gather <axis = 0> (x, hit)
  gs = Gather <axis = 0> (gate, hit)
  share = Unsqueeze (gs, last)
  a = Gemm <transB = 1> (xs, w_gate)
  b = Gemm <transB = 1> (xs, w_up)
  s = Sigmoid (a)
  silu = Mul (a, s)
  h = Mul (silu, b)
  z = Gemm <transB = 1> (h, w_down)
"""

# A sum over the width is a product with ones: ONNX Runtime's ReduceSum keeps the shape of what is empty, and an expert
# that no token was sent to is nothing unusual.
_BACKWARD = _SELECT + """
  gys = Gather <axis = 0> (g, hit)
  dshares = Mul (gys, z)
  width = Shape <start = 0, end = 1> (w_down)
  single = Constant <value = int64[1] {1}> ()
  column = Concat <axis = 0> (width, single)
  ones = ConstantOfShape <value = float[1] {1.0}> (column)
  dshare1 = Gemm (dshares, ones)
  dshare = Squeeze (dshare1, last)
  tokens = Shape (gate)
  nothing = ConstantOfShape (tokens)
  dgate = ScatterND (nothing, at, dshare)
  gz = Mul (gys, share)
  dh = Gemm (gz, w_down)
  db = Mul (dh, silu)
  dsilu = Mul (dh, b)
  one = Constant <value = float {1.0}> ()
  rest = Sub (one, s)
  slope0 = Mul (a, rest)
  slope1 = Add (one, slope0)
  slope = Mul (s, slope1)
  da = Mul (dsilu, slope)
  dxa = Gemm (da, w_gate)
  dxs = Gemm (db, w_up, dxa)
  sizes = Shape (x)
  still = ConstantOfShape (sizes)
  dx = ScatterND (still, at, dxs)
"""


def _function(operator: values.Op, body: str) -> onnx.FunctionProto:
    schema = operator.op_schema
    inputs, outputs = (", ".join(each.name for each in side) for side in (schema.inputs, schema.outputs))
    return onnx.parser.parse_function(
        f'<domain: "{DOMAIN}", opset_import: ["" : 18]> {schema.name} ({inputs}) => ({outputs}) {{ {body} }}')


FUNCTIONS = [
    _function(_expert, _SELECT + """
  shared = Mul (z, share)
  r = ScatterND <reduction = "add"> (y, at, shared)
"""),
    _function(_expert_backward, _BACKWARD),
    _function(_expert_backward_trained, _BACKWARD + """
  dw_down = Gemm <transA = 1> (gz, h)
  dw_gate = Gemm <transA = 1> (da, xs)
  dw_up = Gemm <transA = 1> (db, xs)
"""),
]
