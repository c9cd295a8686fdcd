"""A show file that is edited, broken, put right and moved about while its show goes on."""

import asyncio

import pytest
from evening import PATIENCE, write_show

from installation.catalogue import CATALOGUE
from installation.promptbook import editions, waits_for_a_start
from installation.show import check


class Desk:
    """Where editions and complaints arrive; awaited until one is as wanted."""

    def __init__(self):
        self.shows, self.told, self.news = [], [], asyncio.Condition()

    async def read(self, show):
        async for edition in editions(show, None, lambda text: asyncio.ensure_future(self.tell(text))):
            async with self.news:
                self.shows.append(edition)
                self.news.notify_all()

    async def tell(self, text):
        async with self.news:
            self.told.append(text)
            self.news.notify_all()

    async def until(self, true, do):
        """Do something to the file, again and again as long as nobody may be watching yet."""
        async with asyncio.timeout(PATIENCE), self.news:
            while not true():
                do()
                try:
                    async with asyncio.timeout(1):
                        await self.news.wait_for(true)
                except TimeoutError:
                    continue


@pytest.fixture
def edited(tmp_path):
    """Run `play(desk, file)` while the show is being watched."""
    folder = tmp_path / "show"
    write_show(folder)
    show = check.read(folder, CATALOGUE)

    def run(play):
        async def evening():
            desk = Desk()
            watching = asyncio.create_task(desk.read(show))
            await play(desk, show.file)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

        asyncio.run(evening())

    return run


def titled(text, title):
    return text.replace("title: Small", f"title: {title}")


def test_a_file_that_is_saved_twice_at_once_is_read_as_it_is_at_last(edited):
    async def play(desk, file):
        right = file.read_text()

        def save():
            file.write_text("title: [")
            file.write_text(titled(right, "Other"))

        await desk.until(lambda: desk.shows, save)
        assert desk.shows[-1].title == "Other"

    edited(play)


def test_an_editor_that_puts_a_new_file_in_its_place_is_followed(edited):
    async def play(desk, file):
        right = file.read_text()
        for title in ("One", "Two", "Three"):

            def save(title=title):
                fresh = file.with_suffix(".swp")
                fresh.write_text(titled(right, title))
                fresh.replace(file)

            await desk.until(lambda title=title: desk.shows and desk.shows[-1].title == title, save)
        assert desk.told == []

    edited(play)


def test_a_wrong_file_is_told_and_the_next_right_one_is_read(edited):
    async def play(desk, file):
        right = file.read_text()
        await desk.until(lambda: desk.told, lambda: file.write_text("title: ["))
        assert f"{file}:2: " in desk.told[0]
        file.unlink()
        await desk.until(lambda: "there is no such file" in desk.told[-1], lambda: None)
        await desk.until(lambda: desk.shows, lambda: file.write_text(right))
        assert desk.shows[-1].title == "Small"

    edited(play)


def test_what_an_edit_cannot_change_is_said_until_it_is_as_it_was(tmp_path):
    def saved(*changes, **more):
        write_show(tmp_path, *changes, port=57000, **more)
        return check.read(tmp_path, CATALOGUE)

    begun = saved()
    assert waits_for_a_start(begun, saved(("pace: 12", "pace: 3"))) == ""
    assert (
        waits_for_a_start(begun, saved(("seed: 7", "seed: 8"))) == "voice: seed will change at the next start"
    )
    told = waits_for_a_start(begun, saved(("pace: 12", "pace: 3"), venue="display: north\n"))
    assert told == "ports and displays change at the next start"
    assert waits_for_a_start(begun, saved()) == ""
