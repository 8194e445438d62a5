//! How people sign in with a provider: declared as templates, agreed to by the operator, and filled
//! by the host for its OAuth client.

mod configured;
mod error;
mod filled;
mod protocol;
mod template;

pub use self::{
    configured::ConfiguredSignIn,
    error::SignInError,
    filled::{Endpoints, PlainEndpoints, SignIn, UserRecord},
    protocol::{ClientAuthentication, ScopeSeparator, TokenEncoding},
    template::{EndpointTemplates, SignInTemplate, UserRecordTemplate},
};

#[cfg(test)]
mod tests;
