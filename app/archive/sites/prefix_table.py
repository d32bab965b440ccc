"""Networks by address: a dict for each prefix length, looked up from the longest. Pure."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from app.archive.sites.addresses import Address, Network

Row = TypeVar("Row")


class PrefixTable(Generic[Row]):
    """The row of the smallest network that an address is in, and the row of a network's own address."""

    def __init__(self, rows: Iterable[tuple[Network, Row]]) -> None:
        by_length: dict[tuple[int, int], dict[int, Row]] = {}
        for network, row in rows:
            length = by_length.setdefault((network.version, network.prefixlen), {})
            length[int(network.network_address) >> _rest(network)] = row
        self._lengths: dict[int, list[tuple[int, dict[int, Row]]]] = {4: [], 6: []}
        for (version, prefix), found in sorted(by_length.items(), reverse=True):
            self._lengths[version].append((_bits(version) - prefix, found))

    def containing(self, address: Address) -> Row | None:
        number = int(address)
        for rest, rows in self._lengths[address.version]:
            if (row := rows.get(number >> rest)) is not None:
                return row
        return None

    def starting_at(self, address: Address) -> Row | None:
        """Of the networks with this network address the smallest."""
        return next(self._starting_at(address), None)

    def _starting_at(self, address: Address) -> Iterator[Row]:
        number = int(address)
        for rest, rows in self._lengths[address.version]:
            if number >> rest << rest == number and (row := rows.get(number >> rest)) is not None:
                yield row


def _bits(version: int) -> int:
    return 32 if version == 4 else 128


def _rest(network: Network) -> int:
    return _bits(network.version) - network.prefixlen
