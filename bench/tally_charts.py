"""Judges every chart of a folder, each with an acute back-pain visit and a lumbar MRI order added, and counts.

    python bench/tally_charts.py CHARTS [--order 72148] [--json OUT]

CHARTS is a folder (or .tar.gz) of Bundles of type collection, one patient each. The added visit is the day
after the chart's last encounter: an office visit for low back pain that began nine days before.
"""

import argparse
import collections
import datetime as dt
import json
import pathlib
import sys
import tarfile
import time
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from watchful.chart.dates import parse
from watchful.cli.assess import as_json, assess_chart
from watchful.clinical.knowledge import load

UTC = ZoneInfo("UTC")
DEFAULT_DAY = dt.date(2026, 11, 2)


def charts(source: pathlib.Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and Bundle of each chart; other JSON files are passed over."""
    if source.is_dir():
        found = ((str(path.relative_to(source)), path.read_bytes()) for path in sorted(source.rglob("*.json")))
    else:
        with tarfile.open(source) as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            found = iter([(m.name, archive.extractfile(m).read()) for m in members])  # type: ignore[union-attr]
    for name, content in found:
        bundle = json.loads(content)
        if isinstance(bundle, dict) and bundle.get("resourceType") == "Bundle":
            yield name, bundle


def last_day(bundle: dict[str, Any]) -> dt.date:
    """The latest day on which an encounter of the chart began."""
    starts = [
        parse(entry["resource"].get("period", {}).get("start"), UTC)
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "Encounter"
    ]
    return max((start.latest for start in starts if start), default=DEFAULT_DAY)


def with_visit(bundle: dict[str, Any]) -> tuple[bytes, dt.date]:
    """The chart with today's back-pain visit in it, and what today is."""
    today = last_day(bundle) + dt.timedelta(days=1)
    patient = next(e["resource"]["id"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    subject = {"reference": f"Patient/{patient}"}
    pain = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.50"}]}
    added = [
        {
            "resourceType": "Encounter",
            "id": "added-visit",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": subject,
            "period": {"start": today.isoformat()},
            "reasonCode": [pain],
        },
        {
            "resourceType": "Condition",
            "id": "added-pain",
            "code": pain,
            "subject": subject,
            "encounter": {"reference": "Encounter/added-visit"},
            "onsetDateTime": (today - dt.timedelta(days=9)).isoformat(),
            "recordedDate": today.isoformat(),
        },
    ]
    grown = {**bundle, "entry": [*bundle["entry"], *({"resource": resource} for resource in added)]}
    return json.dumps(grown).encode(), today


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("charts", type=pathlib.Path)
    parser.add_argument("--order", default="72148")
    parser.add_argument("--json", type=pathlib.Path, help="also write one line for each chart here")
    args = parser.parse_args()
    knowledge = load()
    decisions: collections.Counter[tuple[str, str]] = collections.Counter()
    flags: collections.Counter[str] = collections.Counter()
    lines, errors, spent = [], 0, 0.0
    for name, bundle in charts(args.charts):
        content, today = with_visit(bundle)
        started = time.process_time()
        try:
            assessment = assess_chart(
                content, order=args.order, system=None, today=today, zone=UTC, knowledge=knowledge,
                encounter="added-visit",
            )  # fmt: skip
        except Exception as error:
            errors += 1
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        spent += time.process_time() - started
        decisions[str(assessment.decision), assessment.reason] += 1
        flags.update(flag.id for flag in assessment.present())
        lines.append(json.dumps({"chart": name, "today": today.isoformat(), **as_json(assessment)}))
    for (decision, reason), count in decisions.most_common():
        print(f"{count:5} {decision:15} {reason}")
    print("flags:", ", ".join(f"{flag} {count}" for flag, count in flags.most_common()))
    print(f"{sum(decisions.values())} charts judged, {errors} errors, {spent * 1000:.0f} ms of CPU in all")
    if args.json:
        args.json.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
