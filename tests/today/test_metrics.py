"""Metrics: what was sent and what waits, for this machine or for whoever has the token."""

import httpx

from conftest import TODAY, Clock, Workplace, WorkplaceMaker

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}


async def test_they_count_what_was_sent_and_how_late(workplace: Workplace, frozen: Clock) -> None:
    shift = await workplace.alice.post("/api/v1/shifts", EARLY)
    cell = {"user_id": workplace.bob.id, "date": str(TODAY), "shift_id": shift["id"]}
    await workplace.alice.put("/api/v1/roster", {"assignments": [cell]})
    frozen.forward(minutes=45, seconds=2)
    await workplace.tick()
    frozen.forward(hours=1)
    answer = await workplace.anonymous.get("/api/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert 'daka_deliveries{kind="inbox",status="sent"} 1' in lines
    assert "daka_due_to_sent_seconds_count 1" in lines
    assert 'daka_due_to_sent_seconds_bucket{le="1.0"} 0' in lines
    assert 'daka_due_to_sent_seconds_bucket{le="2.5"} 1' in lines
    assert "daka_scheduler_alive 0" in lines


async def test_elsewhere_needs_the_token(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with make_workplace(metrics_token="let-me-see-the-figures") as workplace:
        transport = httpx.ASGITransport(app=workplace.app, client=("203.0.113.9", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://daka.test") as elsewhere:
            assert (await elsewhere.get("/api/metrics")).json()["code"] == "metrics_token_missing"
            wrong = await elsewhere.get("/api/metrics", headers={"Authorization": "Bearer something-else"})
            assert wrong.status_code == 403
            right = await elsewhere.get("/api/metrics", headers={"Authorization": "Bearer let-me-see-the-figures"})
            assert right.status_code == 200
        through_proxy = await workplace.anonymous.get("/api/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
        assert through_proxy.status_code == 403
