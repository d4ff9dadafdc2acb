"""Words that people and exports write for a status or a country, in the languages of our merchants.

It must never take an unknown word for a known one: the reader of the report says what it means.
"""

import re
import unicodedata
from functools import lru_cache

from babel.core import Locale

from app.events import OrderStatus

_LANGUAGES = ("en", "it", "es", "pt", "fr", "de")
_STATUSES = {
    OrderStatus.PAID: (
        "paid|partially refunded|completed|complete|processing|fulfilled|shipped|delivered|closed|"
        "pagato|pagata|completato|completata|in lavorazione|spedito|consegnato|evaso|"
        "parzialmente rimborsato|pago|paga|concluido|concluida|processando|enviado|enviada|"
        "entregue|aprovado|parcialmente reembolsado|pagado|pagada|completado|completada|"
        "procesando|entregado|entregada|aprobado|terminee|abgeschlossen|bezahlt"
    ),
    OrderStatus.PENDING: (
        "pending|pending payment|on hold|failed|authorized|partially paid|unpaid|awaiting payment|"
        "in attesa|in attesa di pagamento|in sospeso|sospeso|fallito|non pagato|pendente|"
        "aguardando|aguardando pagamento|pagamento pendente|malsucedido|falhou|nao pago|"
        "pendiente|pendiente de pago|en espera|fallido|no pagado"
    ),
    OrderStatus.CANCELLED: (
        "cancelled|canceled|voided|expired|trash|annullato|annullata|cancellato|scaduto|"
        "cancelado|cancelada|anulado|anulada|expirado|caducado"
    ),
    OrderStatus.REFUNDED: (
        "refunded|rimborsato|rimborsata|reembolsado|reembolsada|estornado|devolvido|devuelto"
    ),
}
STATUSES = {word: status for status, words in _STATUSES.items() for word in words.split("|")}
DRAFTS = frozenset({"checkout draft", "auto draft", "draft", "bozza", "rascunho", "borrador"})


@lru_cache(maxsize=4096)
def plain_words(text: str) -> str:
    """`text` without case, accents and punctuation: ``Nº Pedido_ID`` is ``n pedido id``."""
    letters = unicodedata.normalize("NFKD", text.replace("º", " ").replace("°", " "))
    bare = "".join(char for char in letters if not unicodedata.combining(char)).casefold()
    return " ".join(re.findall(r"[^\W_]+", bare))


def status_word(text: str) -> str:
    """A status as it is compared. WooCommerce keeps its own with a prefix: ``wc-completed``."""
    return plain_words(text).removeprefix("wc ")


def country_code(text: str) -> str | None:
    """ISO 3166 of a code or of a name in one of our languages; None when it is neither."""
    if len(text) == 2 and text.isalpha():
        return text.upper()
    return _country_names().get(plain_words(text))


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    return {
        plain_words(name): code
        for language in _LANGUAGES
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }
