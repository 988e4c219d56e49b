//! Rules of `Limits`: what goes beyond is refused, and nothing makes room for it.

use super::desk::Desk;
use super::desk::is_full;
use super::desk::list;
use super::desk::named;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::holds;
use crate::owner::Owner;
use crate::session::Limits;
use crate::session::ListName;
use crate::session::NewSession;
use crate::session::Rotation;
use crate::session::Timeouts;
use crate::session::WriteId;
use bytes::Bytes;
use std::time::Duration;

pub(super) async fn record_bytes(desk: &Desk<'_>) -> Outcome {
    let desk = desk.with(Limits { record_bytes: 100, ..Limits::default() }).await;
    let (store, owner) = (desk.store(), desk.somebody()?);
    let data = |bytes| Bytes::from(vec![b'x'; bytes]);
    let new = NewSession::new(owner.clone(), Timeouts::default());
    let id = desk.id()?;
    is_full(store.create(&id, new.clone().with_data(data(101))).await, "record_bytes")?;
    holds!(!desk.is_there(&id).await?, "what is refused is there");
    let made = store.create(&id, new.with_data(data(100))).await?;
    let update = store.update(&id, &owner, made.version, data(101), WriteId::new()).await;
    is_full(update, "record_bytes")?;
    let record = desk.record(&id).await?;
    holds!(record.data == data(100) && record.version == made.version, "it is {record:?}");
    store.update(&id, &owner, made.version, data(100), WriteId::new()).await?;
    Ok(())
}

pub(super) async fn item_bytes(desk: &Desk<'_>) -> Outcome {
    let desk = desk.with(Limits { item_bytes: 100, ..Limits::default() }).await;
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let id = desk.session(&owner).await?;
    let item = |bytes| Bytes::from(vec![b'x'; bytes]);
    is_full(store.append(&id, &owner, &name, item(101), WriteId::new()).await, "item_bytes")?;
    store.append(&id, &owner, &name, item(100), WriteId::new()).await?;
    let items = desk.items(&id, &owner).await?;
    holds!(items.items == [item(100)], "{} items are there", items.items.len());
    Ok(())
}

pub(super) async fn lists(desk: &Desk<'_>) -> Outcome {
    let desk = desk.with(Limits { lists: 3, ..Limits::default() }).await;
    let (store, owner) = (desk.store(), desk.somebody()?);
    let (id, other) = (desk.session(&owner).await?, desk.session(&owner).await?);
    let names: [ListName; 4] = [named("a")?, named("b")?, named("c")?, named("d")?];
    let append = |id, name| store.append(id, &owner, name, "x".into(), WriteId::new());
    let [a, b, c, d] = &names;
    for name in [a, b, c, a, b, c] {
        append(&id, name).await?;
    }
    is_full(append(&id, d).await, "lists")?;
    append(&id, c).await?;
    append(&other, d).await?;
    for (name, length) in [(a, 2), (b, 2), (c, 3), (d, 0)] {
        let end = store.range(&id, &owner, name, 0..9).await?.end;
        holds!(end == length, "{name} has {end} items, not {length}");
    }
    Ok(())
}

pub(super) async fn list_items(desk: &Desk<'_>) -> Outcome {
    let desk = desk.with(Limits { list_items: 3, ..Limits::default() }).await;
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let id = desk.session(&owner).await?;
    let append = |item: &'static str, write| store.append(&id, &owner, &name, item.into(), write);
    append("0", WriteId::new()).await?;
    append("1", WriteId::new()).await?;
    let last = WriteId::new();
    append("2", last).await?;
    is_full(append("3", WriteId::new()).await, "list_items")?;
    holds!(append("2", last).await?.position == 2, "a retry fails on a full list");
    holds!(desk.items(&id, &owner).await?.items == ["0", "1", "2"], "an item made room");
    store.trim(&id, &owner, &name, 1).await?;
    holds!(append("3", WriteId::new()).await?.position == 3, "a trim has moved the items");
    is_full(append("4", WriteId::new()).await, "list_items")?;
    holds!(desk.items(&id, &owner).await?.items == ["1", "2", "3"], "an item made room");
    Ok(())
}

pub(super) async fn session_bytes(desk: &Desk<'_>) -> Outcome {
    let desk = desk.with(Limits { session_bytes: 100, ..Limits::default() }).await;
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let bytes = |bytes| Bytes::from(vec![b'x'; bytes]);
    let new = NewSession::new(owner.clone(), Timeouts::default());
    let id = desk.id()?;
    is_full(store.create(&id, new.clone().with_data(bytes(101))).await, "session_bytes")?;
    let version = store.create(&id, new.with_data(bytes(40))).await?.version;
    let append = |length, write| store.append(&id, &owner, &name, bytes(length), write);
    let update =
        |length, version| store.update(&id, &owner, version, bytes(length), WriteId::new());
    // Beside the 40 of the data, the name of the list is 7.
    is_full(append(54, WriteId::new()).await, "session_bytes")?;
    append(53, WriteId::new()).await?;
    is_full(append(1, WriteId::new()).await, "session_bytes")?;
    is_full(update(41, version).await, "session_bytes")?;
    let record = desk.record(&id).await?;
    holds!(record.data.len() == 40 && record.version == version, "it is {record:?}");
    store.update(&id, &owner, version, bytes(30), WriteId::new()).await?;
    let last = WriteId::new();
    append(10, last).await?;
    holds!(append(10, last).await?.position == 1, "a retry fails on a full session");
    let other = named("b")?;
    let in_other = store.append(&id, &owner, &other, Bytes::new(), WriteId::new()).await;
    is_full(in_other, "session_bytes")?;
    store.trim(&id, &owner, &name, 1).await?;
    store.trim(&id, &owner, &name, 1).await?;
    update(83, version.next()).await?;
    let items = desk.items(&id, &owner).await?;
    holds!(items.items == [bytes(10)], "{} items are there", items.items.len());
    let (next, last) = (desk.id()?, desk.id()?);
    let same = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
    store.rotate(&id, &owner, same).await?;
    let more = store.append(&next, &owner, &name, bytes(1), WriteId::new()).await;
    is_full(more, "session_bytes")?;
    let to = desk.somebody()?;
    store
        .rotate(&next, &owner, Rotation::new(last.clone(), to.clone(), Timeouts::default()))
        .await?;
    store.append(&last, &to, &name, bytes(93), WriteId::new()).await?;
    is_full(store.append(&last, &to, &name, bytes(1), WriteId::new()).await, "session_bytes")
}

pub(super) async fn sessions_per_owner(desk: &Desk<'_>) -> Outcome {
    let desk = desk.with(Limits { sessions_per_owner: 3, ..Limits::default() }).await;
    let (store, owner) = (desk.store(), desk.somebody()?);
    let new = || NewSession::new(owner.clone(), Timeouts::default());
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(desk.session(&owner).await?);
    }
    let (refused, next) = (desk.id()?, desk.id()?);
    is_full(store.create(&refused, new()).await, "sessions_per_owner")?;
    let anonymous = desk.session(&Owner::nobody()).await?;
    let login = Rotation::new(refused.clone(), owner.clone(), Timeouts::default());
    let rotated = store.rotate(&anonymous, &Owner::nobody(), login).await;
    is_full(rotated, "sessions_per_owner")?;
    holds!(desk.is_there(&anonymous).await?, "a rotation that is refused has removed the old one");
    holds!(!desk.is_there(&refused).await?, "what is refused is there");
    for id in &ids {
        holds!(desk.is_there(id).await?, "a session made room");
        let within = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
        if ids.first() == Some(id) {
            store.rotate(id, &owner, within).await?;
        }
    }
    desk.session(&desk.somebody()?).await?;
    for _ in 0..5 {
        desk.session(&Owner::nobody()).await?;
    }
    store.delete(&next).await?;
    store.create(&refused, new()).await?;
    is_full(store.create(&desk.id()?, new()).await, "sessions_per_owner")
}

pub(super) async fn live_sessions_per_owner(desk: &Desk<'_>) -> Outcome {
    let desk = desk.with(Limits { sessions_per_owner: 3, ..Limits::default() }).await;
    let (owner, idle) = (desk.somebody()?, desk.while_());
    let stays = desk.session(&owner).await?;
    for _ in 0..2 {
        desk.session_of(&owner, Timeouts::new(idle, Duration::from_secs(3600))).await?;
    }
    desk.pass(idle).await;
    for _ in 0..2 {
        desk.session(&owner).await?;
    }
    let new = NewSession::new(owner.clone(), Timeouts::default());
    is_full(desk.store().create(&desk.id()?, new).await, "sessions_per_owner")?;
    holds!(desk.is_there(&stays).await?, "a session made room");
    Ok(())
}

pub(super) async fn sessions(desk: &Desk<'_>) -> Outcome {
    if !desk.harness().counts_sessions() {
        return Ok(());
    }
    let desk = desk.with(Limits { sessions: 3, ..Limits::default() }).await;
    let (store, idle) = (desk.store(), desk.while_());
    let new = NewSession::new(desk.somebody()?, Timeouts::default());
    let first = desk.session(&desk.somebody()?).await?;
    let second = desk.session(&Owner::nobody()).await?;
    let last = desk.session_of(&desk.somebody()?, Timeouts::new(idle, idle)).await?;
    is_full(store.create(&desk.id()?, new.clone()).await, "sessions")?;
    for id in [&first, &second, &last] {
        holds!(desk.is_there(id).await?, "a session made room");
    }
    let next = desk.id()?;
    let login = Rotation::new(next.clone(), desk.somebody()?, Timeouts::default());
    store.rotate(&second, &Owner::nobody(), login).await?;
    desk.pass(idle).await;
    let id = desk.id()?;
    store.create(&id, new.clone()).await?;
    is_full(store.create(&desk.id()?, new.clone()).await, "sessions")?;
    store.delete(&id).await?;
    store.create(&desk.id()?, new).await?;
    Ok(())
}
