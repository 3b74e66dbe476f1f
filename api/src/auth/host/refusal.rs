use std::{error::Error, fmt};

/// Why a token of the host application is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostTokenError {
    /// It is no JWT, or one of a kind that is not spoken here.
    Malformed,
    /// It is not signed, or in a way that is not accepted.
    Algorithm,
    /// The issuer publishes no key that the token names and that fits its algorithm.
    UnknownKey,
    /// The signature is not of this token.
    Signature,
    /// Another issuer made it.
    Issuer,
    /// It was made for somebody else.
    Audience,
    /// It never ends, or the claim is no number.
    NoEnd,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYet,
    /// It tells nobody's name.
    NoSubject,
    /// It tells no workspace.
    NoWorkspace,
}

impl HostTokenError {
    /// What is wrong, for whoever sent the token; repeats nothing of it.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Malformed => "The token is not a signed JSON Web Token.",
            Self::Algorithm => "The token must be signed with RS256, PS256, ES256 or EdDSA.",
            Self::UnknownKey => "The token is signed with a key that its issuer does not publish.",
            Self::Signature => "The token's signature is not valid.",
            Self::Issuer => "The token is of another issuer.",
            Self::Audience => "The token is for another audience.",
            Self::NoEnd => "The token must tell in exp when it ends.",
            Self::Expired => "The token has expired.",
            Self::NotYet => "The token is not valid yet.",
            Self::NoSubject => "The token must tell in sub, in at most 255 bytes, whose it is.",
            Self::NoWorkspace => "The token has no claim that names its workspace.",
        }
    }
}

impl fmt::Display for HostTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for HostTokenError {}
