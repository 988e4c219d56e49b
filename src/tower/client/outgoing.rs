//! What a layer puts on an outgoing request, and when it refuses to let it go.

use super::Origin;
use super::body::ClientBody;
use super::error::Refusal;
use super::first_origin::FirstOrigin;
use super::identity_header::IdentityHeader;
use crate::context::RequestContext;
use crate::tower::request_id;
use crate::tower::trace_parent::TRACEPARENT;
use crate::tower::trace_parent::TRACESTATE;
use crate::tower::trace_parent::TraceParent;
use http::Extensions;
use http::HeaderMap;
use http::HeaderName;
use http::Request;
use http::request::Parts;
use http_body::Body;
use std::fmt;
use std::sync::Arc;

pub(super) type Propagate = dyn Fn(&RequestContext, &mut HeaderMap) + Send + Sync;

/// What a layer was told. Nothing that it adds takes the place of a header that the caller set.
#[derive(Clone)]
pub(super) struct Outgoing {
    pub(super) request_id_header: HeaderName,
    pub(super) identities: Vec<(Vec<Origin>, IdentityHeader)>,
    pub(super) propagate: Option<Arc<Propagate>>,
    pub(super) may_be_outside: bool,
    /// Whether identities only go where the caller wanted to go.
    pub(super) is_below_redirects: bool,
}

impl Outgoing {
    pub(super) fn prepare<B: Body>(
        &self,
        request: Request<B>,
    ) -> Result<Request<ClientBody<B>>, Refusal> {
        let context = match RequestContext::try_current() {
            Ok(context) => context,
            Err(_) if self.may_be_outside => return Ok(request.map(ClientBody::outside)),
            Err(error) => return Err(Refusal::OutsideScope(error)),
        };
        RequestContext::of_request(request.extensions()).map_err(Refusal::OtherRequest)?;
        let (mut parts, body) = request.into_parts();
        self.add_request_id(&context, &mut parts.headers);
        self.add_trace(&context, &mut parts.headers);
        self.add_identity(&context, &mut parts)?;
        let body = ClientBody::in_current_context(body).map_err(Refusal::OutsideScope)?;
        Ok(Request::from_parts(parts, body))
    }

    fn add_request_id(&self, context: &RequestContext, headers: &mut HeaderMap) {
        if !headers.contains_key(&self.request_id_header)
            && let Some(value) = request_id::header_value(context.request_id())
        {
            headers.insert(self.request_id_header.clone(), value);
        }
    }

    fn add_trace(&self, context: &RequestContext, headers: &mut HeaderMap) {
        let is_set_by_caller = has_trace(headers);
        if let Some(propagate) = &self.propagate {
            let mut made = HeaderMap::new();
            propagate(context, &mut made);
            if is_set_by_caller {
                made.remove(TRACEPARENT);
                made.remove(TRACESTATE);
            }
            for name in headers.keys() {
                made.remove(name);
            }
            headers.extend(made);
        }
        if !has_trace(headers)
            && let Some(kept) = context.get::<TraceParent>()
        {
            kept.add_to(headers);
        }
    }

    fn add_identity(&self, context: &RequestContext, parts: &mut Parts) -> Result<(), Refusal> {
        if self.identities.is_empty() {
            return Ok(());
        }
        let origin = Origin::of(&parts.uri).ok_or(Refusal::UnknownOrigin)?;
        if !self.is_where_the_caller_wanted(&parts.extensions, &origin) {
            return Ok(());
        }
        let for_origin = || {
            let listed = self.identities.iter().filter(|(origins, _)| origins.contains(&origin));
            listed.map(|(_, header)| header)
        };
        if let Some(set) = for_origin().find(|header| parts.headers.contains_key(&header.name)) {
            return Err(Refusal::IdentityIsSet(set.name.clone()));
        }
        for header in for_origin() {
            // Of two for one header, the first counts.
            if parts.headers.contains_key(&header.name) {
                continue;
            }
            let value = header.value(context);
            let value = value
                .map_err(|source| Refusal::NoIdentity { header: header.name.clone(), source })?;
            if let Some(value) = value {
                parts.headers.insert(header.name.clone(), value);
            }
        }
        Ok(())
    }

    fn is_where_the_caller_wanted(&self, extensions: &Extensions, origin: &Origin) -> bool {
        let first = extensions.get::<FirstOrigin>();
        !self.is_below_redirects || first.is_some_and(|first| first.admits(origin))
    }
}

/// A `tracestate` belongs to its `traceparent`: both are of one maker.
fn has_trace(headers: &HeaderMap) -> bool {
    headers.contains_key(TRACEPARENT) || headers.contains_key(TRACESTATE)
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("request_id_header", &self.request_id_header)
            .field("identities", &self.identities)
            .field("may_be_outside", &self.may_be_outside)
            .finish_non_exhaustive()
    }
}
