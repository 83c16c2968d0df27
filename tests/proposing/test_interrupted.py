"""Proposals whose process is killed or whose server ends, two planners at once, and teams for which nothing can be right."""

import asyncio
import os
import signal
from datetime import timedelta

from conftest import Clock, Workplace
from daka.proposing.runs import GONE_AFTER, Proposals
from proposing.test_proposals import FIRST, LAST, PROPOSALS, TERMS, asked, begun, ended, needs, stopped


def running(workplace: Workplace) -> Proposals:
    found: Proposals = workplace.app.state.lifetime._kept[Proposals]
    return found


async def test_a_process_that_is_killed_is_an_interrupted_proposal(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    proposal = await begun(workplace.alice, asked(workplace, seconds=120))
    os.kill(running(workplace)._processes[proposal["id"]].pid, signal.SIGKILL)
    assert (await ended(workplace.alice, proposal))["status"] == "interrupted"
    refused = await workplace.alice.http.post(f"{PROPOSALS}/{proposal['id']}/apply", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "proposal_not_ready")
    assert (await stopped(workplace.alice, asked(workplace)))["status"] == "ready"


async def test_a_server_that_ends_leaves_an_interrupted_proposal(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    proposal = await workplace.alice.post(PROPOSALS, asked(workplace, seconds=120))
    await running(workplace).__aexit__(None, None, None)
    assert running(workplace)._processes == {}, "the process ends with its server"
    assert (await workplace.alice.get(f"{PROPOSALS}/{proposal['id']}"))["status"] == "interrupted"
    assert (await stopped(workplace.alice, asked(workplace)))["status"] == "ready"


async def test_a_server_that_crashes_leaves_a_proposal_that_is_soon_interrupted(
    workplace: Workplace, frozen: Clock
) -> None:
    await needs(workplace, early=1)
    proposal = await workplace.alice.post(PROPOSALS, asked(workplace, seconds=120))
    running(workplace).end(proposal["id"])  # and nobody is left to say so
    assert (await workplace.alice.http.post(PROPOSALS, json=asked(workplace))).status_code == 429
    frozen.now += GONE_AFTER + timedelta(seconds=1)
    assert (await workplace.alice.get(f"{PROPOSALS}/{proposal['id']}"))["status"] == "interrupted"
    assert (await stopped(workplace.alice, asked(workplace)))["status"] == "ready"


async def test_of_two_planners_at_once_one_has_to_wait(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    both = await asyncio.gather(
        *(
            person.http.post(PROPOSALS, json=asked(workplace, seconds=120))
            for person in (workplace.alice, workplace.root)
        )
    )
    assert sorted(answer.status_code for answer in both) == [202, 429]
    (first,) = [answer.json() for answer in both if answer.status_code == 202]
    await workplace.alice.post(f"{PROPOSALS}/{first['id']}/stop")
    await ended(workplace.alice, first)


async def test_of_two_proposals_for_the_same_days_one_is_applied(workplace: Workplace) -> None:
    await needs(workplace, early=1)
    one = await stopped(workplace.alice, asked(workplace))
    other = await stopped(workplace.root, asked(workplace))
    answers = await asyncio.gather(
        workplace.alice.http.post(f"{PROPOSALS}/{one['id']}/apply", json={}),
        workplace.root.http.post(f"{PROPOSALS}/{other['id']}/apply", json={}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_needs_that_nobody_can_fill_are_said_and_nothing_is_forced(workplace: Workplace) -> None:
    shifts = await needs(workplace, early=40, night=40)
    await workplace.alice.put(f"{TERMS}/{workplace.bob.id}", {"shift_ids": []})
    outcome = (await stopped(workplace.alice, asked(workplace)))["outcome"]
    assert outcome["cells"] == []
    assert sum(need["missing"] for need in outcome["unmet"]) == 7 * 80
    assert {each["code"] for need in outcome["unmet"] for each in need["obstacles"]} == {"not_allowed"}
    assert {need["shift_id"] for need in outcome["unmet"]} == set(shifts.values())


async def test_a_team_without_people_is_refused(workplace: Workplace) -> None:
    team = await workplace.root.post("/api/v1/teams", {"name": "空"})
    body = {"team_id": team["id"], "from": FIRST, "to": LAST}
    refused = await workplace.root.http.post(PROPOSALS, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "proposal_people")
