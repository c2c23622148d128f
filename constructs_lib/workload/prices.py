"""AWS's list prices, from a dated file that a user can replace."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from constructs_lib.errors import Fault, FaultsError, faults_of
from constructs_lib.props import Props
from constructs_lib.yaml_document import read_yaml

PACKAGED = Path(__file__).with_name("prices.yaml")

Unit = Literal["hour", "month", "GB", "GB-month", "TB", "thousand", "million"]


class PricesError(FaultsError):
    """A file of prices is not valid, or lacks a price that is needed."""


class Price(Props):
    """One price."""

    amount: Annotated[float, Field(ge=0)]
    """In the file's currency, for one unit."""

    unit: Unit
    """What it is for."""

    source: str
    """Where AWS says it."""

    checked: bool = False
    """Whether somebody compared it with the source, on the day that the file names. Default: no."""


class Prices(Props):
    """A file of prices."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    """ISO code of the currency of all amounts."""

    region: str
    """The region they are of."""

    read: date
    """When they were read."""

    prices: dict[str, Price]
    """The prices by name, such as `dms.t3.medium` or `kinesis.shard`."""

    def of(self, name: str, unit: Unit) -> float:
        """An amount.

        Raises:
            PricesError: there is no such price, or it is for another unit.
        """
        price = self.prices.get(name)
        if price is None or price.unit != unit:
            problem = f"must hold the price for one {unit}, in the form of {PACKAGED.name}"
            given = None if price is None else f"a price for one {price.unit}"
            raise PricesError(
                f"the prices of {self.region}", [Fault(f"prices.{name}", problem, given)]
            )
        return price.amount

    def unchecked(self) -> list[str]:
        """Names of the prices that nobody compared with their source."""
        return [name for name, price in self.prices.items() if not price.checked]


def load_prices(path: Path | None = None) -> Prices:
    """Read a file of prices.

    Args:
        path: The file; None: the one that is packaged.

    Raises:
        PricesError: it cannot be read, or holds mistakes; all are listed.
    """
    file = path or PACKAGED
    document = read_yaml(file, PricesError)
    try:
        return Prices.model_validate(document)
    except ValidationError as error:
        raise PricesError(str(file), faults_of(error, document)) from None
