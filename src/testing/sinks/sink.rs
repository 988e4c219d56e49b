//! `Sink`: one kind of place where data of a user can come out.

use std::fmt;

/// One kind of place where data of a user can come out.
///
/// What is in a sink of a session may hold that session's canaries and the shared ones; any other is
/// a leak.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Sink {
    /// The reason in the status line of a response, where it is not the usual one.
    Status,
    /// A header of a response, other than a cookie.
    Header,
    /// A cookie that a response sets.
    Cookie,
    /// The body of a response, as a whole.
    #[default]
    Body,
    /// One frame of a response body that is a stream.
    Chunk,
    /// A trailer of a response.
    Trailer,
    /// One event of a stream of server-sent events.
    ServerSentEvent,
    /// One message of a WebSocket.
    WebSocket,
    /// The error of a service or of a response body.
    Error,
    /// The message of a panic.
    Panic,
    /// An event of `tracing`.
    Event,
    /// The fields of a span of `tracing`.
    Span,
    /// A record of `log`.
    Log,
    /// What a task reads of the context that it runs in.
    Task,
    /// A request that the server sends to another one.
    Outgoing,
    /// What a store or a cache holds, as the user's hook tells.
    Store,
    /// What is left after a run in a place where nothing should be, as the user's hook tells.
    Residue,
    /// A task that a session has started and that goes on after the run.
    LeftTask,
    /// A context that a session has made and that somebody has still after the run.
    LeftContext,
}

impl Sink {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Status,
        Self::Header,
        Self::Cookie,
        Self::Body,
        Self::Chunk,
        Self::Trailer,
        Self::ServerSentEvent,
        Self::WebSocket,
        Self::Error,
        Self::Panic,
        Self::Event,
        Self::Span,
        Self::Log,
        Self::Task,
        Self::Outgoing,
        Self::Store,
        Self::Residue,
        Self::LeftTask,
        Self::LeftContext,
    ];

    /// Its name in reports: lower case, words joined by `-`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
            Self::Chunk => "chunk",
            Self::Trailer => "trailer",
            Self::ServerSentEvent => "server-sent-event",
            Self::WebSocket => "websocket",
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Event => "event",
            Self::Span => "span",
            Self::Log => "log",
            Self::Task => "task",
            Self::Outgoing => "outgoing",
            Self::Store => "store",
            Self::Residue => "residue",
            Self::LeftTask => "left-task",
            Self::LeftContext => "left-context",
        }
    }
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
