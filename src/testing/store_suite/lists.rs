//! Rules of `append`, `range` and `trim`.

use super::desk::Desk;
use super::desk::list;
use super::desk::named;
use super::fault::Outcome;
use super::fault::StoreFault;
use super::fault::holds;
use super::tasks::at_once;
use crate::session::ListName;
use crate::session::WriteId;
use bytes::Bytes;

pub(super) async fn positions(desk: &Desk<'_>) -> Outcome {
    let owner = desk.somebody()?;
    let id = desk.session(&owner).await?;
    let empty = desk.items(&id, &owner).await?;
    holds!(empty.items.is_empty() && empty.end == 0, "a fresh list is {empty:?}");
    for expected in 0..5 {
        let position = desk.append(&id, &owner, expected.to_string()).await?;
        holds!(position == expected, "item {expected} has position {position}");
    }
    let items = desk.items(&id, &owner).await?;
    holds!(items.first == 0 && items.end == 5, "{} to {}", items.first, items.end);
    holds!(items.items == ["0", "1", "2", "3", "4"], "the order is {:?}", items.items);
    let version = desk.record(&id).await?.version;
    holds!(version == crate::session::Version::FIRST, "an append is no write of the data");
    Ok(())
}

pub(super) async fn apart(desk: &Desk<'_>) -> Outcome {
    let (store, owner) = (desk.store(), desk.somebody()?);
    let (one, other) = (desk.session(&owner).await?, desk.session(&owner).await?);
    let names: [ListName; 4] = [list()?, named("history.")?, named("histor")?, named("0")?];
    for (id, mark) in [(&one, "one"), (&other, "other")] {
        for name in &names {
            let item = format!("{mark}-{name}");
            let appended = store.append(id, &owner, name, item.into(), WriteId::new()).await?;
            holds!(appended.position == 0, "it begins at {}", appended.position);
        }
    }
    for (id, mark) in [(&one, "one"), (&other, "other")] {
        for name in &names {
            let items = store.range(id, &owner, name, 0..9).await?;
            holds!(items.items == [format!("{mark}-{name}")], "{name} has {:?}", items.items);
        }
    }
    Ok(())
}

pub(super) async fn tasks(desk: &Desk<'_>) -> Outcome {
    let owner = desk.somebody()?;
    let id = desk.session(&owner).await?;
    let name = list()?;
    let tasks = (0..64).map(|task| {
        let (store, id, owner, name) = (desk.store(), id.clone(), owner.clone(), name.clone());
        async move {
            let mut acknowledged = Vec::new();
            for n in 0..8 {
                let item = format!("{task}-{n}");
                let (bytes, write) = (Bytes::from(item.clone()), WriteId::new());
                let first = store.append(&id, &owner, &name, bytes.clone(), write).await?;
                if n % 2 == 0 {
                    let again = store.append(&id, &owner, &name, bytes, write).await?;
                    holds!(again.position == first.position, "a retry gives another position");
                }
                acknowledged.push((first.position, item));
            }
            Ok(acknowledged)
        }
    });
    let mut acknowledged = Vec::new();
    for of_task in at_once(tasks).await? {
        acknowledged.extend(of_task?);
    }
    acknowledged.sort();
    let items = desk.items(&id, &owner).await?;
    holds!(items.end == 512 && items.first == 0, "{} to {}", items.first, items.end);
    holds!(items.items.len() == 512, "of 512 items {} are there", items.items.len());
    for (position, (item, acknowledged)) in items.items.iter().zip(acknowledged).enumerate() {
        let is = acknowledged.1 == *item && u64::try_from(position) == Ok(acknowledged.0);
        holds!(is, "position {position} has {item:?}, not {acknowledged:?}");
    }
    Ok(())
}

pub(super) async fn once(desk: &Desk<'_>) -> Outcome {
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let id = desk.session(&owner).await?;
    desk.append(&id, &owner, "before").await?;
    let write = WriteId::new();
    let retry = || store.append(&id, &owner, &name, "mine".into(), write);
    let first = retry().await?.position;
    for others in [0, 1, 99] {
        for _ in 0..others {
            desk.append(&id, &owner, "other").await?;
        }
        let again = retry().await?.position;
        holds!(again == first, "after {others} others a retry has position {again}, not {first}");
    }
    let items = desk.items(&id, &owner).await?;
    let mine = items.items.iter().filter(|item| *item == "mine").count();
    holds!(mine == 1 && items.end == 102, "{mine} of {} items are of the write", items.end);
    store.trim(&id, &owner, &name, items.end).await?;
    retry().await?;
    let items = desk.items(&id, &owner).await?;
    holds!(items.items.is_empty(), "a retry has brought back what was trimmed");
    Ok(())
}

pub(super) async fn ranges(desk: &Desk<'_>) -> Outcome {
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let id = desk.session(&owner).await?;
    for item in ["0", "1", "2", "3"] {
        desk.append(&id, &owner, item).await?;
    }
    for (from, to) in
        [(0, 4), (1, 3), (0, 1), (3, 4), (2, 9), (0, u64::MAX), (4, 9), (2, 2), (9, 12)]
    {
        let items = store.range(&id, &owner, &name, from..to).await?;
        let expected: Vec<_> = (from..to.min(4)).map(|n| n.to_string()).collect();
        holds!(items.items == expected, "{from} to {to} has {:?}", items.items);
        let first = items.items.is_empty() || items.first == from;
        holds!(first && items.end == 4, "{from} to {to}: {} of {}", items.first, items.end);
    }
    #[expect(clippy::reversed_empty_ranges, reason = "a caller may compute one")]
    let items = store.range(&id, &owner, &name, 3..1).await?;
    holds!(items.items.is_empty(), "3 to 1 has {:?}", items.items);
    Ok(())
}

pub(super) async fn trimmed(desk: &Desk<'_>) -> Outcome {
    let (store, owner, name) = (desk.store(), desk.somebody()?, list()?);
    let id = desk.session(&owner).await?;
    store.trim(&id, &owner, &name, 3).await?;
    for item in ["0", "1", "2", "3"] {
        desk.append(&id, &owner, item).await?;
    }
    let steps: [(u64, u64); 5] = [(0, 0), (2, 2), (1, 2), (4, 4), (9, 4)];
    for (position, first) in steps {
        store.trim(&id, &owner, &name, position).await?;
        let items = desk.items(&id, &owner).await?;
        let left: Vec<_> = (first..4).map(|n| n.to_string()).collect();
        holds!(items.items == left, "trimmed to {position} it has {:?}", items.items);
        let is_first = items.items.is_empty() || items.first == first;
        holds!(is_first && items.end == 4, "trimmed to {position}: {items:?}");
    }
    let position = desk.append(&id, &owner, "4").await?;
    holds!(position == 4, "after a trim the next position is {position}");
    let items = desk.items(&id, &owner).await?;
    holds!(items.items == ["4"] && items.first == 4, "then it has {items:?}");
    desk.append(&id, &owner, Bytes::new()).await?;
    for position in [5, 6] {
        store.trim(&id, &owner, &name, position).await?;
    }
    let items = desk.items(&id, &owner).await?;
    holds!(items.items.is_empty(), "an empty item is left: {items:?}");
    Ok(())
}
