//! Policies in Cedar.

use super::Attributes;
use super::CedarError;
use super::Decide;
use super::Decided;
use super::Question;
use super::Roles;
use super::Verdict;
use crate::access::Resource;
use crate::context::UserId;
use cedar_policy::Authorizer;
use cedar_policy::Context;
use cedar_policy::Decision;
use cedar_policy::Entities;
use cedar_policy::Entity;
use cedar_policy::EntityId;
use cedar_policy::EntityTypeName;
use cedar_policy::EntityUid;
use cedar_policy::PolicySet;
use cedar_policy::Request;
use cedar_policy::Response;
use cedar_policy::Schema;
use cedar_policy::ValidationMode;
use cedar_policy::Validator;
use std::any::TypeId;
use std::collections::HashMap;
use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// Policies in [Cedar](https://www.cedarpolicy.com), decided by the crate cedar-policy.
///
/// Cedar skips a policy whose evaluation fails: if that is a `forbid`, what it was to forbid is
/// **allowed** (cedar#2428). Here any error in the diagnostics denies, and is on record. Policies are
/// taken only if they pass the strict validation of a schema, and each request and its entities have
/// to fit the schema too, else it is denied.
///
/// # What stands for what
///
/// | here | in Cedar |
/// |---|---|
/// | the user | `User::"ada"`, with the attributes of [`users`](Self::users) |
/// | its [roles](Roles) | parents of it: `principal in Role::"doctor"` |
/// | the action | `Action::"read"` |
/// | in an emergency, once that is denied | `Action::"break-glass:read"` |
/// | the resource | [`Resource::TYPE`]`::"<its ID>"`, with the attributes of [`resources`](Self::resources) |
///
/// Anonymous requests, detached work, and resources of another tenant are denied without asking.
///
/// ```
/// use request_context::access::policy::{CedarPolicy, Policy};
/// # use request_context::UserId;
/// # use request_context::access::Resource;
/// # #[derive(Clone)]
/// # struct Chart { patient: UserId }
/// # impl Resource for Chart {
/// #     const TYPE: &'static str = "Chart";
/// #     fn id(&self) -> std::borrow::Cow<'_, str> { "c-7".into() }
/// # }
///
/// let schema = r#"
///     entity Role;
///     entity User in [Role];
///     entity Chart = { patient: User };
///     action read appliesTo { principal: User, resource: Chart };
/// "#;
/// let policies = r#"
///     permit (principal, action == Action::"read", resource) when { resource.patient == principal };
///     permit (principal in Role::"doctor", action == Action::"read", resource);
/// "#;
/// let policy = CedarPolicy::new(schema, policies)?
///     .resources(|chart: &Chart, attributes| {
///         attributes.user("patient", &chart.patient);
///     });
/// let policy = Policy::new(policy);
/// # Ok::<_, request_context::access::policy::CedarError>(())
/// ```
#[must_use = "a policy decides nothing until it is in a context"]
pub struct CedarPolicy {
    schema: Schema,
    policies: PolicySet,
    names: Names,
    resources: HashMap<TypeId, Describe>,
    users: Option<Describe>,
}

/// What the names of actions begin with that are allowed in an emergency.
const IN_EMERGENCY: &str = "break-glass:";

struct Names {
    user: EntityTypeName,
    role: EntityTypeName,
    action: EntityTypeName,
}

impl Names {
    fn action_of(&self, name: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.action.clone(), EntityId::new(name))
    }
}

type Describe = Box<dyn Fn(&Question<'_>, &mut Attributes) + Send + Sync>;
type Failure = Box<dyn Error + Send + Sync>;

impl CedarPolicy {
    /// Policies, in Cedar's syntax, that are valid by this schema, in Cedar's syntax for schemas.
    ///
    /// # Errors
    /// [`CedarError`] if either cannot be read, or the policies do not pass strict validation.
    pub fn new(schema: &str, policies: &str) -> Result<Self, CedarError> {
        let (schema, _) = Schema::from_cedarschema_str(schema).map_err(CedarError::schema)?;
        let policies = PolicySet::from_str(policies).map_err(CedarError::policies)?;
        let name = |name| EntityTypeName::from_str(name).map_err(CedarError::schema);
        let names = Names { user: name("User")?, role: name("Role")?, action: name("Action")? };
        let validated = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        for warning in validated.validation_warnings() {
            tracing::warn!(%warning, "a policy is suspicious");
        }
        if !validated.validation_passed() {
            return Err(CedarError::validation(validated));
        }
        Ok(Self { schema, policies, names, resources: HashMap::new(), users: None })
    }

    /// Gives resources of type `R` attributes.
    pub fn resources<R: Resource + 'static>(
        mut self,
        describe: impl Fn(&R, &mut Attributes) + Send + Sync + 'static,
    ) -> Self {
        let describe: Describe = Box::new(move |question, attributes| {
            if let Some(resource) = question.resource::<R>() {
                describe(resource, attributes);
            }
        });
        self.resources.insert(TypeId::of::<R>(), describe);
        self
    }

    /// Gives users attributes.
    pub fn users(
        mut self,
        describe: impl Fn(&Question<'_>, &mut Attributes) + Send + Sync + 'static,
    ) -> Self {
        self.users = Some(Box::new(describe));
        self
    }

    fn verdict(&self, question: &Question<'_>) -> Verdict {
        let Some(user) = question.user() else {
            return Verdict::deny("nobody is authenticated");
        };
        if !question.is_of_tenant() {
            return Verdict::deny("it is of another tenant");
        }
        let action = question.action().name();
        if action.starts_with(IN_EMERGENCY) {
            return Verdict::deny("it is had by an emergency, not by its name");
        }
        let verdict = self.decided(question, user, action);
        if question.emergency().is_none() || !verdict.is_denied() {
            return verdict;
        }
        let in_emergency = format!("{IN_EMERGENCY}{action}");
        let uid = self.names.action_of(&in_emergency);
        if !self.schema.actions().any(|declared| *declared == uid) {
            return verdict;
        }
        match self.decided(question, user, &in_emergency) {
            allowed if allowed.is_allowed() => Verdict::break_glass(),
            denied_or_failed => denied_or_failed,
        }
    }

    fn decided(&self, question: &Question<'_>, user: &UserId, action: &str) -> Verdict {
        match self.ask(question, user, action) {
            Ok(response) => Self::verdict_of(&response),
            Err(error) => Verdict::failed(error).because("the request does not fit the schema"),
        }
    }

    fn verdict_of(response: &Response) -> Verdict {
        let diagnostics = response.diagnostics();
        // Before the decision, which is made as if these policies were not there.
        if let Some(error) = diagnostics.errors().next() {
            return Verdict::failed(error.clone()).because("a policy failed");
        }
        let by = || {
            let mut ids: Vec<_> = diagnostics.reason().map(ToString::to_string).collect();
            ids.sort();
            ids.join(", ")
        };
        match response.decision() {
            Decision::Allow => Verdict::allow().because(format!("by {}", by())),
            Decision::Deny if diagnostics.reason().next().is_none() => {
                Verdict::deny("no policy allows it")
            }
            Decision::Deny => Verdict::deny(format!("by {}", by())),
        }
    }

    fn ask(
        &self,
        question: &Question<'_>,
        user: &UserId,
        action: &str,
    ) -> Result<Response, Failure> {
        let uid = |name: &EntityTypeName, id: &str| {
            EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
        };
        let principal = uid(&self.names.user, user.as_str());
        let resource = uid(&question.resource_type().parse()?, question.resource_id());
        let roles = question.context().get::<Roles>();
        let roles: HashSet<_> = roles
            .into_iter()
            .flat_map(Roles::iter)
            .map(|role| uid(&self.names.role, role))
            .collect();
        let describe = |describe: Option<&Describe>| {
            let mut attributes = Attributes::new(&self.names.user);
            if let Some(describe) = describe {
                describe(question, &mut attributes);
            }
            attributes.into_values()
        };
        let about_user = describe(self.users.as_ref());
        let about_resource = describe(self.resources.get(&question.type_id()));
        let mut entities = vec![Entity::new(principal.clone(), about_user, roles.clone())?];
        if resource != principal {
            entities.push(Entity::new(resource.clone(), about_resource, HashSet::new())?);
        }
        entities.extend(roles.into_iter().map(|role| Entity::new_no_attrs(role, HashSet::new())));
        let entities = Entities::from_entities(entities, Some(&self.schema))?;
        let action = self.names.action_of(action);
        let schema = Some(&self.schema);
        let request = Request::new(principal, action, resource, Context::empty(), schema)?;
        Ok(Authorizer::new().is_authorized(&request, &self.policies, &entities))
    }
}

impl Decide for CedarPolicy {
    fn decide(&self, question: &Question<'_>) -> Decided {
        self.verdict(question).into()
    }
}

impl fmt::Debug for CedarPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CedarPolicy")
            .field("policies", &self.policies.policies().count())
            .finish_non_exhaustive()
    }
}
