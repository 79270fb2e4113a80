"""One thread or all that the caller allows, told by the processor time that the threads get; with clocks made up."""

import pytest
import torch

from gan_helpers.training.threads import CROWDED, LONGEST, PAUSE, SMALL, Threads


class Machine:
    """A made-up machine: how long a step takes with a number of threads, and which share of their time they get."""

    def __init__(self, seconds: dict[int, float], share: dict[int, float]):
        self.seconds, self.share, self.now, self.used = seconds, share, 0.0, 0.0

    def steps(self, threads: Threads, until: float, evaluation: float = 0.0) -> list[int]:
        """Take steps until that second, after each an evaluation on one thread; the number of threads at each step."""
        counts = []
        while self.now < until:
            count = torch.get_num_threads()
            counts.append(count)
            self.now += self.seconds[count]
            self.used += self.seconds[count] * count * self.share[count]
            threads.tick()
            with threads.uncounted():
                self.now, self.used = self.now + evaluation, self.used + evaluation
        return counts

    def threads(self, work: int = SMALL) -> Threads:
        return Threads(work, wall=lambda: self.now, cpu=lambda: self.used)


QUIET = {"seconds": {1: 0.003, 4: 0.002}, "share": {1: 1.0, 4: 0.95}}
BUSY = {"seconds": {1: 0.006, 4: 0.4}, "share": {1: 0.5, 4: 0.5}}
SLEEPING = {"seconds": {1: 0.006, 4: 0.002}, "share": {1: 1.0, 4: 0.5}}  # threads that wait asleep get little time too


@pytest.fixture(autouse=True)
def four_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    assert torch.get_num_threads() == 4  # the caller's setting came back
    torch.set_num_threads(before)


@pytest.mark.parametrize("work", [0, SMALL - 1])
def test_below_the_mark_it_is_one_thread_and_nothing_is_measured(work):
    with Threads(work, wall=None, cpu=None) as threads:
        assert torch.get_num_threads() == 1
        threads.tick()
        assert torch.get_num_threads() == 1


def test_a_caller_with_one_thread_keeps_it():
    torch.set_num_threads(1)
    with Threads(SMALL, wall=None, cpu=None) as threads:
        threads.tick()
        assert torch.get_num_threads() == 1
    torch.set_num_threads(4)


def test_the_callers_setting_comes_back_after_an_exception():
    with pytest.raises(ZeroDivisionError), Threads(0):
        assert torch.get_num_threads() == 1
        raise ZeroDivisionError


def test_on_a_quiet_machine_all_threads_work_all_the_time():
    machine = Machine(**QUIET)
    with machine.threads() as threads:
        assert set(machine.steps(threads, 60)) == {4}


def test_beside_busy_programs_one_thread_works_nearly_all_the_time():
    machine = Machine(**BUSY)
    with machine.threads() as threads:
        counts = machine.steps(threads, 300)
    assert counts[:4] == [4, 4, 4, 1]
    assert counts.count(4) * BUSY["seconds"][4] < 0.05 * 300  # of the time
    assert set(counts) == {1, 4}


def test_a_slow_evaluation_on_one_thread_is_no_crowd():
    machine = Machine(**QUIET)
    with machine.threads() as threads:
        assert set(machine.steps(threads, 60, evaluation=1.0)) == {4}


def test_a_slow_evaluation_hides_no_crowd_and_shortens_no_pause():
    machine = Machine(**BUSY)
    with machine.threads() as threads:
        counts = machine.steps(threads, 200, evaluation=0.5)
    assert counts[:4] == [4, 4, 4, 1]
    assert counts[3:].index(4) == pytest.approx(2 * PAUSE / BUSY["seconds"][1], abs=1)


def test_a_program_that_starts_and_ends_changes_the_number_of_threads():
    machine = Machine(**QUIET)
    with machine.threads() as threads:
        machine.steps(threads, 1)
        machine.seconds, machine.share = BUSY["seconds"], BUSY["share"]
        counts = machine.steps(threads, 10)
        assert counts.index(1) <= 3
        machine.seconds, machine.share = QUIET["seconds"], QUIET["share"]
        machine.steps(threads, 10 + LONGEST + 1)
        assert set(machine.steps(threads, 60)) == {4}


def test_the_pauses_grow_to_the_longest():
    machine = Machine(**BUSY)
    with machine.threads() as threads:
        counts = machine.steps(threads, 400)
    runs = "".join(map(str, counts)).split("4")
    stretches = [len(run) * BUSY["seconds"][1] for run in runs if run]
    wanted = [2 * PAUSE, 4 * PAUSE, 8 * PAUSE, 16 * PAUSE, LONGEST, LONGEST]
    assert stretches[:6] == pytest.approx(wanted, abs=2 * BUSY["seconds"][1])


def test_threads_that_wait_asleep_are_kept_if_they_are_faster():
    assert SLEEPING["share"][4] < CROWDED
    machine = Machine(**SLEEPING)
    with machine.threads() as threads:
        machine.steps(threads, 10)
        assert set(machine.steps(threads, 60)) == {4}
