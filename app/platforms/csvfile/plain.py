"""The plain format: one row per line item, under headers in any of our merchants' languages.

Headers are compared without case, accents and punctuation; the first one that a file has wins.
"""

_WORDS = {
    "order_id": "order id|order|id ordine|ordine|id pedido|id do pedido|id de pedido|pedido|orden",
    "order_number": (
        "order number|order no|order name|number|numero ordine|n ordine|numero pedido|"
        "numero do pedido|numero de pedido|n pedido|codigo pedido|numero de orden|increment id"
    ),
    "placed_at": (
        "placed at|order date|date placed|created at|date created|date|data ordine|data acquisto|"
        "creato il|data do pedido|data pedido|data da compra|criado em|fecha de pedido|"
        "fecha del pedido|fecha pedido|fecha de compra|creado el|fecha|data|purchase date"
    ),
    "updated_at": (
        "updated at|date modified|modified at|last modified|aggiornato il|data aggiornamento|"
        "data modifica|atualizado em|actualizado el|fecha de actualizacion"
    ),
    "paid_at": (
        "paid at|date paid|paid date|payment date|pagato il|data pagamento|pago em|"
        "data do pagamento|data de pagamento|pagado el|fecha de pago"
    ),
    "fulfilled_at": "fulfilled at|shipped at|spedito il|data spedizione|enviado em|enviado el",
    "cancelled_at": (
        "cancelled at|canceled at|annullato il|data annullamento|cancelado em|"
        "data de cancelamento|data do cancelamento|cancelado el|fecha de cancelacion"
    ),
    "status": (
        "status|order status|financial status|payment status|stato|stato ordine|stato pagamento|"
        "situacao|status do pedido|status pedido|estado del pedido|estado pedido|estado do pedido|"
        "estado de pago|estado"
    ),
    "email": (
        "email|e mail|customer email|email address|billing email|mail|email cliente|"
        "indirizzo email|email do cliente|e mail do cliente|correo electronico|correo|"
        "email del cliente"
    ),
    "phone": (
        "phone|phone number|telephone|mobile|customer phone|billing phone|telefono|cellulare|"
        "numero di telefono|telefone|celular|movil|tel"
    ),
    "customer_id": (
        "customer id|customer key|user id|id cliente|codice cliente|codigo cliente|"
        "codigo do cliente|codigo de cliente|id do cliente|id del cliente"
    ),
    "first_name": "first name|firstname|given name|nome|primeiro nome|nombre",
    "last_name": "last name|lastname|surname|family name|cognome|sobrenome|apellidos|apellido",
    "full_name": (
        "customer name|full name|customer|nome e cognome|nominativo|nome cliente|nome completo|"
        "nome do cliente|nombre completo|nombre del cliente|cliente"
    ),
    "country": "country|country code|billing country|shipping country|paese|nazione|pais",
    "region": "region|province|state|billing state|regione|provincia|regiao|uf|estado",
    "locale": "locale|language|lingua|idioma",
    "currency": "currency|order currency|currency code|valuta|moeda|moneda|divisa",
    "order_total": (
        "order total|grand total|total amount|total|amount|totale ordine|importo totale|totale|"
        "importo|total do pedido|total pedido|valor total|valor|total del pedido|importe total|"
        "importe"
    ),
    "discount_code": (
        "discount code|discount codes|coupon code|coupon|coupons|codice sconto|codici sconto|"
        "codice promozionale|buono|cupom de desconto|cupom|codigo de desconto|"
        "codigo de descuento|codigo promocional|cupon"
    ),
    "refunded_total": (
        "refunded total|total refunded|order refunded|totale rimborsato|total reembolsado|"
        "total estornado"
    ),
    "refund_id": "refund id|id rimborso|id reembolso|id do reembolso",
    "refund_amount": (
        "refund amount|refunded amount|refund|importo rimborsato|importo rimborso|rimborso|"
        "valor reembolsado|valor do reembolso|valor estornado|reembolso|estorno|"
        "importe reembolsado"
    ),
    "refunded_at": (
        "refunded at|refund date|rimborsato il|data rimborso|reembolsado em|data do reembolso|"
        "data reembolso|data do estorno|fecha de reembolso|fecha reembolso"
    ),
    "line_id": "line id|line item id|item id|id riga|id item|id do item|id linea",
    "product_id": (
        "product id|product key|id prodotto|codice prodotto|id produto|codigo do produto|"
        "codigo produto|id producto|codigo de producto|codigo producto"
    ),
    "variant_id": "variant id|variation id|id variante",
    "sku": "sku|product sku|item sku|codice articolo|codigo sku|referencia",
    "title": (
        "title|product name|product title|product|item name|item|description|nome prodotto|"
        "prodotto|articolo|descrizione|titolo|nome do produto|produto|artigo|descricao|"
        "nombre del producto|producto|articulo|descripcion|titulo"
    ),
    "quantity": "quantity|qty|quantita|qta|q ta|quantidade|qtd|qtde|cantidad|cant|pezzi|unidades",
    "line_total": (
        "line total|row total|item total|totale riga|importo riga|total da linha|total do item|"
        "total item|total linea|total de linea"
    ),
    "unit_price": (
        "unit price|price|item price|prezzo unitario|prezzo|preco unitario|preco|"
        "precio unitario|precio"
    ),
    "line_discount": (
        "line discount|sconto riga|desconto do item|desconto da linha|descuento de linea"
    ),
}
HEADERS = {field: tuple(words.split("|")) for field, words in _WORDS.items()}
