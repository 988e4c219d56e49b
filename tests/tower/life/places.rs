//! Notes of what ran where.

use crate::support::soon;
use request_context::RequestContext;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tracing::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// In the context and span of its request.
    In,
    /// In no context.
    Out,
    /// Sometimes here, sometimes there.
    Both,
    /// In the context of its request, but not in its span.
    InWithoutSpan,
    /// In the context of another request.
    Elsewhere,
}

#[derive(Clone, Default)]
pub(super) struct Places(Arc<Inner>);

#[derive(Default)]
struct Inner {
    seen: Mutex<BTreeMap<&'static str, BTreeSet<Place>>>,
    changed: watch::Sender<()>,
    /// How many events of the stream may be made.
    pub(super) demand: watch::Sender<bool>,
}

impl Places {
    /// `stage` of the request that has the ID `id` runs here.
    pub(super) fn note(&self, stage: &'static str, id: &str) {
        let place = match RequestContext::try_current() {
            Err(_) => Place::Out,
            Ok(context) if context.request_id().as_str() != id => Place::Elsewhere,
            Ok(_) if Span::current().metadata().is_none_or(|span| span.name() != "request") => {
                Place::InWithoutSpan
            }
            Ok(_) => Place::In,
        };
        self.0.seen.lock().unwrap().entry(stage).or_default().insert(place);
        self.0.changed.send_replace(());
    }

    /// Notes `stage` when the value returned is dropped.
    pub(super) fn on_drop(&self, stage: &'static str, id: &'static str) -> OnDrop {
        OnDrop { places: self.clone(), stage, id }
    }

    /// Returns once `stage` was seen.
    pub(super) async fn seen(&self, stage: &str) {
        let mut changed = self.0.changed.subscribe();
        soon(changed.wait_for(|()| self.0.seen.lock().unwrap().contains_key(stage))).await.unwrap();
    }

    /// Returns once the stream may make its events.
    pub(super) async fn demanded(&self) {
        self.0.demand.subscribe().wait_for(|is| *is).await.unwrap();
    }

    /// Has the stream make its events once `address` takes no connection any more.
    pub(super) async fn demand_until_refused(&self, address: SocketAddr) {
        while soon(TcpStream::connect(address)).await.is_ok() {
            tokio::task::yield_now().await;
        }
        self.0.demand.send_replace(true);
    }

    #[track_caller]
    pub(super) fn assert<R>(&self, table: &[R], expected: fn(&R) -> Place)
    where
        R: Row,
    {
        let seen = self.0.seen.lock().unwrap();
        let mut faults = Vec::new();
        for row in table {
            let there = seen.get(row.stage()).map(|places| Vec::from_iter(places.iter().copied()));
            let is_as_expected = match (expected(row), there.as_deref()) {
                (Place::Both, Some(there)) => there == [Place::In, Place::Out],
                (place, Some(there)) => there == [place],
                (_, None) => false,
            };
            if !is_as_expected {
                faults.push(format!("{}: {:?}, but ran {there:?}", row.stage(), expected(row)));
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

pub(super) trait Row {
    fn stage(&self) -> &'static str;
}

impl Row for (&'static str, Place, Place) {
    fn stage(&self) -> &'static str {
        self.0
    }
}

pub(super) struct OnDrop {
    places: Places,
    stage: &'static str,
    id: &'static str,
}

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.places.note(self.stage, self.id);
    }
}
