//! The lies of one listing's answer, whichever cloud's.

use std::borrow::Cow;

use axum::http::HeaderName;
use axum::response::Response;

use super::FaultKind;

/// Sets a header of an answer; one that is none is left out.
pub(crate) fn set(answer: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
        answer.headers_mut().insert(name, value);
    }
}

/// What an answer is to get wrong.
#[derive(Debug)]
pub(crate) struct Lies(pub(crate) Vec<FaultKind>);

impl Lies {
    /// A display name, unless a fault has another: any text, or the token that the caller brought.
    pub(crate) fn name<'a>(&'a self, name: &'a str, token: &'a str) -> Cow<'a, str> {
        let told = self.0.iter().find_map(|lie| match lie {
            FaultKind::SetNames { text } => Some(text.as_str().into()),
            FaultKind::EchoToken => Some(token.into()),
            FaultKind::EchoEncoded { encoding } => Some(encoding.of(token).into()),
            _ => None,
        });
        told.unwrap_or(name.into())
    }

    /// Whether to turn the token away whatever it is and, if so, whether to ask for claims.
    pub(crate) fn unauthorized(&self) -> Option<bool> {
        self.0.iter().find_map(|lie| match lie {
            FaultKind::Unauthorized { insufficient_claims } => Some(*insufficient_claims),
            _ => None,
        })
    }

    /// How many entries to make up.
    pub(crate) fn made_up(&self) -> usize {
        let told = self.0.iter().find_map(|lie| match lie {
            FaultKind::MadeUp { count } => Some(*count),
            _ => None,
        });
        told.unwrap_or_default()
    }

    /// The numbers of what is left out for want of a single sign-on.
    pub(crate) fn left_out(&self) -> &[u64] {
        let told = self.0.iter().find_map(|lie| match lie {
            FaultKind::SingleSignOn { organizations } => Some(organizations.as_slice()),
            _ => None,
        });
        told.unwrap_or_default()
    }

    /// Where to sign in before anything is listed.
    pub(crate) fn sign_on_at(&self) -> Option<&str> {
        self.0.iter().find_map(|lie| match lie {
            FaultKind::SingleSignOnRequired { url } => Some(url.as_str()),
            _ => None,
        })
    }

    /// Headers beside the honest ones.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|lie| match lie {
            FaultKind::SetReplyHeader { name, value } => Some((name.as_str(), value.as_str())),
            _ => None,
        })
    }

    /// What leads to the next page: `point` writes the cloud's own pointer to an offset.
    pub(crate) fn next(
        &self,
        honest: Option<usize>,
        point: impl Fn(usize) -> String,
    ) -> Option<String> {
        let told = self.0.iter().find_map(|lie| match lie {
            FaultKind::NextLink { url } => Some(url.clone()),
            FaultKind::NextLinkCircle => Some(point(0)),
            _ => None,
        });
        told.or_else(|| honest.map(point))
    }
}
