//! The request ID as an extractor.

use super::rejection::ContextRejection;
use super::request_context::context_if_any_of;
use super::request_context::context_of;
use crate::context::RequestId;
use axum_core::extract::FromRequestParts;
use axum_core::extract::OptionalFromRequestParts;
use http::request::Parts;

/// The ID that the layer gave the request, whatever its headers say.
impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = ContextRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ContextRejection> {
        Ok(context_of(parts)?.request_id().clone())
    }
}

/// `None` if no layer made a context for the request.
impl<S: Sync> OptionalFromRequestParts<S> for RequestId {
    type Rejection = ContextRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, ContextRejection> {
        Ok(context_if_any_of(parts)?.map(|context| context.request_id().clone()))
    }
}
