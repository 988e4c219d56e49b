//! Rules of idle and absolute timeouts.

use super::desk::Desk;
use super::desk::list;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::fails;
use super::fault::holds;
use crate::session::NewSession;
use crate::session::Rotation;
use crate::session::Timeouts;
use crate::session::WriteId;
use std::time::Duration;
use std::time::Instant;

const MS: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(60 * 60);

pub(super) async fn idle(desk: &Desk<'_>) -> Outcome {
    let (owner, idle, tolerance) = (desk.somebody()?, desk.while_(), desk.harness().tolerance());
    for _ in 0..5 {
        let began = Instant::now();
        let id = desk.session_of(&owner, Timeouts::new(idle, LONG)).await?;
        desk.pass(idle - tolerance - MS).await;
        let Some(record) = desk.store().load(&id).await? else {
            if !tolerance.is_zero() && began.elapsed() >= idle {
                continue; // The machine was slow, which shows nothing.
            }
            return Err(StoreFault::new("it is gone before its deadline".to_owned()));
        };
        let left = record.expires_in;
        holds!(!left.is_zero(), "it is there with no time left");
        holds!(left <= tolerance + MS, "{left:?} are left after all but {:?}", tolerance + MS);
        desk.pass(left).await;
        return desk.is_gone(&id, &owner, "at its deadline").await;
    }
    Err(StoreFault::new("the tolerance of the harness is too small for the machine".to_owned()))
}

pub(super) async fn uses(desk: &Desk<'_>) -> Outcome {
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let (idle, half) = (desk.while_(), desk.while_() / 2);
    let tolerance = desk.harness().tolerance();
    let id = desk.session_of(&owner, Timeouts::new(idle, LONG)).await?;
    for step in ["touch", "update", "append", "trim"] {
        desk.pass(half).await;
        desk.items(&id, &owner).await?;
        store.list_of(&owner).await?;
        let left = desk.record(&id).await?.expires_in;
        holds!(left <= idle - half, "what is no use has lengthened it: {left:?} are left");
        let write = WriteId::new();
        let told = match step {
            "touch" => store.touch(&id).await?.map(|record| record.expires_in),
            "append" => Some(store.append(&id, &owner, &name, "x".into(), write).await?.expires_in),
            "trim" => store.trim(&id, &owner, &name, 1).await.map(|()| None)?,
            _ => desk.write(&id, &owner, "x").await.map(|_| None)?,
        };
        let left = told.unwrap_or(desk.record(&id).await?.expires_in);
        let anew = left <= idle && left + tolerance >= idle;
        holds!(anew, "`{step}` leaves {left:?} of {idle:?}");
        let record = desk.record(&id).await?;
        holds!(record.expires_in <= left, "it has {:?}, not {left:?}", record.expires_in);
    }
    desk.pass(idle).await;
    desk.is_gone(&id, &owner, "not used any longer").await
}

pub(super) async fn absolute(desk: &Desk<'_>) -> Outcome {
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let (absolute, step) = (desk.while_() * 2, desk.while_() / 2);
    let id = desk.session_of(&owner, Timeouts::new(absolute, absolute)).await?;
    let mut passed = Duration::ZERO;
    for _ in 0..3 {
        desk.pass(step).await;
        passed += step;
        let left = absolute - passed;
        let write = WriteId::new();
        let touched = store.touch(&id).await?.map(|record| record.expires_in);
        let appended = store.append(&id, &owner, &name, "x".into(), write).await?.expires_in;
        desk.write(&id, &owner, "x").await?;
        let last = desk.record(&id).await?.expires_in;
        for told in [touched.unwrap_or_default(), appended, last] {
            holds!(told <= left, "{told:?} are left, not {left:?}");
        }
    }
    let next = desk.id()?;
    let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::new(LONG, LONG));
    let rotated = store.rotate(&id, &owner, rotation).await?;
    let left = absolute - passed;
    holds!(rotated.expires_in <= left, "a rotation leaves {:?}", rotated.expires_in);
    let touched = store.touch(&next).await?;
    let last = touched.map(|record| record.expires_in).unwrap_or_default();
    holds!(last <= left, "after a rotation {last:?} are left");
    desk.pass(last).await;
    desk.is_gone(&next, &owner, "at its absolute deadline").await
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
