from installation.messages import Word
from installation.voice.quoted import LAST, Quoted


def word(n, source=""):
    return Word("voice", n, "tide", " ", ("tide",), n, n, source=source)


def test_the_share_of_the_last_words_that_name_a_source():
    quoted = Quoted()
    assert quoted.share == 0.0
    quoted.hear([word(0), word(1, "mine/a.txt:3")])
    assert quoted.share == 0.5
    quoted.hear(word(n, "mine/a.txt:3") for n in range(LAST // 4))
    quoted.hear(word(n) for n in range(3 * LAST // 4))
    assert quoted.share == 0.25
    quoted.hear(word(n) for n in range(LAST))
    assert quoted.share == 0.0
