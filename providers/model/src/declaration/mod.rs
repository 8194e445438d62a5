//! The declaration of a provider: data that an operator agrees to and that the host carries out.

mod descriptor;
mod permission;
mod settings;
mod sign_in;
mod subject_mapping;
pub mod template;

pub use self::{
    descriptor::{Capability, Descriptor},
    permission::{Permission, Placement, Principal, SecretHeader},
    settings::{FieldKind, SettingSpec, Settings},
    sign_in::{
        ClientAuthentication, ConfiguredSignIn, EndpointTemplates, Endpoints, PlainEndpoints,
        ScopeSeparator, SignIn, SignInError, SignInTemplate, TokenEncoding, UserRecord,
        UserRecordTemplate,
    },
    subject_mapping::{SubjectMapping, SubjectNotFound, issuer_host, places},
};
