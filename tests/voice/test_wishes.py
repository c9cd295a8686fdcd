from installation.voice.dialect import complaint_of
from installation.voice.wishes import Wishes

ASKED = {
    "temperature": (0.8,),
    "top_p": (0.9,),
    "thinking": ({"type": "disabled"}, {"type": "between_tools"}),
}


def test_what_is_complained_of_gives_way():
    wishes = Wishes()
    assert wishes.granted(ASKED) == {"temperature": 0.8, "top_p": 0.9, "thinking": {"type": "disabled"}}
    assert wishes.refuse("thinking.type.disabled is not supported, nor is temperature", ASKED) == ["thinking"]
    assert wishes.granted(ASKED)["thinking"] == {"type": "between_tools"}
    assert wishes.refuse("`temperature` is deprecated for this model.", ASKED) == ["temperature"]
    assert wishes.refuse("what is my_top_p_field or top_ps", ASKED) == ["top_p", "thinking"]
    assert wishes.granted(ASKED) == {}
    assert wishes.refuse("still no", ASKED) == []


def test_a_bill_is_no_complaint_of_a_field():
    wishes = Wishes()
    assert wishes.refuse("Your credit balance is too low.", ASKED) == []
    assert len(wishes.granted(ASKED)) == 3


def test_what_a_field_holds_names_it_too():
    asked = {"include": (["message.output_text.logprobs"],), "output_config": ({"effort": "low"},)}
    wishes = Wishes()
    assert wishes.refuse("logprobs are not available", asked) == ["include"]
    assert wishes.refuse("no effort here", asked) == ["output_config"]


def test_sentences_in_refusals():
    assert complaint_of('{"error": {"message": "No \\u201ckey\\u201d.", "param": null}}') == "No “key”."
    assert complaint_of('{"detail": [{"msg": "field required"}]}') == "field required"
    assert complaint_of('{"error": "plain"}') == "plain"
    assert complaint_of("<h1>Bad\n Gateway</h1>") == "Bad Gateway"
    assert complaint_of("[]") == "[]"
    assert complaint_of("") == "without a word"
