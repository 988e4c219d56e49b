//! Rules of `delete` and `delete_all_of`.

use super::desk::Desk;
use super::desk::list;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::holds;
use super::tasks::at_once;
use crate::owner::Owner;
use crate::session::Rotation;
use crate::session::Timeouts;
use crate::session::WriteId;

pub(super) async fn deleted(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let (id, other) = (desk.session(&owner).await?, desk.session(&owner).await?);
    desk.append(&id, &owner, "item").await?;
    holds!(store.delete(&id).await?, "`delete` does not find it");
    holds!(!store.delete(&id).await?, "`delete` finds it twice");
    desk.is_gone(&id, &owner, "deleted").await?;
    holds!(desk.is_there(&other).await?, "another session is gone as well");
    Ok(())
}

pub(super) async fn final_under_writes(desk: &Desk<'_>) -> Outcome {
    let owner = desk.somebody()?;
    let id = desk.session(&owner).await?;
    let name = list()?;
    let tasks = (0..65).map(|task| {
        let (store, id, owner, name) = (desk.store(), id.clone(), owner.clone(), name.clone());
        async move {
            if task == 32 {
                tokio::task::yield_now().await;
                return store.delete(&id).await.map_err(StoreFault::from);
            }
            let Some(record) = store.load(&id).await? else { return Ok(false) };
            for _ in 0..1000 {
                let write = WriteId::new();
                let done = match task % 3 {
                    0 => {
                        let data = "x".into();
                        store.update(&id, &owner, record.version, data, write).await.map(|_| ())
                    }
                    1 => store.append(&id, &owner, &name, "x".into(), write).await.map(|_| ()),
                    _ => match store.touch(&id).await? {
                        Some(_) => Ok(()),
                        None => return Ok(false),
                    },
                };
                match done {
                    Err(error) if error.is_gone() => return Ok(false),
                    Err(error) if error.is_capacity() => {}
                    done => done?,
                }
                // A store may answer at once: the others have their turn all the same.
                tokio::task::yield_now().await;
            }
            Err(StoreFault::new("a write goes on after the delete".to_owned()))
        }
    });
    let deleted = at_once(tasks).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
    holds!(deleted.contains(&true), "`delete` did not find it");
    desk.is_gone(&id, &owner, "deleted under 64 tasks").await
}

pub(super) async fn all_of(desk: &Desk<'_>) -> Outcome {
    let (store, owner, other) = (desk.store(), desk.somebody()?, desk.somebody()?);
    let (theirs, nobodys) = (desk.session(&other).await?, desk.session(&Owner::nobody()).await?);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(desk.session(&owner).await?);
    }
    let rotated = desk.id()?;
    let rotation = Rotation::new(rotated.clone(), owner.clone(), Timeouts::default());
    store.rotate(&desk.session(&owner).await?, &owner, rotation).await?;
    let excepted = desk.session(&owner).await?;
    let mut deleted = store.delete_all_of(&owner, Some(&excepted)).await?;
    ids.push(rotated);
    ids.sort();
    deleted.sort();
    holds!(deleted == ids, "{deleted:?} are deleted, not {ids:?}");
    for id in &ids {
        desk.is_gone(id, &owner, "deleted with all others").await?;
    }
    for (id, whose) in
        [(&excepted, "excepted"), (&theirs, "somebody else's"), (&nobodys, "nobody's")]
    {
        holds!(desk.is_there(id).await?, "what is {whose} is deleted too");
    }
    let listed = store.list_of(&owner).await?;
    holds!(listed.len() == 1, "{listed:?} are listed");
    holds!(store.delete_all_of(&owner, None).await? == [excepted.clone()], "one was left");
    holds!(store.delete_all_of(&owner, None).await?.is_empty(), "it deletes twice");
    desk.is_gone(&excepted, &owner, "deleted at last").await
}

/// Whenever the deletion comes, also in the midst of a rotation: none of them outlives it.
pub(super) async fn all_of_rotating(desk: &Desk<'_>) -> Outcome {
    for round in 0..24 {
        let owner = desk.somebody()?;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(desk.session(&owner).await?);
        }
        let mut nexts = Vec::new();
        for _ in 0..ids.len() * 6 {
            nexts.push(desk.id()?);
        }
        let tasks = (0..=ids.len()).map(|task| {
            let (store, owner, nexts) = (desk.store(), owner.clone(), nexts.clone());
            let at = ids.get(task).cloned();
            async move {
                let Some(mut at) = at else {
                    for _ in 0..round {
                        tokio::task::yield_now().await;
                    }
                    return store.delete_all_of(&owner, None).await.map(drop);
                };
                for next in nexts.into_iter().skip(task * 6).take(6) {
                    let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
                    match store.rotate(&at, &owner, rotation).await {
                        Err(error) if error.is_gone() => return Ok(()),
                        rotated => at = rotated?.id,
                    }
                    tokio::task::yield_now().await;
                }
                Ok(())
            }
        });
        at_once(tasks).await?.into_iter().collect::<Result<Vec<()>, _>>()?;
        for id in ids.iter().chain(&nexts) {
            holds!(!desk.is_there(id).await?, "in round {round} {id} has outlived it");
        }
        let listed = desk.store().list_of(&owner).await?;
        holds!(listed.is_empty(), "in round {round} {listed:?} are listed");
        // It is no ban: the owner can log in and go on.
        let (id, next) = (desk.session(&owner).await?, desk.id()?);
        let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
        desk.store().rotate(&id, &owner, rotation).await?;
        let again = desk.store().delete_all_of(&owner, Some(&next)).await?;
        holds!(again.is_empty(), "{again:?} was left");
        let last = desk.id()?;
        let rotation = Rotation::new(last.clone(), owner.clone(), Timeouts::default());
        desk.store().rotate(&next, &owner, rotation).await?;
        holds!(desk.store().delete_all_of(&owner, None).await? == [last], "it is not deleted");
    }
    Ok(())
}
