//! Token introspection (RFC 7662).

use portico_domain::use_cases::InvalidSessionJwt;
use serde_json::{Map, Value};
use warp::reply::Response;

use super::{Backends, form::Form, invalid_subject};
use crate::{
    error::Failure,
    request::Call,
    response::{json, private_json},
};

impl Backends {
    /// Says whether a session JWT of the app is valid, and what it says. A token of another app is not
    /// active for this one (RFC 7662 section 4).
    pub(super) async fn introspect(&self, call: &Call) -> Result<Response, Failure> {
        let mut form = Form::of(call)?;
        let app = self.client(call, &mut form)?;
        let token = form.require("token")?;
        let members = match self.exchange.read.run(&token, &app).await {
            Ok(read) => {
                let mut members = read.claims;
                members.insert("active".into(), true.into());
                members.insert("token_type".into(), "Bearer".into());
                members
            }
            Err(error @ (InvalidSessionJwt::Store(_) | InvalidSessionJwt::Away(_))) => {
                return Err(invalid_subject(&error));
            }
            Err(error) => {
                tracing::debug!(app = app.id.as_str(), check = %error, "token is not active");
                Map::from_iter([("active".to_owned(), Value::Bool(false))])
            }
        };
        Ok(private_json(json(&members)))
    }
}
