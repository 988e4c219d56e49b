//! Channels to everybody.

use super::Found;
use super::found::proof;
use super::keyed_user_registry::users;
use crate::lint::resolve::Container;
use crate::lint::resolve::Shared;
use crate::lint::resolve::SharedKind;
use crate::lint::resolve::Workspace;
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
            label: match &shared.kind {
                SharedKind::Field { by, .. } => format!("shared by {by}"),
                _ => "one for the whole process".to_owned(),
            },
            others: shared.hidden_in().into_iter().chain(users(workspace, shared)).collect(),
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

pub(super) fn is_fan_out(workspace: &Workspace<'_>, shared: &Shared<'_>) -> bool {
    match &shared.container {
        Container::Broadcast(message) => {
            let words = crate::lint::resolve::words(&message.name);
            !words.iter().any(|word| {
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
                )
            }) && !crate::lint::resolve::words(shared.name).iter().any(|word| {
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
        Container::Map { value, .. } => {
            workspace.has(shared.file, value, is_sender) && !is_worker(shared.name)
        }
        Container::Slot(value) => {
            matches!(&*value.name, "Vec" | "VecDeque" | "HashSet" | "Slab")
                && value.args.iter().any(|arg| workspace.has(shared.file, arg, is_sender))
                && !is_worker(shared.name)
        }
        Container::Other => false,
    }
}

/// Whether the other ends are parts of the program.
fn is_worker(name: &str) -> bool {
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
