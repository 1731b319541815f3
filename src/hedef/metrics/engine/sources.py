"""Where the rows of a scan come from: a facts table or a question, with what must be joined to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from hedef.metrics.engine.tables import FactTable, Via

_DEAL = " left join deal_now d on d.deal = t.deal"
_EXACT = 3_000_000_000  # minor units whose products still fit 64 bits


@dataclass(frozen=True)
class Source:
    """Text before the SELECT, the name of the rows, their joins, the column of the dimension, the tables read.

    `shared`: a row stands once for each product of its deal, with its share of the amount.
    """

    with_text: str
    name: str
    joins: str
    dimension: str
    tables: tuple[str, ...]
    shared: bool


def source_of(
    table: FactTable,
    reads: str,
    *,
    split: bool,
    now: bool,
    columns: frozenset[str],
    dimension: str | None,
    files: Mapping[str, str],
) -> Source:
    """The source of a scan that names some columns. ValueError for a dimension that the table does not have."""
    if dimension is not None and dimension not in table.dimensions():
        raise ValueError(f"{dimension} is no dimension of {table.name}")  # it would become part of the text
    parts = [f"source_rows as (\n{files[table.name].strip()}\n)"] if table.file else []
    name = "source_rows" if table.file else reads
    shared = dimension == "product" and "product" not in table.columns
    tables = [*(table.reads if table.file else (reads,))]
    if shared:
        parts += [_PRODUCTS, _shared_rows(table, name, split=split)]
        name = "shared_rows"
        tables.append("deal_line")
    joins, joined = _joins(table, columns, dimension, now=now)
    with_text = f"with {', '.join(parts)}\n" if parts else ""
    return Source(with_text, name, joins, _dimension(table, dimension), (*tables, *joined), shared)


def owner_sql(table: FactTable, *, split: bool, now: bool) -> str:
    """Who gets a row: the credited person of a credit table, the owner at the row's own time, or the owner now."""
    if now:
        return "d.owner" if table.sees_deal() else "c.owner"
    if split:
        return "t.person"
    if table.account:
        return "c.owner"
    return f"t.{table.owner}" if table.owner else "cast(null as bigint)"


def _joins(
    table: FactTable, columns: frozenset[str], dimension: str | None, *, now: bool
) -> tuple[str, tuple[str, ...]]:
    wanted = {column.via for name, column in table.columns.items() if name in columns and column.via}
    if (grouped := _dimension_via(table, dimension)) is not None:
        wanted.add(grouped)
    if now:
        wanted.add("deal" if table.sees_deal() else "account")
    if table.account:
        wanted.add("account")
    own_account = "account" in table.columns and table.columns["account"].via is None
    if "account" in wanted and not own_account:
        wanted.add("deal")
    text, tables = "", []
    if "deal" in wanted:
        text, tables = _DEAL, ["deal_now"]
    if "account" in wanted:
        text += f" left join account_now c on c.account = {'t' if own_account else 'd'}.account"
        tables.append("account_now")
    return text, tuple(tables)


def _dimension_via(table: FactTable, dimension: str | None) -> Via | None:
    if dimension in {"segment", "region"}:
        return "account"
    return "deal" if dimension in {"source", "process"} and dimension not in table.columns else None


def _dimension(table: FactTable, dimension: str | None) -> str:
    if dimension is None:
        return ""
    via = _dimension_via(table, dimension)
    return f"{'c' if via == 'account' else 'd' if via else 't'}.{dimension}"


# The products of a deal, largest first, with running sums: so the parts of an amount add up to it to the last cent.
_PRODUCTS = """product_sums as (
  select deal, product, cast(sum(case when amount_minor > 0 then amount_minor else 0 end) as bigint) as amount
  from deal_line group by deal, product
),
product_runs as (
  select deal, product, amount,
    cast(sum(amount) over (partition by deal) as bigint) as whole,
    cast(sum(amount) over (partition by deal order by amount desc, product nulls last
      rows between unbounded preceding and current row) as bigint) as upto,
    row_number() over (partition by deal order by amount desc, product nulls last) as product_no
  from product_sums
),
product_shares as (
  select deal, product, product_no,
    case when whole = 0 then 1 else whole end as whole,
    case when whole = 0 then case when product_no = 1 then 0 else 1 end else upto - amount end as from_part,
    case when whole = 0 then 1 else upto end as to_part
  from product_runs
)"""


def _shared_rows(table: FactTable, name: str, *, split: bool) -> str:
    """The rows of a table once for each product of their deal; every amount of money is shared to the last cent."""
    columns = {one.sql: one.type for one in table.columns.values() if one.via is None}
    if not table.file:
        columns["known_no"] = "int"
        if table.effective:
            columns[table.effective] = "instant"
    columns[table.weight] = "int"
    if split:
        columns.pop(table.owner, None)
        columns |= {"person": "ref", "kind": "code", "share_bp": "bp"}
    picked = [_shared(one) if kind == "money" else f"r.{one}" for one, kind in columns.items()]
    return (
        f"shared_rows as (select {', '.join(picked)}, p.product, coalesce(p.product_no, 1) as product_no"  # noqa: S608
        f" from {name} r left join product_shares p on p.deal = r.deal)"
    )


def _shared(column: str) -> str:
    upto, before = (_part(f"r.{column}", f"p.{edge}_part") for edge in ("to", "from"))
    return f"case when p.deal is null then r.{column} else {upto} - {before} end as {column}"


def _part(amount: str, part: str) -> str:
    """Amount times part by the whole, towards zero; of huge ones the share is taken first, so that 64 bits suffice."""
    exact = f"idiv({amount} * {part}, p.whole)"
    coarse = f"case when {part} = p.whole then {amount} else idiv({amount}, p.whole) * {part} end"
    small = f"{amount} between -{_EXACT} and {_EXACT} and p.whole <= {_EXACT}"
    return f"(case when {small} then {exact} else {coarse} end)"
