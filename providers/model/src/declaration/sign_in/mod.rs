//! The sign-in: a provider declares templates, the operator agrees to them, and the host fills them for
//! its OAuth client.

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
