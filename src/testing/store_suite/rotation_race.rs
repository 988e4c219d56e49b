//! Rules of `rotate` when others are at the same session.

use super::desk::Desk;
use super::desk::list;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::holds;
use super::tasks::at_once;
use crate::session::Rotation;
use crate::session::Timeouts;
use crate::session::Update;
use crate::session::WriteId;
use tokio::task::yield_now;

const ROUNDS: usize = 8;

pub(super) async fn writes(desk: &Desk<'_>) -> Outcome {
    for round in 0..ROUNDS {
        let (owner, name) = (desk.somebody()?, list()?);
        let (id, next) = (desk.session(&owner).await?, desk.id()?);
        let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
        let tasks = (0..9).map(|task| {
            let (store, id, owner, name) = (desk.store(), id.clone(), owner.clone(), name.clone());
            let rotation = rotation.clone();
            async move {
                let mut acknowledged = Vec::new();
                if task == 4 {
                    for _ in 0..round * 4 {
                        yield_now().await;
                    }
                    store.rotate(&id, &owner, rotation).await?;
                    return Ok((0, acknowledged));
                }
                let mut updates = 0;
                for n in 0..200 {
                    let item = format!("{task}-{n}");
                    let write = WriteId::new();
                    match store.append(&id, &owner, &name, item.clone().into(), write).await {
                        Ok(appended) => acknowledged.push((appended.position, item)),
                        Err(error) if error.is_gone() => break,
                        Err(error) => return Err(StoreFault::from(error)),
                    }
                    let Some(record) = store.load(&id).await? else { break };
                    let data = task.to_string().into();
                    let update = store.update(&id, &owner, record.version, data, write).await;
                    match update {
                        Ok(Update::Written(_)) => updates += 1,
                        Ok(Update::Conflict(_)) => {}
                        Err(error) if error.is_gone() => break,
                        Err(error) => return Err(StoreFault::from(error)),
                    }
                    yield_now().await;
                }
                Ok((updates, acknowledged))
            }
        });
        let (mut updates, mut acknowledged) = (0, Vec::new());
        for of_task in at_once(tasks).await? {
            let of_task = of_task?;
            updates += of_task.0;
            acknowledged.extend(of_task.1);
        }
        acknowledged.sort();
        let items = desk.items(&next, &owner).await?;
        let expected: Vec<_> = acknowledged.iter().map(|(_, item)| item.clone()).collect();
        let (all, there) = (expected.len(), items.items.len());
        holds!(items.items == expected, "of {all} acknowledged items {there} are there");
        let version = desk.record(&next).await?.version.get();
        holds!(version == updates + 1, "{updates} acknowledged updates make version {version}");
        holds!(!desk.is_there(&id).await?, "the old session is there");
    }
    Ok(())
}

pub(super) async fn delete(desk: &Desk<'_>) -> Outcome {
    for round in 0..ROUNDS * 2 {
        let owner = desk.somebody()?;
        let (id, next) = (desk.session(&owner).await?, desk.id()?);
        let rotation = Rotation::new(next.clone(), owner.clone(), Timeouts::default());
        let tasks = (0..2).map(|task| {
            let (store, id, owner) = (desk.store(), id.clone(), owner.clone());
            let rotation = rotation.clone();
            async move {
                for _ in 0..(round + task * ROUNDS) % 7 {
                    yield_now().await;
                }
                if task == 0 {
                    return store.delete(&id).await.map_err(StoreFault::from);
                }
                match store.rotate(&id, &owner, rotation).await {
                    Ok(_) => Ok(true),
                    Err(error) if error.is_gone() => Ok(false),
                    Err(error) => Err(StoreFault::from(error)),
                }
            }
        });
        let done = at_once(tasks).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let rotated = done.last() == Some(&true);
        let deleted = done.first() == Some(&true);
        holds!(rotated != deleted, "rotated: {rotated}, deleted: {deleted}");
        holds!(desk.is_there(&next).await? == rotated, "the new session is there: {}", !rotated);
        holds!(!desk.is_there(&id).await?, "the old session is there");
    }
    Ok(())
}

pub(super) async fn rotations(desk: &Desk<'_>) -> Outcome {
    for _ in 0..ROUNDS {
        let (owner, other) = (desk.somebody()?, desk.somebody()?);
        let id = desk.session(&owner).await?;
        let mut nexts = Vec::new();
        for _ in 0..8 {
            nexts.push(desk.id()?);
        }
        let tasks = nexts.iter().enumerate().map(|(n, next)| {
            let (store, id, owner) = (desk.store(), id.clone(), owner.clone());
            let to = if n % 2 == 0 { owner.clone() } else { other.clone() };
            let rotation = Rotation::new(next.clone(), to, Timeouts::default());
            async move { store.rotate(&id, &owner, rotation).await }
        });
        let mut won = 0;
        for (done, next) in at_once(tasks).await?.into_iter().zip(&nexts) {
            let is_there = desk.is_there(next).await?;
            match done {
                Ok(_) => won += 1,
                Err(error) => holds!(error.is_gone() && !is_there, "one that lost: {error}"),
            }
            holds!(is_there || won <= 1, "one that won is not there");
        }
        holds!(won == 1, "{won} of 8 rotations have won");
        let all =
            desk.store().list_of(&owner).await?.len() + desk.store().list_of(&other).await?.len();
        holds!(all == 1, "{all} sessions came of one");
    }
    Ok(())
}
