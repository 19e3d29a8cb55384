"""What the monitoring is given asks only for series that exist.

Proves: RED metrics by route, across processes; queues' ages, tasks, deadlines, channels, bridge, connections,
processes; 14 alert rules and a dashboard that ask only for series that exist; promtool"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "deploy" / "monitoring"
NAME = re.compile(r"\bcaunoi_[a-z_]+")


@pytest.fixture
def series(client: Any, town: Any) -> set[str]:
    client.get("/register")
    text = client.get("/metrics").content.decode()
    declared = set(re.findall(r"^# TYPE (caunoi_[a-z_]+)", text, re.M))
    return declared | {f"{name}_bucket" for name in declared}


def test_alert_rules_ask_for_series_that_exist(series: set[str]) -> None:
    asked = {
        name
        for line in (FOLDER / "alerts.yml").read_text().splitlines()
        if "expr:" in line
        for name in NAME.findall(line)
    }
    assert len(asked) > 10
    assert asked - series == set()


def test_the_dashboard_asks_for_series_that_exist(series: set[str]) -> None:
    panels = json.loads((FOLDER / "grafana.json").read_text())["panels"]
    asked = {name for panel in panels for target in panel["targets"] for name in NAME.findall(target["expr"])}
    assert len(asked) > 15
    assert asked - series == set()


def test_every_series_is_explained(series: set[str]) -> None:
    page = (Path(__file__).parents[1] / "docs" / "operating.md").read_text()
    assert {name for name in series if not name.endswith("_bucket") and f"`{name}" not in page} == set()


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed: apt-get install prometheus")
def test_prometheus_takes_rules_configuration_and_metrics(client: Any, town: Any) -> None:
    for words in (["check", "rules", "alerts.yml"], ["check", "config", "prometheus.yml"]):
        done = subprocess.run(["promtool", *words], cwd=FOLDER, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    text = client.get("/metrics").content
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    assert done.returncode == 0, done.stderr
