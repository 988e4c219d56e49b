//! [`ClientBody`]: the body of an outgoing request, in the context of the request that makes it.

use crate::context::NoContext;
use crate::context::RequestContext;
use crate::scope::BodyInContext;
use crate::scope::ContextBodyExt;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

pin_project! {
    /// The body of an outgoing request, polled and dropped in the context of its call.
    ///
    /// A client polls it on the task of a connection, which other users' requests share. Frames,
    /// `size_hint` and `is_end_stream` are those of `B`.
    ///
    /// # Errors
    /// Those of `B`, as they are.
    ///
    /// # Cancel safety
    /// Dropped early, as when the response comes before the end of the body, it drops `B` in the
    /// context.
    #[derive(Debug)]
    #[must_use = "bodies do nothing unless polled"]
    pub struct ClientBody<B> {
        #[pin]
        inner: Inner<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = InnerProjection]
    enum Inner<B> {
        InContext { #[pin] body: BodyInContext<B> },
        // Of a call that was allowed to be made outside every scope.
        Outside { #[pin] body: B },
    }
}

impl<B> ClientBody<B> {
    pub(super) fn outside(body: B) -> Self {
        Self { inner: Inner::Outside { body } }
    }

    /// The context that the body runs in; `None` for a call that was made outside every scope.
    #[must_use]
    pub fn context(&self) -> Option<&RequestContext> {
        match &self.inner {
            Inner::InContext { body } => body.context(),
            Inner::Outside { .. } => None,
        }
    }

    /// The inner body.
    #[must_use]
    pub fn get_ref(&self) -> &B {
        match &self.inner {
            Inner::InContext { body } => body.get_ref(),
            Inner::Outside { body } => body,
        }
    }

    /// The inner body; what is called on it directly runs outside the context.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut B {
        match &mut self.inner {
            Inner::InContext { body } => body.get_mut(),
            Inner::Outside { body } => body,
        }
    }

    /// Takes the inner body back out of its context.
    #[must_use]
    pub fn into_inner(self) -> B {
        match self.inner {
            Inner::InContext { body } => body.into_inner(),
            Inner::Outside { body } => body,
        }
    }
}

impl<B: Body> ClientBody<B> {
    pub(super) fn in_current_context(body: B) -> Result<Self, NoContext> {
        Ok(Self { inner: Inner::InContext { body: body.try_in_current_context()? } })
    }
}

impl<B: Default> Default for ClientBody<B> {
    /// The default of `B`, in the current context if there is one and in none if not.
    fn default() -> Self {
        Self { inner: Inner::InContext { body: BodyInContext::default() } }
    }
}

impl<B: Body> Body for ClientBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        match self.project().inner.project() {
            InnerProjection::InContext { body } => body.poll_frame(cx),
            InnerProjection::Outside { body } => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Inner::InContext { body } => body.is_end_stream(),
            Inner::Outside { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::InContext { body } => body.size_hint(),
            Inner::Outside { body } => body.size_hint(),
        }
    }
}
