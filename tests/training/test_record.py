import json
import random

import pytest

from installation.training import corpus, lexicon, record

WORDS = lexicon.load()
DOCUMENTS = corpus.load(styles=("meta",))


def test_what_is_written_with_its_tokens_is_json_and_comes_back():
    for document in DOCUMENTS:
        known = json.loads(document.text)
        found = record.read(record.written(known))
        assert list(found) == list(record.ORDER)
        assert found == {
            name: list(dict.fromkeys(value)) if isinstance(value, list) else value
            for name, value in known.items()
        }


def test_an_empty_list_stays_one():
    known = json.loads(DOCUMENTS[0].text) | {"materials": [], "tags": ["sea", "sea"]}
    found = record.read(record.written({**known, "materials": [""]}))
    assert found["materials"] == []
    assert found["tags"] == ["sea"]


@pytest.mark.parametrize("text", ["", "{}", '{"title": "A"}', "[1]", '{"title":" The lamp'])
def test_what_is_no_record_is_refused(text):
    with pytest.raises(ValueError, match=r"not a record|Expecting|Unterminated"):
        record.read(text)


def test_a_record_holds_what_its_description_says():
    text = (
        "A painting of a lamp on grey linen. A gull stands in the red part. Two buckets are carved of wood."
    )
    found = record.of(text, WORDS, random.Random(1))
    assert found["kind"] == "painting"
    assert found["materials"] == ["linen", "wood"]
    assert found["colours"] == ["grey", "red"]
    assert {"lamp", "gull"} <= set(found["tags"])
    assert "lamp" in found["alt"]


def test_a_description_of_one_thing_has_none():
    assert record.of("A lamp.", WORDS, random.Random(1)) is None


def test_the_tokens_stand_in_the_order_of_the_fields():
    assert [token.strip('{}",:[]') for token in record.tokens()[:-2]] == list(record.ORDER)
