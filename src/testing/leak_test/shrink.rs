//! From the run that leaked to the smallest one that still does.

use super::plan::Plan;
use super::run::Outcome;
use super::run::Runner;
use crate::testing::report::Sighting;
use crate::testing::report::Story;
use std::collections::BTreeSet;
use std::io;

/// No more runs than these are made for one story.
const MOST_RUNS: u64 = 1500;
/// How many other schedules of fewer sessions are tried, where leaving sessions out of this one lost
/// the leak.
const OTHER_SCHEDULES: u64 = 40;

struct Shrinker<'a> {
    runner: &'a mut Runner,
    goal: Sighting,
    best: Plan,
    runs: u64,
}

/// The story of the leak, the plan that shows it, and whether its replay did.
pub(super) fn shrink(
    runner: &mut Runner,
    outcome: &Outcome,
) -> io::Result<(Option<Story>, Plan, bool)> {
    let Some(goal) = outcome.seen.sightings.first().cloned() else {
        return Ok((None, outcome.plan.clone(), false));
    };
    let before = size_of(&outcome.plan, outcome.trace.forced, runner.settings.requests);
    let mut shrinker = Shrinker { runner, goal, best: outcome.plan.clone(), runs: 0 };
    let repeats = shrinker.leaks(&outcome.plan)?;
    if repeats {
        shrinker.fewer_sessions()?;
        shrinker.fewer_requests()?;
        shrinker.one_request_each()?;
        shrinker.fewer_faults()?;
        shrinker.fewer_steps()?;
        shrinker.fewer_requests()?;
    }
    let Shrinker { runner, goal, best, runs } = shrinker;
    let told = runner.run(&best, None, true)?;
    let same = |sighting: &&Sighting| is_goal(&goal, sighting);
    let sighting = told.seen.sightings.iter().find(same).or(told.seen.sightings.first());
    let sighting = sighting.cloned().unwrap_or(goal);
    let (sessions, requests, forced_switches) =
        size_of(&best, told.trace.forced, runner.settings.requests);
    debug_assert!(sessions == best.sessions.len());
    let story = Story {
        seed: best.seed,
        sessions: best.sessions.clone(),
        requests,
        forced_switches,
        shrunk_from: before,
        runs,
        timeline: up_to_the_leak(told.moments),
        sighting,
    };
    Ok((Some(story), best, repeats))
}

fn up_to_the_leak(
    mut moments: Vec<crate::testing::report::Moment>,
) -> Vec<crate::testing::report::Moment> {
    use crate::testing::report::StoryStep;
    let sees = moments.iter().position(|moment| matches!(moment.what, StoryStep::Sees(_)));
    if let Some(sees) = sees {
        moments.truncate(sees + 1);
    }
    moments
}

/// Sessions, requests, forced switches.
fn size_of(plan: &Plan, forced: usize, requests: usize) -> (usize, usize, usize) {
    let all = plan.sessions.len() * requests;
    let skipped = plan.skipped.iter().filter(|(session, _)| plan.sessions.contains(session));
    (plan.sessions.len(), all.saturating_sub(skipped.count()), forced)
}

/// Whether it is the same leak; what an earlier run has left has no field.
fn is_goal(goal: &Sighting, sighting: &Sighting) -> bool {
    (goal.sink, &goal.place, &goal.field) == (sighting.sink, &sighting.place, &sighting.field)
}

impl Shrinker<'_> {
    /// Whether the plan still shows the leak.
    fn leaks(&mut self, plan: &Plan) -> io::Result<bool> {
        Ok(self.leaking_run(plan)?.is_some())
    }

    fn leaking_run(&mut self, plan: &Plan) -> io::Result<Option<Outcome>> {
        self.runs += 1;
        let outcome = self.runner.run(plan, None, false)?;
        let leaks = outcome.seen.sightings.iter().any(|sighting| is_goal(&self.goal, sighting));
        Ok(leaks.then_some(outcome))
    }

    fn may_go_on(&self) -> bool {
        self.runs < MOST_RUNS
    }

    /// Takes `plan` if it still leaks.
    fn attempt(&mut self, plan: Plan) -> io::Result<bool> {
        let leaks = self.may_go_on() && self.leaks(&plan)?;
        if leaks {
            self.best = plan;
        }
        Ok(leaks)
    }

    fn fewer_sessions(&mut self) -> io::Result<()> {
        let mut two: Vec<_> = self.goal.seer.into_iter().chain([self.goal.owner]).collect();
        two.retain(|session| self.best.sessions.contains(session));
        two.sort_unstable();
        two.dedup();
        if two.len() == 2 && (self.attempt(self.only(&two))? || self.other_schedule(&two)?) {
            return Ok(());
        }
        let mut at = 0;
        while at < self.best.sessions.len() && self.best.sessions.len() > 1 {
            let mut fewer = self.best.sessions.clone();
            fewer.remove(at);
            if !self.attempt(self.only(&fewer))? {
                at += 1;
            }
        }
        if self.best.sessions.len() > 2 {
            let pair: Vec<_> = self.best.sessions.iter().take(2).copied().collect();
            self.other_schedule(&pair)?;
        }
        Ok(())
    }

    /// The best plan with these sessions only.
    fn only(&self, sessions: &[usize]) -> Plan {
        let mut plan = self.best.clone();
        plan.sessions = sessions.to_vec();
        if let Some(steps) = &mut plan.steps {
            steps
                .retain(|step| step.task.session.is_none_or(|session| sessions.contains(&session)));
        }
        if let Some(faults) = &mut plan.faults {
            faults.retain(|(session, _), _| sessions.contains(session));
        }
        plan
    }

    /// Looks for the leak in other schedules of these sessions.
    fn other_schedule(&mut self, sessions: &[usize]) -> io::Result<bool> {
        self.other_schedule_of(self.only(sessions))
    }

    fn other_schedule_of(&mut self, plan: Plan) -> io::Result<bool> {
        let plan = Plan { steps: None, faults: None, ..plan };
        for seed in 0..OTHER_SCHEDULES {
            let plan = Plan { seed: self.best.seed.wrapping_add(seed), ..plan.clone() };
            if let Some(outcome) = self.leaking_run(&plan)? {
                self.best = outcome.plan;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn fewer_requests(&mut self) -> io::Result<()> {
        let requests = self.runner.settings.requests;
        let all = self.best.sessions.clone().into_iter();
        let all = all.flat_map(|session| (0..requests).map(move |request| (session, request)));
        let all: BTreeSet<_> = all.filter(|request| !self.best.skipped.contains(request)).collect();
        for request in all.into_iter().rev() {
            let mut plan = self.best.clone();
            plan.skipped.insert(request);
            self.attempt(plan)?;
        }
        Ok(())
    }

    /// Looks for the leak in one request of who saw it and one of whom it saw: leaving out single
    /// ones keeps decisions that were made for the others.
    fn one_request_each(&mut self) -> io::Result<()> {
        let requests = self.runner.settings.requests;
        let (Some(seer), owner) = (self.goal.seer, self.goal.owner) else { return Ok(()) };
        let left = size_of(&self.best, 0, requests).1;
        if left <= 2 || self.best.sessions.len() != 2 || !self.best.sessions.contains(&owner) {
            return Ok(());
        }
        let seen_in = self.goal.request.map_or(0..requests, |request| request..request + 1);
        for seen_in in seen_in {
            for given_in in 0..requests {
                let mut plan = self.best.clone();
                let of_owner = (0..requests).map(|request| (owner, request));
                let all = (0..requests).map(|request| (seer, request)).chain(of_owner);
                let kept = [(seer, seen_in), (owner, given_in)];
                plan.skipped = all.filter(|request| !kept.contains(request)).collect();
                if self.attempt(plan.clone())? || self.other_schedule_of(plan)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn fewer_faults(&mut self) -> io::Result<()> {
        let faults = self.best.faults.clone().unwrap_or_default();
        for request in faults.keys() {
            let mut plan = self.best.clone();
            if let Some(faults) = &mut plan.faults {
                faults.remove(request);
            }
            self.attempt(plan)?;
        }
        Ok(())
    }

    /// Delta debugging over the decisions: first whole stretches of them, then ever smaller ones; then
    /// each stop by itself.
    fn fewer_steps(&mut self) -> io::Result<()> {
        let count = |plan: &Plan| plan.steps.as_ref().map_or(0, Vec::len);
        let mut size = count(&self.best).next_power_of_two();
        while size >= 1 {
            let mut at = 0;
            while at < count(&self.best) && self.may_go_on() {
                let mut plan = self.best.clone();
                if let Some(steps) = &mut plan.steps {
                    let end = (at + size).min(steps.len());
                    steps.drain(at..end);
                }
                if !self.attempt(plan)? {
                    at += size;
                }
            }
            size /= 2;
        }
        for at in 0..count(&self.best) {
            let mut plan = self.best.clone();
            let step = plan.steps.as_mut().and_then(|steps| steps.get_mut(at));
            if step.is_some_and(|step| step.leave.take().is_some()) {
                self.attempt(plan)?;
            }
        }
        Ok(())
    }
}
