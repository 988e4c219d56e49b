//! Rules of `rotate`.

use super::desk::Desk;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::fails;
use super::fault::holds;
use crate::owner::Owner;
use crate::session::Rotation;
use crate::session::Timeouts;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use std::time::Duration;

pub(super) async fn same_owner(desk: &Desk<'_>) -> Outcome {
    let store = desk.store();
    for owner in [desk.somebody()?, Owner::nobody()] {
        let timeouts = Timeouts::new(Duration::from_secs(600), Duration::from_secs(1200));
        let id = desk.session_of(&owner, timeouts).await?;
        desk.write(&id, &owner, "data").await?;
        for item in ["0", "1", "2"] {
            desk.append(&id, &owner, item).await?;
        }
        store.trim(&id, &owner, &super::desk::list()?, 1).await?;
        desk.pass(Duration::from_millis(10)).await;
        let (before, next) = (desk.record(&id).await?, desk.id()?);
        let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
        let rotated = store.rotate(&id, &owner, rotation).await?;
        let after = desk.record(&next).await?;
        for record in [rotated, after] {
            let same = record.data == before.data && record.version == before.version;
            holds!(same && record.owner == owner, "of {before:?} comes {record:?}");
            holds!(record.id == next, "it has the ID {}", record.id);
            holds!(record.age >= before.age, "it is {:?} old", record.age);
            holds!(record.expires_in <= before.expires_in, "its time has begun anew");
        }
        let items = desk.items(&next, &owner).await?;
        holds!(items.items == ["1", "2"] && items.first == 1, "its list is {items:?}");
        holds!(desk.append(&next, &owner, "3").await? == 3, "its list begins anew");
        desk.write(&next, &owner, "more").await?;
        let touched = store.touch(&next).await?.map(|record| record.expires_in);
        holds!(touched <= Some(timeouts.idle()), "its timeouts have changed: {touched:?}");
    }
    Ok(())
}

pub(super) async fn other_owner(desk: &Desk<'_>) -> Outcome {
    let (store, somebody, next_owner) = (desk.store(), desk.somebody()?, desk.somebody()?);
    let cases = [
        (Owner::nobody(), &next_owner),
        (somebody.clone(), &next_owner),
        (somebody, &Owner::nobody()),
    ];
    for (owner, to) in cases {
        let old = Timeouts::new(Duration::from_secs(60), Duration::from_secs(60));
        let new = Timeouts::new(Duration::from_secs(600), Duration::from_secs(1200));
        let id = desk.session_of(&owner, old).await?;
        desk.write(&id, &owner, "secret").await?;
        desk.append(&id, &owner, "secret").await?;
        let next = desk.id()?;
        let rotation = Rotation::new(next.clone(), to.clone(), new);
        let rotated = store.rotate(&id, &owner, rotation).await?;
        for record in [rotated, desk.record(&next).await?] {
            holds!(record.data.is_empty(), "it has the data of {owner:?}");
            holds!(record.version == Version::FIRST, "it begins with {:?}", record.version);
            holds!(record.owner == *to && record.id == next, "it is {record:?}");
            let long = record.expires_in > old.absolute() && record.expires_in <= new.idle();
            holds!(long, "it expires in {:?}", record.expires_in);
        }
        let items = desk.items(&next, to).await?;
        holds!(items.items.is_empty() && items.end == 0, "it has items of {owner:?}");
    }
    Ok(())
}

pub(super) async fn old_is_gone(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    for to in [owner.clone(), desk.somebody()?] {
        let (id, next) = (desk.session(&owner).await?, desk.id()?);
        desk.append(&id, &owner, "item").await?;
        let rotation = Rotation::new(next.clone(), to.clone(), Timeouts::default());
        store.rotate(&id, &owner, rotation).await?;
        desk.is_gone(&id, &owner, "rotated").await?;
        holds!(desk.is_there(&next).await?, "the new one is gone too");
        store.delete(&next).await?;
        holds!(!desk.is_there(&id).await?, "the old one is back after the new one's delete");
    }
    Ok(())
}

pub(super) async fn once(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    for to in [owner.clone(), desk.somebody()?] {
        let (id, next) = (desk.session(&owner).await?, desk.id()?);
        let write = WriteId::new();
        store.append(&id, &owner, &super::desk::list()?, "item".into(), write).await?;
        let rotation = Rotation::new(next.clone(), to.clone(), Timeouts::default());
        store.rotate(&id, &owner, rotation.clone()).await?;
        let again = store.rotate(&id, &owner, rotation.clone()).await?;
        holds!(again.id == next && again.owner == to, "a retry gives {again:?}");
        desk.write(&next, &to, "later").await?;
        store.rotate(&id, &owner, rotation.clone()).await?;
        holds!(desk.record(&next).await?.data == "later", "a retry has undone a later write");
        if to == owner {
            let again =
                store.append(&next, &to, &super::desk::list()?, "item".into(), write).await?;
            holds!(again.position == 0, "the new one does not know the writes of the old one");
        }
        store.delete(&next).await?;
        fails!(store.rotate(&id, &owner, rotation).await, is_gone, "the new one is deleted");
        holds!(!desk.is_there(&next).await?, "a retry has brought back what was deleted");
    }
    Ok(())
}

pub(super) async fn refused(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let (id, taken) = (desk.session(&owner).await?, desk.session(&owner).await?);
    desk.write(&id, &owner, "data").await?;
    for (next, to) in [(&taken, &owner), (&taken, &desk.somebody()?), (&id, &owner)] {
        let rotation = Rotation::new(next.clone(), to.clone(), Timeouts::default());
        fails!(store.rotate(&id, &owner, rotation).await, is_exists, "the ID is taken");
        let record = desk.record(&id).await?;
        holds!(record.data == "data" && record.owner == owner, "it is {record:?} now");
        let update = store.update(&id, &owner, record.version, "data".into(), WriteId::new()).await;
        holds!(matches!(update, Ok(Update::Written(_))), "it takes no writes: {update:?}");
    }
    holds!(desk.record(&taken).await?.data.is_empty(), "the other one has its data");
    let listed = store.list_of(&owner).await?;
    holds!(listed.len() == 2, "{listed:?} are listed");
    Ok(())
}

/// A logout goes by it, so it must never name another login's session.
pub(super) async fn successor(desk: &Desk<'_>) -> Outcome {
    let store = desk.store();
    for owner in [desk.somebody()?, Owner::nobody()] {
        let ids = [desk.session(&owner).await?, desk.id()?, desk.id()?];
        for (from, to) in ids.iter().zip(&ids[1..]) {
            let early = store.successor(from).await?;
            holds!(early.is_none(), "one that is there is followed by {early:?}");
            let rotation = Rotation::new(to.clone(), owner.clone(), Timeouts::default());
            store.rotate(from, &owner, rotation).await?;
        }
        for deleted in [false, true] {
            for (from, to) in ids.iter().zip(&ids[1..]) {
                let told = store.successor(from).await?;
                let may_be_none = deleted || !desk.harness().tells_successors();
                let is = told.as_ref().map_or(may_be_none, |told| told == to);
                holds!(is, "{from} is followed by {told:?}, not {to}");
            }
            let none = store.successor(&ids[2]).await?;
            holds!(none.is_none(), "the last one is followed by {none:?}");
            store.delete(&ids[2]).await?;
        }
        let (id, next) = (desk.session(&owner).await?, desk.id()?);
        let login = Rotation::new(next, desk.somebody()?, Timeouts::default());
        store.rotate(&id, &owner, login).await?;
        let told = store.successor(&id).await?;
        holds!(told.is_none(), "after another owner's login {told:?} is told");
    }
    let told = store.successor(&desk.id()?).await?;
    holds!(told.is_none(), "what was never made is followed by {told:?}");
    Ok(())
}
