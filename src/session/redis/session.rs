//! The operations that name one session and nothing else: the same with and without a cluster.

use super::keys::Keys;
use super::keys::owner_text;
use super::link::Connection;
use super::link::Effect;
use super::link::Link;
use super::reply::Reply;
use super::reply::Status;
use super::reply::number;
use super::reply::within;
use super::script::Arg;
use super::script::KNOWN_AT_MOST;
use super::script::KNOWN_FOR_MS;
use super::script::Script;
use super::scripts::APPEND;
use super::scripts::LOAD;
use super::scripts::RANGE;
use super::scripts::SUCCESSOR;
use super::scripts::TOUCH;
use super::scripts::TRIM;
use super::scripts::UPDATE;
use crate::context::SessionId;
use crate::owner::Owner;
use crate::session::Append;
use crate::session::Items;
use crate::session::Limits;
use crate::session::ListName;
use crate::session::Record;
use crate::session::StoreError;
use crate::session::Update;
use crate::session::Version;
use crate::session::WriteId;
use crate::session::Written;
use bytes::Bytes;
use std::ops::Range;

/// Sessions by their keys.
#[derive(Debug)]
pub(super) struct Sessions<C> {
    pub(super) link: Link<C>,
    pub(super) keys: Keys,
    pub(super) limits: Limits,
}

impl<C: Connection> Sessions<C> {
    pub(super) async fn load(&self, id: &SessionId) -> Result<Option<Record>, StoreError> {
        self.found(&LOAD, id, Effect::None).await
    }

    pub(super) async fn touch(&self, id: &SessionId) -> Result<Option<Record>, StoreError> {
        self.found(&TOUCH, id, Effect::Write).await
    }

    pub(super) async fn successor(&self, id: &SessionId) -> Result<Option<SessionId>, StoreError> {
        let key = self.keys.session(id);
        let mut reply = self.link.call(&SUCCESSOR, &[&key], &[], Effect::None).await?;
        if reply.rest() == 0 { Ok(None) } else { reply.id().map(Some) }
    }

    async fn found(
        &self,
        script: &Script,
        id: &SessionId,
        effect: Effect,
    ) -> Result<Option<Record>, StoreError> {
        match self.link.call(script, &[&self.keys.session(id)], &[], effect).await {
            Ok(mut reply) => reply.record(id).map(Some),
            Err(error) if error.is_gone() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn update(
        &self,
        id: &SessionId,
        owner: &Owner,
        expected: Version,
        data: Bytes,
        write: WriteId,
    ) -> Result<Update, StoreError> {
        within(data.len(), self.limits.record_bytes, "record_bytes")?;
        let args = [
            Arg::Number(expected.get()),
            Arg::Bytes(&data),
            Arg::Bytes(&write.to_bytes()),
            Arg::Number(KNOWN_FOR_MS),
            Arg::Number(KNOWN_AT_MOST),
            Arg::Number(number(self.limits.session_bytes)),
        ];
        let mut reply = self.owned(&UPDATE, id, owner, &args, Effect::Write).await?;
        if reply.status() == Status::Conflict {
            return reply.record(id).map(|record| Update::Conflict(Box::new(record)));
        }
        reply.expect(id)?;
        Ok(Update::Written(Written::new(reply.version()?, reply.duration()?)))
    }

    pub(super) async fn append(
        &self,
        id: &SessionId,
        owner: &Owner,
        list: &ListName,
        item: Bytes,
        write: WriteId,
    ) -> Result<Append, StoreError> {
        within(item.len(), self.limits.item_bytes, "item_bytes")?;
        let args = [
            list.as_str().into(),
            Arg::Bytes(&item),
            Arg::Bytes(&write.to_bytes()),
            Arg::Number(KNOWN_FOR_MS),
            Arg::Number(KNOWN_AT_MOST),
            Arg::Number(number(self.limits.lists)),
            Arg::Number(number(self.limits.list_items)),
            Arg::Number(number(self.limits.session_bytes)),
        ];
        let mut reply = self.owned(&APPEND, id, owner, &args, Effect::Write).await?;
        reply.expect(id)?;
        Ok(Append::new(reply.number()?, reply.duration()?))
    }

    pub(super) async fn range(
        &self,
        id: &SessionId,
        owner: &Owner,
        list: &ListName,
        positions: Range<u64>,
    ) -> Result<Items, StoreError> {
        let args = [list.as_str().into(), Arg::Number(positions.start), Arg::Number(positions.end)];
        let mut reply = self.owned(&RANGE, id, owner, &args, Effect::None).await?;
        let owner = reply.session(id)?;
        let (first, end) = (reply.number()?, reply.number()?);
        let items = (0..reply.rest()).map(|_| reply.bytes()).collect::<Result<_, _>>()?;
        Ok(Items::new(id.clone(), owner, first, items, end))
    }

    pub(super) async fn trim(
        &self,
        id: &SessionId,
        owner: &Owner,
        list: &ListName,
        position: u64,
    ) -> Result<(), StoreError> {
        let args = [list.as_str().into(), Arg::Number(position)];
        self.owned(&TRIM, id, owner, &args, Effect::Write).await?.expect(id)
    }

    async fn owned(
        &self,
        script: &Script,
        id: &SessionId,
        owner: &Owner,
        args: &[Arg<'_>],
        effect: Effect,
    ) -> Result<Reply, StoreError> {
        let owner = owner_text(owner);
        let args: Vec<_> =
            [owner.as_str().into()].into_iter().chain(args.iter().copied()).collect();
        self.link.call(script, &[&self.keys.session(id)], &args, effect).await
    }
}
