"""Random models of a few kilobytes, saved as a real model is, and tokenizers made on the spot."""

import functools
import json

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from installation.messages import Steering

TEXT = [
    "The tide comes in. The tide goes out, and the harbour waits for nobody at all!",
    "A lamp was lit in the window; somebody was waiting. Who was it? Nobody knew.",
    "naïve café, Größe, 東京の夜は静か。 Привет, мир… 😀😀👩‍👩‍👧 नमस्ते שלום",
    "Sea, sea, sea; stone and seed and season. The night has a door.",
]
END = "<|endoftext|>"
UNKNOWN = "<unk>"


@functools.cache
def byte_level(size=400):
    """A tokenizer like GPT-2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    return tokenizer


@functools.cache
def metaspace(size=400):
    """A tokenizer like Llama 2's: spaces are part of words, rare characters are bytes."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=[END, UNKNOWN], unk_token=UNKNOWN, show_progress=False
    )
    tokenizer.train_from_iterator(TEXT[:2], trainer)
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    vocabulary += [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
    tokenizer.model = models.Unigram([tuple(row) for row in vocabulary], 1, byte_fallback=True)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


@functools.cache
def word_piece(size=300):
    """A tokenizer like BERT's."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=[END, UNKNOWN], show_progress=False)
    tokenizer.train_from_iterator(TEXT, trainer)
    return tokenizer


def fast(tokenizer):
    """As `transformers` wraps it."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END)


def config(family, vocabulary):
    import transformers

    shape = {"vocab_size": vocabulary, "bos_token_id": None, "eos_token_id": 0, "initializer_range": 0.4}
    if family == "gpt2":
        return transformers.GPT2Config(n_positions=256, n_embd=32, n_layer=2, n_head=2, **shape)
    shape |= {
        "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 256,
    }  # fmt: skip
    if family == "mistral":
        return transformers.MistralConfig(sliding_window=16, **shape)
    kinds = {"llama": transformers.LlamaConfig, "qwen2": transformers.Qwen2Config}
    return kinds[family](**shape)


def save(folder, family="gpt2", *, seed=0, tokenizer=None, **changes):
    """A model folder with random weights; `changes` go into its configuration."""
    import torch
    from transformers import AutoModelForCausalLM

    wrapped = fast(tokenizer or byte_level())
    shape = config(family, len(wrapped))
    for name, value in changes.items():
        setattr(shape, name, value)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(shape)
    model.save_pretrained(folder)
    wrapped.save_pretrained(folder)
    return folder


def voice(folder, history="", first=0, **settings):
    """The voice over a model folder, loaded the real way."""
    from installation.voice.transformers_model import TransformersVoice

    made = TransformersVoice({"model": str(folder), "device": "cpu", **settings}, "voice", folder)
    made.load()
    made.begin(history, first)
    return made


def steering(serial=0, **changes):
    """Greedy and plain unless told otherwise."""
    plain = {"credit": 1 << 30, "temperature": 0.0, "repetition": 1.0, "prompt": "The tide", "seed": 7}
    return Steering("voice", serial, **(plain | changes))


def speak(made, count):
    return [made.next() for _ in range(count)]


def text_of(tokens):
    return "".join(token.text for token in tokens)
