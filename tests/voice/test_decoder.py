import pytest
import tiny_models

SHAPE = {
    "vocab_size": 300, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 256,
    "initializer_range": 0.4, "bos_token_id": None, "eos_token_id": 0,
}  # fmt: skip
GPT2 = {
    "vocab_size": 300, "n_positions": 256, "n_embd": 32, "n_layer": 3, "n_head": 2,
    "initializer_range": 0.4, "bos_token_id": None, "eos_token_id": 0,
}  # fmt: skip
LLAMA3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64, "rope_theta": 500000.0,
}  # fmt: skip
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "rope_theta": 10000.0}
FAMILIES = {
    "gpt2": ("GPT2Config", GPT2),
    "gpt2, odd": (
        "GPT2Config",
        GPT2
        | {
            "scale_attn_by_inverse_layer_idx": True, "activation_function": "gelu",
            "tie_word_embeddings": False, "n_inner": 40,
        },
    ),
    "llama": ("LlamaConfig", SHAPE),
    "llama, tied, biased": (
        "LlamaConfig",
        SHAPE | {"tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True},
    ),
    "llama 3": ("LlamaConfig", SHAPE | {"rope_parameters": LLAMA3}),
    "llama, linear": (
        "LlamaConfig",
        SHAPE | {"rope_parameters": {"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0}},
    ),
    "llama, wide heads": ("LlamaConfig", SHAPE | {"head_dim": 16, "num_key_value_heads": 1}),
    "qwen2": ("Qwen2Config", SHAPE),
    "qwen2, yarn": ("Qwen2Config", SHAPE | {"rope_parameters": YARN}),
    "qwen2, windows": (
        "Qwen2Config",
        SHAPE | {"use_sliding_window": True, "sliding_window": 16, "max_window_layers": 1},
    ),
    "qwen3": ("Qwen3Config", SHAPE | {"head_dim": 16}),
    "mistral": ("MistralConfig", SHAPE | {"sliding_window": 16}),
    "smollm3": ("SmolLM3Config", SHAPE | {"no_rope_layers": [1, 0, 1], "pad_token_id": None}),
}  # fmt: skip


def model_of(kind, **changes):
    """A random model whose biases and norms are random too."""
    import torch
    import transformers

    name, shape = FAMILIES[kind]
    with torch.random.fork_rng():
        torch.manual_seed(3)
        made = transformers.AutoModelForCausalLM.from_config(getattr(transformers, name)(**shape | changes))
        with torch.no_grad():
            for name, held in made.named_parameters():
                if any(part in name for part in ("bias", "norm", "ln_")):
                    held.add_(torch.randn_like(held) * 0.3)
    return made.eval()


def text(count=100):
    import torch

    return torch.randint(0, 300, (count,), generator=torch.Generator().manual_seed(1)).tolist()


def truth(model, ids):
    """The library's logits after each of `ids`."""
    import torch

    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0]


def decoder(model, **settings):
    from installation.voice.decoder import Decoder

    return Decoder(model, **settings)


def near(found, wanted):
    return float((found - wanted).abs().max()) < 1e-3


@pytest.mark.parametrize("kind", FAMILIES)
def test_logits_are_the_librarys(kind):
    model, ids = model_of(kind), text()
    want, made = truth(model, ids), decoder(model, rows=2)
    assert near(made.read(0, ids, most=16), want[-1])
    made.read(1, ids[:40])
    for at in range(40, 100):
        assert near(made.step([1], ids[at : at + 1])[0], want[at])


@pytest.mark.parametrize("kind", FAMILIES)
def test_rows_of_several_lengths_go_on_together(kind):
    model, ids = model_of(kind), text()
    want, made = truth(model, ids), decoder(model, rows=4)
    made.read(1, ids[:90])
    made.crop(1, 80)
    made.copy(1, 2, 50)
    made.copy(1, 3)
    made.crop(3, 77)
    made.read(0, ids[:3])
    for _ in range(12):
        places = list(made.rows.lengths)
        found = made.step([0, 1, 2, 3], [ids[at] for at in places])
        assert all(near(found[row], want[at]) for row, at in enumerate(places))
    places = [made.rows.lengths[row] for row in (0, 2)]
    found = made.step([0, 2], [ids[at] for at in places])
    assert near(found[0], want[places[0]])
    assert near(found[1], want[places[1]])


@pytest.mark.parametrize("kind", ["gpt2", "llama 3", "qwen2, windows"])
@pytest.mark.parametrize("rows", [(0, 1, 2), (0, 1, 3), (0, 2, 3)], ids=str)
def test_rows_find_the_same_however_they_lie_and_however_long_they_are(kind, rows):
    """Read as one, or each for itself: what is told of the inside is the same too."""
    model, ids = model_of(kind), text(60)
    made = decoder(model, rows=4)
    made.inside.watch(attention=1)
    for lengths in ((50, 52, 47), (5, 52, 20)):
        want = []
        for row, length in zip(rows, lengths, strict=True):
            made.crop(row, 0)
            made.read(row, ids[:length])
            want.append((made.step([row], [7])[0].clone(), made.inside.looked(0, length + 1).attention()))
            made.crop(row, length)
        found = made.step(list(rows), [7, 7, 7])
        for at, (length, (logits, looked)) in enumerate(zip(lengths, want, strict=True)):
            assert near(found[at], logits)
            attention = made.inside.looked(at, length + 1).attention()
            assert abs(attention[-len(looked) :] - looked).max() < 1e-5


@pytest.mark.parametrize("kind", ["gpt2", "llama 3", "qwen3", "mistral", "smollm3"])
def test_greedy_text_is_the_librarys(kind):
    import torch

    model = model_of(kind, eos_token_id=None)
    ids = text(20)
    given = torch.tensor([ids])
    said = model.generate(
        given, attention_mask=torch.ones_like(given), max_new_tokens=80, do_sample=False, pad_token_id=0
    )
    made, found = decoder(model), []
    logits = made.read(0, ids)
    while len(found) < 80:
        found.append(int(logits.argmax()))
        logits = made.step([0], found[-1:])[0]
    assert found == said[0, 20:].tolist()


@pytest.mark.parametrize("kind", ["gpt2", "llama 3", "qwen2, windows", "qwen3"])
def test_the_inside_is_the_librarys(kind):
    import torch

    model, ids = model_of(kind), text(60)
    model.set_attn_implementation("eager")
    with torch.no_grad():
        out = model(torch.tensor([ids]), output_attentions=True)
    made = decoder(model)
    assert made.inside.looked(0, 0) is None
    made.inside.watch(attention=2, lens=(0, 2))
    looked = out.attentions[2][0].mean(0)[-1].numpy()
    made.read(0, ids)
    look = made.inside.looked(0, 60)
    made.crop(0, 59)
    made.step([0], ids[59:])
    again = made.inside.looked(0, 60)
    made.step([0], [7])
    for each in (look, again):  # they stay as they are when the decoder goes on
        found = each.attention()  # where a layer has a window, of the window
        assert abs(found - looked[-len(found) :]).max() < 1e-5
        layers = each.lens([5, 7, 250])
        assert layers.shape == (2, 3)
        assert near(torch.from_numpy(layers[-1]), out.logits[0, -1, [5, 7, 250]].softmax(0))
    made.inside.watch()
    made.step([0], [7])
    assert made.inside.looked(0, 62) is None


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_a_push_moves_its_row_alone(kind):
    import torch

    model, ids = model_of(kind), text(30)
    plain, pushed = decoder(model, rows=3), decoder(model, rows=3)
    direction = torch.linspace(-1, 1, 32)
    for each in (plain, pushed):
        for row in range(3):
            each.read(row, ids[:20])
    pushed.inside.push(1, {1: 0.5 * direction})
    one, other = plain.step([0, 1, 2], ids[20:23]), pushed.step([0, 1, 2], ids[20:23])
    assert near(one[0], other[0])
    assert near(one[2], other[2])
    assert not near(one[1], other[1])
    blocks = model.transformer.h if kind == "gpt2" else model.model.layers

    def push(_module, _given, out):
        moved = (out[0] if isinstance(out, tuple) else out).clone()
        moved[:, -1] += 0.5 * direction
        return (moved, *out[1:]) if isinstance(out, tuple) else moved

    with torch.no_grad():
        hook = blocks[1].register_forward_hook(push)
        want = model(torch.tensor([[*ids[:20], ids[21]]])).logits[0, -1]
        hook.remove()
    assert near(other[1], want)
    pushed.inside.push(1, {})
    pushed.crop(1, 20)
    pushed.copy(1, 0, 20)
    assert near(pushed.step([0], ids[20:21])[0], one[0])


def test_an_unknown_shape_is_refused():
    import transformers

    from installation.voice.families import shape_of

    dynamic = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}
    unknown = [
        transformers.LlamaConfig(**SHAPE | {"rope_parameters": dynamic}),
        transformers.LlamaConfig(**SHAPE | {"hidden_act": "tanh"}),
        transformers.GPT2Config(**GPT2 | {"add_cross_attention": True}),
        transformers.OPTConfig(),
    ]
    assert [shape_of(each) for each in unknown] == [None] * 4
    assert shape_of(transformers.Qwen3Config(**SHAPE)).layers == 3


def test_a_row_that_is_full_says_so():
    made = decoder(model_of("gpt2"), rows=2, limit=32)
    with pytest.raises(IndexError):
        made.read(0, text(40))
    made.crop(0, 0)
    made.read(0, text(32))
    with pytest.raises(IndexError):
        made.step([0], [1])
    with pytest.raises(IndexError):
        made.step([0, 1], [1, 1])


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_a_text_is_the_same_whether_or_not_it_is_read_ahead(tmp_path, family):
    """Over many roll-overs, in which the second row takes the word from the first."""
    from installation.voice.lean_forward import LeanForward

    places = {"n_positions": 64} if family == "gpt2" else {"max_position_embeddings": 64}
    folder = tiny_models.save(tmp_path, family, **places)
    ahead, plain = tiny_models.voice(folder), tiny_models.voice(folder)
    assert isinstance(ahead._engine._forward, LeanForward)
    plain._engine._ahead = None
    longest = 0
    run = ahead._engine._forward.run

    def measured(ids):
        nonlocal longest
        longest = max(longest, len(ids))
        return run(ids)

    for made in (ahead, plain):
        made._engine._tongue.ends = frozenset()  # what a new document begins with is not known before
        made.steer(tiny_models.steering(temperature=1.0))
        made.next()
    ahead._engine._forward.run = measured
    for one, other in zip(tiny_models.speak(ahead, 400), tiny_models.speak(plain, 400), strict=True):
        assert (one.id, one.text) == (other.id, other.text)
    assert longest <= 6  # without reading ahead it is the prompt and half of the text


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_every_format_speaks(tmp_path, dtype):
    made = tiny_models.voice(tiny_models.save(tmp_path, "qwen2"), dtype=dtype)
    made.steer(tiny_models.steering(temperature=1.0))
    assert len(tiny_models.text_of(tiny_models.speak(made, 80))) > 40


def test_what_the_decoder_does_not_know_the_library_speaks(tmp_path):
    import transformers

    from installation.voice.transformers_model import LibraryForward

    wrapped = tiny_models.fast(tiny_models.byte_level())
    shape = transformers.OPTConfig(
        vocab_size=len(wrapped), hidden_size=16, ffn_dim=32, num_hidden_layers=1, num_attention_heads=2,
        word_embed_proj_dim=16, max_position_embeddings=128, bos_token_id=0, eos_token_id=0, pad_token_id=0,
    )  # fmt: skip
    transformers.OPTForCausalLM(shape).save_pretrained(tmp_path)
    wrapped.save_pretrained(tmp_path)
    made = tiny_models.voice(tmp_path, dtype="int8")
    assert isinstance(made._engine._forward, LibraryForward)
    made.steer(tiny_models.steering(temperature=1.0))
    assert len(tiny_models.speak(made, 20)) == 20
