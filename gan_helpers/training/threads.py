"""How many threads PyTorch uses inside an operation: one for small networks, and for large ones beside busy programs.

Threads that share an operation wait for each other by spinning. If another program holds one of their cores, the rest
spin until it lets go, and a step takes ten or a hundred times as long as on one thread.
"""

import contextlib
import time

import torch

SMALL = 2_000_000  # weights of all runs times batch size; below that, a second thread gains nothing (measured)
CROWDED = 0.75  # of the processor time that our threads could have had; with less, others are using it
WINDOW, STEPS = 0.02, 3  # a measurement lasts at least this many seconds and optimizer steps
PAUSE, LONGEST = 1.0, 32.0  # seconds on one thread before all are tried again; doubled at each failure


class Threads:
    """All of the caller's threads while they get the processor, one while they do not: ``with Threads(work) as t:``.

    work: weights of all networks times batch size. Call `tick` after each optimizer step, and do what is no training
    within `uncounted`. Only rounding depends on the number of threads. The caller's setting comes back at the end.
    """

    def __init__(self, work: int, wall=time.perf_counter, cpu=time.process_time):
        self.callers, self.wall, self.cpu = torch.get_num_threads(), wall, cpu
        self.adapts = work >= SMALL and self.callers > 1
        self.pause, self.single_rate = PAUSE, 0.0  # steps per second on one thread

    def __enter__(self):
        self.use(self.callers if self.adapts else 1)
        return self

    def __exit__(self, *_):
        torch.set_num_threads(self.callers)

    def use(self, count: int) -> None:
        """Use `count` threads from now on, and start to measure."""
        torch.set_num_threads(count)
        if self.adapts:
            self.count, self.steps, self.start = count, 0, (self.wall(), self.cpu())

    @contextlib.contextmanager
    def uncounted(self):
        """Leave the time of this block out of the measurement: an evaluation may well keep one thread busy."""
        before = self.wall(), self.cpu()
        yield
        if self.adapts:
            self.start = self.start[0] + self.wall() - before[0], self.start[1] + self.cpu() - before[1]

    def tick(self) -> None:
        """An optimizer step is done: change the number of threads if it is time to."""
        if not self.adapts:
            return
        self.steps += 1
        wall, cpu = self.wall() - self.start[0], self.cpu() - self.start[1]
        if self.count == 1:
            if wall >= self.pause:
                self.single_rate = self.steps / wall
                self.use(self.callers)
        elif wall >= WINDOW and self.steps >= STEPS:
            share, rate = cpu / (wall * self.count), self.steps / wall
            if share >= CROWDED or rate > self.single_rate > 0:
                self.pause = PAUSE
                self.use(self.count)
            else:
                self.use(1)
                self.pause = min(2 * self.pause, LONGEST)
