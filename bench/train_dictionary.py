"""Trains the zstd dictionary of app/archive/dictionaries on invented records of every shape.

python -m bench.train_dictionary FILE      (by hand, and never over one that was released: old documents need it)

People's names and tenant ids are scrambled first: the dictionary is to know what Graph writes in every record, not
whom the simulator invents, or the figures of `make bench` would flatter.
"""

import random
import re
import sys
from pathlib import Path
from typing import Any

import orjson

from app.archive.documents.dictionaries import zstd
from app.simulator.records import a_call_record
from app.simulator.samples import people, recipe
from app.simulator.samples.random_values import guid

SIZE = 64 * 1024
SAMPLES = 4000
NAMES = re.compile("|".join([*people.FIRST, *people.LAST]), re.IGNORECASE)


def main(file: Path) -> None:
    samples = [sample(number) for number in range(SAMPLES)]
    trained = zstd.train_dict(samples, SIZE)
    file.write_bytes(trained.dict_content)
    print(f"dictionary {trained.dict_id}, {len(trained.dict_content)} bytes, from {sum(map(len, samples))} bytes")


def sample(number: int) -> bytes:
    rng = random.Random(number)
    raw = orjson.dumps(a_call_record(**a_recipe(number, rng))).decode()
    for tenant in (recipe.HOME_TENANT, recipe.PARTNER_TENANT):
        raw = raw.replace(tenant, guid(rng))
    return NAMES.sub(lambda name: scrambled(name[0], rng), raw).encode()


def a_recipe(number: int, rng: random.Random) -> dict[str, Any]:
    """Mostly two people; the rest small meetings, telephones, guests, failures, and the older shapes."""
    meeting = rng.random() < 0.35
    return {
        "seed": number,
        "type": "groupCall" if meeting else "peerToPeer",
        "participants": rng.randrange(3, 6) if meeting else 2,
        "guests": rng.random() < 0.2,
        "federated": rng.random() < 0.2,
        "acs_users": rng.random() < 0.05,
        "application_instances": rng.random() < 0.05,
        "pstn": rng.random() < 0.15,
        "poor": rng.random() < 0.15,
        "failed": rng.random() < 0.1,
        "muted": rng.random() < 0.1,
        "feedback": rng.random() < 0.2,
        "video": rng.random() < 0.4,
        "sharing": rng.random() < 0.3,
        "nulls": rng.random() < 0.7,
        "deprecated": rng.random() < 0.25,
        "shape": "beta" if rng.random() < 0.05 else "v1.0",
    }


def scrambled(name: str, rng: random.Random) -> str:
    letters = "".join(rng.choice("aeioubcdfghklmnprst") for _ in name)
    return letters.capitalize() if name[0].isupper() else letters


if __name__ == "__main__":
    main(Path(sys.argv[1]))
