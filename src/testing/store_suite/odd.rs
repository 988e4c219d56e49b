//! Rules of bytes and names that nobody has thought of.

use super::desk::Desk;
use super::desk::named;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::fails;
use super::fault::holds;
use crate::context::RequestId;
use crate::context::SessionId;
use crate::context::TenantId;
use crate::context::UserId;
use crate::owner::Owner;
use crate::session::NewSession;
use crate::session::Timeouts;
use bytes::Bytes;

pub(super) async fn bytes(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let all: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = (0..=255).cycle().take(64 << 10).collect();
    let odd = [&b""[..], b"\r\n", b"$5\r\nhello\r\n", b"\0", b"-1", b"\xFF\xFE", &all, &large];
    for data in odd {
        let id = desk.id()?;
        let data = Bytes::copy_from_slice(data);
        let new = NewSession::new(owner.clone(), Timeouts::default()).with_data(data.clone());
        holds!(store.create(&id, new).await?.data == data, "`create` gives other data");
        holds!(desk.record(&id).await?.data == data, "`load` gives other data");
        desk.append(&id, &owner, data.clone()).await?;
        let items = desk.items(&id, &owner).await?;
        holds!(items.items == [data], "`range` gives other data");
        store.delete(&id).await?;
    }
    Ok(())
}

/// Texts that a store might take for one another, or for something of its own.
const ODD: [&str; 16] = [
    "{}", "{", "}", "}{", "{a}", "%7B", "a b", "a:b", "a", "A", "é", "e\u{301}", "日本", "*",
    "'\"\\", "s:{a}",
];

pub(super) async fn ids(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let run = RequestId::new();
    let mut ids: Vec<SessionId> = Vec::new();
    for odd in ODD {
        ids.push(named(&format!("{odd}{run}"))?);
        ids.push(named(&format!("{run}{odd}"))?);
    }
    ids.push(named(&"é".repeat(110).chars().chain(run.as_str().chars()).collect::<String>())?);
    ids.push(named(&format!("{run}{}", "{".repeat(256 - run.as_str().len())))?);
    for (n, id) in ids.iter().enumerate() {
        let new = NewSession::new(owner.clone(), Timeouts::default());
        let made = store.create(id, new.with_data(n.to_string().into())).await?;
        holds!(made.id == *id, "{id} is made as {}", made.id);
        desk.append(id, &owner, n.to_string()).await?;
    }
    for (n, id) in ids.iter().enumerate() {
        let record = desk.record(id).await?;
        holds!(record.id == *id && record.data == n.to_string(), "{id} is {record:?}");
        let items = desk.items(id, &owner).await?;
        holds!(items.items == [n.to_string()], "the list of {id} is {:?}", items.items);
    }
    let mut listed: Vec<_> = store.list_of(&owner).await?.into_iter().map(|info| info.id).collect();
    listed.sort();
    let mut sorted = ids.clone();
    sorted.sort();
    holds!(listed == sorted, "of {} sessions {} are listed", sorted.len(), listed.len());
    holds!(store.delete_all_of(&owner, None).await?.len() == ids.len(), "not all are deleted");
    for id in &ids {
        holds!(!desk.is_there(id).await?, "{id} is left");
    }
    Ok(())
}

pub(super) async fn owners(desk: &Desk<'_>) -> Outcome {
    let store = desk.store();
    let run = RequestId::new();
    let user = |text: &str| named::<UserId>(&format!("{run}{text}")).map(Owner::user);
    let mut owners = Vec::new();
    for odd in ODD {
        owners.push(user(odd)?);
    }
    let tenant: TenantId = named(&format!("{run}{{a}}"))?;
    owners.push(user("{a}")?.with_tenant(tenant.clone()));
    owners.push(Owner::nobody().with_tenant(tenant));
    let mut ids = Vec::new();
    for owner in &owners {
        ids.push(desk.session(owner).await?);
    }
    for (owner, id) in owners.iter().zip(&ids) {
        let record = desk.record(id).await?;
        holds!(record.owner == *owner, "{owner:?} comes back as {:?}", record.owner);
        let listed = store.list_of(owner).await?;
        let is = listed.len() == usize::from(owner.user_id().is_some())
            && listed.iter().all(|info| info.id == *id);
        holds!(is, "{owner:?} has {listed:?}");
        for other in owners.iter().filter(|other| *other != owner) {
            let range = store.range(id, other, &super::desk::list()?, 0..1).await;
            fails!(range, is_owner_mismatch, "{other:?} is not {owner:?}");
        }
    }
    for (owner, id) in owners.iter().zip(&ids).filter(|(owner, _)| owner.user_id().is_some()) {
        let deleted = store.delete_all_of(owner, None).await?;
        let is = deleted.iter().eq(owner.user_id().map(|_| id));
        holds!(is, "of {owner:?} are deleted {deleted:?}");
    }
    Ok(())
}
