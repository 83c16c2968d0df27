"""What alerts ask about is what /api/metrics tells."""

import re

import yaml

from conftest import World
from deploy.proxy import ROOT

RULES = ROOT / "deploy" / "monitoring" / "prometheus-rules.yml"


async def test_every_metric_of_the_rules_is_there(world: World) -> None:
    told = set(re.findall(r"^# TYPE (\w+)", (await world.anonymous.get("/api/metrics")).text, re.MULTILINE))
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"daka_\w+", rule["expr"])}
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in asked} <= told
    assert all({"severity"} == set(rule["labels"]) and rule["annotations"]["remedy"] for rule in rules)


async def test_how_backups_stand_is_told(world: World) -> None:
    lines = (await world.anonymous.get("/api/metrics")).text.splitlines()
    assert 'daka_backup_state{state="none"} 1' in lines
    assert 'daka_backup_state{state="ok"} 0' in lines
