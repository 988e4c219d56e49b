//! The whole context as an extractor.

use super::rejection::ContextRejection;
use crate::context::RequestContext;
use axum_core::extract::FromRequestParts;
use axum_core::extract::OptionalFromRequestParts;
use http::request::Parts;

/// As [`RequestContext::of_request`](RequestContext::of_request): also on another task than the
/// layer's.
impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = ContextRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ContextRejection> {
        context_of(parts)
    }
}

/// `None` if no layer made a context for the request.
impl<S: Sync> OptionalFromRequestParts<S> for RequestContext {
    type Rejection = ContextRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, ContextRejection> {
        context_if_any_of(parts)
    }
}

/// The context of the request; a fault is logged.
pub(super) fn context_of(parts: &Parts) -> Result<RequestContext, ContextRejection> {
    RequestContext::of_request(&parts.extensions)
        .map_err(|error| ContextRejection::report(error, parts))
}

/// The context of the request, which need not have one; any other fault is logged.
pub(super) fn context_if_any_of(parts: &Parts) -> Result<Option<RequestContext>, ContextRejection> {
    match RequestContext::of_request(&parts.extensions) {
        Ok(context) => Ok(Some(context)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(ContextRejection::report(error, parts)),
    }
}
