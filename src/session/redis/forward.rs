//! The store trait, the same for a server by itself and for a cluster.

/// Implements the trait for a store that has `sessions` and the operations of several keys.
macro_rules! session_store {
    ($store:ident) => {
        impl crate::session::SessionStore for $store {
            fn create<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
                new: crate::session::NewSession,
            ) -> crate::session::StoreFuture<'a, crate::session::Record> {
                Box::pin(self.make(id, new))
            }

            fn load<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
            ) -> crate::session::StoreFuture<'a, Option<crate::session::Record>> {
                Box::pin(self.sessions.load(id))
            }

            fn touch<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
            ) -> crate::session::StoreFuture<'a, Option<crate::session::Record>> {
                Box::pin(self.sessions.touch(id))
            }

            fn update<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
                owner: &'a crate::owner::Owner,
                expected: crate::session::Version,
                data: bytes::Bytes,
                write: crate::session::WriteId,
            ) -> crate::session::StoreFuture<'a, crate::session::Update> {
                Box::pin(self.sessions.update(id, owner, expected, data, write))
            }

            fn append<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
                owner: &'a crate::owner::Owner,
                list: &'a crate::session::ListName,
                item: bytes::Bytes,
                write: crate::session::WriteId,
            ) -> crate::session::StoreFuture<'a, crate::session::Append> {
                Box::pin(self.sessions.append(id, owner, list, item, write))
            }

            fn range<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
                owner: &'a crate::owner::Owner,
                list: &'a crate::session::ListName,
                positions: std::ops::Range<u64>,
            ) -> crate::session::StoreFuture<'a, crate::session::Items> {
                Box::pin(self.sessions.range(id, owner, list, positions))
            }

            fn trim<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
                owner: &'a crate::owner::Owner,
                list: &'a crate::session::ListName,
                position: u64,
            ) -> crate::session::StoreFuture<'a, ()> {
                Box::pin(self.sessions.trim(id, owner, list, position))
            }

            fn rotate<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
                owner: &'a crate::owner::Owner,
                rotation: crate::session::Rotation,
            ) -> crate::session::StoreFuture<'a, crate::session::Record> {
                Box::pin(self.replace(id, owner, rotation))
            }

            fn delete<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
            ) -> crate::session::StoreFuture<'a, bool> {
                Box::pin(self.remove(id))
            }

            fn successor<'a>(
                &'a self,
                id: &'a crate::context::SessionId,
            ) -> crate::session::StoreFuture<'a, Option<crate::context::SessionId>> {
                Box::pin(self.sessions.successor(id))
            }

            fn delete_all_of<'a>(
                &'a self,
                owner: &'a crate::owner::Owner,
                except: Option<&'a crate::context::SessionId>,
            ) -> crate::session::StoreFuture<'a, Vec<crate::context::SessionId>> {
                Box::pin(self.remove_all(owner, except))
            }

            fn list_of<'a>(
                &'a self,
                owner: &'a crate::owner::Owner,
            ) -> crate::session::StoreFuture<'a, Vec<crate::session::SessionInfo>> {
                Box::pin(self.list(owner))
            }

            /// Redis does it by itself: 0.
            fn prune(&self) -> crate::session::StoreFuture<'_, u64> {
                Box::pin(std::future::ready(Ok(0)))
            }
        }

        /// The prefix only: an address may hold a password.
        impl std::fmt::Debug for $store {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($store))
                    .field("prefix", &self.sessions.keys.prefix())
                    .finish_non_exhaustive()
            }
        }
    };
}
pub(super) use session_store;
