"""What an order costs and which lane it takes."""

from settings import FREE_SHIPPING, SHIPPING


def total(order):
    goods = sum(item["price"] * item["count"] for item in order["items"])
    return goods if goods >= FREE_SHIPPING else goods + SHIPPING


def lane(order, amount):
    if order.get("express"):
        return "express"
    return "bulk" if amount > 100 else "normal"
