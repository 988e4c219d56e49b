//! Channels to everybody.

use super::Found;
use super::entry_without_owner::is_asked_by_client;
use super::found::proof;
use super::keyed_user_registry::users;
use super::user_data::is_of_app;
use super::whose::is_somebody;
use crate::lint::facts::Field;
use crate::lint::facts::Shape;
use crate::lint::facts::Span;
use crate::lint::facts::Ty;
use crate::lint::resolve::Container;
use crate::lint::resolve::Function;
use crate::lint::resolve::Shared;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
use crate::lint::resolve::is_plain;
use crate::lint::resolve::is_sender;

pub(super) fn check(workspace: &Workspace<'_>, found: &mut Vec<Found>) {
    for shared in workspace.shared.iter().filter(|shared| is_fan_out(workspace, shared)) {
        let (what, story) = match &shared.container {
            Container::Broadcast(message) => (
                format!(
                    "each `{message}` that is sent to `{}` goes to all who listen",
                    shared.name
                ),
                "A's event is sent; B listens to the same channel and is shown it, unless B's end filters",
            ),
            _ => (
                format!("`{}` holds the senders to everybody", shared.name),
                "what is A's is sent to the entry of B, by a key that is reused, or to all of them",
            ),
        };
        let (file, span) = shared.declared();
        found.push(Found {
            file,
            span,
            message: what,
            label: shared.by_whom(),
            others: shared
                .hidden_in()
                .into_iter()
                .chain(made_in(workspace, shared))
                .chain(users(workspace, shared))
                .collect(),
            item: shared.path.clone(),
            key: shared.ty.to_string(),
            story: story.to_owned(),
            mend: "one channel per user: `PerUser<broadcast::Sender<T>>`; or send `Owned<T>` and open it at the \
                   receiving end"
                .to_owned(),
            proof: proof("TestRequest::get(\"/events\")  // the chunks of each stream are a sink"),
        });
    }
}

/// Where a struct makes the channel that it keeps.
fn made_in<'w>(
    workspace: &'w Workspace<'_>,
    shared: &'w Shared<'_>,
) -> impl Iterator<Item = (usize, Span, String)> + use<'w> {
    let file = shared.file;
    let is_in = move |function: &&Function<'_>| match (&shared.container, &shared.kind) {
        (Container::Broadcast(_), SharedKind::Field { of, .. }) => {
            function.file == file && function.member_of().is_some_and(|ty| ty == of)
        }
        _ => false,
    };
    let scopes = &workspace.files[file].facts.scopes;
    let mut imports = scopes.iter().flat_map(|scope| &scope.imports);
    let is_imported = imports.any(|import| import.path.ends_with("broadcast::channel"));
    let functions = workspace.functions.iter().filter(is_in);
    let calls = functions.flat_map(|function| &function.facts.calls).filter(move |call| {
        let is_of_broadcast =
            call.qualifier == "broadcast" || call.qualifier.is_empty() && is_imported;
        call.name == "channel" && is_of_broadcast
    });
    calls.map(move |call| (file, call.span, "made here".to_owned()))
}

pub(super) fn is_fan_out(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    match &shared.container {
        Container::Broadcast(message) => {
            let words = crate::lint::resolve::words(&message.name);
            is_of_app(&shared.kind)
                && !is_plain(message)
                && workspace.is_listened_to(shared)
                && !words.iter().any(|word| {
                    matches!(
                        &**word,
                        "shutdown"
                            | "config"
                            | "signal"
                            | "stop"
                            | "reload"
                            | "bool"
                            | "control"
                            | "unit"
                            | "invalidate"
                            | "invalidation"
                            | "heartbeat"
                            | "tick"
                            | "health"
                            | "metrics"
                    )
                })
                && !crate::lint::resolve::words(shared.name).iter().any(|word| {
                    matches!(
                        &**word,
                        "shutdown"
                            | "stop"
                            | "cancel"
                            | "kill"
                            | "signal"
                            | "exit"
                            | "terminate"
                            | "reload"
                    )
                })
        }
        Container::Map { key, value } => {
            // One who is asked for by an ID is no audience.
            value.name != "Weak"
                && sends(workspace, shared.file, value)
                && !is_worker(shared.name)
                && !is_asked_by_client(workspace, shared)
                && (goes_to_all(workspace, shared)
                    || is_audience(workspace, shared.file, value)
                        && !key.any(|ty| is_somebody(workspace, shared.file, ty)))
        }
        Container::Slot(value) => {
            is_of_app(&shared.kind)
                && matches!(&*value.name, "Vec" | "VecDeque" | "HashSet" | "Slab")
                && value.args.iter().any(|arg| workspace.has(shared.file, arg, is_sender))
                && !is_worker(shared.name)
        }
        Container::Other => false,
    }
}

/// Whether code goes over all entries, and asks for none.
fn goes_to_all(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    let (mut goes_over, mut is_asked) = (false, false);
    for (_, access) in workspace.accesses_to(shared) {
        goes_over |=
            matches!(&*access.method, "values" | "values_mut" | "iter" | "iter_mut" | "drain");
        is_asked |= matches!(&*access.method, "get" | "get_mut" | "get_async");
    }
    goes_over && !is_asked
}

/// Whether what one key stands for is many who listen.
fn is_audience(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    workspace.has(file, ty, |ty| {
        ty.name == "Sender" && ty.qualifier == "broadcast"
            || matches!(&*ty.name, "Vec" | "HashSet" | "HashMap" | "BTreeMap" | "DashMap" | "Slab")
    })
}

/// Whether a type, or a field of it, is an end of a channel that more than one message goes through.
pub(super) fn sends(workspace: &Workspace<'_>, file: usize, ty: &Ty) -> bool {
    let is_end = |ty: &Ty| is_sender(ty) && !is_answer(ty);
    if workspace.has(file, ty, is_sender) {
        return !ty.any(is_answer);
    }
    let mut sends = false;
    ty.walk(&mut |inner| {
        let (at, inner) = workspace.expanded(file, inner);
        let Some((at, decl)) = workspace.type_named(at, &inner) else { return };
        sends |= match &decl.shape {
            Shape::Struct(fields) => fields.iter().any(|field| field.ty.any(is_end)),
            // Each of them is an end of its own kind.
            Shape::Enum(fields) => {
                let is_end = |field: &Field| workspace.has(at, &field.ty, is_sender);
                !fields.is_empty() && fields.iter().all(is_end)
            }
            Shape::Alias(_) => false,
        };
    });
    sends
}

/// Whether one message is sent there, to who waits for it.
pub(super) fn is_answer(ty: &Ty) -> bool {
    ty.name == "Sender" && ty.qualifier == "oneshot"
}

/// Whether the other ends are parts of the program.
pub(super) fn is_worker(name: &str) -> bool {
    crate::lint::resolve::words(name).iter().any(|word| {
        matches!(
            &**word,
            "worker"
                | "workers"
                | "pending"
                | "requests"
                | "calls"
                | "inflight"
                | "waiters"
                | "monitor"
                | "queue"
                | "queues"
                | "limit"
        )
    })
}
