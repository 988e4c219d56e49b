//! What a Cedar policy can look at.

use crate::context::UserId;
use cedar_policy::EntityId;
use cedar_policy::EntityTypeName;
use cedar_policy::EntityUid;
use cedar_policy::RestrictedExpression;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;

/// The attributes of a user, a resource or a request, for [`CedarPolicy`](super::CedarPolicy). They
/// have to be exactly those that the schema declares.
pub struct Attributes {
    values: HashMap<String, RestrictedExpression>,
    user_type: EntityTypeName,
}

impl Attributes {
    pub(super) fn new(user_type: &EntityTypeName) -> Self {
        Self { values: HashMap::new(), user_type: user_type.clone() }
    }

    pub(super) fn into_values(self) -> HashMap<String, RestrictedExpression> {
        self.values
    }

    /// A `String`.
    pub fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.insert(name, RestrictedExpression::new_string(value.to_owned()))
    }

    /// A `Set<String>`.
    pub fn texts(&mut self, name: &str, values: impl IntoIterator<Item: AsRef<str>>) -> &mut Self {
        let values = values.into_iter().map(|value| value.as_ref().to_owned());
        let values = values.map(RestrictedExpression::new_string);
        self.insert(name, RestrictedExpression::new_set(values))
    }

    /// A `Long`.
    pub fn number(&mut self, name: &str, value: i64) -> &mut Self {
        self.insert(name, RestrictedExpression::new_long(value))
    }

    /// A `Bool`.
    pub fn flag(&mut self, name: &str, value: bool) -> &mut Self {
        self.insert(name, RestrictedExpression::new_bool(value))
    }

    /// A `User`.
    pub fn user(&mut self, name: &str, user: &UserId) -> &mut Self {
        self.insert(name, RestrictedExpression::new_entity_uid(self.uid(user)))
    }

    /// A `Set<User>`.
    pub fn users(
        &mut self,
        name: &str,
        users: impl IntoIterator<Item: Borrow<UserId>>,
    ) -> &mut Self {
        let uids: Vec<_> = users.into_iter().map(|user| self.uid(user.borrow())).collect();
        let uids = uids.into_iter().map(RestrictedExpression::new_entity_uid);
        self.insert(name, RestrictedExpression::new_set(uids))
    }

    fn uid(&self, user: &UserId) -> EntityUid {
        EntityUid::from_type_name_and_id(self.user_type.clone(), EntityId::new(user.as_str()))
    }

    fn insert(&mut self, name: &str, value: RestrictedExpression) -> &mut Self {
        self.values.insert(name.to_owned(), value);
        self
    }
}

/// Without the values.
impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
