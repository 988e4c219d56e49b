//! What a type keeps, under its locks and pointers.

use super::Workspace;
use crate::lint::facts::Field;
use crate::lint::facts::Shape;
use crate::lint::facts::Ty;

/// What is left of a type when locks and pointers are taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) enum Container {
    /// Many values by key.
    Map { key: Ty, value: Ty },
    /// One value that can be replaced.
    Slot(Ty),
    /// A sender to all who listen.
    Broadcast(Ty),
    /// Nothing that is changed, or nothing that is known.
    Other,
}

const POINTERS: &[&str] = &[
    "LazyLock",
    "Lazy",
    "OnceLock",
    "OnceCell",
    "LazyCell",
    "Arc",
    "Box",
    "Rc",
    "Option",
    "Pin",
    "CachePadded",
    "AsyncOnce",
    "SyncLazy",
    "SyncOnceCell",
    "Data",
    "Extension",
    "State",
    "Weak",
    "Addr",
];
const LOCKS: &[&str] = &[
    "Mutex",
    "RwLock",
    "RefCell",
    "FairMutex",
    "ReentrantMutex",
    "ArcSwap",
    "ArcSwapOption",
    "ArcSwapAny",
    "AtomicCell",
    "Atomic",
    "Cell",
    "UnsafeCell",
    "SharedMutex",
    "AsyncMutex",
    "AsyncRwLock",
    "Watch",
];
const MAPS: &[&str] = &[
    "HashMap",
    "BTreeMap",
    "IndexMap",
    "FxHashMap",
    "AHashMap",
    "LruCache",
    "CLruCache",
    "TtlCache",
    "TimedCache",
    "SizedCache",
    "TimedSizedCache",
    "LinkedHashMap",
    "FnvHashMap",
    "MultiMap",
    "UnboundCache",
    "ExpiringMap",
    "StdHashMap",
    "TimedMap",
    "PriorityQueue",
    "XxHashMap",
];
const CONCURRENT_MAPS: &[&str] = &[
    "DashMap",
    "ClashMap",
    "Cache",
    "SkipMap",
    "HashIndex",
    "HashCache",
    "CHashMap",
    "SccHashMap",
    "TreeIndex",
    "FxDashMap",
    "AsyncCache",
    "RetainerCache",
    "ConcurrentMap",
    "MokaCache",
    "HopscotchMap",
    "FutureCache",
];
const ATOMICS: &[&str] = &[
    "AtomicU64",
    "AtomicI64",
    "AtomicU32",
    "AtomicI32",
    "AtomicUsize",
    "AtomicIsize",
    "AtomicU128",
    "AtomicU16",
];

impl Workspace<'_> {
    /// What a type of `file` keeps that is changed while it is shared.
    pub(in crate::lint) fn container(&self, file: usize, ty: &Ty) -> Container {
        self.peel(file, ty, false, 0)
    }

    /// The same for a field of what stands behind a lock as a whole.
    pub(super) fn container_behind_lock(&self, file: usize, ty: &Ty) -> Container {
        match self.peel(file, ty, true, 0) {
            map @ Container::Map { .. } => map,
            _ => self.container(file, ty),
        }
    }

    fn peel(&self, file: usize, ty: &Ty, is_locked: bool, depth: u8) -> Container {
        if depth > 12 {
            return Container::Other;
        }
        let (file, ty) = self.expanded(file, ty);
        let name = &*ty.name;
        let is_own = self.type_named(file, &ty).is_some();
        let first = ty.args.first();
        if is_own && !POINTERS.contains(&name) {
            if let Some(map) = self.own_map(file, &ty, is_locked, depth + 4) {
                return map;
            }
            return if is_locked { Container::Slot(ty) } else { Container::Other };
        }
        if name == "Sender" && (ty.qualifier == "broadcast" || self.is_broadcast(file))
            || name == "BroadcastSender"
        {
            let message = first.cloned().unwrap_or_default();
            return if message.is_unit() {
                Container::Other
            } else {
                Container::Broadcast(message)
            };
        }
        // A channel's two ends.
        if name == "()"
            && let [sender, receiver] = &*ty.args
            && receiver.name == "Receiver"
            && let channel @ Container::Broadcast(_) = self.peel(file, sender, false, depth + 1)
        {
            return channel;
        }
        if matches!(name, "DashSet" | "SkipSet") {
            return Container::Slot(ty);
        }
        let is_lock = LOCKS.contains(&name);
        if let (true, Some(inner)) = (is_lock || POINTERS.contains(&name), first) {
            let kept = self.peel(file, inner, is_locked || is_lock, depth + 1);
            // A map that only as a whole gives way to another is one value: a snapshot.
            let is_snapshot = is_swap(&ty)
                && matches!(kept, Container::Map { .. })
                && self.peel(file, inner, false, depth + 1) == Container::Other;
            return if is_snapshot { Container::Slot(inner.clone()) } else { kept };
        }
        let is_concurrent = CONCURRENT_MAPS.contains(&name)
            || MAPS.contains(&name)
                && matches!(&*ty.qualifier, "scc" | "papaya" | "flurry" | "hashmap");
        let is_map = is_concurrent || is_locked && MAPS.contains(&name);
        match (&*ty.args, is_map) {
            ([key, value, ..], true) => Container::Map { key: key.clone(), value: value.clone() },
            _ if is_locked || ATOMICS.contains(&name) => Container::Slot(ty),
            _ => Container::Other,
        }
    }

    /// What a map of the workspace's own keeps: a type of a key and a value, around a map by that key.
    fn own_map(&self, file: usize, ty: &Ty, is_locked: bool, depth: u8) -> Option<Container> {
        let [key, value] = &*ty.args else { return None };
        let (at, decl) = self.type_named(file, ty)?;
        let (Shape::Struct(fields), [by, _]) = (&decl.shape, &*decl.generics) else { return None };
        let is_by_key = |field: &Field| {
            let inside = self.peel(at, &field.ty, is_locked, depth);
            matches!(inside, Container::Map { key, .. } if key.name == *by)
        };
        // What is being looked into is no map in itself.
        let seen = (at, decl.span.start, is_locked);
        let known = self.own_maps.borrow().get(&seen).copied();
        let is_map = known.unwrap_or_else(|| {
            self.own_maps.borrow_mut().insert(seen, false);
            let is_map = fields.iter().any(is_by_key);
            self.own_maps.borrow_mut().insert(seen, is_map);
            is_map
        });
        is_map.then(|| Container::Map { key: key.clone(), value: value.clone() })
    }

    fn is_broadcast(&self, file: usize) -> bool {
        let imports = self.files[file].facts.scopes.iter().flat_map(|scope| &scope.imports);
        let mut imports = imports.filter(|import| import.name == "Sender");
        imports.any(|import| import.path.contains("broadcast"))
    }
}

/// Whether a type is a lock or a cell: what is in it is changed while it is shared.
pub(super) fn is_lock(ty: &Ty) -> bool {
    LOCKS.contains(&&*ty.name)
}

/// Whether what is in a cell gives way as a whole.
pub(in crate::lint) fn is_swap(ty: &Ty) -> bool {
    matches!(&*ty.name, "ArcSwap" | "ArcSwapOption" | "ArcSwapAny")
}

/// Whether what a type is written with is not in it: a closure takes it, a channel hands it on.
pub(in crate::lint) fn hands_on(ty: &Ty) -> bool {
    is_sender(ty)
        || matches!(
            &*ty.name,
            "fn" | "Fn"
                | "FnMut"
                | "FnOnce"
                | "dyn"
                | "Receiver"
                | "UnboundedReceiver"
                | "PhantomData"
                | "JoinHandle"
        )
}

/// Whether a type is a map, shared or not.
pub(in crate::lint) fn is_map(ty: &Ty) -> bool {
    MAPS.contains(&&*ty.name) || CONCURRENT_MAPS.contains(&&*ty.name)
}

/// Whether a type is an end of a channel, or the address of an actor or connection.
pub(in crate::lint) fn is_sender(ty: &Ty) -> bool {
    // The other end of a connection; one without a role is somebody.
    let is_peer = ty.name == "Peer" && !ty.args.is_empty();
    is_peer
        || matches!(
            &*ty.name,
            "Sender"
                | "UnboundedSender"
                | "SplitSink"
                | "Addr"
                | "Recipient"
                | "WebSocketSink"
                | "SyncSender"
                | "EventSender"
                | "WsSender"
        )
}

/// Whether a value says nothing of anybody: numbers, flags, times, handles.
pub(in crate::lint) fn is_plain(ty: &Ty) -> bool {
    match &*ty.name {
        "()" | "Option" | "Arc" | "Box" | "Mutex" | "RwLock" | "Cell" => {
            ty.args.iter().all(is_plain)
        }
        "bool"
        | "u8"
        | "u16"
        | "u32"
        | "u64"
        | "u128"
        | "usize"
        | "i8"
        | "i16"
        | "i32"
        | "i64"
        | "i128"
        | "isize"
        | "f32"
        | "f64"
        | "char"
        | "Instant"
        | "Duration"
        | "SystemTime"
        | "DateTime"
        | "Semaphore"
        | "Notify"
        | "AtomicBool"
        | "AtomicU64"
        | "AtomicUsize"
        | "AtomicU32"
        | "AtomicI64"
        | "Weak"
        | "JoinHandle"
        | "CancellationToken"
        | "AbortHandle"
        | "TypeId"
        | "Client"
        | "Pool"
        | "PgPool"
        | "SqlitePool"
        | "Regex"
        | "fn"
        | "OwnedSemaphorePermit"
        | "Once"
        | "Utf8PathBuf"
        | "PathBuf"
        | "Counter"
        | "Gauge"
        | "Histogram" => true,
        _ => false,
    }
}
