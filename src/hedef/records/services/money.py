"""Exchange rates and prices: a rate of a pair, day and set is one record, corrected in place; prices are ranges."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.ids import spell
from hedef.kernel.instants import to_us
from hedef.kernel.money import is_currency
from hedef.ledger.acts import Written
from hedef.ledger.services import LedgerBatch, writing
from hedef.records.days import start_us
from hedef.records.engine.rates import RATE_SETS, RateLine
from hedef.records.models import CurrencyRate, Price, Product
from hedef.records.services.edits import change, create, end
from hedef.records.services.reasons import given_reason
from hedef.settings import now


def set_rates(*, lines: Sequence[RateLine], rate_set: str, actor: str, reason: str) -> Written:
    """Rates of one set, new ones and corrections, in one batch; lines that say what is known write nothing.

    A correction counts from the day of the rate, as if it had always stood so; what was published stays as it was.
    """
    if rate_set not in RATE_SETS:
        raise WrongUse(f'"{rate_set}" is no set of rates.', hint=f"Sets: {', '.join(RATE_SETS)}.")
    with writing(kind="edit", actor=actor, reason=given_reason(reason), object="currency_rate") as batch:
        for line in lines:
            _set_rate(batch, line, rate_set)
    return Written(batch.pk, batch.seal_no or 0, batch.rows)


def _set_rate(batch: LedgerBatch, line: RateLine, rate_set: str) -> None:
    key: dict[str, Any] = {"base": line.base, "quote": line.quote, "day": line.day, "rate_set": rate_set}
    wanted = {name: value for name, value in key.items() if value is not None}
    open_ended = {"day__isnull": True} if line.day is None else {}
    known = CurrencyRate.objects.select_for_update().filter(**wanted, **open_ended, ended_us__isnull=True).first()
    told: dict[str, object] = {"numerator": line.rate.numerator, "denominator": line.rate.denominator}
    if known is None:
        create(
            kind="currency_rate",
            fields=wanted | told,
            effective_us=start_us(line.day),
            actor=batch.actor,
            batch=batch,
        )
        return
    at = known.last_effective_us  # the same moment, another value: a correction
    change(kind="currency_rate", entity=known.entity, fields=told, effective_us=at, actor=batch.actor, batch=batch)


def drop_rate(*, rate: int, actor: str, reason: str) -> Written:
    """A rate that should never have been there."""
    with writing(kind="edit", actor=actor, reason=given_reason(reason), object="currency_rate") as batch:
        row = CurrencyRate.objects.select_for_update().filter(entity=rate, ended_us__isnull=True).first()
        if row is None:
            raise NotFound(f"There is no rate {spell('currency_rate', rate)}.")
        end(kind="currency_rate", entity=rate, effective_us=row.last_effective_us, actor=actor, batch=batch)
    return Written(batch.pk, batch.seal_no or 0, batch.rows)


def set_price(
    *,
    product: int,
    amount_minor: int,
    currency: str,
    from_day: date | None,
    to_day: date | None = None,
    price_list: str | None = None,
    actor: str,
    reason: str,
) -> Written:
    """A price in a currency (and list) from a day on; the price before it ends there, one that begins later stays."""
    if not is_currency(currency):
        raise WrongUse(f'"{currency}" is no currency.', hint="Write its ISO code, such as EUR, TRY or USD.")
    if amount_minor < 0:
        raise WrongUse("A price is not below zero.")
    with writing(kind="edit", actor=actor, reason=given_reason(reason), object="price") as batch:
        if not Product.objects.filter(entity=product, ended_us__isnull=True).exists():
            raise NotFound(f"There is no product {spell('product', product)}.")
        until = _make_room(batch, product, currency, price_list, from_day, to_day)
        told = {"product": product, "amount_minor": amount_minor, "currency": currency, "list": price_list}
        told |= {"from_day": from_day, "to_day": until}
        fields = {name: value for name, value in told.items() if value is not None}
        create(kind="price", fields=fields, effective_us=start_us(from_day), actor=actor, batch=batch)
    return Written(batch.pk, batch.seal_no or 0, batch.rows)


def _make_room(
    batch: LedgerBatch, product: int, currency: str, price_list: str | None, from_day: date | None, to_day: date | None
) -> date | None:
    """End the price before; answers where the new one ends because the next one begins."""
    if from_day is not None and to_day is not None and to_day <= from_day:
        raise WrongUse(f"The price would end on {to_day}, before it starts on {from_day}.")
    same = Price.objects.select_for_update().filter(product=product, currency=currency, ended_us__isnull=True)
    for row in same.order_by("entity"):
        if (row.list or None) != (price_list or None):
            continue
        if from_day is not None and row.from_day is not None and row.from_day > from_day:
            to_day = row.from_day if to_day is None else min(to_day, row.from_day)
        elif from_day is None or row.from_day == from_day:
            end(kind="price", entity=row.entity, effective_us=row.last_effective_us, actor=batch.actor, batch=batch)
        elif row.to_day is None or row.to_day > from_day:
            at = max(to_us(now()), row.last_effective_us)
            fields = {"to_day": from_day}
            change(kind="price", entity=row.entity, fields=fields, effective_us=at, actor=batch.actor, batch=batch)
    return to_day
