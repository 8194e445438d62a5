//! Pushed authorization requests (RFC 9126), for a provider that requires them: the parameters go to the
//! provider by an authenticated request, and the browser brings a reference to them.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{
    HeaderValue, Method, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use oauth2::basic::BasicErrorResponse;
use portico_domain::{ports::IdentityProviderError, secret::ClientSecret, time::Timestamp};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use crate::{
    client::{Credential, JWT_BEARER},
    document::{PUSHED_REQUEST, object},
    http_client::{HttpClient, Limits, Request},
    token_endpoint::{Authentication, Proof, oauth_error},
    transport::ErrorMembers,
    url_text::shown,
};

/// The longest `request_uri`, in bytes: it is part of a URL in the browser.
const MAX_REQUEST_URI_LEN: usize = 1 << 10;

/// A push to one provider.
pub(crate) struct PushedRequest<'a> {
    pub(crate) http: &'a HttpClient,
    pub(crate) authentication: Authentication<'a>,
    pub(crate) endpoint: &'a Url,
}

impl PushedRequest<'_> {
    /// Pushes the parameters of this authorization request; returns the URL for the browser.
    pub(crate) async fn send(
        &self,
        request: &Url,
        now: Timestamp,
    ) -> Result<Url, IdentityProviderError> {
        let credential = self.authentication.application.credential();
        let mut pushed = self.send_by(&credential, request, now).await;
        if let Err(error) = &pushed
            && let Some(newer) = self.authentication.successor(&credential, error).await
        {
            pushed = self.send_by(&newer, request, now).await;
        }
        let mut url = self.authentication.endpoints.authorization.url().clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.authentication.application.id)
            .append_pair("request_uri", &pushed?);
        Ok(url)
    }

    async fn send_by(
        &self,
        credential: &Credential,
        request: &Url,
        now: Timestamp,
    ) -> Result<String, IdentityProviderError> {
        let proof = self.authentication.proof(credential, now)?;
        let response = self.http.send(self.post(request, &proof), Limits::default()).await;
        let response = response.map_err(|error| PUSHED_REQUEST.failed(self.endpoint, error))?;
        self.read(&response, &proof)
    }

    /// The request that pushes the parameters of an authorization request.
    fn post(&self, request: &Url, proof: &Proof) -> Request {
        // The endpoint's own query stays with the browser's request.
        let own = self.authentication.endpoints.authorization.url().query_pairs().count();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(request.query_pairs().skip(own));
        let mut post = Request::new(Method::POST, self.endpoint.clone());
        match proof {
            Proof::Public => {}
            Proof::Basic(secret) => {
                let header = basic(&self.authentication.application.id, secret);
                post.headers.extend(header.map(|header| (AUTHORIZATION, header)));
            }
            Proof::Post(secret) => {
                form.append_pair("client_secret", secret.expose());
            }
            Proof::Assertion(assertion) => {
                form.append_pair("client_assertion_type", JWT_BEARER);
                form.append_pair("client_assertion", assertion);
            }
        }
        post.body = form.finish().into_bytes();
        post.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        post.headers.insert(CONTENT_TYPE, form_type);
        post
    }

    /// The `request_uri` of a response (RFC 9126 sections 2.2 and 2.3).
    fn read(
        &self,
        response: &Response<Vec<u8>>,
        proof: &Proof,
    ) -> Result<String, IdentityProviderError> {
        let unreadable = || PUSHED_REQUEST.unreadable(self.endpoint);
        match response.status().as_u16() {
            200 | 201 => request_uri(response.body()).ok_or_else(unreadable),
            400..=428 | 430..=499 => {
                let error: BasicErrorResponse = object(response.body()).ok_or_else(unreadable)?;
                let secrets: &[&str] = match proof {
                    Proof::Public => &[],
                    Proof::Basic(secret) | Proof::Post(secret) => &[secret.expose()],
                    Proof::Assertion(assertion) => &[assertion],
                };
                // A pushed request is refused before there is anybody to sign in again.
                let members = ErrorMembers::default();
                Err(oauth_error(&error, &members, secrets, &shown(self.endpoint)))
            }
            _ => Err(PUSHED_REQUEST.unexpected_status(self.endpoint, response)),
        }
    }
}

/// The `request_uri` in the body of a response, if it is a URI that fits into the browser's request.
pub(crate) fn request_uri(body: &[u8]) -> Option<String> {
    let members: Map<String, Value> = object(body)?;
    let uri = members.get("request_uri")?.as_str()?;
    (uri.len() <= MAX_REQUEST_URI_LEN && Url::parse(uri).is_ok()).then(|| uri.to_owned())
}

/// HTTP Basic with form-encoded id and secret (RFC 6749 section 2.3.1).
fn basic(id: &str, secret: &ClientSecret) -> Option<HeaderValue> {
    let encoded =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let credentials = format!("{}:{}", encoded(id), encoded(secret.expose()));
    let value = format!("Basic {}", BASE64_STANDARD.encode(credentials));
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}
