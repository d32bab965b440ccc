"""The files that an administrator of the company imports: buildings by subnet, departments of people, access points."""

from pathlib import Path

from app.simulator.company.sites import ACCESS_POINTS, building_file
from app.simulator.company.staff import directory_file, staff
from app.simulator.world import World

BUILDINGS, DIRECTORY, NAMES = "buildings.csv", "directory.csv", "access-points.csv"


def write(folder: Path, world: World) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = "".join(f"{bssid},{name}\n" for bssid, name in ACCESS_POINTS.items())
    texts = {
        BUILDINGS: building_file(),
        DIRECTORY: directory_file(staff(world.tenant_id, world.seed)),
        NAMES: f"BSSID,Name\n{names}",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
