//! What a store hands on to the one that it stands before.

/// The operations named, of an `impl SessionStore`: each asks `inner()`, and gives its name and the
/// answer to come to `hand_on`.
macro_rules! forward {
    ($($call:ident)*) => { $($crate::forward::forward! { @ $call })* };
    (@ create) => {
        $crate::forward::forward! { @ create(id: &'a request_context::SessionId, new: request_context::session::NewSession) -> request_context::session::Record }
    };
    (@ load) => {
        $crate::forward::forward! { @ load(id: &'a request_context::SessionId) -> Option<request_context::session::Record> }
    };
    (@ touch) => {
        $crate::forward::forward! { @ touch(id: &'a request_context::SessionId) -> Option<request_context::session::Record> }
    };
    (@ update) => {
        $crate::forward::forward! {
            @ update(
                id: &'a request_context::SessionId,
                owner: &'a request_context::owner::Owner,
                expected: request_context::session::Version,
                data: bytes::Bytes,
                write: request_context::session::WriteId
            ) -> request_context::session::Update
        }
    };
    (@ append) => {
        $crate::forward::forward! {
            @ append(
                id: &'a request_context::SessionId,
                owner: &'a request_context::owner::Owner,
                list: &'a request_context::session::ListName,
                item: bytes::Bytes,
                write: request_context::session::WriteId
            ) -> request_context::session::Append
        }
    };
    (@ range) => {
        $crate::forward::forward! {
            @ range(
                id: &'a request_context::SessionId,
                owner: &'a request_context::owner::Owner,
                list: &'a request_context::session::ListName,
                positions: std::ops::Range<u64>
            ) -> request_context::session::Items
        }
    };
    (@ trim) => {
        $crate::forward::forward! {
            @ trim(
                id: &'a request_context::SessionId,
                owner: &'a request_context::owner::Owner,
                list: &'a request_context::session::ListName,
                position: u64
            ) -> ()
        }
    };
    (@ rotate) => {
        $crate::forward::forward! {
            @ rotate(
                id: &'a request_context::SessionId,
                owner: &'a request_context::owner::Owner,
                rotation: request_context::session::Rotation
            ) -> request_context::session::Record
        }
    };
    (@ delete) => {
        $crate::forward::forward! { @ delete(id: &'a request_context::SessionId) -> bool }
    };
    (@ successor) => {
        $crate::forward::forward! { @ successor(id: &'a request_context::SessionId) -> Option<request_context::SessionId> }
    };
    (@ delete_all_of) => {
        $crate::forward::forward! {
            @ delete_all_of(
                owner: &'a request_context::owner::Owner,
                except: Option<&'a request_context::SessionId>
            ) -> Vec<request_context::SessionId>
        }
    };
    (@ list_of) => {
        $crate::forward::forward! {
            @ list_of(owner: &'a request_context::owner::Owner) -> Vec<request_context::session::SessionInfo>
        }
    };
    (@ prune) => {
        fn prune(&self) -> request_context::session::StoreFuture<'_, u64> {
            self.hand_on("prune", request_context::session::SessionStore::prune(self.inner()))
        }
    };
    (@ $call:ident($($name:ident: $type:ty),*) -> $answer:ty) => {
        fn $call<'a>(&'a self, $($name: $type),*) -> request_context::session::StoreFuture<'a, $answer> {
            let answer = request_context::session::SessionStore::$call(self.inner(), $($name),*);
            self.hand_on(stringify!($call), answer)
        }
    };
}
pub(crate) use forward;
