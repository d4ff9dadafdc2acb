"""A refusal in any reasonable words counts; a harmless sentence with a stop word does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.twilio.refusals import OptOutReading, fold, is_default_keyword, reads_as_opt_out

CLEAR = [
    ("STOP", "en"),
    ("stop.", "en"),
    ("Stop please!!", "en"),
    ("ok stop", "en"),
    ("Stop texting me", "en"),
    ("Please stop", "en"),
    ("Don't text me again", "en"),
    ("don’t message me", "en"),
    ("Please take me off your list", "en"),
    ("Remove my number", "en"),
    ("I no longer want to receive these", "en"),
    ("no more messages", "en"),
    ("unsubscribe me now", "en"),
    ("I want to opt out", "en"),
    ("leave me alone", "en"),
    ("why won't you stop texting me", "en"),
    ("I can't unsubscribe!", "en"),
    ("basta", "it"),
    ("Basta messaggi, grazie", "it"),
    ("Non scrivetemi più", "it"),
    ("non voglio più ricevere messaggi", "it"),
    ("Non voglio ricevere pubblicità", "it"),
    ("Smettetela!", "it"),
    ("Cancellatemi dalla lista", "it"),
    ("toglietemi dalla lista", "it"),
    ("revoco il consenso", "it"),
    ("parar", "pt-BR"),
    ("SAIR", "pt-BR"),
    ("Não quero mais receber mensagens", "pt-BR"),
    ("pare de me mandar mensagem", "pt-BR"),
    ("me tira, por favor: me tire da lista", "pt-BR"),
    ("não me mandem mais nada", "pt-BR"),
    ("chega de mensagens", "pt-BR"),
    ("para", "pt-BR"),
    ("no más", "es"),
    ("No mas por favor", "es"),
    ("BAJA", "es"),
    ("quiero darme de baja", "es"),
    ("Dejen de escribirme", "es"),
    ("no me manden más mensajes", "es"),
    ("no quiero recibir sus mensajes", "es"),
    ("bórrenme de la lista", "es"),
    ("alto", "es"),
]

NO = [
    ("Is the non stop version back?", "en"),
    ("nonstop compliments on this dress", "en"),
    ("please don't stop sending these", "en"),
    ("I don't want to unsubscribe", "en"),
    ("is there a bus stop near the shop", "en"),
    ("I will stop by on Friday", "en"),
    ("Can I cancel my order?", "en"),
    ("see you at the weekend", "en"),
    ("I stopped at your shop yesterday", "en"),
    ("thanks!", "en"),
    ("fine", "en"),
    ("para", "it"),
    ("alto", "it"),
    ("non voglio fermarmi", "it"),
    ("apertura non-stop?", "it"),
    ("non cancellatemi!", "it"),
    ("quanto basta di zucchero?", "it"),
    ("basta cliccare qui?", "it"),
    ("Quando arriva il mio ordine?", "it"),
    ("não quero parar de receber", "pt-BR"),
    ("não parem de mandar", "pt-BR"),
    ("um presente para minha mãe", "pt-BR"),
    ("quero cancelar o pedido", "pt-BR"),
    ("não quero mais o pedido", "pt-BR"),
    ("ya no me llegó el paquete", "es"),
    ("I can't stop wearing it", "en"),
    ("no quiero darme de baja", "es"),
    ("no dejen de escribirme", "es"),
    ("es para mi madre", "es"),
    ("¿hay en planta baja?", "es"),
    ("", "es"),
    ("👍", "en"),
]

LIKELY = [
    ("this looks like spam", "en"),
    ("who is this", "en"),
    ("wrong number", "en"),
    ("ugh, stop already", "en"),
    ("you never stop", "en"),
    ("stop at once", "en"),
    ("chi vi ha dato il mio numero?", "it"),
    ("e basta con questi", "it"),
    ("número errado", "pt-BR"),
    ("número equivocado", "es"),
]


@pytest.mark.parametrize(("text", "locale"), CLEAR)
def test_a_refusal_in_plain_words_is_clear(text: str, locale: str) -> None:
    assert reads_as_opt_out(text, locale) is OptOutReading.CLEAR


@pytest.mark.parametrize(("text", "locale"), NO)
def test_a_sentence_that_refuses_nothing_changes_nothing(text: str, locale: str) -> None:
    assert reads_as_opt_out(text, locale) is OptOutReading.NO


@pytest.mark.parametrize(("text", "locale"), LIKELY)
def test_a_doubtful_text_goes_to_a_human(text: str, locale: str) -> None:
    assert reads_as_opt_out(text, locale) is OptOutReading.LIKELY


@pytest.mark.parametrize("text", ["START", "start!", "Unstop", "please subscribe"])
def test_start_asks_to_hear_from_us_again(text: str) -> None:
    assert reads_as_opt_out(text, "en") is OptOutReading.OPT_IN


@pytest.mark.parametrize(("text", "locale"), [pair for pair in CLEAR if pair[0] not in {"para"}])
def test_a_clear_refusal_holds_whatever_the_case_and_the_accents(text: str, locale: str) -> None:
    assert reads_as_opt_out(fold(text).upper(), locale) is OptOutReading.CLEAR


def test_a_refusal_counts_in_another_language_than_the_persons_own() -> None:
    assert reads_as_opt_out("no me manden más mensajes", "it") is OptOutReading.CLEAR
    assert reads_as_opt_out("stop texting me", None) is OptOutReading.CLEAR


@pytest.mark.parametrize("text", ["STOP", " stop ", "Unsubscribe", "help", "yes"])
def test_twilios_own_keywords_are_the_whole_message(text: str) -> None:
    assert is_default_keyword(text)
    assert not is_default_keyword(text + " please")


@given(st.text(max_size=200), st.sampled_from([None, "en", "it", "pt-BR", "es", "xx"]))
def test_any_text_gets_a_reading_and_folding_settles(text: str, locale: str | None) -> None:
    assert reads_as_opt_out(text, locale) in OptOutReading
    assert fold(fold(text)) == fold(text)
