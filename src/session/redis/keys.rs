//! Where in Redis something is kept, and how an owner is written down.

use crate::context::SessionId;
use crate::context::TenantId;
use crate::context::UserId;
use crate::owner::Owner;

/// The names of the keys below a prefix.
///
/// What stands between the braces is the hash tag of a cluster, so a brace in an ID is escaped; the
/// scripts, which name the keys of other sessions of an owner, do the same.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: Box<str>,
}

impl Keys {
    /// `None` if the prefix has a brace, which would be the hash tag.
    pub(super) fn new(prefix: &str) -> Option<Self> {
        (!prefix.contains(['{', '}'])).then(|| Self { prefix: prefix.into() })
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The one key of a session: its record, its lists, its remembered writes.
    pub(super) fn session(&self, id: &SessionId) -> Vec<u8> {
        self.key("s", id.as_str())
    }

    /// The key of the sorted set of the sessions of an owner, by their absolute deadlines.
    pub(super) fn index(&self, owner: &str) -> Vec<u8> {
        self.key("o", owner)
    }

    fn key(&self, kind: &str, tag: &str) -> Vec<u8> {
        let tag = tag.replace('%', "%25").replace('{', "%7B").replace('}', "%7D");
        format!("{}{kind}:{{{tag}}}", self.prefix).into_bytes()
    }
}

/// The owner as text: no two have the same. Nobody is empty.
pub(super) fn owner_text(owner: &Owner) -> String {
    let mut text = String::new();
    for (mark, id) in
        [('t', owner.tenant_id().map(TenantId::as_str)), ('u', owner.user_id().map(UserId::as_str))]
    {
        if let Some(id) = id {
            text.push(mark);
            text.push_str(&id.len().to_string());
            text.push(':');
            text.push_str(id);
        }
    }
    text
}

/// Whether the owner that was written down so has an index: it has a user. A tenant alone is no more
/// somebody than nobody is.
pub(super) fn is_listed(text: &str) -> bool {
    part(text, 't').is_some_and(|(_, user)| !user.is_empty())
}

/// The owner that was written down so; `None` if the text is not one.
pub(super) fn owner_of(text: &str) -> Option<Owner> {
    let (tenant, rest) = part(text, 't')?;
    let (user, rest) = part(rest, 'u')?;
    if !rest.is_empty() {
        return None;
    }
    let owner = match user {
        Some(user) => Owner::user(user.parse().ok()?),
        None => Owner::nobody(),
    };
    Some(match tenant {
        Some(tenant) => owner.with_tenant(tenant.parse().ok()?),
        None => owner,
    })
}

/// The ID after `mark`, if there is one, and the rest.
fn part(text: &str, mark: char) -> Option<(Option<&str>, &str)> {
    let Some(rest) = text.strip_prefix(mark) else { return Some((None, text)) };
    let (length, rest) = rest.split_once(':')?;
    let (id, rest) = rest.split_at_checked(length.parse().ok()?)?;
    Some((Some(id), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_read_as_it_was_written() {
        let user = |id: &str| Owner::user(id.parse().unwrap());
        let tenant = |id: &str| -> TenantId { id.parse().unwrap() };
        let owners = [
            Owner::nobody(),
            user("a"),
            user("t1:a"),
            user("3:a{}%u1:b"),
            user("u").with_tenant(tenant("u1:u")),
            user("é ü"),
            Owner::nobody().with_tenant(tenant("a")),
        ];
        for owner in &owners {
            assert_eq!(owner_of(&owner_text(owner)).as_ref(), Some(owner));
            let same = owners.iter().filter(|other| owner_text(other) == owner_text(owner));
            assert_eq!(same.count(), 1);
            assert_eq!(is_listed(&owner_text(owner)), owner.user_id().is_some());
        }
        for text in ["x", "u1:", "u1:ab", "u9:a", "u1:at1:b", "u:a", "u-1:a", "u2:é ", "u0:"] {
            assert_eq!(owner_of(text), None, "{text}");
        }
    }

    #[test]
    fn the_hash_tag_of_a_key_is_the_whole_id() {
        let keys = Keys::new("rc:").unwrap();
        let key = |id: &str| String::from_utf8(keys.session(&id.parse().unwrap())).unwrap();
        assert_eq!(key("abc"), "rc:s:{abc}");
        assert_eq!(key("}{a}%"), "rc:s:{%7D%7Ba%7D%25}");
        assert_ne!(key("{"), key("%7B"));
        assert!(Keys::new("a{b").is_none());
    }
}
