"""The company's staff: who they are, where they work, their headsets, and the directory file of their departments."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from app.simulator.company.sites import HARBOUR_OFFICE, LAKE_OFFICE, MILL_LANE, SITES, WAREHOUSE, Site
from app.simulator.samples.people import FIRST, LAST, Person
from app.simulator.samples.random_values import guid

Habit = Literal["office", "hybrid", "home", "vpn", "travel"]

BAD_HEADSET = "Bluetooth Headset B20"  # its radio disturbs Wi-Fi, and its sound has gaps
HEADSETS = ("USB Headset U60", "USB Headset U60", "Headset H-Series", "Speakerphone S5", "Laptop microphone array")
DEPARTMENTS = ("Sales", "Support", "Engineering", "Finance", "Logistics")
COST_CENTERS = {"Sales": "1100", "Support": "1200", "Engineering": "1300", "Finance": "1400", "Logistics": "1500"}
EXECUTIVE, EXECUTIVE_COST_CENTER = "Executive", "1000"
COUNT = 44
WITH_BAD_HEADSET = (7, 17, 27)  # numbers of employees
TRAVELLERS = (5, 25)
# The habits of the others, one after another.
HABITS: tuple[Habit, ...] = ("office", "hybrid", "office", "home", "office", "vpn", "hybrid", "office")


@dataclass(frozen=True, slots=True)
class Employee:
    number: int
    person: Person
    department: str
    site: Site
    habit: Habit
    headset: str

    @property
    def name(self) -> str:
        return str(self.person.name)


def staff(tenant_id: str, seed: int) -> list[Employee]:
    """The same people for the same seed. The first is the head of the company, the second has bad Wi-Fi at home."""
    rng = Random(seed)
    others = [f"{first} {last}" for first in FIRST for last in LAST if f"{first} {last}" not in (HEAD, AT_HOME)]
    names = [HEAD, AT_HOME, *rng.sample(others, COUNT - 2)]
    return [_employee(number, name, tenant_id, rng) for number, name in enumerate(names)]


HEAD = "Gwenn Hollowell"
AT_HOME = "Maris Fenwright"


def _employee(number: int, name: str, tenant_id: str, rng: Random) -> Employee:
    address = f"{name.replace(' ', '.').lower()}@contoso.example"
    person = Person(guid(rng), "user", name, tenant_id, address, None)
    if name == HEAD:
        return Employee(number, person, EXECUTIVE, HARBOUR_OFFICE, "office", HEADSETS[0])
    if name == AT_HOME:
        return Employee(number, person, "Support", LAKE_OFFICE, "home", HEADSETS[-1])
    if number in WITH_BAD_HEADSET:
        return Employee(number, person, DEPARTMENTS[number % 5], WAREHOUSE, "office", BAD_HEADSET)
    habit: Habit = "travel" if number in TRAVELLERS else HABITS[number % len(HABITS)]
    site = (*SITES, HARBOUR_OFFICE, MILL_LANE)[number % 6]
    return Employee(number, person, DEPARTMENTS[number % 5], site, habit, HEADSETS[number % len(HEADSETS)])


def directory_file(employees: list[Employee]) -> str:
    """CSV with a header: address, department, cost centre and site of each employee."""
    lines = ["UserPrincipalName,Department,CostCenter,Site,ValidFrom,ValidTo"]
    for one in employees:
        center = COST_CENTERS.get(one.department, EXECUTIVE_COST_CENTER)
        lines.append(f"{one.person.upn},{one.department},{center},{one.site.name},,")
    return "\n".join(lines) + "\n"
