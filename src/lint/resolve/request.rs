//! Which functions look like those that a request is handed to.

use super::Function;
use super::Workspace;
use super::given::is_state;
use super::reach::OF_ROUTER;
use super::reach::OF_STATE;
use super::words;
use crate::lint::facts::Ty;
use std::collections::HashSet;

/// Types that a framework makes from a request, where they have arguments.
const EXTRACTORS: &[&str] = &[
    "State",
    "Path",
    "Query",
    "Json",
    "Form",
    "Extension",
    "TypedHeader",
    "Data",
    "ConnectInfo",
    "Parameters",
    "Protobuf",
    "Host",
    "JsonRpc",
    "WithRejection",
    "Cached",
    "Request",
    "QsQuery",
    "Qs",
    "PathParams",
    "LambdaEvent",
];
/// Those that are none else without arguments either.
const REQUESTS: &[&str] = &[
    "HttpRequest",
    "ServiceRequest",
    "WebSocketUpgrade",
    "WebSocket",
    "HeaderMap",
    "Multipart",
    "CookieJar",
    "SignedCookieJar",
    "PrivateCookieJar",
    "Cookies",
    "OriginalUri",
    "MatchedPath",
    "RawQuery",
    "Depot",
    "CallToolRequestParam",
    "CallToolRequestParams",
    "CallToolRequest",
    "ToolCallContext",
    "RequestParts",
    "Next",
    "DepotExt",
    "BearerAuth",
    "RawForm",
    "RawBody",
    "ApiRequest",
];
/// Types that a framework's trait is implemented for, and that stand for anything else as well.
const COMMON: &[&str] = &["Option", "Result", "Vec", "String", "()", "Arc", "Box", "T"];
const ATTRIBUTES: &[&str] = &[
    "get",
    "post",
    "put",
    "delete",
    "patch",
    "head",
    "options",
    "route",
    "handler",
    "endpoint",
    "oai",
    "tool",
    "prompt",
    "rpc",
    "debug_handler",
    "api_operation",
    "websocket",
    "server",
    "catch",
    "slash_command",
];
const IMPL_ATTRIBUTES: &[&str] =
    &["Object", "OpenApi", "tool_router", "ComplexObject", "Subscription", "rpc_impl"];
/// Those by which functions without a `self` are handed requests as well.
const RESOLVERS: &[&str] = &["graphql_object", "graphql_subscription"];
/// Traits, and which of their functions are handed a request.
const TRAITS: &[(&str, &[&str])] = &[
    ("Service", &["call"]),
    ("Handler", &["handle", "call"]),
    ("StreamHandler", &["handle"]),
    ("MessageHandler", &["handle"]),
    ("Endpoint", &["call"]),
    ("FromRequest", &["from_request"]),
    ("FromRequestParts", &["from_request_parts"]),
    ("OptionalFromRequestParts", &["from_request_parts"]),
    ("FromData", &["from_data"]),
    ("Tool", &["call", "execute", "run", "invoke"]),
    ("Fairing", &["on_request", "on_response"]),
    (
        "ServerHandler",
        &[
            "call_tool",
            "read_resource",
            "get_prompt",
            "list_tools",
            "list_prompts",
            "list_resources",
            "list_resource_templates",
            "complete",
            "set_level",
            "subscribe",
            "unsubscribe",
            "initialize",
            "on_initialized",
            "on_cancelled",
            "on_progress",
            "on_roots_list_changed",
        ],
    ),
    ("EventHandler", &["message", "interaction_create", "ready", "handle"]),
    ("Actor", &[]),
    ("Middleware", &["handle", "call"]),
    ("Interceptor", &["call"]),
    ("AsyncAuthorizeRequest", &["authorize"]),
    ("AuthorizeRequest", &["authorize"]),
    ("AuthnBackend", &["authenticate", "get_user"]),
    ("AuthzBackend", &["get_user_permissions", "get_group_permissions", "has_perm"]),
    ("Loader", &["load"]),
    ("AsyncMysqlShim", &["on_prepare", "on_execute", "on_query", "on_init"]),
    ("SimpleQueryHandler", &["do_query"]),
    ("ExtendedQueryHandler", &["do_query", "do_describe_statement", "do_describe_portal"]),
    ("Guard", &["check"]),
    ("IntoResponse", &["into_response"]),
    ("Responder", &["respond_to"]),
    ("ResponseError", &["error_response"]),
    ("RequestHandler", &["handle", "handle_request"]),
    (
        "ProxyHttp",
        &[
            "request_filter",
            "early_request_filter",
            "request_body_filter",
            "upstream_peer",
            "upstream_request_filter",
            "response_filter",
            "logging",
        ],
    ),
    ("LanguageServer", &["hover", "completion", "goto_definition", "execute_command"]),
];

impl Workspace<'_> {
    /// Why a function is one that requests are handed to.
    pub(super) fn request_shape(&self, id: usize, routes: &HashSet<usize>) -> Option<&'static str> {
        let function = &self.functions[id];
        let facts = function.facts;
        if routes.contains(&id) {
            return Some(OF_ROUTER);
        }
        let real = |path: &str| {
            let last = path.rsplit("::").next().unwrap_or(path);
            if last.len() < path.len() { last } else { self.real_name(function.file, last) }
                .to_owned()
        };
        let handlers = &self.settings.handlers;
        if facts.attributes.iter().any(|attribute| {
            let name = real(&attribute.path);
            let is_route = ATTRIBUTES.contains(&&*name) || attribute.path == "poise::command";
            is_route || handlers.contains(&name)
        }) {
            return Some("its attribute makes it a handler");
        }
        if let Some(of) = &facts.member_of {
            let name = of.of_trait.as_ref().map(|of_trait| &*of_trait.name).unwrap_or_default();
            let name = self.real_name(function.file, name);
            let of_trait = TRAITS.iter().find(|(known, _)| *known == name);
            if of_trait.is_some_and(|(_, functions)| functions.contains(&&*facts.name)) {
                return Some("its trait hands it requests");
            }
            // A trait that a macro writes, and nobody else.
            let is_rpc = name.len() > 6
                && name.ends_with("Server")
                && facts.is_async
                && !self.has_trait_with_bodies(name);
            let is_tool = facts.has_self
                && matches!(&*facts.name, "call" | "execute" | "run" | "invoke" | "handle")
                && words(name).iter().any(|word| word == "tool");
            if is_tool {
                return Some("its trait hands it requests");
            }
            // What a library of a protocol hands requests to.
            let is_handler = facts.is_async
                && facts.has_self
                && (name.ends_with("Handler") || name.ends_with("Shim"))
                && of.of_trait.as_ref().is_some_and(|ty| self.is_of_server(function.file, ty));
            if is_handler {
                return Some("its trait hands it requests");
            }
            let has_any =
                |names: &[&str]| of.attributes.iter().any(|path| names.contains(&&*real(path)));
            if facts.has_self && (is_rpc || has_any(IMPL_ATTRIBUTES)) || has_any(RESOLVERS) {
                return Some("its `impl` hands it requests");
            }
        }
        let extracts = self.extracts(function);
        if extracts.is_some() {
            return extracts;
        }
        // What is handed to a browser was asked for.
        let is_answer =
            |ty: &Ty| matches!(&*ty.name, "IntoResponse" | "HttpResponse" | "Responder");
        let answers = facts.is_async && facts.output.as_ref().is_some_and(|ty| ty.any(is_answer));
        answers.then_some("what it gives is a response")
    }

    /// The functions that make a type from a request.
    pub(in crate::lint) fn extraction_of(&self, ty: &Ty) -> Vec<usize> {
        if !self.extractors.contains(&*ty.name) {
            return Vec::new();
        }
        let named = ["from_request", "from_request_parts"].into_iter();
        let ids = named.filter_map(|name| self.by_name.get(name)).flatten().copied();
        ids.filter(|id| self.functions[*id].member_of() == Some(&*ty.name)).collect()
    }

    /// Whether a trait is that of another crate, and not of a client's side.
    fn is_of_server(&self, file: usize, ty: &Ty) -> bool {
        let first = if ty.qualifier.is_empty() { &ty.name } else { &ty.qualifier };
        let mut imports = self.files[file].facts.scopes.iter().flat_map(|scope| &scope.imports);
        let import = imports.find(|import| import.name == *first).map(|import| &*import.path);
        let is_known = import.is_some() || !ty.qualifier.is_empty();
        let path = import.unwrap_or(first);
        is_known
            && self.is_foreign(file, path)
            && !path
                .split("::")
                .chain([&*ty.name])
                .any(|part| words(part).iter().any(|word| word == "client"))
    }

    /// Whether somebody wrote a trait with functions of its own out by hand.
    fn has_trait_with_bodies(&self, name: &str) -> bool {
        self.functions.iter().any(|function| function.member_of() == Some(name))
    }

    /// Why a function takes what a framework makes from a request.
    fn extracts(&self, function: &Function<'_>) -> Option<&'static str> {
        let scopes = &self.files[function.file].facts.scopes;
        let is_foreign = |name: &str| {
            let mut imports = scopes.iter().flat_map(|scope| &scope.imports);
            imports.any(|import| import.name == name && is_of_a_client(&import.path))
        };
        let output = function.facts.output.as_ref();
        let gives_future = function.facts.is_async
            || output.is_some_and(|output| {
                output.any(|ty| {
                    matches!(
                        &*ty.name,
                        "BoxFuture" | "Future" | "ResponseFuture" | "LocalBoxFuture"
                    )
                })
            });
        // What makes a request, or is a piece of a client, has the same types.
        let is_request = |ty: &Ty| {
            let is_one = EXTRACTORS.contains(&&*ty.name) && !ty.args.is_empty()
                || REQUESTS.contains(&&*ty.name)
                    && (ty.name != "HeaderMap" || function.facts.is_async)
                || ty.name == "Request" && gives_future
                || matches!(&*ty.name, "RequestContext" | "NotificationContext")
                    && ty.args.iter().any(|arg| arg.name == "RoleServer")
                || ty.name == "Parts" && function.facts.is_async
                // That of `tarpc`, which each function of a service is given.
                || ty.name == "Context"
                    && ty.qualifier == "context"
                    && function.facts.is_async
                    && function.facts.member_of.as_ref().is_some_and(|of| of.of_trait.is_some())
                || self.extractors.contains(&*ty.name)
                    && ty.name != "Self"
                    && !COMMON.contains(&&*ty.name)
                || ty.is_connection() && function.facts.is_async && serves(&function.facts.name);
            is_one && !is_foreign(&ty.name) && !is_of_a_client(&ty.qualifier)
        };
        let is_handed_over = function.facts.member_of.is_none()
            || function.facts.is_async
            || function.facts.params.iter().any(|param| REQUESTS.contains(&&*param.ty.name));
        let params = &function.facts.params;
        let is_any = |is_one: &dyn Fn(&Ty) -> bool| {
            params.iter().any(|param| {
                is_one(&param.ty) || is_one(&self.expanded(function.file, &param.ty).1)
            })
        };
        if !is_handed_over || !is_any(&is_request) {
            return None;
        }
        let is_of_client = |ty: &Ty| is_request(ty) && !is_state(ty);
        Some(if is_any(&is_of_client) { "its parameters are of a request" } else { OF_STATE })
    }
}

/// Whether a type, by its name, is a request or a part of one.
pub(in crate::lint) fn is_request(name: &str) -> bool {
    matches!(name, "Request" | "Parts" | "RequestHead") || REQUESTS.contains(&name)
}

/// Whether a function, by its name, is at the server's end of a connection.
fn serves(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            &**word,
            "handle" | "handler" | "serve" | "process" | "client" | "session" | "peer" | "conn"
        )
    })
}

fn is_of_a_client(path: &str) -> bool {
    let first = path.split("::").next().unwrap_or(path);
    matches!(
        first,
        "reqwest"
            | "tauri"
            | "tungstenite"
            | "tokio_tungstenite"
            | "ureq"
            | "surf"
            | "wgpu"
            | "std"
            | "quinn"
    )
}
