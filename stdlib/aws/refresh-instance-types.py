#!/usr/bin/env python3
"""Write `instance-types.tsv`: what the compiler knows of EC2's instance types.

The facts are those of EC2's own DescribeInstanceTypes, as recorded in the package moto
(https://docs.getmoto.org), so no AWS account is needed:

    python3 -m pip install moto
    python3 stdlib/aws/refresh-instance-types.py            # write the table
    python3 stdlib/aws/refresh-instance-types.py --check    # exit 1 if it would change

Rules of the table, one type a line, sorted by name:

- arch is x86_64 or arm64; types that can also run i386 count as x86_64; Macs are left out.
- memory is in MiB, vcpus as EC2 counts them by default (one for each thread).
- a share of a GPU (the g6f types) counts as one GPU, because that is what the machine sees.
- hypervisor is nitro or xen; `-` is bare metal.
- generation is what EC2 says now (`CurrentGeneration`): it moves as AWS releases new families.
- types that none of the recorded regions offers any longer (g3, g4ad, p2, p3, f1 and older) are missing from
  the data and so from the table: a fleet that names one could not start it.

The table depends only on moto's data, so the same version of moto gives the same bytes.
"""

import argparse
import gzip
import importlib.util
import json
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().with_name("instance-types.tsv")
HEADER = "# name\tarch\tvcpus\tmemory_mib\tgpu_vendor\tgpu_model\tgpu_count\thypervisor\tgeneration"
FOLDER = "ec2/resources"
FILE = "instance_types.json"


def recorded():
    """The instance types in moto's data, by name; older releases do not compress the file."""
    package = importlib.util.find_spec("moto")
    if package is None or not package.submodule_search_locations:
        sys.exit("the package moto is missing: python3 -m pip install moto")
    plain = Path(package.submodule_search_locations[0], FOLDER, FILE)
    packed = plain.with_name(FILE + ".gz")
    if packed.exists():
        return json.loads(gzip.decompress(packed.read_bytes()))
    return json.loads(plain.read_bytes())


def architecture(facts):
    """x86_64, arm64, or None for a type that no fleet can use."""
    supported = facts["ProcessorInfo"]["SupportedArchitectures"]
    return next((arch for arch in ("x86_64", "arm64") if arch in supported), None)


def gpus(facts):
    """Vendor, model and number of the GPUs of a type."""
    cards = facts.get("GpuInfo", {}).get("Gpus", [])
    if not cards:
        return "-", "-", "-"
    if len(cards) > 1:
        raise ValueError(f"{facts['InstanceType']} mixes GPUs: the table has room for one model")
    card = cards[0]
    return card["Manufacturer"].lower(), card["Name"], card.get("LogicalGpuCount") or card["Count"]


def row(facts):
    """One line of the table."""
    cells = (
        facts["InstanceType"],
        architecture(facts),
        facts["VCpuInfo"]["DefaultVCpus"],
        facts["MemoryInfo"]["SizeInMiB"],
        *gpus(facts),
        facts.get("Hypervisor", "-"),
        "current" if facts["CurrentGeneration"] else "previous",
    )
    return "\t".join(str(cell) for cell in cells)


def table():
    """The whole file."""
    rows = [row(facts) for _, facts in sorted(recorded().items()) if architecture(facts)]
    return "\n".join([HEADER, *rows]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the table would change")
    arguments = parser.parse_args()
    wanted = table()
    if not arguments.check:
        TABLE.write_text(wanted, encoding="utf-8", newline="\n")
        return
    present = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    if present != wanted:
        old, new = set(present.splitlines()), set(wanted.splitlines())
        sys.exit(f"{TABLE.name} is not up to date: {len(new - old)} lines to add or change, {len(old - new)} to remove")


if __name__ == "__main__":
    main()
