import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from installation.worker import Worker


def echo(pipe, first):
    pipe.send(first)
    while True:
        pipe.send(pipe.recv())


def toil(pipe):
    pipe.send(os.getpid())
    while True:  # never looks at its pipe again
        time.sleep(0.01)


def crash(pipe):
    pipe.send("before")
    os._exit(7)


def deaf(pipe):
    pipe.send("deaf")
    os.kill(os.getpid(), signal.SIGSTOP)
    count = 1
    while pipe.recv()[0] != 2999:
        count += 1
    pipe.send(count)


class Ear:
    """What a worker told, and a way to wait for it."""

    def __init__(self):
        self.messages = asyncio.Queue()
        self.death = asyncio.get_running_loop().create_future()

    def worker(self, target, *args, threads=False):
        return Worker(
            target, args, on_message=self.messages.put_nowait, on_death=self.death.set_result, threads=threads
        )

    async def next(self):
        return await asyncio.wait_for(self.messages.get(), 20)

    async def dead(self):
        return await asyncio.wait_for(self.death, 20)


both_ways = pytest.mark.parametrize("threads", [False, True], ids=["watched", "threads"])


def state(pid):
    """The letter that ps gives a process, `` for none."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip()[:1]


def gone(pid):
    return state(pid) in ("", "Z")  # a zombie that nobody reaps counts as gone


def wait_until_gone(pid, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if gone(pid):
            return True
        time.sleep(0.01)
    return False


@both_ways
def test_messages_go_both_ways_and_stop_ends_the_child(threads):
    async def play():
        ear = Ear()
        worker = ear.worker(echo, "hello", threads=threads)
        assert await ear.next() == "hello"
        for message in ({"a": 1}, b"x" * 3_000_000, None):
            worker.send(message)
            assert await ear.next() == message
        await worker.stop(grace=10)
        assert not ear.death.done()
        return worker.pid

    assert gone(asyncio.run(play()))


@both_ways
def test_death_is_told_after_the_last_message_with_its_exit_code(threads):
    async def play():
        ear = Ear()
        ear.worker(crash, threads=threads)
        assert await ear.dead() == 7
        assert ear.messages.get_nowait() == "before"

    asyncio.run(play())


@both_ways
def test_a_child_that_is_shot_is_noticed_at_once(threads):
    async def play():
        ear = Ear()
        worker = ear.worker(toil, threads=threads)
        os.kill(await ear.next(), signal.SIGKILL)
        shot = time.monotonic()
        assert await ear.dead() == -signal.SIGKILL
        assert time.monotonic() - shot < 1.0
        worker.send("to the dead")
        worker.kill()

    asyncio.run(play())


@both_ways
def test_a_child_in_the_midst_of_work_is_killed_after_its_grace(threads):
    async def play():
        ear = Ear()
        worker = ear.worker(toil, threads=threads)
        pid = await ear.next()
        await worker.stop(grace=0.1)
        return pid

    assert gone(asyncio.run(play()))


@both_ways
def test_a_stopped_child_never_blocks_the_loop_and_hears_the_newest_message(threads):
    async def play():
        ear = Ear()
        worker = ear.worker(deaf, threads=threads)
        assert await ear.next() == "deaf"
        for number in range(3000):  # far more than the pipe holds
            worker.send((number, b"." * 1000))
            if number % 100 == 0:
                await asyncio.sleep(0)
        while state(worker.pid) != "T":  # noqa: ASYNC110  nobody tells that a process has stopped
            await asyncio.sleep(0.01)
        os.kill(worker.pid, signal.SIGCONT)
        assert await ear.next() < 1500  # most were dropped, not the newest
        await worker.stop()

    asyncio.run(asyncio.wait_for(play(), 60))


def slow(pipe):
    pipe.send("slow")
    os.kill(os.getpid(), signal.SIGSTOP)
    newest = {}
    while newest.get("end") is None:
        about, number, _ = pipe.recv()
        newest[about] = number
    pipe.send(newest)


@both_ways
def test_the_newest_message_about_each_thing_waits(threads):
    async def play():
        ear = Ear()
        worker = ear.worker(slow, threads=threads)
        assert await ear.next() == "slow"
        for number in range(1000):
            for about in "abc":
                worker.send((about, number, b"." * 1000), about)
            if number % 50 == 0:
                await asyncio.sleep(0)
        worker.send(("end", 0, b""), "end")
        while state(worker.pid) != "T":  # noqa: ASYNC110  nobody tells that a process has stopped
            await asyncio.sleep(0.01)
        os.kill(worker.pid, signal.SIGCONT)
        assert await ear.next() == {"a": 999, "b": 999, "c": 999, "end": 0}
        await worker.stop()

    asyncio.run(asyncio.wait_for(play(), 60))


def test_a_stopped_child_can_be_stopped_for_good():
    async def play():
        ear = Ear()
        worker = ear.worker(toil)
        pid = await ear.next()
        os.kill(pid, signal.SIGSTOP)
        await worker.stop(grace=0.1)
        return pid

    assert gone(asyncio.run(play()))


def test_ctrl_c_is_the_parents_business():
    async def play():
        ear = Ear()
        worker = ear.worker(echo, "up")
        await ear.next()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(worker.pid, number)
        worker.send("still here")
        assert await ear.next() == "still here"
        await worker.stop()

    asyncio.run(play())


PARENT = textwrap.dedent("""
    import asyncio, sys
    sys.path.insert(0, sys.argv[1])
    from test_worker import toil
    from installation.worker import Worker

    async def main():
        up = asyncio.get_running_loop().create_future()
        Worker(toil, (), on_message=up.set_result, on_death=print)
        print(await up, flush=True)
        await asyncio.sleep(0 if sys.argv[2] == "leave" else 60)

    if __name__ == "__main__":
        asyncio.run(main())
""")


@pytest.fixture
def parent(tmp_path):
    """Begins a program that begins a worker; gives the program and the worker's process id."""
    started = []

    def begin(how):
        script = tmp_path / "parent.py"
        script.write_text(PARENT)
        program = subprocess.Popen(
            [sys.executable, str(script), str(Path(__file__).parent), how], stdout=subprocess.PIPE, text=True
        )
        started.append(program)
        return program, int(program.stdout.readline())

    yield begin
    for program in started:
        program.kill()
        program.wait()
        program.stdout.close()


def test_a_parent_killed_with_9_leaves_no_orphan_even_in_mid_work(parent):
    program, child = parent("stay")
    assert not gone(child)
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    assert wait_until_gone(child)


def test_a_parent_that_forgets_to_stop_its_worker_still_ends(parent):
    program, child = parent("leave")
    assert program.wait(20) == 0
    assert wait_until_gone(child)


@both_ways
@pytest.mark.parametrize("ended", ["shot", "stopped"])
def test_a_dead_child_leaves_no_descriptor_open(threads, ended):
    def open_now():
        return len([*Path("/dev/fd").iterdir()])

    async def live_and_die():
        ear = Ear()
        worker = ear.worker(echo, "ready", threads=threads)
        await ear.next()
        if ended == "shot":
            worker.kill()
            await ear.dead()
        await worker.stop()
        worker.kill()  # of one that is gone already: nothing

    async def scene():
        await live_and_die()  # what is opened once stays open
        await asyncio.to_thread(settled)
        gc.disable()
        try:
            before = open_now()
            for _ in range(2):
                await live_and_die()
            await asyncio.to_thread(settled)
            assert open_now() <= before
        finally:
            gc.enable()

    def settled():
        for thread in threading.enumerate():
            if thread.name.startswith("worker-"):
                thread.join(10)

    asyncio.run(scene())
