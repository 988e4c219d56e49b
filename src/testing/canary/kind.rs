//! What a canary looks like.

/// What a canary looks like: a free string where one fits, else a value of the type that the
/// application asks for.
///
/// A canary is looked for by a fixed beginning and told apart by the rest, so each kind has fewer
/// bits of its own than its type could hold. What has few bits is weaker evidence by itself: give
/// each session a [`Token`](Self::Token) in some field too.
///
/// | kind | looks like | bits |
/// |---|---|---|
/// | `Token` | `zq` + 24 letters and digits + 4 of checksum + `qz` | 120 |
/// | `Email` | a token at `canary.example` | 120 |
/// | `Uuid` | version 8, begins with `c5a7` | 106 |
/// | `Ip` | IPv6 of `2001:db8::/32`, no group abbreviated | 95 |
/// | `Integer` | 16 digits that begin with 71, exact in a double | 46 |
/// | `Date` | a day of the years 1000 to 1099, as `1042-07-15` | 15 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum CanaryKind {
    /// A free string, the same in JSON, HTML, a URL, a header and CSV, escaped or not.
    #[default]
    Token,
    /// An email address of a domain that nobody can have (RFC 2606).
    Email,
    /// A UUID of version 8, whose bits are the application's own (RFC 9562).
    Uuid,
    /// A positive integer below 2⁵³, so that JavaScript keeps it exact. Found between word borders.
    Integer,
    /// An IPv6 address of the range for documentation (RFC 3849). IPv4 has no range for that with
    /// enough addresses.
    Ip,
    /// A day long past. No two sessions have the same one, as long as sessions times date fields
    /// are at most 36,524.
    Date,
}

impl CanaryKind {
    /// How many bits of its own a canary of this kind has, rounded down.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Token | Self::Email => 120,
            Self::Uuid => 106,
            Self::Ip => 95,
            Self::Integer => 46,
            Self::Date => 15,
        }
    }

    pub(super) const fn shape(self) -> Shape {
        match self {
            Self::Token | Self::Email => Shape::Token,
            Self::Uuid => Shape::Uuid,
            Self::Ip => Shape::Ip,
            Self::Integer => Shape::Integer,
            Self::Date => Shape::Date,
        }
    }
}

/// What is looked for: an email by the token in it, a UUID by its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Token,
    Uuid,
    Ip,
    Integer,
    Date,
}

impl Shape {
    pub(super) const ALL: [Self; 5] =
        [Self::Token, Self::Uuid, Self::Ip, Self::Integer, Self::Date];

    /// How all needles of this shape begin.
    pub(super) const fn head(self) -> &'static str {
        match self {
            Self::Token => "zq",
            Self::Uuid => "c5a7",
            Self::Ip => "2001:db8:",
            Self::Integer => "71",
            Self::Date => "10",
        }
    }

    /// How all needles of this shape end, if in one way.
    pub(super) const fn tail(self) -> Option<&'static str> {
        match self {
            Self::Token => Some("qz"),
            _ => None,
        }
    }

    /// How many characters of a needle are enough to tell whose it is: 58 of its bits, or all of it.
    pub(super) const fn enough(self) -> usize {
        match self {
            Self::Token => 14,
            Self::Uuid => 20,
            Self::Ip => 28,
            Self::Integer => 16,
            Self::Date => 10,
        }
    }

    /// Whether a part of a needle is one too.
    pub(super) const fn is_found_in_part(self) -> bool {
        matches!(self, Self::Token | Self::Uuid | Self::Ip)
    }

    /// Whether `byte` beside a needle makes it another word.
    pub(super) const fn is_word(self, byte: u8) -> bool {
        matches!(self, Self::Integer | Self::Date) && byte.is_ascii_digit()
    }

    /// The needle in a canary: in lower case, without what is written in several ways.
    pub(super) fn needle(self, text: &str) -> String {
        match self {
            Self::Token => text.split('@').next().unwrap_or_default().to_owned(),
            Self::Uuid => text.replace('-', ""),
            Self::Ip | Self::Integer | Self::Date => text.to_owned(),
        }
    }
}
