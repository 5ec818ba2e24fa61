"""A step of finetune's image tower, with and without what training/runs/devices.py decides.

    python tests/benchmarks/training_step.py [--size 112] [--batch 64] [--steps 6]

Each way is measured in a process of its own, twice, in turns. Prints the seconds of a step forward
and backward, the quicker of the two, and its ratio to what training does here. The other precision
is bfloat16 where the processor has none, and takes minutes there.
"""

import argparse
import subprocess
import sys
import time

WAYS = {  # name → whether freed memory is kept, and numbers are of the kind that training takes
    "as training does it": (True, True),
    "freed memory given back": (False, True),
    "the other precision": (True, False),
}
WARM_UP = 2  # steps


def measure(name: str, size: int, batch: int, steps: int) -> float:
    """Mean seconds of a step in this process."""
    import torch

    from seollem.training.runs.devices import has_bfloat16, keep_freed_memory
    from seollem.vision.image_towers import FaceMobileNet, channels_last

    keeps, usual = WAYS[name]
    if keeps:
        keep_freed_memory()
    lower = has_bfloat16(torch.device("cpu")) == usual
    tower = FaceMobileNet().train()
    channels_last(tower)
    pixels = torch.randn(batch, 3, size, size).contiguous(memory_format=torch.channels_last)
    started = 0.0
    for step in range(WARM_UP + steps):
        if step == WARM_UP:
            started = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=lower):
            features = tower(pixels)
        features.float().square().mean().backward()
    return (time.perf_counter() - started) / steps


def main() -> int:
    """0: there is no target to miss."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=112, help="pixels a side")
    parser.add_argument("--batch", type=int, default=64, help="faces a step")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)  # in a process of its own
    args = parser.parse_args()
    if args.way:
        print(measure(args.way, args.size, args.batch, args.steps))
        return 0
    again = [sys.executable, __file__, *sys.argv[1:], "--way"]
    seconds = dict.fromkeys(WAYS, float("inf"))
    for name in [*WAYS, *WAYS]:
        done = subprocess.run([*again, name], capture_output=True, text=True, check=True)
        seconds[name] = min(seconds[name], float(done.stdout))
    usual = seconds[next(iter(WAYS))]
    for name, found in seconds.items():
        print(f"{name:<24} {found:6.2f} s   {found / usual:5.2f} ×")
    return 0


if __name__ == "__main__":
    sys.exit(main())
