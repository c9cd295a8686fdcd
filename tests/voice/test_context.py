from hypothesis import given, settings
from hypothesis import strategies as st

from installation.voice.context import CARRIED, SHORTEST, Window, advance, last_sentence, tail, upcoming

END, STOP = 0, 1
PROMPT, OTHER = (90, 91, 92), (80, 81)


def stops(token):
    return token == STOP


def walk(tokens, limit=40, prompt=PROMPT, window=None, said=()):
    """All windows and contexts on the way through `tokens`."""
    window = window or Window(0)
    said, windows, contexts = list(said), [window], []
    for token in tokens:
        newer = advance(window, said, prompt, limit, {END}, stops)
        if newer is not window:
            said = []
            windows.append(newer)
        window = newer
        contexts.append(window.ids(said))
        said.append(token)
    return windows, contexts


@given(st.lists(st.integers(0, 9), max_size=300), st.integers(4, 60))
def test_a_context_begins_with_its_prompt_and_never_passes_the_limit(tokens, limit):
    for context in walk(tokens, limit)[1]:
        assert context[: len(PROMPT)] == PROMPT
        assert len(context) <= limit
        assert END not in context


@given(st.lists(st.integers(2, 9), min_size=1, max_size=300), st.integers(8, 60))
def test_a_context_ends_with_the_text_so_far(tokens, limit):
    for at, context in enumerate(walk(tokens, limit)[1]):
        seen = context[len(PROMPT) :]
        assert tuple(tokens[:at])[len(tokens[:at]) - len(seen) :] == seen


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), max_size=200), st.integers(0, 200), st.integers(8, 60))
def test_going_back_finds_the_window_that_was(tokens, keep, limit):
    windows, contexts = walk(tokens, limit)
    keep = min(keep, len(tokens))
    kept = [window for window in windows if window.at < keep] or windows[:1]
    again = walk(tokens[keep:], limit, window=kept[-1], said=tokens[kept[-1].at : keep])
    assert again[1] == contexts[keep:]


@given(st.lists(st.integers(0, 9), max_size=300), st.integers(4, 60))
def test_what_stands_in_a_head_is_known_by_number(tokens, limit):
    for window in walk(tokens, limit)[0]:
        assert tuple(tokens[n] for n in window.numbers) == window.head
        assert all(n < window.at for n in window.numbers)


def test_below_the_limit_a_context_only_grows():
    windows, contexts = walk(range(2, 30))
    assert len(windows) == 2
    assert contexts[-1] == (*PROMPT, *range(2, 29))


def test_at_the_limit_half_the_text_is_dropped_at_a_sentence():
    text = tuple(range(10, 47))
    newer = advance(Window(0, prompt=PROMPT), (*text, 47), PROMPT, 40, {END}, stops)
    assert newer.at == 38
    assert newer.head == tuple(range(30, 48))
    text = (*text[:23], STOP, *text[24:])
    newer = advance(Window(0, prompt=PROMPT), (*text, 47), PROMPT, 40, {END}, stops)
    assert newer.head == tuple(range(34, 48))
    assert newer.quiet == 0


def test_a_new_prompt_takes_the_last_of_the_text_with_it():
    newer = advance(Window(5, (7,), PROMPT), (8, 9), OTHER, 400, {END}, stops)
    assert newer == Window(7, (7, 8, 9), OTHER, 1, numbers=(5, 6))
    newer = advance(Window(5, (), PROMPT), range(100, 300), OTHER, 400, {END}, stops)
    assert newer.head == tuple(range(300 - CARRIED, 300))


def test_after_an_end_the_last_sentence_begins_the_next_document():
    said = (5, STOP, 6, 7, STOP, END)
    newer = advance(Window(0, prompt=PROMPT), said, PROMPT, 40, {END}, stops)
    assert newer == Window(6, (6, 7, STOP), PROMPT, SHORTEST, numbers=(2, 3, 4))
    changed = advance(newer, (), OTHER, 40, {END}, stops)
    assert changed == Window(6, (6, 7, STOP), OTHER, SHORTEST, numbers=(2, 3, 4))


def test_sentences_are_found():
    assert last_sentence((5, STOP, 6, 7, STOP), 9, stops) == (6, 7, STOP)
    assert last_sentence((5, STOP, 6, STOP, STOP), 9, stops) == (6, STOP, STOP)
    assert last_sentence((5, STOP, 6, STOP, 8), 9, stops) == (6, STOP, 8)
    assert last_sentence((5, 6, 7), 9, stops) == (5, 6, 7)
    assert last_sentence((5, 6, 7), 2, stops) == (6, 7)
    assert last_sentence((), 2, stops) == ()
    assert tail((4, STOP, 5, 6, 7, 8), 5, stops) == (5, 6, 7, 8)
    assert tail((4, 5, 6, 7, STOP, 8), 5, stops) == (5, 6, 7, STOP, 8)
    assert tail((4, 5), 0, stops) == ()


@given(
    st.lists(st.integers(0, 9), max_size=8),
    st.integers(8, 40),
    st.lists(st.integers(0, 9), min_size=41, max_size=60),
)
def test_what_comes_next_is_told_before_and_is_right(prompt, room, text):
    """With 9 as the end of a sentence: whatever is told begins the next window, and a quarter before
    the end something is."""
    prompt = (*prompt, 1)
    limit = len(prompt) + room
    window, told = Window(0, (), prompt), ()
    for at in range(len(text) + 1):
        said = tuple(text[:at])
        newer = advance(window, said, prompt, limit, (), lambda token: token == 9)
        if newer is not window:
            assert told
            assert newer.ids(())[: len(told)] == told
            break
        told = upcoming(window, said, prompt, limit, lambda token: token == 9)
        assert upcoming(window, said, (*prompt, 2), limit + 1, lambda token: token == 9) == ()
        if len(said) == room:
            assert told
