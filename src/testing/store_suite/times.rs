//! Rules of idle and absolute timeouts.

use super::desk::Desk;
use super::desk::list;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::fails;
use super::fault::holds;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::NewSession;
use crate::session::Rotation;
use crate::session::Timeouts;
use crate::session::WriteId;
use std::time::Duration;
use std::time::Instant;

const MS: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(60 * 60);

/// How often a rule is tried on a machine that is too slow for it.
const TRIES: u32 = 5;

/// When the step of a rule began: what is not as it should be after one that has taken too long shows
/// nothing.
struct Pace {
    began: Instant,
    tolerance: Duration,
    most: Duration,
    tries_left: u32,
}

impl Pace {
    fn of(desk: &Desk<'_>) -> Self {
        let tolerance = desk.harness().tolerance();
        let tries_left = if tolerance.is_zero() { 0 } else { TRIES };
        Self { began: Instant::now(), tolerance, most: tolerance, tries_left }
    }

    /// A step begins, which takes the tolerance at most.
    fn step(&mut self) {
        (self.began, self.most) = (Instant::now(), self.tolerance);
    }

    /// The step goes on for as long.
    fn goes_on(&mut self, time: Duration) {
        self.most += time;
    }

    /// Whether what has failed is to be tried once more.
    fn is_lost(&mut self) -> bool {
        let is_lost = self.tries_left > 0 && self.began.elapsed() >= self.most;
        self.tries_left = self.tries_left.saturating_sub(1);
        is_lost
    }
}

pub(super) async fn idle(desk: &Desk<'_>) -> Outcome {
    let (owner, idle, tolerance) = (desk.somebody()?, desk.while_(), desk.harness().tolerance());
    let mut pace = Pace::of(desk);
    let (id, left) = loop {
        pace.step();
        pace.goes_on(idle - tolerance);
        let id = desk.session_of(&owner, Timeouts::new(idle, LONG)).await?;
        desk.pass(idle - tolerance - MS).await;
        match desk.store().load(&id).await? {
            Some(record) => break (id, record.expires_in),
            None if pace.is_lost() => {}
            None => return Err(StoreFault::new("it is gone before its deadline".to_owned())),
        }
    };
    holds!(!left.is_zero(), "it is there with no time left");
    holds!(left <= tolerance + MS, "{left:?} are left after all but {:?}", tolerance + MS);
    desk.pass(left).await;
    desk.is_gone(&id, &owner, "at its deadline").await
}

pub(super) async fn uses(desk: &Desk<'_>) -> Outcome {
    let (owner, idle) = (desk.somebody()?, desk.while_());
    let mut pace = Pace::of(desk);
    let id = loop {
        match used(desk, &owner, &mut pace).await {
            Err(_) if pace.is_lost() => {}
            id => break id?,
        }
    };
    desk.pass(idle).await;
    desk.is_gone(&id, &owner, "not used any longer").await
}

/// Uses a session of `owner` in each way, after half of its idle time.
async fn used(desk: &Desk<'_>, owner: &Owner, pace: &mut Pace) -> Result<SessionId, StoreFault> {
    let (store, name) = (desk.store(), list()?);
    let (idle, half) = (desk.while_(), desk.while_() / 2);
    let tolerance = desk.harness().tolerance();
    pace.step();
    let id = desk.session_of(owner, Timeouts::new(idle, LONG)).await?;
    for step in ["touch", "update", "append", "trim"] {
        pace.goes_on(half);
        desk.pass(half).await;
        desk.items(&id, owner).await?;
        store.list_of(owner).await?;
        let left = desk.record(&id).await?.expires_in;
        holds!(left <= idle - half, "what is no use has lengthened it: {left:?} are left");
        let write = WriteId::new();
        pace.step();
        let told = match step {
            "touch" => store.touch(&id).await?.map(|record| record.expires_in),
            "append" => Some(store.append(&id, owner, &name, "x".into(), write).await?.expires_in),
            "trim" => store.trim(&id, owner, &name, 1).await.map(|()| None)?,
            _ => desk.write(&id, owner, "x").await.map(|_| None)?,
        };
        let left = told.unwrap_or(desk.record(&id).await?.expires_in);
        let anew = left <= idle && left + tolerance >= idle;
        holds!(anew, "`{step}` leaves {left:?} of {idle:?}");
        let record = desk.record(&id).await?;
        holds!(record.expires_in <= left, "it has {:?}, not {left:?}", record.expires_in);
    }
    Ok(id)
}

pub(super) async fn absolute(desk: &Desk<'_>) -> Outcome {
    let owner = desk.somebody()?;
    let mut pace = Pace::of(desk);
    let (id, left) = loop {
        pace.step();
        pace.goes_on(desk.while_() * 3 / 2);
        match used_up(desk, &owner).await {
            Err(_) if pace.is_lost() => {}
            used => break used?,
        }
    };
    desk.pass(left).await;
    desk.is_gone(&id, &owner, "at its absolute deadline").await
}

/// Uses a session of `owner` for three quarters of its time, and tells what is left.
async fn used_up(desk: &Desk<'_>, owner: &Owner) -> Result<(SessionId, Duration), StoreFault> {
    let (store, name) = (desk.store(), list()?);
    let (absolute, step) = (desk.while_() * 2, desk.while_() / 2);
    let id = desk.session_of(owner, Timeouts::new(absolute, absolute)).await?;
    let mut passed = Duration::ZERO;
    for _ in 0..3 {
        desk.pass(step).await;
        passed += step;
        let left = absolute - passed;
        let write = WriteId::new();
        let touched = store.touch(&id).await?.map(|record| record.expires_in);
        let appended = store.append(&id, owner, &name, "x".into(), write).await?.expires_in;
        desk.write(&id, owner, "x").await?;
        let last = desk.record(&id).await?.expires_in;
        for told in [touched.unwrap_or_default(), appended, last] {
            holds!(told <= left, "{told:?} are left, not {left:?}");
        }
    }
    let next = desk.id()?;
    let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::new(LONG, LONG));
    let rotated = store.rotate(&id, owner, rotation).await?;
    let left = absolute - passed;
    holds!(rotated.expires_in <= left, "a rotation leaves {:?}", rotated.expires_in);
    let touched = store.touch(&next).await?;
    let last = touched.map(|record| record.expires_in).unwrap_or_default();
    holds!(last <= left, "after a rotation {last:?} are left");
    Ok((next, last))
}

pub(super) async fn expired(desk: &Desk<'_>) -> Outcome {
    let (store, owner, idle) = (desk.store(), desk.somebody()?, desk.while_());
    let id = desk.session_of(&owner, Timeouts::new(idle, LONG)).await?;
    let other = desk.session_of(&owner, Timeouts::new(LONG, LONG)).await?;
    desk.append(&id, &owner, "secret").await?;
    desk.write(&id, &owner, "secret").await?;
    desk.pass(idle).await;
    desk.is_gone(&id, &owner, "expired").await?;
    let listed = store.list_of(&owner).await?;
    holds!(listed.len() == 1, "{listed:?} are listed");
    let deleted = store.delete_all_of(&owner, None).await?;
    holds!(deleted == [other], "`delete_all_of` deletes {deleted:?}");
    desk.is_gone(&id, &owner, "expired and deleted").await?;
    let new = NewSession::new(owner.clone(), Timeouts::default());
    let made = store.create(&id, new).await?;
    holds!(made.data.is_empty(), "a new session of the ID has the data of the expired one");
    let items = desk.items(&id, &owner).await?;
    holds!(items.end == 0, "a new session of the ID has the items of the expired one");
    let expired = desk.session_of(&owner, Timeouts::new(MS, MS)).await?;
    desk.pass(MS * 2).await;
    let rotation = Rotation::new(expired.clone(), owner.clone(), Timeouts::default());
    fails!(store.rotate(&expired, &owner, rotation).await, is_gone, "it lasted 1 ms");
    Ok(())
}

pub(super) async fn pruned(desk: &Desk<'_>) -> Outcome {
    let (store, owner, idle) = (desk.store(), desk.somebody()?, desk.while_());
    let gone = desk.session_of(&owner, Timeouts::new(idle, idle)).await?;
    let id = desk.session(&owner).await?;
    desk.append(&id, &owner, "item").await?;
    desk.pass(idle).await;
    store.prune().await?;
    holds!(desk.is_there(&id).await?, "a session is removed");
    holds!(desk.items(&id, &owner).await?.items == ["item"], "an item is removed");
    desk.is_gone(&gone, &owner, "expired and pruned").await
}
