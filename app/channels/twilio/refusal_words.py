"""The words and phrases of `refusals`, folded: lower case, no accents, no apostrophes. Data only.

Phrases are regular expressions matched at word boundaries. Add a phrase together with a test.
"""

# https://help.twilio.com/articles/223134027
DEFAULT_KEYWORDS = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"}
    | {"START", "UNSTOP", "YES", "HELP", "INFO"}
)

START_WORDS = frozenset(
    {"start", "unstop", "subscribe", "resubscribe", "opt in", "optin", "iscrivimi", "riattiva"}
    | {"inscrever", "quero receber", "suscribir", "suscribirme", "quiero recibir"}
)

# The whole message, courtesies aside.
STOP_WORDS = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "unsub", "end", "quit", "cancel", "revoke"}
    | {"optout", "opt out", "remove", "remove me", "no more", "leave me alone", "stopp", "arret"}
    | {"basta", "cancellami", "disiscrivimi", "disiscriviti", "cancellatemi", "fermatevi"}
    | {"parar", "pare", "sair", "cancelar", "descadastrar", "chega", "remover", "nao quero mais"}
    | {"baja", "darme de baja", "dar de baja", "no mas", "ya no mas", "ya basta", "borrenme"}
)

# Words that are harmless in another language: "para" is also "for", "alto" also "tall".
LOCAL_STOP_WORDS: dict[str, frozenset[str]] = {
    "it": frozenset({"fine", "ferma", "annulla", "rimuovi", "smettila", "smettetela"}),
    "pt": frozenset({"para", "parem", "remova", "nao", "fim"}),
    "es": frozenset({"para", "paren", "alto", "fin", "quitar", "salir"}),
}

COURTESIES = (
    r"please|pls|plz|thanks|thank you|thx|ok|okay|hi|hello|hey|now|immediately|sorry",
    r"per favore|per piacere|grazie|ciao|salve|buongiorno|subito",
    r"por favor|pfv|obrigad[oa]|oi|ola|agora|ja",
    r"gracias|hola|buenos dias|ahora",
)

_EN_SEND = r"(?:text|texting|message|messaging|contact|contacting|sms|spam|spamming|bother)"

CLEAR_PHRASES = (
    # English
    r"stop (?:all )?(?:sending|send|calling|writing|these|those|this|the|your|ur|all|any|sms)",
    r"stop (?:messages|texts)|(?:do not|dont) write (?:to )?(?:me|us)",
    rf"stop {_EN_SEND}(?:ing)?",
    r"stop it|(?:please|pls|plz) stop|i said stop|stop (?:please|pls|plz|now|right now)",
    r"unsubscribe(?: me)?|opt(?:ing)? (?:me )?out|opt me out",
    r"(?:take|get) me off|remove (?:me|my (?:number|phone|name|data))|delete my (?:number|phone)",
    rf"(?:do not|dont|never|quit) {_EN_SEND}(?:ing)?(?: (?:me|us|this))?",
    r"(?:do not|dont) send (?:me |us )?(?:any ?more|more|any|these|texts|messages)",
    r"(?:do not|dont|no longer) (?:want|wish)(?: to)? (?:be contacted|receive|get|hear)",
    r"(?:do not|dont|no longer) want (?:any |more |your |these |any more )*(?:texts|messages|sms)",
    r"no more (?:texts?|messages?|sms|ads|marketing)|leave me alone|i revoke|revoke my consent",
    # Italian
    r"non (?:mi )?(?:scrivete|scriveteci|scrivetemi|scrivermi|scriverci|contattate|contattatemi"
    r"|contattarmi|inviate|inviatemi|inviarmi|mandate|mandatemi|mandarmi|disturbate|disturbatemi)",
    r"non (?:voglio|desidero|vorrei|intendo) (?:piu )?(?:ricevere|essere contattat[oa])",
    r"non (?:voglio|desidero) (?:piu )?(?:messaggi|sms)",
    r"smett(?:ete|etela|ila|i|erla)(?: di)?|basta (?:messaggi|sms|pubblicita|spam|cosi|scrivermi)",
    r"(?:cancellate|togliete|rimuovete|disiscrivete|eliminate)(?:mi)(?: da| dalla)?",
    r"(?:cancella|togli|rimuovi|disiscrivi|elimina)mi|voglio (?:disiscrivermi|cancellarmi)",
    r"revoco (?:il )?(?:mio )?consenso|lasciatemi (?:in pace|stare)",
    # Brazilian Portuguese
    r"nao (?:quero|desejo|gostaria de) (?:mais )?(?:receber|ser contatad[oa]|mensage(?:ns|m)|sms)",
    r"nao (?:me )?(?:mandem?|enviem?|escrevam?|contatem?|perturbem?)",
    r"(?:pare|parem|para) de (?:me )?(?:mandar|enviar|escrever|incomodar|perturbar|ligar|encher)",
    r"(?:me )?(?:tire|tirem|remova|remover|removam|retire|retirem|exclua|excluam)(?:-| )?(?:me )?"
    r"(?:da|desta|dessa|de sua) lista|descadastr(?:ar|e|em)(?: me)?|me descadastr(?:e|em|a)",
    r"chega de (?:mensagens|sms|spam|propaganda)|quero (?:sair|cancelar a inscricao)",
    r"cancelar (?:a |minha )?inscricao|me deixem? em paz|nao quero mais (?:isso|nada)",
    # Spanish
    r"no (?:quiero|deseo|quisiera) (?:mas |recibir|que me (?:escriban|contacten|envien|manden))",
    r"no (?:quiero|deseo) (?:sus |tus |estos )?(?:mensajes|sms)",
    r"no (?:me )?(?:escriban|escribas|envien|envies|manden|mandes|contacten|molesten|molestes)",
    r"no mas (?:mensajes|sms|publicidad|spam|por favor)",
    r"ya no (?:me (?:escriban|manden|envien|contacten|molesten)|quiero (?:recibir|mas|mensajes))",
    r"(?:deje|dejen|deja|dejad|pare|paren) de (?:escribir|enviar|mandar|molestar)(?:me|nos)?",
    r"(?:dar|darme|denme|deme|dame|doy) (?:me )?de baja|quiero la baja|solicito (?:la|mi) baja",
    r"(?:borren|quiten|eliminen|saquen|borra|quita|elimina)(?:me)(?: de)?|dejenme en paz",
    r"basta de (?:mensajes|sms|publicidad|spam)|cancelar (?:la |mi )?suscripcion",
)

# Taken out before looking: they hold a stop word and mean no refusal, or refuse a refusal.
HARMLESS_PHRASES = (
    r"(?:do not|dont) (?:want (?:you )?to |wanna )?"
    r"(?:stop|unsubscribe|opt out|quit|cancel|remove|end)(?: me)?"
    r"(?: (?:sending|texting|messaging))?(?: (?:me|these|the|your))?",
    r"non ?stop|(?:bus|full|one|pit|short|next|last|first|metro|train|door) stops?",
    r"stop (?:by|in|over|off|at (?:the|your)|motion|sign|watch)|stopped|stopping",
    r"(?:cant|cannot) stop (?:loving|wearing|thinking|laughing|buying|looking|using|eating)",
    r"(?:cancel|return|change|end|stop) (?:my|the|an|this|that|our|me)"
    r"(?: \w+)? (?:order|purchase|payment|delivery|shipment|appointment|item)s?",
    r"(?:the|week|in the|at the|by the|until the|year) end|end of",
    r"non (?:voglio|vorrei|intendo|desidero) (?:fermar(?:mi|e)|smettere)",
    r"non (?:voglio|vorrei|intendo) (?:disiscriver|cancellar)mi",
    r"non (?:cancellatemi|cancellarmi|toglietemi|disiscrivetemi|rimuovetemi|fermatevi|smettete)",
    r"non (?:mi )?basta|quanto basta|basta (?:che|un|una|solo|cliccare|premere)|abbastanza",
    r"non (?:mi )?(?:inviate|mandate|inviatemi|mandatemi) (?:il|la|lo|un|una|altro)"
    r" (?:pacco|ordine|fattura|prodotto|corriere|taglia|sms di conferma)",
    r"nao (?:quero|vou|desejo|precisam?) (?:parar|sair|cancelar|(?:me )?descadastrar)"
    r"(?: de receber)?",
    r"nao parem?(?: de (?:me )?(?:mandar|enviar|escrever))?|nao basta|nao me (?:tire|remova)m?",
    r"no (?:quiero|deseo|voy a) (?:parar|salir|cancelar|darme de baja)(?: de recibir)?",
    r"no (?:paren|pares|pare|dejen|dejes)(?: de (?:escribir|enviar|mandar)(?:me|nos)?)?",
    r"no (?:me )?(?:borren|quiten|eliminen)(?:me)?|no me (?:den|des) de baja",
    r"no basta|basta con (?:hacer|pulsar|llamar|que)",
    r"(?:planta|temporada|tarifa|talla|precio|calidad|presion) (?:mas )?baja|mas baja",
    r"(?:cancelar|devolver) (?:o |el |meu |mi |um |un )?pedido",
)

LIKELY_PHRASES = (
    r"stop|unsubscribe|unsub|opt out|revoke|quit|spam|scam|harass(?:ing|ment)?|blocked?",
    r"who (?:is|are) (?:this|you)|wrong number|how did you get my (?:number|phone)|lawyer|sue",
    r"basta|disiscriv\w*|denuncia|garante|privacy|numero sbagliato|chi (?:siete|sei)",
    r"chi vi ha dato (?:il )?(?:mio )?numero|fermat\w*|cancellat\w* dalla lista",
    r"parar|descadastr\w*|procon|numero errado|quem (?:e|sao) (?:voce|voces)|golpe|denunciar",
    r"baja|numero equivocado|quien(?:es)? (?:es|son|eres)|estafa|acoso|molest\w*|denunciar\w*",
)
