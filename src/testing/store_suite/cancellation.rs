//! Rules of a call that is dropped at one of its awaits.

use super::desk::Desk;
use super::desk::list;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::fails;
use super::fault::holds;
use crate::session::NewSession;
use crate::session::Rotation;
use crate::session::Timeouts;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Each call is polled 0 to 7 times and then dropped, at once and after a while.
const ROUNDS: usize = 16;

async fn dropped<F: Future>(desk: &Desk<'_>, round: usize, future: F) {
    let mut future = pin!(future);
    let mut left = round / 2;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending if left == 0 => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        }
    })
    .await;
    if round % 2 == 1 {
        // What it has asked for happens; the call does not get to know.
        desk.pass(Duration::from_millis(2)).await;
    }
}

pub(super) async fn create(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    for round in 0..ROUNDS {
        let id = desk.id()?;
        let new = NewSession::new(owner.clone(), Timeouts::default()).with_data("data".into());
        dropped(desk, round, store.create(&id, new.clone())).await;
        if let Some(record) = store.load(&id).await? {
            let is = record.data == "data" && record.owner == owner;
            holds!(is && record.version == Version::FIRST, "half of it is there: {record:?}");
        }
        let retry = store.create(&id, new).await?;
        holds!(retry.data == "data" && retry.version == Version::FIRST, "a retry gives {retry:?}");
        let listed = store.list_of(&owner).await?;
        holds!(listed.len() == round + 1, "{} sessions of {} are listed", listed.len(), round + 1);
    }
    Ok(())
}

pub(super) async fn update(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let id = desk.session(&owner).await?;
    let mut version = Version::FIRST;
    for round in 0..ROUNDS {
        let (write, new) = (WriteId::new(), format!("data {round}"));
        let old = desk.record(&id).await?.data;
        let call = || store.update(&id, &owner, version, new.clone().into(), write);
        dropped(desk, round, call()).await;
        let record = desk.record(&id).await?;
        let is_old = record.version == version && record.data == old;
        let is_new = record.version == version.next() && record.data == new;
        holds!(is_old || is_new, "neither old nor new: {record:?}");
        match call().await? {
            Update::Written(written) if written.version == version.next() => {}
            other => return Err(StoreFault::new(format!("a retry is answered by {other:?}"))),
        }
        version = version.next();
        let record = desk.record(&id).await?;
        holds!(record.version == version && record.data == new, "after a retry: {record:?}");
    }
    Ok(())
}

pub(super) async fn append(desk: &Desk<'_>) -> Outcome {
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let id = desk.session(&owner).await?;
    let mut expected = Vec::new();
    for round in 0..ROUNDS {
        let (write, item) = (WriteId::new(), format!("item {round}"));
        let call = || store.append(&id, &owner, &name, item.clone().into(), write);
        dropped(desk, round, call()).await;
        let before = desk.items(&id, &owner).await?.items;
        let grown = before.len() - expected.len().min(before.len());
        holds!(grown <= 1 && before.starts_with(&expected), "neither old nor new: {before:?}");
        let position = call().await?.position;
        expected.push(bytes::Bytes::from(item.clone()));
        let items = desk.items(&id, &owner).await?;
        holds!(items.items == expected, "after a retry: {:?}", items.items);
        holds!(u64::try_from(round) == Ok(position), "a retry has position {position}");
    }
    let left = store.trim(&id, &owner, &name, 1);
    dropped(desk, 3, left).await;
    let first = desk.items(&id, &owner).await?.first;
    holds!(first <= 1, "a trim to 1 begins at {first}");
    Ok(())
}

pub(super) async fn rotate(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let at_once = desk.harness().rotates_at_once();
    for to in [owner.clone(), desk.somebody()?] {
        for round in 0..ROUNDS {
            let (id, next) = (desk.session(&owner).await?, desk.id()?);
            desk.write(&id, &owner, "data").await?;
            desk.append(&id, &owner, "item").await?;
            let rotation = Rotation::new(next.clone(), to.clone(), Timeouts::default());
            dropped(desk, round, store.rotate(&id, &owner, rotation.clone())).await;
            // One after the other: what is on its way may happen in between.
            let (new, old) = (desk.is_there(&next).await?, desk.is_there(&id).await?);
            holds!(!(old && new), "both are there");
            holds!(old || new || !at_once || desk.is_there(&next).await?, "none is there");
            let retry = store.rotate(&id, &owner, rotation).await?;
            holds!(retry.id == next && retry.owner == to, "a retry gives {retry:?}");
            holds!(!desk.is_there(&id).await?, "after a retry the old one is there");
            let items = desk.items(&next, &to).await?.items;
            let kept = if to == owner { &["item"][..] } else { &[] };
            holds!(items == kept, "after a retry its list is {items:?}");
            store.delete(&next).await?;
            let rotation = Rotation::new(desk.id()?, owner.clone(), Timeouts::default());
            fails!(store.rotate(&id, &owner, rotation).await, is_gone, "it was rotated");
        }
    }
    Ok(())
}

pub(super) async fn delete(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    for round in 0..ROUNDS {
        let id = desk.session(&owner).await?;
        desk.append(&id, &owner, "item").await?;
        dropped(desk, round, store.delete(&id)).await;
        if let Some(record) = store.load(&id).await? {
            let items = desk.items(&record.id, &owner).await;
            let whole = items.is_ok_and(|items| items.items == ["item"]);
            holds!(whole || !desk.is_there(&id).await?, "half of it is left");
        }
        store.delete(&id).await?;
        desk.is_gone(&id, &owner, "deleted after all").await?;
        let id = desk.session(&owner).await?;
        dropped(desk, round, store.delete_all_of(&owner, None)).await;
        store.delete_all_of(&owner, None).await?;
        desk.is_gone(&id, &owner, "deleted with all after all").await?;
    }
    Ok(())
}
