import numpy as np

from installation.voice.catalogue import HOUSE
from installation.voice.form import form_of
from installation.voice.projection import EDGE, places


def of(vectors):
    return places(lambda part: vectors[part], len(vectors))


def table(count=3000, width=24, seed=1):
    """Token vectors that differ most along two directions, and in how long they are."""
    random = np.random.default_rng(seed)
    spread = np.array([9.0, 5.0, *[0.3] * (width - 2)])
    turned = np.linalg.qr(random.standard_normal((width, width)))[0]
    along = random.standard_normal((count, width)) * spread
    return (along @ turned.T).astype(np.float32), along


def test_it_looks_from_the_side_on_which_the_vectors_are_widest():
    vectors, along = table()
    seen = np.arctanh(np.clip(of(vectors), -0.99, 0.99))
    for axis in (0, 1):
        assert abs(np.corrcoef(seen[:, axis], along[:, axis])[0, 1]) > 0.98


def test_places_lie_between_minus_one_and_one_and_most_well_within():
    found = of(table()[0])
    assert found.shape == (3000, 2)
    assert np.abs(found).max() <= 1
    assert ((np.abs(found) <= EDGE).mean(0) > 0.9).all()
    assert ((np.abs(found) > EDGE / 2).mean(0) > 0.1).all()


def test_the_same_weights_give_the_same_places():
    vectors = table()[0]
    random = np.random.default_rng(5)
    shaken = vectors * (1 + 1e-6 * random.standard_normal(vectors.shape)).astype(np.float32)
    assert np.array_equal(of(vectors), of(vectors.copy()))
    assert np.abs(of(vectors) - of(shaken)).max() < 1e-3


def test_how_long_a_vector_is_moves_nothing():
    """Long vectors are seldom used tokens: were they a side of their own, they would fill the picture."""
    vectors = table()[0]
    longer = np.zeros_like(vectors[0])
    longer[0] = 1
    long = vectors + np.outer((np.arange(len(vectors)) % 2) * 100, longer)
    seen = np.arctanh(np.clip(of(long), -0.99, 0.99))
    assert abs(np.corrcoef(seen[:, 0], np.arange(len(vectors)) % 2)[0, 1]) < 0.2


def test_a_vocabulary_longer_than_what_is_looked_at_is_placed_whole():
    vectors = table(20000, 8)[0]
    assert of(vectors).shape == (20000, 2)
    assert np.array_equal(of(vectors)[:8192], of(vectors[:8192]))


def test_a_narrow_or_empty_embedding_has_places_too():
    for vectors in (np.zeros((10, 4), np.float32), np.ones((3, 2), np.float32)):
        assert np.isfinite(of(vectors)).all()


def test_the_words_of_the_house_do_not_stand_in_a_heap():
    from installation.voice.numpy_model import read_config, read_weights
    from installation.voice.plain_tokenizer import PlainTokenizer

    tokenizer = PlainTokenizer(HOUSE, read_config(str(HOUSE)))
    words = (
        "sea tide harbour night lamp window house stone door water light dark boat wind salt the a of and was"
    )
    vectors = read_weights(str(HOUSE))["wte.weight"]
    found = places(lambda part: vectors[part], len(vectors), form_of(str(HOUSE)).common)
    ids = [tokenizer.encode(f" {word}", add_special_tokens=False)[0] for word in words.split()]
    assert (found[ids].std(0) > 0.2).all()


def test_a_vocabulary_in_another_order_is_seen_as_in_its_own():
    vectors = table()[0]
    turned = vectors[::-1]
    found = places(lambda part: turned[part], len(turned), range(len(turned) - 1, -1, -1))
    assert np.allclose(found[::-1], of(vectors), atol=1e-3)
