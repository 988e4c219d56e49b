//! What a handler takes from a request, by its parameters.

use super::fields::Fields;
use crate::lint::facts::Ty;
use crate::lint::resolve::Function;
use crate::lint::resolve::Workspace;

/// What a handler takes from a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Inputs {
    pub(super) query: Option<Fields>,
    pub(super) body: Body,
    /// Why no test sends it.
    pub(super) fault: Option<&'static str>,
}

/// What it takes of the body.
#[derive(Clone, Debug, Default)]
pub(super) enum Body {
    #[default]
    None,
    Json(Fields),
    Form(Fields),
    /// As text or bytes.
    Whole,
    /// By itself: how is not known.
    Unknown,
}

impl Inputs {
    pub(super) fn of(workspace: &Workspace<'_>, handler: &Function<'_>) -> Self {
        let mut inputs = Self::default();
        for param in &handler.facts.params {
            // Also inside what checks it, or says what to do where it is wrong.
            param.ty.walk(&mut |ty| inputs.add(workspace, handler.file, ty, *ty == param.ty));
        }
        inputs
    }

    fn add(&mut self, workspace: &Workspace<'_>, file: usize, ty: &Ty, is_outermost: bool) {
        let fields = || {
            let of = ty.args.first();
            of.map_or(Fields::Unknown, |of| Fields::of(workspace, file, of))
        };
        match &*ty.name {
            "Query" => self.query = Some(fields()),
            "Json" => self.body = Body::Json(fields()),
            "Form" => self.body = Body::Form(fields()),
            "String" | "Bytes" if is_outermost => self.body = Body::Whole,
            "Request" | "Body" | "RawForm" if matches!(self.body, Body::None) => {
                self.body = Body::Unknown;
            }
            "Multipart" => self.fault = Some("takes a multipart body"),
            "WebSocketUpgrade" | "ContextWebSocketUpgrade" => {
                self.fault = Some("opens a WebSocket");
            }
            _ => {}
        }
    }
}
