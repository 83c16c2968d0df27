"""Proposals: asking for one, reading, applying and discarding it; contracts."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.errors import Conflict, Invalid, NotFound, TooMany
from daka.identity.access import Principal, find_team, find_user, refuse_foreign_team
from daka.proposing.__main__ import ProposalTask
from daka.proposing.building import AFTER, BEFORE, build
from daka.proposing.models import Proposal, ProposalStatus, WorkTerms
from daka.proposing.reading import read_facts, read_terms
from daka.proposing.runs import GONE_AFTER, ProposalJob
from daka.proposing.schemas import (
    ApplyBody,
    ProposalBody,
    ProposalOptions,
    ProposalOutcome,
    ProposalProgress,
    ProposalRead,
    Terms,
    TermsBody,
)
from daka.roster.actions import action_id
from daka.roster.cells import lock_roster, newest_revision
from daka.roster.models import ActionKind, RosterChange
from daka.roster.review.report import planned_and_active
from daka.roster.schemas import RosterSaved
from daka.roster.service import refuse_unfitting, save_cells, users_by_id
from daka.shifts.service import visible_shifts

KEPT_FOR = timedelta(days=7)
RETRY_AFTER_SECONDS = 20


async def begin(session: AsyncSession, by: Principal, body: ProposalBody) -> tuple[Proposal, ProposalJob]:
    """Record a proposal that is to be computed, and what it is computed from.

    Raises:
        NotFound, Forbidden: a team that `by` does not plan.
        TooMany: one is being computed.
        Invalid: see `read_facts`.
    """
    await lock_roster(session)
    await refuse_foreign_team(session, by, body.team_id)
    team = await find_team(session, body.team_id, by)
    now = clock.now()
    await session.exec(sa.delete(Proposal).where(Proposal.created_at < now - KEPT_FOR))
    running = select(Proposal.id).where(Proposal.status == ProposalStatus.RUNNING, Proposal.seen_at > now - GONE_AFTER)
    if (await session.exec(running.limit(1))).first() is not None:
        raise TooMany("proposal_running", RETRY_AFTER_SECONDS, "Another proposal is being computed; try again later")
    facts, people = await read_facts(session, by, team, body)
    built = build(facts)
    seed = secrets.randbelow(2**31) if body.seed is None else body.seed
    row = Proposal(
        team_id=team.id,
        first_date=body.first,
        last_date=body.last,
        status=ProposalStatus.RUNNING,
        asked={**body.model_dump(mode="json", by_alias=True, exclude={"kept"}), "seed": seed},
        revision=await newest_revision(session),
        created_by=by.id,
        created_at=now,
        seen_at=now,
    )
    session.add(row)
    publish(session, Topic.PROPOSAL, user_id=by.id)
    await session.flush()
    task = ProposalTask(model=built.model, seed=seed, seconds=body.seconds)
    return row, ProposalJob(task, built, facts, people)


def proposal_read(row: Proposal) -> ProposalRead:
    is_gone = row.status is ProposalStatus.RUNNING and clock.now() - row.seen_at > GONE_AFTER
    return ProposalRead(
        **row.model_dump(include={"id", "team_id", "first_date", "last_date", "created_at", "created_by"}),
        status=ProposalStatus.INTERRUPTED if is_gone else row.status,
        asked=ProposalOptions(**{name: row.asked[name] for name in ProposalOptions.model_fields}),
        seed=row.asked["seed"],
        progress=ProposalProgress.model_validate(row.progress) if row.progress else None,
        outcome=ProposalOutcome.model_validate(row.outcome) if row.outcome else None,
    )


async def list_proposals(session: AsyncSession, by: Principal, team_id: int) -> Sequence[Proposal]:
    """A team's proposals of the last days, newest first."""
    await refuse_foreign_team(session, by, team_id)
    await find_team(session, team_id, by)
    asked = select(Proposal).where(Proposal.team_id == team_id).order_by(Proposal.id.desc()).limit(10)
    return (await session.exec(asked)).all()


async def find_proposal(session: AsyncSession, by: Principal, proposal_id: int) -> Proposal:
    """Raises NotFound: there is no such proposal, or `by` does not plan its team."""
    row = await session.get(Proposal, proposal_id)
    if row is None or not by.plans(row.team_id):
        raise NotFound("proposal_not_found", f"There is no proposal {proposal_id}")
    return row


async def ask_to_stop(session: AsyncSession, by: Principal, proposal_id: int) -> Proposal:
    """Keep the best so far."""
    row = await find_proposal(session, by, proposal_id)
    row.stop_asked = True
    return row


async def apply(
    session: AsyncSession, by: Principal, proposal_id: int, body: ApplyBody, *, over_imported: bool
) -> RosterSaved:
    """Write a proposal into the roster, or into the draft where the team has one: one action, which can be undone.

    Raises:
        Conflict: `proposal_not_ready`; `proposal_outdated`: cells that it depends on were changed since; `cells` counts them;
            `cells_imported`.
        Invalid: a cell that is not proposed.
    """
    await lock_roster(session)
    row = await find_proposal(session, by, proposal_id)
    if row.status is not ProposalStatus.READY or row.outcome is None:
        raise Conflict("proposal_not_ready", "Only a finished proposal can be applied, once")
    proposed = {(cell.user_id, cell.date): cell for cell in ProposalOutcome.model_validate(row.outcome).cells}
    wanted = dict.fromkeys(proposed) if body.cells is None else {(each.user_id, each.date): None for each in body.cells}
    for index, key in enumerate(wanted):
        if key not in proposed:
            raise Invalid("cell_not_proposed", "This cell is not in the proposal", loc=("body", "cells", index))
    people = await users_by_id(session, {share["user_id"] for share in row.outcome["shares"]})
    changed = select(RosterChange.id).where(
        RosterChange.id > row.revision,
        RosterChange.user_id.in_(list(people)),
        RosterChange.work_date.between(row.first_date - BEFORE, row.last_date + AFTER),
    )
    if since := (await session.exec(changed)).all():
        raise Conflict("proposal_outdated", "The roster has changed since; ask for a new proposal", cells=len(since))
    cells = {key: proposed[key].shift_id for key in wanted}
    if any(key[0] not in people or people[key[0]].team_id != row.team_id for key in cells):
        raise Conflict("proposal_outdated", "Somebody has left the team since; ask for a new proposal", cells=0)
    shifts = {shift.id: shift for shift in await visible_shifts(session, by)}
    for shift_id in {each for each in cells.values() if each is not None}:
        refuse_unfitting(shifts.get(shift_id), shift_id, [row.team_id], ("body",))
    row.status = ProposalStatus.APPLIED
    publish(session, Topic.PROPOSAL, user_id=row.created_by)
    touched = {user_id: people[user_id] for user_id, _ in cells}
    action = await action_id(session, by, ActionKind.PROPOSED) if cells else None
    return await save_cells(session, by, cells, touched, None, action=action, over_imported=over_imported)


async def discard(session: AsyncSession, by: Principal, proposal_id: int) -> None:
    row = await find_proposal(session, by, proposal_id)
    publish(session, Topic.PROPOSAL, user_id=row.created_by)
    await session.delete(row)


# --- contracts -------------------------------------------------------------------------------------------------------


async def team_terms(session: AsyncSession, by: Principal, team_id: int) -> list[Terms]:
    """The contracts of a team's people, as far as something is said."""
    await refuse_foreign_team(session, by, team_id)
    people = await planned_and_active(session, by, team_id)
    found = await read_terms(session, [user.id for user in people])
    return [Terms.model_validate(terms.model_dump()) for terms in found.values()]


async def set_terms(session: AsyncSession, by: Principal, user_id: int, body: TermsBody) -> Terms:
    """What one person's contract says. Raises Invalid: a shift that their team does not work, or crossed hours."""
    user = await find_user(session, user_id)
    await refuse_foreign_team(session, by, user.team_id)
    shift_ids = {shift.id for shift in await visible_shifts(session, by, team_id=user.team_id)}
    if unknown := set(body.shift_ids or ()) - shift_ids:
        raise Invalid("unknown_shift", f"The team has no shift {min(unknown)}", loc=("body", "shift_ids"))
    if body.least_hours is not None and body.most_hours is not None and body.least_hours > body.most_hours:
        raise Invalid("hours_crossed", "The least hours are more than the most", loc=("body", "least_hours"))
    before = await session.get(WorkTerms, user_id)
    was = before.model_dump(exclude={"user_id"}) if before else None
    audit(session, "user.terms_set", user_id, user.display_name, before=was, after=body.model_dump())
    await session.merge(WorkTerms(user_id=user_id, **body.model_dump()))
    return Terms(user_id=user_id, **body.model_dump())
