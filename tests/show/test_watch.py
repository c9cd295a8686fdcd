"""Saving a file of a show is noticed, however the editor saves."""

import asyncio
from contextlib import aclosing

from installation.show.watch import watch


def test_a_saved_file_is_told_and_its_neighbours_are_not(tmp_path):
    show, neighbour, later = (tmp_path / name for name in ("show.yaml", "notes.yaml", "venue.yaml"))
    show.write_text("title: A\n")

    async def save() -> list[frozenset]:
        told = []
        async with aclosing(watch([show, later])) as changes:
            waiting = asyncio.ensure_future(anext(changes))
            beginning = 0
            while not waiting.done():  # the watch needs a moment to begin: save until it has
                beginning += 1
                neighbour.write_text(f"{beginning}\n")
                fresh = tmp_path / "show.yaml.new"
                fresh.write_text(f"title: {beginning}\n")
                fresh.replace(show)
                await asyncio.wait([waiting], timeout=0.3)
            told.append(waiting.result())
            waiting = asyncio.ensure_future(anext(changes))
            while later not in (told[-1] if told else ()):
                later.write_text("wall: north\n")
                await asyncio.wait([waiting], timeout=0.3)
                if waiting.done():
                    told.append(waiting.result())
                    waiting = asyncio.ensure_future(anext(changes))
            waiting.cancel()
            await asyncio.wait([waiting])
        return told

    told = asyncio.run(asyncio.wait_for(save(), 30))
    assert told[0] == {show}
    assert set().union(*told) == {show, later}
