"""The few words around a message that are ours and not the merchant's, in the four languages.

Nothing promotional may stand here: these words go with every message of every store.
"""

from collections.abc import Mapping
from types import MappingProxyType

from babel.core import Locale, UnknownLocaleError

from app.languages import language_of

_ENGLISH = {
    "greeting_named": "Hi {name},",
    "greeting": "Hi,",
    "unsubscribe": "Unsubscribe",
    "why_opt_in": "You receive this because you asked {store} to write to you.",
    "why_soft_opt_in": "You receive this because you have bought from {store}.",
    "why_transactional": "You receive this because of your order at {store}.",
    "why_contact": "You receive this because you left your address with {store}.",
    "pieces": "Quantity: {count}",
    "more": "and {count} more",
    "total": "Total: {amount}",
    "free_shipping": "free shipping",
    "help": "Help",
}
_ITALIAN = {
    "greeting_named": "Ciao {name},",
    "greeting": "Ciao,",
    "unsubscribe": "Annulla l'iscrizione",
    "why_opt_in": "Ricevi questa e-mail perché hai chiesto a {store} di scriverti.",
    "why_soft_opt_in": "Ricevi questa e-mail perché hai acquistato da {store}.",
    "why_transactional": "Ricevi questa e-mail per il tuo ordine da {store}.",
    "why_contact": "Ricevi questa e-mail perché hai lasciato il tuo indirizzo a {store}.",
    "pieces": "Quantità: {count}",
    "more": "e altri {count}",
    "total": "Totale: {amount}",
    "free_shipping": "spedizione gratuita",
    "help": "Assistenza",
}
_PORTUGUESE = {
    "greeting_named": "Olá, {name}!",
    "greeting": "Olá!",
    "unsubscribe": "Cancelar inscrição",
    "why_opt_in": "Você recebe este e-mail porque pediu para {store} escrever para você.",
    "why_soft_opt_in": "Você recebe este e-mail porque já comprou na {store}.",
    "why_transactional": "Você recebe este e-mail por causa do seu pedido na {store}.",
    "why_contact": "Você recebe este e-mail porque deixou seu endereço na {store}.",
    "pieces": "Quantidade: {count}",
    "more": "e mais {count}",
    "total": "Total: {amount}",
    "free_shipping": "frete grátis",
    "help": "Ajuda",
}
_SPANISH = {
    "greeting_named": "Hola, {name}:",
    "greeting": "Hola:",
    "unsubscribe": "Darse de baja",
    "why_opt_in": "Recibes este correo porque pediste a {store} que te escribiera.",
    "why_soft_opt_in": "Recibes este correo porque has comprado en {store}.",
    "why_transactional": "Recibes este correo por tu pedido en {store}.",
    "why_contact": "Recibes este correo porque dejaste tu dirección en {store}.",
    "pieces": "Cantidad: {count}",
    "more": "y {count} más",
    "total": "Total: {amount}",
    "free_shipping": "envío gratis",
    "help": "Ayuda",
}
_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"en": _ENGLISH, "it": _ITALIAN, "pt-BR": _PORTUGUESE, "es": _SPANISH}
)


def formats_of(locale: str) -> str:
    """The locale whose dates and prices go with the copy: the person's own when it is a kind of the
    copy's language (en-GB), else the copy's language."""
    language = language_of(locale)
    own = locale.replace("_", "-")
    matches = own.split("-")[0].lower() == language.split("-")[0]
    return (own if matches and _is_known(own) else language).replace("-", "_")


def _is_known(locale: str) -> bool:
    try:
        Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def say(word: str, locale: str, **values: object) -> str:
    """`word` in the language of `locale`."""
    return _WORDS[language_of(locale)][word].format(**values)
