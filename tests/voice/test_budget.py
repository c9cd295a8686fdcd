import json
from datetime import date

from installation.voice.budget import Budget


def test_it_is_counted_set_aside_and_kept(tmp_path):
    today = [date(2026, 3, 21)]
    file = tmp_path / "deep" / "spent.json"

    def begin():
        return Budget(100, file, lambda: today[0])

    budget = begin()
    assert (budget.left, budget.spent) == (100, 0)
    budget.set_aside(40)
    assert budget.left == 60
    assert begin().left == 60  # killed just now
    budget.settle(10)
    assert budget.left == 90
    budget.set_aside(80)
    budget.set_aside(5)  # the one before was never settled
    assert budget.left == 5
    budget.settle(500)
    assert budget.left == 0
    today[0] = date(2026, 3, 22)
    assert budget.left == 100
    assert begin().left == 100


def test_without_a_limit_nothing_is_written(tmp_path):
    budget = Budget(0, tmp_path / "spent.json")
    budget.set_aside(9)
    budget.settle(9)
    assert budget.left is None
    assert budget.spent == 9
    assert not list(tmp_path.iterdir())


def test_a_book_that_cannot_be_read_or_written_is_no_end(tmp_path):
    file = tmp_path / "spent.json"
    for text in ["", "[]", "{}", json.dumps({"day": date.today().isoformat(), "spent": "much"})]:
        file.write_text(text)
        assert Budget(9, file).left == 9
    (tmp_path / "wall").write_text("")
    budget = Budget(9, tmp_path / "wall" / "spent.json")
    budget.settle(4)
    assert budget.left == 5
