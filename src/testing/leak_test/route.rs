//! The routes of a program of which nobody said what to request.

use crate::testing::canary::CanaryMatch;
use http::StatusCode;
use std::cmp::Reverse;

/// No more routes than these are requested of those that were found.
pub(super) const MOST_ROUTES: usize = 16;

/// A route that answered, as a method and a path.
pub(super) type FoundRoute = (String, RouteWorth);

/// What an answer has to show.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum RouteWorth {
    Refused,
    Answered,
    /// The visitor's own data.
    Shows,
}

impl RouteWorth {
    /// Of an answer to `visitor`; none if there is no such route.
    pub(super) fn of(status: StatusCode, found: &[CanaryMatch], visitor: usize) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED => None,
            _ if status.is_client_error() || status.is_server_error() => Some(Self::Refused),
            _ if found.iter().any(|found| found.session() == Some(visitor)) => Some(Self::Shows),
            _ => Some(Self::Answered),
        }
    }
}

/// The routes to request, and how many others there were. One that refuses is not worth a turn,
/// unless all do; of too many, those that show something come first.
pub(super) fn best_of(mut found: Vec<FoundRoute>) -> (Vec<String>, usize) {
    let all = found.len();
    if found.iter().any(|(_, worth)| *worth > RouteWorth::Refused) {
        found.retain(|(_, worth)| *worth > RouteWorth::Refused);
    }
    if found.len() > MOST_ROUTES {
        found.sort_by_key(|(_, worth)| Reverse(*worth));
        found.truncate(MOST_ROUTES);
    }
    let left_out = all - found.len();
    (found.into_iter().map(|(route, _)| route).collect(), left_out)
}
