//! Rules of whose a session is.

use super::desk::Desk;
use super::desk::list;
use super::desk::named;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::fails;
use super::fault::holds;
use crate::context::RequestId;
use crate::context::TenantId;
use crate::owner::Owner;
use crate::session::Limits;
use crate::session::Rotation;
use crate::session::Timeouts;
use crate::session::WriteId;
use std::time::Duration;

pub(super) async fn mismatch(desk: &Desk<'_>) -> Outcome {
    let (store, list) = (desk.store(), list()?);
    for owner in [desk.somebody()?, Owner::nobody()] {
        let id = desk.session(&owner).await?;
        let version = desk.write(&id, &owner, "secret").await?;
        desk.append(&id, &owner, "secret").await?;
        let before = desk.record(&id).await?;
        for other in [desk.somebody()?, Owner::nobody()] {
            if other == owner {
                continue;
            }
            for expected in [version, version.next()] {
                let update = store.update(&id, &other, expected, "x".into(), WriteId::new()).await;
                fails!(update, is_owner_mismatch, "`update` for somebody else");
            }
            let append = store.append(&id, &other, &list, "x".into(), WriteId::new()).await;
            fails!(append, is_owner_mismatch, "`append` for somebody else");
            let range = store.range(&id, &other, &list, 0..9).await;
            fails!(range, is_owner_mismatch, "`range` for somebody else");
            let trim = store.trim(&id, &other, &list, 1).await;
            fails!(trim, is_owner_mismatch, "`trim` for somebody else");
            let next = desk.id()?;
            let rotation = Rotation::new(next.clone(), other.clone(), Timeouts::default());
            let rotate = store.rotate(&id, &other, rotation).await;
            fails!(rotate, is_owner_mismatch, "`rotate` for somebody else");
            holds!(!desk.is_there(&next).await?, "a session was put in its place");
        }
        let after = desk.record(&id).await?;
        let same = after.version == before.version && after.data == before.data;
        holds!(same && after.owner == owner, "it is {after:?} now");
        holds!(after.expires_in <= before.expires_in, "its time has begun anew");
        holds!(desk.items(&id, &owner).await?.items == ["secret"], "its list has changed");
    }
    Ok(())
}

pub(super) async fn listed(desk: &Desk<'_>) -> Outcome {
    let (store, owner, other) = (desk.store(), desk.somebody()?, desk.somebody()?);
    holds!(store.list_of(&owner).await?.is_empty(), "who has none has some");
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(desk.session(&owner).await?);
        desk.session(&other).await?;
        desk.pass(Duration::from_millis(5)).await;
    }
    let infos = store.list_of(&owner).await?;
    let listed: Vec<_> = infos.iter().map(|info| info.id.clone()).collect();
    holds!(listed == ids, "made in the order {ids:?}, listed as {listed:?}");
    for info in &infos {
        let record = desk.record(&info.id).await?;
        let is = info.age <= record.age && info.expires_in >= record.expires_in;
        holds!(is && info.expires_in <= Timeouts::default().idle(), "{info:?} of {record:?}");
    }
    let Some(deleted) = ids.pop() else { return Ok(()) };
    store.delete(&deleted).await?;
    let listed = store.list_of(&owner).await?;
    holds!(listed.iter().all(|info| info.id != deleted), "what is deleted is listed");
    holds!(listed.len() == 3, "of 3 sessions {} are listed", listed.len());
    Ok(())
}

pub(super) async fn listed_after_rotation(desk: &Desk<'_>) -> Outcome {
    let (store, owner, other) = (desk.store(), desk.somebody()?, desk.somebody()?);
    let id = desk.session(&Owner::nobody()).await?;
    let steps = [(Owner::nobody(), &owner), (owner.clone(), &owner), (owner.clone(), &other)];
    let mut now = id;
    for (from, to) in steps {
        let next = desk.id()?;
        let rotation = Rotation::new(next.clone(), to.clone(), Timeouts::default());
        store.rotate(&now, &from, rotation).await?;
        now = next;
        for somebody in [&owner, &other] {
            let listed = store.list_of(somebody).await?;
            let expected = usize::from(somebody == to);
            holds!(listed.len() == expected, "{listed:?} are listed, not {expected}");
            holds!(listed.iter().all(|info| info.id == now), "{listed:?} is not {now}");
        }
    }
    let deleted = store.delete_all_of(&owner, None).await?;
    holds!(deleted.is_empty(), "{deleted:?} was the other's");
    holds!(store.delete_all_of(&other, None).await? == [now], "it is not deleted");
    Ok(())
}

pub(super) async fn without_user(desk: &Desk<'_>) -> Outcome {
    let desk = desk.with(Limits { sessions_per_owner: 1, ..Limits::default() }).await;
    let (store, user) = (desk.store(), desk.somebody()?);
    let tenant: TenantId = named(&format!("suite-{}", RequestId::new()))?;
    let owner = Owner::nobody().with_tenant(tenant.clone());
    let user = user.with_tenant(tenant);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(desk.session(&owner).await?);
    }
    let next = desk.id()?;
    let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
    store.rotate(&desk.session(&owner).await?, &owner, rotation).await?;
    ids.push(next);
    let next = desk.id()?;
    let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
    store.rotate(&desk.session(&user).await?, &user, rotation).await?;
    ids.push(next);
    let listed = store.list_of(&owner).await?;
    holds!(listed.is_empty(), "{listed:?} are listed");
    let deleted = store.delete_all_of(&owner, None).await?;
    holds!(deleted.is_empty(), "{deleted:?} are deleted");
    for id in &ids {
        let record = desk.record(id).await?;
        holds!(record.owner == owner, "{:?} is not {owner:?}", record.owner);
        holds!(store.delete(id).await?, "`delete` does not find it");
    }
    Ok(())
}
