//! Rules of `create` and `load`.

use super::desk::Desk;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::fails;
use super::fault::holds;
use crate::session::NewSession;
use crate::session::Timeouts;
use crate::session::Version;
use std::time::Duration;

pub(super) async fn created(desk: &Desk<'_>) -> Outcome {
    let (store, id, owner) = (desk.store(), desk.id()?, desk.somebody()?);
    let timeouts = Timeouts::default();
    let new = NewSession::new(owner.clone(), timeouts).with_data("data".into());
    let made = store.create(&id, new).await?;
    holds!(made.id == id, "it has the ID {}", made.id);
    holds!(made.owner == owner, "it belongs to {:?}", made.owner);
    holds!(made.version == Version::FIRST, "it begins with {:?}", made.version);
    holds!(made.data == "data", "it has other data");
    holds!(made.age <= desk.while_(), "it is {:?} old", made.age);
    holds!(made.expires_in <= timeouts.idle(), "it expires in {:?}", made.expires_in);
    let least = timeouts.idle() - desk.while_();
    holds!(made.expires_in >= least, "it expires in {:?}", made.expires_in);
    desk.pass(Duration::from_millis(10)).await;
    let loaded = desk.record(&id).await?;
    let same = (&loaded.id, &loaded.owner, loaded.version, &loaded.data);
    holds!(same == (&made.id, &made.owner, made.version, &made.data), "`load` gives {loaded:?}");
    holds!(loaded.age >= Duration::from_millis(9), "after 10 ms it is {:?} old", loaded.age);
    holds!(loaded.expires_in < made.expires_in, "its time does not pass");
    let nobody = desk.id()?;
    let made = store.create(&nobody, NewSession::new(Default::default(), timeouts)).await?;
    holds!(made.owner.is_nobody(), "nobody's belongs to {:?}", made.owner);
    holds!(desk.record(&nobody).await?.owner.is_nobody(), "nobody's is somebody's");
    Ok(())
}

pub(super) async fn taken(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let id = desk.session(&owner).await?;
    desk.write(&id, &owner, "first").await?;
    let before = desk.record(&id).await?;
    for other in [owner.clone(), desk.somebody()?] {
        let new = NewSession::new(other, Timeouts::default()).with_data("second".into());
        fails!(store.create(&id, new).await, is_exists, "the ID is taken");
    }
    let after = desk.record(&id).await?;
    holds!(after.data == before.data && after.version == before.version, "it is now {after:?}");
    holds!(after.owner == owner, "it belongs to {:?} now", after.owner);
    Ok(())
}

pub(super) async fn created_once(desk: &Desk<'_>) -> Outcome {
    let (store, id, owner) = (desk.store(), desk.id()?, desk.somebody()?);
    let new = NewSession::new(owner.clone(), Timeouts::default()).with_data("data".into());
    store.create(&id, new.clone()).await?;
    let again = store.create(&id, new.clone()).await?;
    holds!(again.version == Version::FIRST && again.data == "data", "a retry gives {again:?}");
    desk.write(&id, &owner, "later").await?;
    store.create(&id, new).await?;
    let record = desk.record(&id).await?;
    holds!(record.data == "later", "a retry has undone a later write");
    let listed = store.list_of(&owner).await?;
    holds!(listed.len() == 1, "the owner has {} sessions of it", listed.len());
    Ok(())
}

pub(super) async fn not_created_again(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    for all in [false, true] {
        let id = desk.id()?;
        let new = NewSession::new(owner.clone(), Timeouts::default());
        store.create(&id, new.clone()).await?;
        if all {
            store.delete_all_of(&owner, None).await?;
        } else {
            store.delete(&id).await?;
        }
        fails!(store.create(&id, new).await, is_gone, "the write has made what is deleted");
        holds!(!desk.is_there(&id).await?, "it is there again");
    }
    Ok(())
}

pub(super) async fn afresh(desk: &Desk<'_>) -> Outcome {
    let (store, owner, other) = (desk.store(), desk.somebody()?, desk.somebody()?);
    let id = desk.session(&owner).await?;
    desk.write(&id, &owner, "secret").await?;
    desk.append(&id, &owner, "secret").await?;
    holds!(store.delete(&id).await?, "`delete` does not find it");
    let made = store.create(&id, NewSession::new(other.clone(), Timeouts::default())).await?;
    holds!(made.data.is_empty() && made.version == Version::FIRST, "it begins as {made:?}");
    let items = desk.items(&id, &other).await?;
    holds!(items.items.is_empty() && items.end == 0, "its list has {} items", items.items.len());
    fails!(
        desk.store().trim(&id, &owner, &super::desk::list()?, 1).await,
        is_owner_mismatch,
        "it belongs to the new owner"
    );
    Ok(())
}

pub(super) async fn never_made(desk: &Desk<'_>) -> Outcome {
    desk.is_gone(&desk.id()?, &desk.somebody()?, "never made").await
}
