"""What alerts and the dashboard ask about is what /api/metrics tells, and what Grafana and Prometheus are given fits together."""

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import Workplace
from daka.delivery.models import DeliveryStatus
from daka.reminders.models import ReminderStatus
from daka.today.metrics import BUCKETS_SECONDS
from deploy.proxy import ROOT

MONITORING = ROOT / "deploy" / "monitoring"
RULES: list[dict[str, Any]] = yaml.safe_load((MONITORING / "prometheus-rules.yml").read_text())["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "grafana" / "dashboards" / "daka.json").read_text())
PROVISIONING = MONITORING / "grafana" / "provisioning"
OVERLAY: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.monitoring.yaml").read_text())["services"]

TIMES = ROOT / "tests" / "deploy" / "prometheus-rules.test.yml"
PROMTOOL = shutil.which("promtool")


def asked() -> list[str]:
    """Every expression of the rules and the dashboard."""
    targets = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [*(rule["expr"] for rule in RULES), *targets]


def told(metrics: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\w+)", metrics, re.MULTILINE))


async def test_every_metric_that_is_asked_about_is_there(workplace: Workplace) -> None:
    there = told((await workplace.anonymous.get("/api/metrics")).text)
    names = {name for expression in asked() for name in re.findall(r"daka_\w+", expression)}
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in names} <= there


async def test_the_dashboard_shows_every_metric(workplace: Workplace) -> None:
    there = told((await workplace.anonymous.get("/api/metrics")).text)
    shown = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    assert not {name for name in there if name not in shown}


def test_what_is_picked_out_of_a_metric_can_be_there() -> None:
    known = {
        "daka_deliveries": set(DeliveryStatus),
        "daka_reminders": set(ReminderStatus),
    }
    picked = [found for expression in asked() for found in re.findall(r'(\w+)\{status=~?"([\w|]+)"\}', expression)]
    assert picked
    for metric, statuses in picked:
        assert set(statuses.split("|")) <= known[metric]
    bounds = [bound for expression in asked() for bound in re.findall(r'le="([^"]+)"', expression)]
    assert set(bounds) <= {str(bound) for bound in BUCKETS_SECONDS}


def test_every_alert_says_how_bad_it_is_and_what_helps() -> None:
    assert all({"severity"} == set(rule["labels"]) and rule["annotations"]["remedy"] for rule in RULES)


def test_no_two_panels_of_the_dashboard_share_a_number_or_a_place() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (place["x"] + x, place["y"] + y)
        for place in (panel["gridPos"] for panel in panels)
        for x, y in itertools.product(range(place["w"]), range(place["h"]))
    ]
    assert len(set(places)) == len(places)
    assert all(0 <= x < 24 for x, _ in places)
    assert all(panel["title"] for panel in panels)


def test_the_dashboard_asks_a_source_that_is_chosen_in_it() -> None:
    (variable,) = DASHBOARD["templating"]["list"]
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "daka.yml").read_text())["datasources"]
    assert variable["type"] == "datasource"
    assert variable["query"] == source["type"]
    assert source["url"] == "http://prometheus:9090"
    wanted = {"type": source["type"], "uid": f"${{{variable['name']}}}"}
    assert all(asks["datasource"] == wanted for panel in DASHBOARD["panels"] for asks in (panel, *panel["targets"]))


def test_what_may_well_be_empty_says_what_that_means() -> None:
    empty = {"daka_backup_age_seconds", "daka_deliveries", "daka_reminders"}
    """Nothing is told of them before the first backup, message and reminder."""
    for panel in DASHBOARD["panels"]:
        names = {re.findall(r"daka_\w+", target["expr"])[0] for target in panel["targets"]}
        if names & empty and not all("or vector" in target["expr"] for target in panel["targets"]):
            assert panel["fieldConfig"]["defaults"].get("noValue"), panel["title"]


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here; on Debian it is in the package prometheus")
def test_prometheus_reads_every_expression_and_raises_each_alert_in_its_time(tmp_path: Path) -> None:
    shown = [{"record": f"shown:{number}", "expr": expression} for number, expression in enumerate(asked())]
    (tmp_path / "shown.yml").write_text(yaml.safe_dump({"groups": [{"name": "shown", "rules": shown}]}))
    promtool("check", "rules", str(tmp_path / "shown.yml"))
    promtool("check", "config", "--syntax-only", str(MONITORING / "prometheus.yml"))
    promtool("test", "rules", str(TIMES))


def test_every_alert_is_tried_raised_and_not_raised() -> None:
    tried = [alert for case in yaml.safe_load(TIMES.read_text())["tests"] for alert in case["alert_rule_test"]]
    for is_raised in (True, False):
        names = {alert["alertname"] for alert in tried if bool(alert.get("exp_alerts")) is is_raised}
        assert names == {rule["alert"] for rule in RULES}


def promtool(*arguments: str) -> None:
    done = subprocess.run([str(PROMTOOL), *arguments], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def mounts(service: str) -> dict[str, str]:
    """What is mounted where, by its place inside."""
    return {place.split(":")[1]: place.split(":")[0] for place in OVERLAY[service]["volumes"]}


def test_grafana_and_prometheus_find_their_files_where_they_are_told_to_look() -> None:
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "daka.yml").read_text())["providers"]
    boards = mounts("grafana")[provider["options"]["path"]]
    assert (ROOT / boards / "daka.json").is_file()
    home = OVERLAY["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{provider['options']['path']}/daka.json"
    seen = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    (rules,) = seen["rule_files"]
    assert any(Path(place).match(rules) for place in mounts("prometheus"))
    assert seen["scrape_configs"][0]["metrics_path"] == "/api/metrics"


def test_the_token_reaches_prometheus_as_a_file_that_only_it_may_read(tmp_path: Path) -> None:
    prometheus = OVERLAY["prometheus"]
    token_file = yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"][0]["authorization"]
    shell, flags, script, name = prometheus["entrypoint"]
    assert token_file["credentials_file"] in script
    (tmp_path / "prometheus").write_text('#!/bin/sh\nprintf "%s\\n" "${METRICS_TOKEN-none}" "$@"\n')
    (tmp_path / "prometheus").chmod(0o755)
    script = (
        script.replace("$$", "$")
        .replace("/run/daka", str(tmp_path))
        .replace("/bin/prometheus", f"{tmp_path}/prometheus")
    )
    done = subprocess.run(
        [shell, flags, script, name, *prometheus["command"]],
        env={"METRICS_TOKEN": "a token %s"},
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["none", *prometheus["command"]]
    assert (tmp_path / "metrics-token").read_text() == "a token %s"
    assert (tmp_path / "metrics-token").stat().st_mode & 0o077 == 0


async def test_how_backups_stand_is_told(workplace: Workplace) -> None:
    lines = (await workplace.anonymous.get("/api/metrics")).text.splitlines()
    assert 'daka_backup_state{state="none"} 1' in lines
    assert 'daka_backup_state{state="ok"} 0' in lines


@pytest.mark.parametrize("service", ["prometheus", "grafana"])
def test_monitoring_is_reached_from_this_machine_alone(service: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in OVERLAY[service]["ports"])
