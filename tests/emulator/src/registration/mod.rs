//! The credentials that are registered for Portico at Entra ID and at each cloud: secrets, certificates, keys
//! and the issuers of workload tokens. Several are accepted at once, as while a secret is rotated.

mod assertion;
mod credentials;
mod workload;

use std::collections::HashMap;

pub(crate) use assertion::AssertionError;
pub use credentials::ClientKey;
pub use workload::WorkloadIssuer;

use crate::cloud::Cloud;
use crate::personas::APPLICATION;
use assertion::{Assertion, Expected, Verifier};

/// `client_assertion_type` (RFC 7523 section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A credential that the application has registered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RegisteredCredential {
    /// A client secret.
    Secret(String),
    /// A certificate in PEM: assertions name it by `x5t#S256`.
    Certificate(String),
    /// A public key in PEM (`PUBLIC KEY`), for `private_key_jwt`.
    PublicKey(String),
    /// A federated identity: tokens of another issuer, for one workload.
    Federated {
        /// The issuer of the tokens.
        issuer: String,
        /// The workload (`sub`).
        subject: String,
        /// The issuer's public key in PEM.
        public_key: String,
    },
}

/// The audience of workload tokens at Entra ID.
pub(crate) const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange";

/// The registered credentials of every application, and the assertions that were used.
#[derive(Debug)]
pub(crate) struct Registrations {
    /// By cloud; Azure's is under `None`.
    credentials: HashMap<Option<Cloud>, Vec<RegisteredCredential>>,
    /// The ids of used assertions, with their expiry in seconds since 1970.
    used: HashMap<String, i64>,
}

impl Default for Registrations {
    fn default() -> Self {
        let one = |secret: &str| vec![RegisteredCredential::Secret(secret.to_owned())];
        let clouds = Cloud::ALL.into_iter().map(|it| (Some(it), one(it.client().client_secret)));
        let azure = std::iter::once((None, one(APPLICATION.client_secret)));
        Self { credentials: azure.chain(clouds).collect(), used: HashMap::new() }
    }
}

impl Registrations {
    /// Replaces the credentials of an application.
    pub(crate) fn set(&mut self, cloud: Option<Cloud>, credentials: Vec<RegisteredCredential>) {
        self.credentials.insert(cloud, credentials);
    }

    /// Whether this secret is registered.
    pub(crate) fn has_secret(&self, cloud: Option<Cloud>, secret: &str) -> bool {
        let is_it = |it: &RegisteredCredential| matches!(it, RegisteredCredential::Secret(own) if own == secret);
        self.credentials.get(&cloud).is_some_and(|all| all.iter().any(is_it))
    }

    /// Verifies an assertion of this client, which counts as used from then on unless it is a workload token.
    pub(crate) fn verify(
        &mut self,
        cloud: Option<Cloud>,
        client_id: &str,
        audiences: &[String],
        (kind, assertion): (Option<&str>, &str),
        now: i64,
    ) -> Result<(), AssertionError> {
        if kind != Some(JWT_BEARER) {
            return Err(AssertionError::Type);
        }
        let assertion = Assertion::parse(assertion)?;
        let credentials = self.credentials.get(&cloud).map_or(&[][..], Vec::as_slice);
        let federated = credentials.iter().find_map(|it| match it {
            RegisteredCredential::Federated { issuer, subject, public_key }
                if assertion.issuer() == issuer =>
            {
                Some((issuer, subject, public_key))
            }
            _ => None,
        });
        if let Some((issuer, subject, public_key)) = federated {
            Verifier::of_key(public_key)?.verify(&assertion)?;
            let expected = Expected { issuer, subject, audiences: &[TOKEN_EXCHANGE.to_owned()] };
            return assertion.check(&expected, now);
        }
        let keys = credentials.iter().filter_map(|it| match it {
            RegisteredCredential::Certificate(pem) => {
                Verifier::of_certificate(pem, &assertion, now)
            }
            RegisteredCredential::PublicKey(pem) => Some(Verifier::of_key(pem)),
            RegisteredCredential::Secret(_) | RegisteredCredential::Federated { .. } => None,
        });
        let mut refused = AssertionError::NoKey;
        let is_signed = keys.into_iter().any(|key| {
            let verified = key.and_then(|key| key.verify(&assertion));
            verified.map_err(|error| refused = error).is_ok()
        });
        if !is_signed {
            return Err(refused);
        }
        let expected = Expected { issuer: client_id, subject: client_id, audiences };
        assertion.check(&expected, now)?;
        self.used.retain(|_, expiry| *expiry > now);
        let (id, expiry) = assertion.id_and_expiry()?;
        match self.used.insert(format!("{client_id} {id}"), expiry) {
            Some(_) => Err(AssertionError::Used),
            None => Ok(()),
        }
    }
}
