"""What visitors may send, and what they may not: tables of both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.filter import LANGUAGES, LIMIT, WORDS, Filter, normalise

FILTER = Filter()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("  the \t tide\n\r\n is\u00a0out \u2028", "the tide is out"),
        ("ﬁne　ｗｉｄｅ", "fine wide"),
        ("be\u202ell\u200b a\u00ad\ufeffnd\x07\x00 rope", "bell and rope"),
        ("cafe\u0301", "café"),
        (
            "Z\u0351\u036b\u0343\u032a\u0302a\u0300\u0301\u0302\u0303\u0304\u0305l",
            "Z\u032a\u0351à\u0301\u0302l",
        ),
        ("\u0301\u0302 lonely", "lonely"),
        ("Tiếng Việt ồ ẵ", "Tiếng Việt ồ ẵ"),
        ("مَرْحَبًا يا بَحْر", "مَرْحَبًا يا بَحْر"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("समुद्र क्षितिज क्\u200dष", "समुद्र क्षितिज क्\u200dष"),
        ("น้ำขึ้น", "น\u0e49\u0e4dาขึ้น"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("海は静か がぎ", "海は静か がぎ"),
        ("👩\u200d👩\u200d👧 👋🏽 ❤️ 1️⃣ 🇩🇪", "👩\u200d👩\u200d👧 👋🏽 ❤️ 1️⃣ 🇩🇪"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("a\U000e0067\U000e0062b\u200dc", "abc"),
        ("\ue000\U0010ffff\ud800x", "x"),
        ("\u3164\u2800\u115f", ""),
        ("", ""),
    ],
)
def test_what_is_shown(sent, shown):
    assert normalise(sent) == shown


def test_a_long_text_is_cut_where_a_grapheme_ends():
    family = "👨\u200d👩\u200d👧\u200d👦"
    assert normalise("a" * 195 + family) == "a" * 195
    assert normalise("word " * 1000) == ("word " * 40).strip()
    assert normalise("e\u0301" * 500) == "é" * LIMIT
    assert normalise("abcdef", limit=3) == "abc"


@given(st.text(max_size=400))
def test_any_text_becomes_one_short_visible_line_and_stays_so(text):
    shown = normalise(text)
    assert len(shown) <= LIMIT
    assert shown == " ".join(shown.split())
    assert normalise(shown) == shown
    FILTER.verdict(text)


INNOCENT = """
Scunthorpe · Penistone and Middlesex, Sussex, Essex · Lightwater, Clitheroe, Cockermouth, Cockfosters
an assassin passes the glass in the grass · a classic assessment of mass and brass
embarrassed bassoonists
the cockatoo and the peacock · the cock crows at dawn · shuttlecock, cocktail, Hancock, Hitchcock
Emily Dickinson reads Moby Dick to Charles Dickens · Dick Whittington had a cat · dickcissel
analysis of the canal, banal and final · a title, entitled, Titian, titanium · competition, constitution
therapist · the rapist's trial is not the therapist's · grape, drape, skyscraper
document, cumulus, magna cum laude
shiitake mushrooms · Akshit, Harshita, Ishita and Rakshit say hello · Matsushita
I wish it would rain; mishit
snigger, niggle, niggardly, Niger and Nigeria · Montenegro · the colour black is negro in Spanish
pussycat · pussy willow in March · Pussy Riot · scrap, crap shoot? no, craps
Arsenal, arsenic, parse, coarse, hearse
Pornic in Brittany · a blue tit · blue tits in the garden · great tits sing · Maine Coon
raccoon, cocoon, tycoon
a chink of light · prick up your ears · a spick and span house · spicy, auspicious, conspicuous
Sauerkraut
basement, bass, Bassett, Wassermann · button, rebuttal · hello, shell · swank, Wankel engine, wankelmütig
fickle fortune · flick, flicker · fuchsia, Fuchs, function · count, country, Countess · tuck, duck, luck
whorehound? horehound · wholesome · suck a lemon · succulent · succumb · pass it on · as is
is it his hit?
She's hit the note; it's hit or miss, and that's it · Sh, it is late · I'll kill the lights
you kill me with jokes
a b c d e f g · U.S.A. · f major, c minor · x y z · P.S. I love you · M. A. S. H. · 3 + 4 = 7
A4, 45, 455, 80085
at 10:45 for $5.50 @ home! · 2 * 3 * 4 · a*b · Oh! Wow!! Yes!!! · #tide · 100 % · C# and F# · R2D2 · MP3
B2B · 5G
bite your lip · a bite of bread · the queue · retardant, flame retardant · en retard, le retard
on retarde l'heure
die Sonne ist dick · dicke Wolken · das Schiff hat einen Mast · Marschlied, Barsch, Harsche
Herz Ass, Pik Ass
Fichte, Fleck, Flickenteppich · Nuttella · Wichsbürste? nein: Wichtel · Neger­li is no word
Schwanz der Katze
Hurra, Huronsee · Mose · Scheitel, Scheit, Scheide · der Vergaser · Musch, Kuschel · Titte-Tatte
Kanada, Kanal
je me suis couché · il a douze ans · la chatte dort · le con du village n'est pas content
une salopette bleue
la reputation, député, dispute · pétale, tapis, couillon? non: bouillon · verre d'eau
l'amère mer, merveille, merci
dans le calcul · le recul · Nikè · la mère de toutes les nuits · tu es parti · je vais te revoir
el cono de luz · el año nuevo · la computadora · disputa, reputación · el perro negro
mi vergel, vergüenza
Amputation · la conch(a) del mar · las conchas · Titicaca · cogí una flor · el pollo · jodhpurs
polla? pollada
un finocchio al forno · la guerra di Troia · spaghetti alla puttanesca · la cazzuola · la figura
il fico · cultura, calcolo
stromboli · merenda, merlo · il culmine · il vicolo · matita · ammazza, che mare · ti uccello
Он рисует море · сор, рот, нос, сук · там был кот · Περικλής · το νερό και το φως · сахар и хлеб · хорошо
समुद्र · 海は静か · البحر هادئ · 👩‍👩‍👧 🇮🇹 🇫🇷 🇩🇪
the sea · I miss you, mother · God is dead · damn the torpedoes, to hell with it
I could kill for a coffee
Kill Bill · we kill time · suicide is painless · bomb cyclone · shoot the moon
"""
PHRASES = [p.strip() for line in INNOCENT.splitlines() for p in line.split("·")]


@pytest.mark.parametrize("text", [p for p in PHRASES if p])
def test_innocent(text):
    verdict = FILTER.verdict(text)
    assert not verdict.refused, verdict.because
    assert FILTER.clean(text) == verdict.text


EVASIONS = """
fuck · FUCK · Fuck! · fuuuuuck · fffuuuccckkk · what the fuck is this · motherfucker
abso-fucking-lutely · unfuckable
f u c k · f.u.c.k · f-u-c-k · f_u_c_k · f  u  c  k   y o u · F U C K Y O U · f/u/c/k · f uck · fuc k
fu ck · sh it · s hit
i a m f u c k i n g here · sh i t · f u ck · f*ck · f**k · s#it · sh*t · c*nt · f###ing? f*cking
fück · f̷u̶c̵k̴ · f\u200bu\u200bc\u200bk · fu\u00adck · ｆｕｃｋ · 𝖋𝖚𝖈𝖐 · ⓕⓤⓒⓚ · 🅵🅤🅒🅚 · ꜰᴜᴄᴋ · 🇫🇺🇨🇰 · fuсk
ƒuck · f🖕ck
sh1t · 5h1t · $hit · sh!t · bu11shit · a$$ · @ss · @$$hole · b1tch · b!tch · wh0re · c0cksucker · p0rn
pr0n? porn · pu$$y
n1gger · n!gg3r · nigggger · nіggеr · ΝΙGGΕR · f4ggot · fa99ot · s1ut · r3tarded · 1 a m a f u c k
ass · asshole · assssshole · dickhead · suck my dick · your cock · bitches · whore · wanker · cunt
penis · tits
kill yourself · K I L L yourself · kys · I will kill you · I'll kill you · i´ll rape · heil hitler
k1ll yourself · gas the jews
Arschloch · A r s c h l o c h · Scheiße · scheisse · SCHEISSEEEE · Hurensohn · Wichser · W1chser · Fotze
fick dich · ficken · Missgeburt
ausländer raus · auslaender raus · ich bring dich um · häng dich auf · Du dumme Schlampe · Kanake
Schwuchtel
enculé · l'enculé · ENCULÉ · fils de pute · connard · c0nnard · merde · va te faire foutre
nique ta mère · je vais te tuer · pédé
sale juif · salope · s a l o p e · trou du cul · ta bite · suicide-toi
hijo de puta · coño · mierda · m1erda · gilipollas · cabrón · te voy a matar · maricón · joder
chinga tu madre · mátate · me cago en todo
cazzo · c4zzo · vaffanculo · stronzo · str0nzo · puttana · coglione · ti ammazzo · porco dio
testa di cazzo · figlio di puttana · frocio
你fuck好 · fuck你 · shit123 · 123shit
"""


@pytest.mark.parametrize(
    "text",
    [
        p.strip().encode("latin-1", "backslashreplace").decode("unicode_escape")
        for line in EVASIONS.splitlines()
        for p in line.split("·")
        if p.strip()
    ],
)
def test_refused_however_it_is_written(text):
    verdict = FILTER.verdict(text)
    assert verdict.refused
    assert "list" in verdict.because
    assert FILTER.clean(text) is None


def test_the_reason_names_the_entry_and_its_list():
    assert FILTER.verdict("so ein Hurensöhnchen").because == "“hurensohn*” in the list de"


def test_nothing_left_is_refused_with_its_own_reason():
    assert FILTER.verdict(" \u200b\x00 ").because == "nothing is left to show"


def test_languages_are_chosen_and_unknown_ones_named():
    german = Filter(("de",))
    assert german.clean("fuck") == "fuck"
    assert german.clean("Arschloch") is None
    with pytest.raises(ValueError, match=r"no word list for tlh; there is en, de, fr, es, it"):
        Filter(("tlh",))
    assert Filter(()).clean("fuck, Arschloch, merde") == "fuck, Arschloch, merde"


def test_a_show_adds_words_and_allows_others(tmp_path):
    own = tmp_path / "words.txt"
    own.write_text(
        "# ours\nmacbeth*   # the Scottish play\nder böse Wolf\n!slut  # means the end in Danish\n\n*\n",
        "utf-8",
    )
    with_own = Filter(extra=[own])
    assert with_own.clean("Macbeths Hexen") is None
    assert with_own.verdict("M A C B E T H").because == "“macbeth*” in the list words.txt"
    assert with_own.clean("wo ist DER BÖSE WOLF?") is None
    assert with_own.clean("slut") == "slut"
    assert with_own.clean("sluts") is None
    with pytest.raises(FileNotFoundError):
        Filter(extra=[tmp_path / "none.txt"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_of_every_list_is_caught(language):
    only = Filter((language,))
    path = WORDS / f"{language}.txt"
    entries = [line.strip("* ") for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert len(entries) >= 80
    assert [entry for entry in entries if not only.verdict(entry).refused] == []


@pytest.mark.parametrize("piece", ["f*", "1", "a1!", "f u ", "\u0301", "🏴", "fuc ", "a*b ", "as "])
def test_a_hostile_length_is_no_work(piece):
    assert len(FILTER.verdict(piece * 100_000).text) <= LIMIT
