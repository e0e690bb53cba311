#!/usr/bin/env python3
"""Rebuilds the tables beside this file from public packages; the output depends on their versions alone.

    python3 -m venv venv
    venv/bin/pip install phonenumbers==9.0.43 zipcodes==3.0.0 tzdata==2026.6
    venv/bin/python crates/consent-query/data/make.py
"""

import re
from collections import Counter, defaultdict
from importlib.metadata import version
from itertools import product
from pathlib import Path

import phonenumbers
import tzdata
import zipcodes
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

SOURCES = {"phonenumbers": "9.0.43", "zipcodes": "3.0.0", "tzdata": "2026.6"}

STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA", "Colorado": "CO",
    "Connecticut": "CT", "Delaware": "DE", "Florida": "FL", "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID",
    "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA",
    "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN",
    "Mississippi": "MS", "Missouri": "MO", "Montana": "MT", "Nebraska": "NE", "Nevada": "NV",
    "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY", "North Carolina": "NC",
    "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA",
    "Rhode Island": "RI", "South Carolina": "SC", "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX",
    "Utah": "UT", "Vermont": "VT", "Virginia": "VA", "Washington State": "WA", "Washington D.C.": "DC",
    "West Virginia": "WV", "Wisconsin": "WI", "Wyoming": "WY", "Alberta": "AB", "British Columbia": "BC",
    "British Colombia": "BC", "Manitoba": "MB", "New Brunswick": "NB", "Newfoundland and Labrador": "NL",
    "Northwest Territories": "NT", "Nova Scotia": "NS", "Nunavut": "NU", "Ontario": "ON",
    "Prince Edward Island": "PE", "Quebec": "QC", "Saskatchewan": "SK", "Yukon": "YT",
}

# Calling regions under +1 that are states for our purposes.
TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}

# Overlay -> the codes it overlays, where no US postal codes can show it. Compiled by hand and not compared with the
# planning letters of the Canadian administrator; an entry can only add zones, never take one away.
CANADIAN_OVERLAYS = {
    "236 257 672 778": "250 604", "368 587 825": "403 780", "474 639": "306", "431 584": "204",
    "226 382 548": "519", "249 683": "705", "289 365 742": "905", "343 753": "613", "437 647 942": "416",
    "263 438": "514", "354 579": "450", "273 367 581": "418", "468 873": "819", "428": "506", "782": "902",
    "879": "709",
}

# In service, but younger than the packages (by notice of the commission named, as the press reported it).
YOUNGER_OVERLAYS = {
    "729": "423",  # Tennessee PUC, 2025-09-05
    "436": "440",  # PUC of Ohio, 2024-03-01
    "457": "318",  # Louisiana PSC, 2025-09-25
    "471": "662",  # Mississippi PSC, 2026-01-30
    "357": "559",  # California PUC, 2025-03-26
    "679": "313",  # Michigan PSC, 2025-11-07
    "861": "309",  # Illinois CC, 2023
}

# What the number package has wrong, judged by the codes these overlay: it puts Orlando on Chicago's time.
AREA_ZONES = {
    "689": {"America/New_York"},
    "474": {"America/Regina"},
    "879": {"America/Halifax", "America/St_Johns"},
}

# Two area codes of one state are one family if this share of the postal codes of the one lists the other too.
OVERLAP = 0.75

# What the postal package has wrong or too narrow: code -> zones.
POSTAL_ZONES = {
    "99634": {"America/Nome"},  # the package names the town instead of the zone
    "79942": {"America/Chicago", "America/Denver"},  # El Paso
    "89883": {"America/Denver", "America/Los_Angeles"},  # West Wendover, Mountain time by law
    "96941": {"Pacific/Pohnpei"},
    "96944": {"Pacific/Kosrae"},
    # Tuba City and the Hopi villages lie among Navajo land, which keeps daylight time and they do not.
    **{code: {"America/Denver", "America/Phoenix"} for code in "86030 86034 86039 86042 86043 86045".split()},
}

# Calling codes shared by countries in different zones, split where the next digit tells them apart.
SPLIT_CODES = {"76": ["KZ"], "77": ["KZ"], "7": ["RU"]}


def check_sources():
    for package, wanted in SOURCES.items():
        if version(package) != wanted:
            raise SystemExit(f"{package} is {version(package)}, wanted {wanted}")


def state_of(name):
    """Codes for a name as the packages write it: "Texas", "San Antonio, TX", "Nova Scotia/Prince Edward Island"."""
    if match := re.search(r", ([A-Z]{2})$", name):
        return {match[1]}
    return {STATES[part] for part in name.split("/")}


def names_under(prefix):
    """States of an area code: of its own entry, else the most frequent among its towns (a few lie over the border)."""
    if prefix in GEOCODE_DATA:
        return state_of(GEOCODE_DATA[prefix]["en"])
    towns = Counter(state_of_town(names["en"]) for key, names in GEOCODE_DATA.items() if key.startswith(prefix))
    return {state for state, _ in towns.most_common(1)}


def state_of_town(name):
    return min(state_of(name))


def regions_under_one():
    """Area code -> ISO region, for the countries under +1 that have codes of their own."""
    regions = {}
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]:
        if region in ("US", "CA"):
            continue
        leading = phonenumbers.PhoneMetadata.metadata_for_region(region).leading_digits
        for code in map("".join, product("23456789", "0123456789", "0123456789")):
            # The leading digits may run on into the number: "658|876", but also "246|37[02]".
            if re.match(f"(?:{leading})$", code) and "1" + code in TIMEZONE_DATA:
                regions[code] = region
    return regions


def area_codes():
    """Area code -> (states, zones), from every prefix of the code, at whatever depth."""
    zones, states = defaultdict(set), defaultdict(set)
    for prefix, names in TIMEZONE_DATA.items():
        if prefix[0] == "1" and len(prefix) >= 4:
            zones[prefix[1:4]].update(names)
    zones.update({code: set(names) for code, names in AREA_ZONES.items()})
    foreign = regions_under_one()
    for code in zones:
        if code not in foreign and (named := names_under("1" + code)):
            states[code] = named
        elif foreign.get(code) in TERRITORIES:
            states[code] = {foreign[code]}
        elif code not in foreign:
            raise SystemExit(f"area code {code}: no state known")
    return zones, states


def overlays(states, postal):
    """Pairs (area code, base whose zones it inherits)."""
    for table in (CANADIAN_OVERLAYS, YOUNGER_OVERLAYS):
        for codes, bases in table.items():
            yield from product(codes.split(), bases.split())
    served = defaultdict(set)
    for place in postal:
        for code in place["area_codes"]:
            if place["state"] in states[code]:
                served[code].add(place["zip_code"])
    for code, base in product(sorted(served), repeat=2):
        if code != base and states[code] == states[base]:
            if len(served[code] & served[base]) >= OVERLAP * len(served[code]):
                yield code, base


def inherit(zones, states, pairs):
    """Widens every overlay to the zones and states of its bases; one round, so that nothing creeps."""
    own_zones, own_states = ({k: set(v) for k, v in table.items()} for table in (zones, states))
    for code, base in pairs:
        zones[code] |= own_zones[base]
        states[code] |= own_states[base]


def write_area_codes(postal):
    zones, states = area_codes()
    inherit(zones, states, list(overlays(states, postal)))
    rows = (f"{code} {','.join(sorted(states[code])) or '-'} {','.join(sorted(zones[code]))}" for code in sorted(zones))
    write("area-codes.txt", rows)


def postal_zones(place):
    zones = POSTAL_ZONES.get(place["zip_code"], {place["timezone"]} - {""})
    # Where Arizona keeps Mountain daylight time, the next village does not.
    return zones | {"America/Phoenix"} if place["state"] == "AZ" else zones


def write_postal(postal):
    """Runs of codes with one state and one set of zones, broken by every code that differs."""
    runs = []
    for place in postal:
        zones = postal_zones(place)
        key = (place["state"], ",".join(sorted(zones))) if zones else None
        if runs and runs[-1][2] == key:
            runs[-1][1] = place["zip_code"]
        else:
            runs.append([place["zip_code"], place["zip_code"], key])
    write("postal-codes.txt", (f"{first} {last} {key[0]} {key[1]}" for first, last, key in runs if key))


def country_zones():
    """ISO country -> zones, as the time zone database lists them."""
    zones = defaultdict(set)
    for line in (Path(tzdata.__file__).parent / "zoneinfo" / "zone.tab").read_text().splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            zones[country].add(name)
    zones["XK"] = {"Europe/Belgrade"}  # Kosovo has no code in zone.tab
    return zones


def write_countries(zones):
    write("countries.txt", (f"{country} {','.join(sorted(names))}" for country, names in sorted(zones.items())))


def write_calling_codes(zones):
    rows = dict(SPLIT_CODES)
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if code != 1 and str(code) not in rows and "001" not in regions:
            rows[str(code)] = [{"AC": "SH", "TA": "SH"}.get(region, region) for region in regions]
    for code, regions in rows.items():
        if missing := [region for region in regions if region not in zones]:
            raise SystemExit(f"+{code}: no zone for {missing}")
    write("calling-codes.txt", (f"{code} {','.join(sorted(set(rows[code])))}" for code in sorted(rows)))


def write(name, rows):
    text = "".join(f"{row}\n" for row in rows)
    (Path(__file__).parent / name).write_text(text, encoding="ascii", newline="\n")
    print(f"{name}: {text.count(chr(10))} rows, {len(text)} bytes")


if __name__ == "__main__":
    check_sources()
    places = sorted(zipcodes.list_all(), key=lambda place: place["zip_code"])
    write_area_codes(places)
    write_postal(places)
    countries = country_zones()
    write_countries(countries)
    write_calling_codes(countries)
