"""The same work in PyTorch, for scripts/gpu-check: training steps of the graphs in src/native/standalone/graphs, and the
contrastive loss through its matrix. One JSON object a line. Needs torch with CUDA and nothing else.

    python3 gpu-check-torch.py step GRAPH.json BATCH STEPS | contrastive N D
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

ATOMS, BONDS = 25, 54  # as in src/native/standalone/step_benchmarks.cpp


def fill(declared, sizes, generator):
    shape = [sizes.get(d, d) if isinstance(d, str) else d for d in declared["shape"]]
    name, count = declared["name"], 1
    for d in shape:
        count *= d
    if declared["dtype"] == "f32":
        if name.endswith(".counts"):
            return torch.full(shape, float(ATOMS), device="cuda")
        return (torch.rand(shape, device="cuda", generator=generator) < 0.05).float()
    index = torch.arange(count, device="cuda")
    if name.endswith((".begin", ".end")):
        value = index // BONDS * ATOMS + torch.randint(0, ATOMS, (count,), device="cuda", generator=generator)
    elif name.endswith(".segment"):
        value = index // ATOMS
    else:
        value = torch.randint(0, 2, (count,), device="cuda", generator=generator)
    return value.view(shape)


class GraphModule(torch.nn.Module):
    """Runs the engine's graph, node by node, with PyTorch's own operators."""

    def __init__(self, graph, loss):
        super().__init__()
        self.graph, self.loss = graph, loss
        self.names = {}
        for i, p in enumerate(graph["parameters"]):
            init, value = p["init"], torch.zeros(p["shape"])
            if init["kind"] == "ones":
                value.fill_(1)
            elif init["kind"] == "constant":
                value.fill_(init["value"])
            elif init["kind"] == "normal":
                value.normal_(0, init["std"])
            elif init["kind"] == "uniform":
                value.uniform_(-init["bound"], init["bound"])
            key = f"p{i}"
            self.names[p["name"]] = key
            if p["trainable"]:
                if value.dim() == 4:
                    value = value.contiguous(memory_format=torch.channels_last)
                self.register_parameter(key, torch.nn.Parameter(value))
            else:
                self.register_buffer(key, value)

    def forward(self, inputs):
        values = dict(inputs)
        for name, key in self.names.items():
            values[name] = getattr(self, key)
        for node in self.graph["nodes"]:
            x = [values[i] if i else None for i in node["inputs"]]
            values[node["outputs"][0]] = self.run(node["op"], x, node["attributes"])
        return values[self.loss]

    def run(self, op, x, a):
        if op == "Conv":
            pads = a.get("pads", [0, 0, 0, 0])
            return F.conv2d(x[0], x[1], x[2] if len(x) > 2 else None, a.get("strides", [1, 1]), pads[:2], 1, a.get("group", 1))
        if op == "BatchNormalization":
            return F.batch_norm(x[0], x[3], x[4], x[1], x[2], True, 1 - a.get("momentum", 0.9), a.get("epsilon", 1e-5))
        if op == "Gemm":
            left = x[0].t() if a.get("transA") else x[0]
            if a.get("transB") and a.get("alpha", 1) == 1 and a.get("beta", 1) == 1:
                return F.linear(left, x[1], x[2] if len(x) > 2 else None)
            y = a.get("alpha", 1) * (left @ (x[1].t() if a.get("transB") else x[1]))
            return y + a.get("beta", 1) * x[2] if len(x) > 2 and x[2] is not None else y
        if op == "ContrastiveLoss":
            return self.contrastive(x, a)
        if op == "SegmentSum":
            return torch.zeros(x[2].shape[0], x[0].shape[1], device=x[0].device, dtype=x[0].dtype).index_add_(0, x[1], x[0])
        if op == "Slice":
            for axis, start, end in zip(a["axes"], a["starts"], a["ends"]):
                x[0] = x[0].narrow(axis, start, end - start)
            return x[0]
        if op == "Reshape":
            return x[0].reshape([x[0].shape[i] if d == 0 else d for i, d in enumerate(a["shape"])])
        if op.startswith("Reduce"):
            axes = a.get("axes") or list(range(x[0].dim()))
            function = {"ReduceSum": torch.sum, "ReduceMean": torch.mean, "ReduceMax": torch.amax, "ReduceLogSumExp": torch.logsumexp}[op]
            return function(x[0], dim=axes, keepdim=bool(a.get("keepdims", 0)))
        simple = {
            "Relu": F.relu, "Exp": torch.exp, "Softplus": F.softplus, "Identity": lambda t: t, "StopGradient": lambda t: t.detach(),
            "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "MatMul": torch.matmul, "Neg": torch.neg,
            "GlobalAveragePool": lambda t: t.mean((2, 3), keepdim=True),
            "Concat": lambda *t: torch.cat(t, a.get("axis", 0)),
            "L2Normalise": lambda t: F.normalize(t, dim=-1),
            "Dropout": lambda t: F.dropout(t, a["rate"], True),
            "Clip": lambda t: t.clamp(a.get("min"), a.get("max")),
            "Gather": lambda t, i: t[i],
            "Constant": lambda: torch.full(a["shape"], float(a["value"]), device="cuda"),
            "MaskDiagonal": lambda t: t.masked_fill(torch.eye(t.shape[0], dtype=torch.bool, device=t.device), a["value"]),
            "Softmax": lambda t: t.softmax(a.get("axis", -1)),
        }
        return simple[op](*x)

    @staticmethod
    def contrastive(x, a):
        left, right, scale = x[0], x[1], x[2]
        labels = torch.arange(left.shape[0], device=left.device)
        if a["form"] == "views":
            both = torch.cat([left, right])
            logits = (scale * (both @ both.t())).fill_diagonal_(float("-inf"))
            return F.cross_entropy(logits.float(), torch.cat([labels + left.shape[0], labels]))
        logits = (scale * (left @ right.t())).float()
        if a["form"] == "rows":
            return F.cross_entropy(logits, labels)
        return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2


def step(path, batch, steps):
    with open(path) as file:
        stored = json.load(file)
    graph = stored["graph"]
    generator = torch.Generator(device="cuda").manual_seed(1)
    sizes = {"N": batch, "V": batch * ATOMS, "E": batch * BONDS}
    inputs = {i["name"]: fill(i, sizes, generator) for i in graph["inputs"]}
    inputs = {n: t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else t for n, t in inputs.items()}
    module = GraphModule(graph, stored["loss"]).cuda()
    compiled = torch.compile(module)
    adam = torch.optim.AdamW(module.parameters(), lr=1e-3, weight_decay=0.01, fused=True)

    def once():
        adam.zero_grad(set_to_none=True)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = compiled(inputs)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0, foreach=True)
        adam.step()
        return loss

    for _ in range(8):
        once()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(steps):
        loss = once()
    last = loss.item()
    ms = 1e3 * (time.perf_counter() - start) / steps
    print(json.dumps({"name": "PyTorch: training step of " + graph["name"], "batch": batch, "precision": "bf16 autocast, torch.compile, channels-last",
                      "msPerStep": ms, "samplesPerSecond": 1e3 * batch / ms, "memoryMiB": torch.cuda.max_memory_allocated() / 2**20, "lastLoss": last}))


def contrastive(n, d):
    a, b = (F.normalize(torch.randn(n, d, device="cuda"), dim=-1).requires_grad_() for _ in range(2))
    scale = torch.tensor(14.0, device="cuda", requires_grad=True)
    labels = torch.arange(n, device="cuda")

    def once():
        with torch.autocast("cuda", dtype=torch.bfloat16):
            logits = scale * (a @ b.t())
            loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2
        loss.backward()
        a.grad = b.grad = scale.grad = None

    for _ in range(2):
        once()
    times = []
    torch.cuda.reset_peak_memory_stats()
    for _ in range(9):
        torch.cuda.synchronize()
        start = time.perf_counter()
        once()
        torch.cuda.synchronize()
        times.append(1e3 * (time.perf_counter() - start))
    print(json.dumps({"name": f"PyTorch: contrastive symmetric ({n}, {d})", "ms": sorted(times)[len(times) // 2], "memoryMiB": torch.cuda.max_memory_allocated() / 2**20}))


if __name__ == "__main__":
    if sys.argv[1] == "step":
        step(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        contrastive(int(sys.argv[2]), int(sys.argv[3]))
