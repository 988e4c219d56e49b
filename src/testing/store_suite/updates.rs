//! Rules of `update`.

use super::desk::Desk;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::holds;
use super::tasks::at_once;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use bytes::Bytes;

pub(super) async fn written(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let id = desk.session(&owner).await?;
    let mut version = Version::FIRST;
    for data in ["one", "", "three"] {
        let update = store.update(&id, &owner, version, data.into(), WriteId::new()).await?;
        let Update::Written(written) = update else {
            return Err(StoreFault::new(format!("a conflict where nobody writes: {update:?}")));
        };
        holds!(written.version == version.next(), "it becomes {:?}", written.version);
        version = written.version;
        let record = desk.record(&id).await?;
        holds!(record.data == data && record.version == version, "it is {record:?}");
    }
    Ok(())
}

pub(super) async fn conflict(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let id = desk.session(&owner).await?;
    let version = desk.write(&id, &owner, "first").await?;
    for wrong in [Version::FIRST, version.next(), Version::new(0), Version::new(u64::MAX)] {
        let update = store.update(&id, &owner, wrong, "second".into(), WriteId::new()).await?;
        let Update::Conflict(shown) = update else {
            return Err(StoreFault::new(format!("{wrong:?} is written over {version:?}")));
        };
        let is = (&shown.id, &shown.owner, shown.version, &shown.data[..]);
        holds!(is == (&id, &owner, version, b"first"), "it shows {shown:?}");
        let record = desk.record(&id).await?;
        holds!(record.data == "first" && record.version == version, "it is {record:?} now");
    }
    Ok(())
}

pub(super) async fn once(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let id = desk.session(&owner).await?;
    let write = WriteId::new();
    let retry = || store.update(&id, &owner, Version::FIRST, "mine".into(), write);
    let first = retry().await?;
    for later in [None, Some("later"), Some("later still")] {
        if let Some(later) = later {
            desk.write(&id, &owner, later).await?;
        }
        let before = desk.record(&id).await?;
        let again = retry().await?;
        let (Update::Written(first), Update::Written(again)) = (&first, &again) else {
            return Err(StoreFault::new(format!("a retry is answered by {again:?}")));
        };
        holds!(first.version == again.version, "a retry gives {:?}", again.version);
        let after = desk.record(&id).await?;
        let same = after.version == before.version && after.data == before.data;
        holds!(same, "a retry has happened: {after:?}");
    }
    Ok(())
}

pub(super) async fn increments(desk: &Desk<'_>) -> Outcome {
    increments_each(desk, 1).await
}

/// The same, but each write is asked twice.
pub(super) async fn once_among_others(desk: &Desk<'_>) -> Outcome {
    increments_each(desk, 2).await
}

async fn increments_each(desk: &Desk<'_>, times: usize) -> Outcome {
    let owner = desk.somebody()?;
    let id = desk.session(&owner).await?;
    let tasks = (0..16).map(|_| {
        let (store, id, owner) = (desk.store(), id.clone(), owner.clone());
        async move {
            for _ in 0..25 {
                let gone = || StoreFault::new("a session is lost".to_owned());
                let mut record = store.load(&id).await?.ok_or_else(gone)?;
                loop {
                    let (write, version) = (WriteId::new(), record.version);
                    let next = Bytes::from((count(&record.data) + 1).to_string());
                    let mut update =
                        store.update(&id, &owner, version, next.clone(), write).await?;
                    for _ in 1..times {
                        let again = store.update(&id, &owner, version, next.clone(), write).await?;
                        if let (Update::Written(one), Update::Written(other)) = (&update, &again) {
                            holds!(one.version == other.version, "a retry gives another version");
                        } else {
                            holds!(matches!(update, Update::Conflict(_)), "a retry is refused");
                            update = again;
                        }
                    }
                    match update {
                        Update::Written(_) => break,
                        Update::Conflict(now) => record = *now,
                    }
                }
            }
            Ok(())
        }
    });
    at_once(tasks).await?.into_iter().collect::<Outcome>()?;
    let record = desk.record(&id).await?;
    holds!(count(&record.data) == 400, "400 increments made {}", count(&record.data));
    holds!(record.version == Version::new(401), "400 writes made {:?}", record.version);
    Ok(())
}

fn count(data: &[u8]) -> u64 {
    std::str::from_utf8(data).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}
