//! Content faults of one API response, for every cloud.

use std::borrow::Cow;

use axum::http::HeaderName;
use axum::response::Response;

use super::FaultKind;

/// Sets a response header; an invalid name or value is ignored.
pub(crate) fn set_header(answer: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
        answer.headers_mut().insert(name, value);
    }
}

/// The content faults to apply to one response.
#[derive(Debug)]
pub(crate) struct ContentFaults(pub(crate) Vec<FaultKind>);

impl ContentFaults {
    /// The display name, unless a fault replaces it by another text or by the caller's token.
    pub(crate) fn name<'a>(&'a self, name: &'a str, token: &'a str) -> Cow<'a, str> {
        let replacement = self.0.iter().find_map(|fault| match fault {
            FaultKind::SetNames { text } => Some(text.as_str().into()),
            FaultKind::EchoToken => Some(token.into()),
            FaultKind::EchoEncoded { encoding } => Some(encoding.of(token).into()),
            _ => None,
        });
        replacement.unwrap_or(name.into())
    }

    /// `Some` if any token must be rejected; the value is `insufficient_claims`.
    pub(crate) fn unauthorized(&self) -> Option<bool> {
        self.0.iter().find_map(|fault| match fault {
            FaultKind::Unauthorized { insufficient_claims } => Some(*insufficient_claims),
            _ => None,
        })
    }

    /// Number of additional entries.
    pub(crate) fn made_up(&self) -> usize {
        let replacement = self.0.iter().find_map(|fault| match fault {
            FaultKind::MadeUp { count } => Some(*count),
            _ => None,
        });
        replacement.unwrap_or_default()
    }

    /// Ids of the organizations left out because they require single sign-on.
    pub(crate) fn left_out(&self) -> &[u64] {
        let replacement = self.0.iter().find_map(|fault| match fault {
            FaultKind::SingleSignOn { organizations } => Some(organizations.as_slice()),
            _ => None,
        });
        replacement.unwrap_or_default()
    }

    /// The single sign-on URL if the whole listing is refused.
    pub(crate) fn sign_on_at(&self) -> Option<&str> {
        self.0.iter().find_map(|fault| match fault {
            FaultKind::SingleSignOnRequired { url } => Some(url.as_str()),
            _ => None,
        })
    }

    /// Additional response headers.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|fault| match fault {
            FaultKind::SetReplyHeader { name, value } => Some((name.as_str(), value.as_str())),
            _ => None,
        })
    }

    /// The next-page pointer; `point` formats the cloud's pointer to an offset or page number.
    pub(crate) fn next(
        &self,
        next: Option<usize>,
        point: impl Fn(usize) -> String,
    ) -> Option<String> {
        let replacement = self.0.iter().find_map(|fault| match fault {
            FaultKind::NextLink { url } => Some(url.clone()),
            FaultKind::NextLinkCircle => Some(point(0)),
            _ => None,
        });
        replacement.or_else(|| next.map(point))
    }
}
