"""The peer of the training-step benchmark: the same two towers in PyTorch, same shapes, same threads.

Prints one JSON object: seconds a step (median over repeats) of the drawing tower and of the fingerprint MLP, each with
forward, backward and AdamW under CLIP's loss against fixed partner embeddings.
usage: torch_step.py '{"threads": 2, "repeats": 5, "drawing": {...}, "mlp": {...}}'
"""
import json
import statistics
import sys
import time

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.short = None
        if stride != 1 or inputs != outputs:
            self.short = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + (x if self.short is None else self.short(x)))


class ResNet(nn.Module):
    def __init__(self, c):
        super().__init__()
        stem = c["stem"]
        self.stem = nn.Conv2d(c["channels"], stem["width"], stem["kernel"], stem["stride"], stem["padding"], bias=False)
        self.bn = nn.BatchNorm2d(stem["width"])
        blocks, width = [], stem["width"]
        for stage, (w, depth) in enumerate(zip(c["widths"], c["depths"])):
            for i in range(depth):
                blocks.append(Block(width, w, 2 if i == 0 and stage > 0 else 1))
                width = w
        self.blocks = nn.Sequential(*blocks)
        self.max_pool = c["pool"] == "avg-max"
        self.head = nn.Linear(width * (2 if self.max_pool else 1), c["dimension"])

    def forward(self, x):
        x = self.blocks(torch.relu(self.bn(self.stem(x))))
        pooled = x.mean((2, 3))
        if self.max_pool:
            pooled = torch.cat([pooled, x.amax((2, 3))], 1)
        return self.head(pooled)


class Mlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        layers, width = [], c["width"]
        for hidden in c["hidden"]:
            layers += [nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU()]
            width = hidden
        self.layers = nn.Sequential(*layers, nn.Linear(width, c["dimension"]))

    def forward(self, x):
        return self.layers(x)


def median_step(model, x, partner, repeats):
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    labels = torch.arange(len(x))
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        z = nn.functional.normalize(model(x), dim=1)
        logits = 14.3 * z @ partner.T
        loss = (nn.functional.cross_entropy(logits, labels) + nn.functional.cross_entropy(logits.T, labels)) / 2
        loss.backward()
        optimiser.step()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main():
    options = json.loads(sys.argv[1])
    torch.set_num_threads(options["threads"])
    torch.manual_seed(0)
    d, m = options["drawing"], options["mlp"]
    result = {"torch": torch.__version__, "threads": options["threads"]}
    partner = nn.functional.normalize(torch.randn(d["batch"], d["dimension"]), dim=1)
    x = torch.rand(d["batch"], d["channels"], d["height"], d["width"])
    result["drawing"] = median_step(ResNet(d), x, partner, options["repeats"])
    # Both memory layouts are tried and the faster counts: the peer at its best.
    fast = ResNet(d).to(memory_format=torch.channels_last)
    result["drawingChannelsLast"] = median_step(fast, x.to(memory_format=torch.channels_last), partner, options["repeats"])
    partner = nn.functional.normalize(torch.randn(m["batch"], m["dimension"]), dim=1)
    result["mlp"] = median_step(Mlp(m), torch.rand(m["batch"], m["width"]), partner, options["repeats"])
    print(json.dumps(result))


main()
